/* SPDX-License-Identifier: MIT */
/*
 * One execution of every trace: source-DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas,
 * "Optimal dynamic partial order reduction", 2014).
 *
 * Depth first. Threads stand before their points, so at each *node*, between two steps, it is known
 * what each would do next. A node tries one thread, and then what races in the executions that came
 * of it call for: if two steps could be turned around, one of those threads is to be tried at the
 * node before the first that can come first then. A thread that was tried is *asleep* in what comes
 * behind its node, until a step that depends on its point: all that begins with it has been seen.
 *
 * The first steps are not a choice: each thread's way to its first point. They belong to no
 * schedule.
 */
#include "stateless.h"

#include "locals.h"
#include "rewind.h"
#include "standstill.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An execution that has come this far goes on for ever. */
#define STEPS_MAX 100000

/* A look at the clock costs as much as a few steps. */
#define STEPS_BETWEEN_LOOKS 1024

#define NO_THREAD (-1)

/* Sets of threads, a bit each. */
struct node {
	uint8_t could;  /* go on */
	uint8_t asleep; /* inherited or tried */
	uint8_t to_try; /* those tried included */
	uint8_t ended;
	uint32_t preemptions; /* on the way here */
};

struct engine {
	const struct explore_options *options;
	enum reduction reduction;
	const struct execution_visitor *visitor;
	struct exploration *out;
	struct execution *execution;
	unsigned int threads;
	struct rewind rewind;
	struct trace trace;
	struct locals locals;
	struct node *nodes; /* before each step of the trace, and behind the latest */
	uint32_t node_room;
	uint32_t first;     /* the node at which choices begin */
	double begin, told; /* seconds of a clock; when progress was told last */
	bool cut;           /* something was left out for the bound on preemptions */
	bool over;          /* nothing more is to be tried */
};

static unsigned int bit_of(unsigned int thread)
{
	return 1u << thread;
}

static struct node *node_here(const struct engine *engine)
{
	return &engine->nodes[engine->trace.count];
}

/* ---- what is found ---- */

/*
 * Stores the steps that lead here; of them only those that `before` covers, if there is one; and
 * then a thread's, if there is one.
 */
static int store_schedule(struct engine *engine, const struct clock *before, int then)
{
	const struct trace *trace = &engine->trace;
	uint8_t *schedule = malloc((size_t)trace->count + 1);
	size_t length = 0;

	if (!schedule)
		return -ENOMEM;
	for (uint32_t i = engine->first; i < trace->count; i++)
		if (!before || clock_covers(before, &trace->steps[i]))
			schedule[length++] = trace->steps[i].thread;
	if (then != NO_THREAD)
		schedule[length++] = (uint8_t)then;
	engine->out->schedule = schedule;
	engine->out->length = length;
	return 0;
}

/* The first finding counts; the others are only gone past. */
static int report(struct engine *engine, const struct finding *finding, const struct clock *before,
		  int then)
{
	int err;

	engine->over |= !engine->options->keep_going;
	if (engine->out->finding.kind != FINDING_NONE)
		return 0;
	err = store_schedule(engine, before, then);
	if (!err)
		engine->out->finding = *finding;
	return err;
}

/* Of the thread's step with that number, which is one of its latest. */
static struct clock clock_at(const struct engine *engine, unsigned int thread, uint32_t number)
{
	const struct step *steps = engine->trace.steps;
	uint32_t step = engine->trace.latest[thread];

	while (steps[step].number != number)
		step = steps[step].previous;
	return steps[step].clock;
}

/* Two threads race where each has taken so many steps and both are about to go on. */
static int report_race(struct engine *engine, const struct racer *one, uint32_t number,
		       const struct racer *other, uint32_t other_number)
{
	struct clock before = clock_at(engine, one->thread, number);
	struct clock before_other = clock_at(engine, other->thread, other_number);
	struct finding finding;

	clock_join(&before, &before_other);
	if (one->thread < other->thread)
		describe_race(engine->execution, one, other, &finding);
	else
		describe_race(engine->execution, other, one, &finding);
	return report(engine, &finding, &before, NO_THREAD);
}

/* Whether an access is what the point of the thread's next step behind it frees. */
static bool is_free(const struct engine *engine, const struct local *local)
{
	const struct step *steps = engine->trace.steps;
	uint32_t step = engine->trace.latest[local->thread];

	while (step != NO_STEP && steps[step].number > local->number + 1)
		step = steps[step].previous;
	return step != NO_STEP && steps[step].number == local->number + 1 &&
	       steps[step].effect.frees && local->access.write && !local->access.atomic &&
	       local->access.code == steps[step].point.code;
}

