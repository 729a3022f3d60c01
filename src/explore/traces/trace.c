/* SPDX-License-Identifier: MIT */
#include "trace.h"
#include "array.h"

#include <errno.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

int trace_reserve(struct trace *trace)
{
	struct step *steps =
		array_with_place(trace->steps, &trace->room, trace->count, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	trace->steps = steps;
	return 0;
}

void trace_release(struct trace *trace)
{
	free(trace->steps);
	trace->steps = NULL;
	trace->count = 0;
	trace->room = 0;
}

struct clock trace_clock(const struct trace *trace, unsigned int thread)
{
	const struct clock beginning = {{0}};
	uint32_t latest = trace->latest[thread];

	return latest == NO_STEP ? beginning : trace->steps[latest].clock;
}

/* Whether a thread may have to wait at the point until another one lets it pass. */
static bool waits(const struct point *point)
{
	return point->kind == POINT_LOCK || point->kind == POINT_WAKE;
}

static void add_race(struct races *races, uint32_t step)
{
	races->with[races->count++] = step;
}

/*
 * Joins the clocks of all steps on which the new one depends, latest first: one that is covered
 * already is ordered by what came after it. Each thread has at most one that is not.
 */
static void order(const struct trace *trace, struct step *step, struct races *races)
{
	const struct step *steps = trace->steps;
	bool turns = !waits(&step->point);

	if (step->effect.begin == step->effect.end && !step->effect.allocates)
		return;
	for (uint32_t i = trace->count; i-- > 0;) {
		if (!clock_covers(&step->clock, &steps[i])) {
			if (!effects_depend(&steps[i].effect, &step->effect))
				continue;
			if (turns)
				add_race(races, i);
			if (effects_misuse(&steps[i].effect, &step->effect))
				races->misuse = i;
			clock_join(&step->clock, &steps[i].clock);
		}
		if (effect_settles(&steps[i].effect, &step->effect))
			return;
	}
}

/* Whether the thread could have passed the point, at which it may wait, instead of the step. */
static bool could_pass(const struct step *step, unsigned int thread, const struct point *point)
{
	return point->kind == POINT_LOCK ? step->effect.takes : step->could >> thread & 1;
}

/* The one thing that a waiting thread races with: who was last to get ahead of it. */
static void add_rival(const struct trace *trace, unsigned int thread, const struct point *point,
		      const struct clock *before, struct races *races)
{
	struct effect effect = {.begin = (uintptr_t)point->object,
				.end = (uintptr_t)point->object + 1};

	for (uint32_t i = trace->count; i-- > 0;) {
		const struct step *step = &trace->steps[i];

		if (!effects_depend(&step->effect, &effect))
			continue;
		if (clock_covers(before, step))
			return;
		if (could_pass(step, thread, point)) {
			add_race(races, i);
			return;
		}
	}
}

void trace_push(struct trace *trace, unsigned int thread, const struct point *point,
		unsigned int could, struct races *races)
{
	struct step *step = &trace->steps[trace->count];
	struct clock before = trace_clock(trace, thread);

	*step = (struct step) {.point = *point,
			       .effect = effect_of(point),
			       .clock = before,
			       .number = before.of[thread] + 1,
			       .previous = trace->latest[thread],
			       .thread = (uint8_t)thread,
			       .could = (uint8_t)could};
	races->count = 0;
	races->misuse = NO_STEP;
	order(trace, step, races);
	races->clock = step->clock;
	if (waits(point)) {
		races->clock = before;
		add_rival(trace, thread, point, &before, races);
	}
	step->clock.of[thread]++;
	trace->latest[thread] = trace->count++;
}

void trace_pop(struct trace *trace)
{
	const struct step *step = &trace->steps[--trace->count];

	trace->latest[step->thread] = step->previous;
}

void trace_pending(const struct trace *trace, unsigned int thread, const struct point *point,
		   struct races *races)
{
	races->count = 0;
	races->misuse = NO_STEP;
	races->clock = trace_clock(trace, thread);
	add_rival(trace, thread, point, &races->clock, races);
}

/* Those seen so far, and the first step of each that counts. */
struct firsts {
	unsigned int seen, initial;
	uint32_t number[EXPLORE_THREADS_MAX];
};

/* A thread's first step is noted as an initial one if none of those before happens before it. */
static void see_first(struct firsts *firsts, unsigned int thread, const struct clock *clock)
{
	for (unsigned int others = firsts->seen; others; others &= others - 1) {
		unsigned int other = (unsigned int)__builtin_ctz(others);

		if (clock->of[other] >= firsts->number[other])
			return;
	}
	firsts->initial |= 1u << thread;
}

unsigned int trace_initials(const struct trace *trace, uint32_t with, unsigned int thread,
			    const struct clock *clock)
{
	const struct step *turned = &trace->steps[with];
	struct firsts firsts = {0};

	for (uint32_t i = with + 1; i < trace->count; i++) {
		const struct step *step = &trace->steps[i];

		if (firsts.seen >> step->thread & 1 || clock_covers(&step->clock, turned))
			continue;
		see_first(&firsts, step->thread, &step->clock);
		firsts.seen |= 1u << step->thread;
		firsts.number[step->thread] = step->number;
	}
	if (!(firsts.seen >> thread & 1))
		see_first(&firsts, thread, clock);
	return firsts.initial;
}

uint64_t trace_digest(const struct trace *trace)
{
	uint64_t digest = 0;

	for (uint32_t i = 0; i < trace->count; i++)
		digest += XXH3_64bits_withSeed(&trace->steps[i].clock, sizeof(struct clock),
					       trace->steps[i].thread);
	return digest;
}
