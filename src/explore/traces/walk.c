/* SPDX-License-Identifier: MIT */
#include "walk.h"
#include "array.h"
#include "choices.h"
#include "findings.h"

#include <errno.h>

/* An execution that has come this far goes on for ever. */
#define STEPS_MAX 100000

/* ---- where steps lead ---- */

static unsigned int could_go_on(const struct engine *engine)
{
	unsigned int could = 0;

	for (unsigned int thread = 0; thread < engine->threads; thread++)
		if (execution_can_pass(engine->execution, thread))
			could |= bit_of(thread);
	return could;
}

static int look_at_end(struct engine *engine)
{
	struct execution *execution = engine->execution;
	int err = 0;

	engine->out->ends++;
	if (!execution_check(execution) || !execution_check_end(execution))
		err = finding_report(engine, execution_finding(execution), NO_THREAD);
	rewind_restore_heap(&engine->rewind);
	return err;
}

/* No thread can go on. */
static int finish(struct engine *engine)
{
	unsigned int blocked = (bit_of(engine->threads) - 1) & ~node_here(engine)->ended;

	engine->out->covered.executions++;
	if (engine->visitor)
		engine->visitor->visit(engine->visitor->context, blocked,
				       trace_digest(&engine->trace));
	return blocked ? finding_report_standstill(engine, blocked) : look_at_end(engine);
}

static int report_endless(struct engine *engine)
{
	static const struct finding endless = {.kind = FINDING_ENDLESS,
					       .text = "goes on and on without coming to an end"};

	engine->out->covered.executions++;
	return finding_report(engine, &endless, NO_THREAD);
}

/* Looks at the node where the latest step has led. */
static int arrive(struct engine *engine)
{
	struct node *node = node_here(engine);

	node->could = (uint8_t)could_go_on(engine);
	choices_turn_blocked_around(engine);
	if (!node->could)
		return finish(engine);
	if (engine->trace.count - engine->first >= STEPS_MAX)
		return report_endless(engine);
	node->to_try = (uint8_t)choices_first(engine, node);
	engine->out->covered.redundant += !node->to_try;
	return 0;
}

/* ---- steps ---- */

static int reserve(struct engine *engine)
{
	struct node *nodes;
	int err = trace_reserve(&engine->trace);

	if (err)
		return err;
	nodes = array_with_place(engine->nodes, &engine->node_room, engine->trace.count + 1,
				 sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	engine->nodes = nodes;
	return 0;
}

static int look_for_races(struct engine *engine)
{
	const struct local *one, *other;

	if (!locals_race(&engine->locals, &engine->trace, &one, &other))
		return 0;
	return finding_report_race(engine, one, other);
}

static int look_at_step(struct engine *engine, unsigned int thread, enum step_end end)
{
	int err = locals_take(&engine->locals, &engine->trace, engine->execution);

	if (!err)
		err = look_for_races(engine);
	if (err || end != STEP_BROKEN)
		return err;
	engine->out->covered.executions++;
	choices_try_everything(engine);
	return finding_report(engine, execution_finding(engine->execution), (int)thread);
}

/* Lets a thread take a step, and notes all that comes of it. */
static int advance(struct engine *engine, unsigned int thread, enum step_end *end)
{
	const struct point point = *execution_point(engine->execution, thread);
	struct races races;
	int err = rewind_begin(&engine->rewind, thread);

	if (err)
		return err;
	trace_push(&engine->trace, thread, &point, node_here(engine)->could, &races);
	choices_turn_around(engine, thread, &races);
	*end = execution_advance(engine->execution, thread);
	err = rewind_end(&engine->rewind);
	if (!err && races.misuse != NO_STEP)
		err = finding_report_misuse(engine, races.misuse);
	return err ? err : look_at_step(engine, thread, *end);
}

int walk_forward(struct engine *engine, unsigned int thread)
{
	struct node behind = {0};
	struct node *node;
	enum step_end end;
	int err = reserve(engine);

	if (err)
		return err;
	node = node_here(engine);
	behind.asleep = (uint8_t)choices_asleep_behind(engine, thread);
	behind.preemptions = node->preemptions + would_preempt(engine, node, thread);
	node->asleep |= (uint8_t)bit_of(thread);
	err = advance(engine, thread, &end);
	behind.ended = node->ended;
	if (!err && end == STEP_ENDED)
		behind.ended |= (uint8_t)bit_of(thread);
	*node_here(engine) = behind;
	engine->out->covered.transitions++;
	if (!err && end == STEP_FULL) {
		engine->out->bound = BOUND_ARENA;
		engine->over = true;
	}
	return err || end == STEP_BROKEN || end == STEP_FULL ? err : arrive(engine);
}

void walk_back(struct engine *engine)
{
	trace_pop(&engine->trace);
	rewind_undo(&engine->rewind);
}

int walk_begin(struct engine *engine)
{
	enum step_end end;
	unsigned int ended = 0;
	int err = 0;

	for (unsigned int thread = 0; thread < engine->threads && !engine->over; thread++) {
		err = reserve(engine);
		if (err)
			return err;
		*node_here(engine) = (struct node) {0};
		err = advance(engine, thread, &end);
		if (err)
			return err;
		if (end == STEP_ENDED)
			ended |= bit_of(thread);
		engine->over |= end == STEP_BROKEN;
	}
	err = reserve(engine);
	if (err)
		return err;
	*node_here(engine) = (struct node) {.ended = (uint8_t)ended};
	return engine->over ? 0 : arrive(engine);
}