static int look_for_races(struct engine *engine)
{
	const struct local *one, *other;
	struct racer racer, rival;

	if (!locals_race(&engine->locals, &engine->trace, &one, &other))
		return 0;
	racer = (struct racer) {one->thread, &one->access, is_free(engine, one)};
	rival = (struct racer) {other->thread, &other->access, is_free(engine, other)};
	return report_race(engine, &racer, one->number, &rival, other->number);
}

static struct access access_at_point(const struct engine *engine, const struct step *step)
{
	const unsigned char *heap = execution_address(engine->execution, 0);

	return (struct access) {.offset = (uint32_t)(step->effect.begin - (uintptr_t)heap),
				.size = (uint32_t)(step->effect.end - step->effect.begin),
				.write = !step->effect.looks,
				.atomic = !step->effect.frees,
				.code = step->point.code};
}

/* The latest step and an earlier one: one frees what the other uses, in no order. */
static int report_misuse(struct engine *engine, uint32_t earlier)
{
	const struct step *one = &engine->trace.steps[earlier];
	const struct step *other = &engine->trace.steps[engine->trace.count - 1];
	const struct access access = access_at_point(engine, one);
	const struct access other_access = access_at_point(engine, other);
	const struct racer racer = {one->thread, &access, one->effect.frees};
	const struct racer rival = {other->thread, &other_access, other->effect.frees};

	return report_race(engine, &racer, one->number - 1, &rival, other->number - 1);
}

/* ---- what is to be tried ---- */

/* For each race there is to be an execution in which it is turned around. */
static void turn_around(struct engine *engine, unsigned int thread, const struct races *races)
{
	if (engine->reduction != REDUCTION_SOURCE_DPOR)
		return;
	for (unsigned int i = 0; i < races->count; i++) {
		struct node *node = &engine->nodes[races->with[i]];
		unsigned int initials =
			trace_initials(&engine->trace, races->with[i], thread, &races->clock);

		if (initials & (node->to_try | node->asleep))
			continue;
		if (initials & bit_of(thread))
			initials = bit_of(thread);
		node->to_try |= (uint8_t)(initials & -initials);
	}
}

/*
 * The latest step blocks threads that could have gone on instead of it, or its thread has come to a
 * point at which it is blocked itself. Whether they can go on later or not, they race with what
 * blocks them.
 */
static void turn_blocked_around(struct engine *engine)
{
	const struct trace *trace = &engine->trace;
	const struct node *node = node_here(engine);
	struct node *before = node_here(engine) - 1;
	unsigned int thread = trace->steps[trace->count - 1].thread;
	struct races races;

	if (engine->reduction != REDUCTION_SOURCE_DPOR || trace->count == engine->first)
		return;
	before->to_try |=
		(uint8_t)(before->could & ~node->could & ~before->asleep & ~bit_of(thread));
	if ((node->could | node->ended) >> thread & 1)
		return;
	trace_pending(trace, thread, execution_point(engine->execution, thread), &races);
	turn_around(engine, thread, &races);
}

/* What an execution that broke would have raced with is not known: everything is to be tried. */
static void try_everything(struct engine *engine)
{
	for (uint32_t i = engine->first; i < engine->trace.count; i++)
		engine->nodes[i].to_try = engine->nodes[i].could;
}

/* Those that sleep on behind the thread's next step. */
static unsigned int asleep_behind(const struct engine *engine, unsigned int thread)
{
	const struct execution *execution = engine->execution;
	struct effect effect = effect_of(execution_point(execution, thread));
	unsigned int asleep = 0;

	if (engine->reduction == REDUCTION_NONE)
		return 0;
	for (unsigned int left = node_here(engine)->asleep; left; left &= left - 1) {
		unsigned int sleeper = (unsigned int)__builtin_ctz(left);
		struct effect its = effect_of(execution_point(execution, sleeper));

		if (!effects_depend(&effect, &its))
			asleep |= bit_of(sleeper);
	}
	return asleep;
}

static int latest_thread(const struct engine *engine)
{
	const struct trace *trace = &engine->trace;

	return trace->count == engine->first ? NO_THREAD : trace->steps[trace->count - 1].thread;
}

static bool would_preempt(const struct engine *engine, const struct node *node, unsigned int thread)
{
	int latest = latest_thread(engine);

	return latest != NO_THREAD && latest != (int)thread && node->could >> latest & 1;
}

static bool is_within_bound(const struct engine *engine, const struct node *node,
			    unsigned int thread)
{
	int most = engine->options->max_preemptions;

	return most < 0 ||
	       node->preemptions + would_preempt(engine, node, thread) <= (unsigned)most;
}

