/* SPDX-License-Identifier: MIT */
#include "choices.h"

void choices_turn_around(struct engine *engine, unsigned int thread, const struct races *races)
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

void choices_turn_blocked_around(struct engine *engine)
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
	choices_turn_around(engine, thread, &races);
}

void choices_try_everything(struct engine *engine)
{
	for (uint32_t i = engine->first; i < engine->trace.count; i++)
		engine->nodes[i].to_try = engine->nodes[i].could;
}

unsigned int choices_asleep_behind(const struct engine *engine, unsigned int thread)
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

static bool is_within_bound(const struct engine *engine, const struct node *node,
			    unsigned int thread)
{
	int most = engine->options->max_preemptions;

	return most < 0 ||
	       node->preemptions + would_preempt(engine, node, thread) <= (unsigned)most;
}

int choices_next(struct engine *engine)
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

unsigned int choices_first(const struct engine *engine, const struct node *node)
{
	unsigned int awake = node->could & ~node->asleep;
	int latest = latest_thread(engine);

	if (engine->reduction != REDUCTION_SOURCE_DPOR)
		return awake;
	if (latest != NO_THREAD && awake >> latest & 1)
		return bit_of((unsigned int)latest);
	return awake & -awake;
}