/* The next thread to be tried here, or NO_THREAD. */
static int next_choice(struct engine *engine)
{
	struct node *node = node_here(engine);

	for (unsigned int left = node->to_try & ~node->asleep; left; left &= left - 1) {
		unsigned int thread = (unsigned int)__builtin_ctz(left);

		if (is_within_bound(engine, node, thread))
			return (int)thread;
		node->asleep |= (uint8_t)bit_of(thread);
		engine->cut = true;
	}
	return NO_THREAD;
}

static unsigned int could_go_on(const struct engine *engine)
{
	unsigned int could = 0;

	for (unsigned int thread = 0; thread < engine->threads; thread++)
		if (execution_can_pass(engine->execution, thread))
			could |= bit_of(thread);
	return could;
}

/* What a node tries first; the thread that is at work anyway, if it can go on. */
static unsigned int first_tries(const struct engine *engine, const struct node *node)
{
	unsigned int awake = node->could & ~node->asleep;
	int latest = latest_thread(engine);

	if (engine->reduction != REDUCTION_SOURCE_DPOR)
		return awake;
	if (latest != NO_THREAD && awake >> latest & 1)
		return bit_of((unsigned int)latest);
	return awake & -awake;
}

/* ---- where executions end ---- */

static int report_standstill(struct engine *engine, unsigned int blocked)
{
	struct finding finding;

	describe_standstill(engine->execution, blocked, &finding);
	return report(engine, &finding, NULL, NO_THREAD);
}

static int look_at_end(struct engine *engine)
{
	struct execution *execution = engine->execution;
	int err = 0;

	engine->out->ends++;
	if (!execution_check(execution) || !execution_check_end(execution))
		err = report(engine, execution_finding(execution), NULL, NO_THREAD);
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
	return blocked ? report_standstill(engine, blocked) : look_at_end(engine);
}

static int report_endless(struct engine *engine)
{
	static const struct finding endless = {.kind = FINDING_ENDLESS,
					       .text = "goes on and on without coming to an end"};

	engine->out->covered.executions++;
	return report(engine, &endless, NULL, NO_THREAD);
}

/* Looks at the node where the latest step has led. */
static int arrive(struct engine *engine)
{
	struct node *node = node_here(engine);

	node->could = (uint8_t)could_go_on(engine);
	turn_blocked_around(engine);
	if (!node->could)
		return finish(engine);
	if (engine->trace.count - engine->first >= STEPS_MAX)
		return report_endless(engine);
	node->to_try = (uint8_t)first_tries(engine, node);
	engine->out->covered.redundant += !node->to_try;
	return 0;
}

/* ---- steps ---- */

static int reserve(struct engine *engine)
{
	uint32_t room = engine->node_room ? 2 * engine->node_room : 128;
	struct node *nodes;
	int err = trace_reserve(&engine->trace);

	if (err || engine->trace.count + 1 < engine->node_room)
		return err;
	nodes = realloc(engine->nodes, room * sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	engine->nodes = nodes;
	engine->node_room = room;
	return 0;
}

static int look_at_step(struct engine *engine, unsigned int thread, enum step_end end)
{
	int err = locals_take(&engine->locals, &engine->trace, engine->execution);

	if (!err)
		err = look_for_races(engine);
	if (err || end != STEP_BROKEN)
		return err;
	engine->out->covered.executions++;
	try_everything(engine);
	return report(engine, execution_finding(engine->execution), NULL, (int)thread);
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
	turn_around(engine, thread, &races);
	*end = execution_advance(engine->execution, thread);
	err = rewind_end(&engine->rewind);
	if (!err && races.misuse != NO_STEP)
		err = report_misuse(engine, races.misuse);
	return err ? err : look_at_step(engine, thread, *end);
}

static int step_forward(struct engine *engine, unsigned int thread)
{
	struct node behind = {0};
	struct node *node;
	enum step_end end;
	int err = reserve(engine);

	if (err)
		return err;
	node = node_here(engine);
	behind.asleep = (uint8_t)asleep_behind(engine, thread);
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

static void step_back(struct engine *engine)
{
	trace_pop(&engine->trace);
	rewind_undo(&engine->rewind);
}

/* ---- bounds and progress ---- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The part of all that has been tried, as if whatever is not tried yet led to as much. */
static double estimate(const struct engine *engine)
{
	double seen = 0, part = 1;

	for (uint32_t i = engine->first; i < engine->trace.count; i++) {
		const struct node *node = &engine->nodes[i];
		int all = __builtin_popcount(node->to_try);
		int tried = __builtin_popcount(node->to_try & node->asleep);

		seen += part * (tried - 1) / all;
		part /= all;
	}
	return seen;
}

static uint64_t frontier(const struct engine *engine)
{
	uint64_t left = 0;

	for (uint32_t i = engine->first; i <= engine->trace.count; i++)
		left += (uint64_t)__builtin_popcount(engine->nodes[i].to_try &
						     ~engine->nodes[i].asleep);
	return left;
}

static void update(struct engine *engine)
{
	struct explore_progress *covered = &engine->out->covered;

	covered->depth = engine->trace.count - engine->first;
	covered->frontier = frontier(engine);
	covered->estimate = estimate(engine);
	covered->seconds = now() - engine->begin;
	covered->memory = rewind_memory(&engine->rewind) + locals_memory(&engine->locals) +
			  engine->trace.room * sizeof(struct step) +
			  engine->node_room * sizeof(struct node);
}

static enum explore_bound bound_reached(const struct engine *engine)
{
	const struct explore_options *options = engine->options;
	const struct explore_progress *covered = &engine->out->covered;

	if (options->stop && *options->stop)
		return BOUND_INTERRUPTED;
	if (options->max_memory && covered->memory >= options->max_memory)
		return BOUND_MEMORY;
	if (options->max_seconds > 0 && covered->seconds >= options->max_seconds)
		return BOUND_TIME;
	return BOUND_NONE;
}

static void look_around(struct engine *engine)
{
	const struct explore_progress *covered = &engine->out->covered;

	update(engine);
	if (engine->options->progress && covered->seconds >= engine->told + 1) {
		engine->told = covered->seconds;
		engine->options->progress(engine->options->context, covered);
	}
	engine->out->bound = bound_reached(engine);
	engine->over |= engine->out->bound != BOUND_NONE;
}

/* ---- all of it ---- */

/* Brings every thread to its first point. */
static int begin(struct engine *engine)
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

static int walk(struct engine *engine)
{
	int err = begin(engine);

	while (!err && !engine->over) {
		int thread = next_choice(engine);

		if (thread != NO_THREAD)
			err = step_forward(engine, (unsigned int)thread);
		else if (engine->trace.count > engine->first)
			step_back(engine);
		else
			break;
		if (engine->out->covered.transitions % STEPS_BETWEEN_LOOKS == 0 && !engine->over)
			look_around(engine);
	}
	return err;
}

/*
 * A step by execution_step() ends behind its point, so what breaks there needs no further step, and
 * what breaks in the local code behind it does: the schedule ends with the step that breaks.
 */
static void cut_schedule(struct engine *engine)
{
	struct exploration *out = engine->out;

	execution_restart(engine->execution);
	for (size_t i = 0; i < out->length; i++)
		if (execution_step(engine->execution, out->schedule[i]) != STEP_DONE)
			out->length = i + 1;
}

static void note_all_seen(struct engine *engine)
{
	if (engine->cut)
		engine->out->bound = BOUND_PREEMPTIONS;
	else
		engine->out->covered.estimate = 1;
}

static int explore(struct engine *engine)
{
	int err = rewind_init(&engine->rewind, engine->execution);

	for (unsigned int thread = 0; thread < EXPLORE_THREADS_MAX; thread++)
		engine->trace.latest[thread] = NO_STEP;
	if (!err)
		err = walk(engine);
	/* What has been covered when memory runs out is worth telling. */
	if (err == -ENOMEM && engine->out->covered.executions > 0) {
		engine->out->bound = BOUND_EXHAUSTED;
		err = 0;
	}
	if (err)
		return err;
	update(engine);
	if (!engine->over && !engine->out->bound)
		note_all_seen(engine);
	if (engine->out->schedule)
		cut_schedule(engine);
	return 0;
}

static void release(struct engine *engine)
{
	rewind_release(&engine->rewind);
	trace_release(&engine->trace);
	locals_release(&engine->locals);
	free(engine->nodes);
	execution_destroy(engine->execution);
}

int explore_schedules(const struct subject *subject, const struct explore_options *options,
		      enum reduction reduction, const struct execution_visitor *visitor,
		      struct exploration *out)
{
	struct exploration found = {.bound = BOUND_NONE};
	struct engine engine = {.options = options,
				.reduction =
					options->max_preemptions < 0 ? reduction : REDUCTION_NONE,
				.visitor = visitor,
				.out = &found,
				.threads = subject->thread_count,
				.first = subject->thread_count,
				.begin = now()};
	int err = execution_create(subject,
				   &(struct execution_options) {.spurious = options->spurious},
				   &engine.execution);

	if (err)
		return err;
	err = explore(&engine);
	if (!err)
		err = exploration_note_locks(&found, engine.execution);
	release(&engine);
	if (err)
		exploration_release(&found);
	else
		*out = found;
	return err;
}

int explore_traces(const struct subject *subject, const struct explore_options *options,
		   struct exploration *out)
{
	return explore_schedules(subject, options, REDUCTION_SOURCE_DPOR, NULL, out);
}
