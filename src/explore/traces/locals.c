/* SPDX-License-Identifier: MIT */
#include "locals.h"
#include "array.h"
#include "footprint.h"

#include <errno.h>
#include <stdlib.h>

/* How far back an access is looked for that is the same: as a loop's would be. */
#define SAME_WITHIN 8

static size_t begin_of(const struct locals *locals, uint32_t step)
{
	return step > 0 ? locals->steps[step - 1].end : 0;
}

static int reserve_steps(struct locals *locals, uint32_t count)
{
	struct local_step *steps =
		array_with_place(locals->steps, &locals->step_room, count - 1, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	locals->steps = steps;
	return 0;
}

static int reserve_accesses(struct locals *locals, size_t count)
{
	struct local *accesses =
		array_with_place(locals->accesses, &locals->room, count, sizeof(*accesses));

	if (!accesses)
		return -ENOMEM;
	locals->accesses = accesses;
	return 0;
}

/* Whether the point itself makes the access. */
static bool is_own(const struct step *step, const struct access *access)
{
	return access->atomic ||
	       (step->effect.frees && access->write && access->code == step->point.code);
}

static bool is_same(const struct local *local, const struct access *access, uint32_t number)
{
	const struct access *noted = &local->access;

	return noted->offset == access->offset && noted->size == access->size &&
	       noted->write == access->write && noted->atomic == access->atomic &&
	       local->number == number;
}

static bool is_noted(const struct locals *locals, size_t begin, size_t end,
		     const struct access *access, uint32_t number)
{
	size_t last = end - begin > SAME_WITHIN ? end - SAME_WITHIN : begin;

	while (end-- > last)
		if (is_same(&locals->accesses[end], access, number))
			return true;
	return false;
}

static uint64_t words_of(const struct access *access)
{
	size_t first = access->offset / sizeof(uint64_t);
	size_t last = (access->offset + access->size - 1) / sizeof(uint64_t);
	uint64_t words = 0;

	if (last - first >= 63)
		return UINT64_MAX;
	for (size_t word = first; word <= last; word++)
		words |= UINT64_C(1) << (word % 64);
	return words;
}

static void add_words(struct words *words, const struct access *access)
{
	uint64_t added = words_of(access);

	words->touched |= added;
	if (access->write)
		words->written |= added;
	if (!access->atomic)
		words->plain |= added;
	if (access->write && !access->atomic)
		words->plain_written |= added;
}

static void note(struct locals *locals, const struct step *step, const struct access *access,
		 size_t begin, struct local_step *noted)
{
	bool own = is_own(step, access);
	uint32_t number = step->number - own;

	if (is_noted(locals, begin, noted->end, access, number))
		return;
	locals->accesses[noted->end++] = (struct local) {*access, number, step->thread};
	add_words(own ? &noted->own : &noted->behind, access);
}

int locals_take(struct locals *locals, const struct trace *trace, const struct execution *execution)
{
	uint32_t latest = trace->count - 1;
	size_t count, begin = begin_of(locals, latest);
	const struct access *accesses = execution_accesses(execution, &count);
	struct local_step *noted;
	int err = reserve_steps(locals, trace->count);

	if (!err)
		err = reserve_accesses(locals, begin + count);
	if (err)
		return err;
	noted = &locals->steps[latest];
	*noted = (struct local_step) {.end = begin};
	for (size_t i = 0; i < count; i++)
		if (accesses[i].offset >= EXECUTION_HEAD)
			note(locals, &trace->steps[latest], &accesses[i], begin, noted);
	return 0;
}

/* Of the steps of the thread, whether what it had touched comes before what `local` is. */
static bool is_ordered(const struct trace *trace, const struct local *earlier,
		       const struct local *local)
{
	const struct step *step = &trace->steps[trace->count - 1];

	if (step->number != local->number)
		step = &trace->steps[step->previous];
	return step->clock.of[earlier->thread] > earlier->number;
}

static bool find_in_step(const struct locals *locals, const struct trace *trace, uint32_t earlier,
			 const struct local **one, const struct local **other)
{
	uint32_t latest = trace->count - 1;

	for (size_t i = begin_of(locals, latest); i < locals->steps[latest].end; i++)
		for (size_t j = begin_of(locals, earlier); j < locals->steps[earlier].end; j++) {
			*one = &locals->accesses[j];
			*other = &locals->accesses[i];
			if (access_races(&(*one)->access, &(*other)->access) &&
			    !is_ordered(trace, *one, *other))
				return true;
		}
	return false;
}

static bool meet(const struct words *one, const struct words *other)
{
	return (one->touched & other->plain_written) | (one->plain_written & other->touched) |
	       (one->plain & other->written) | (one->written & other->plain);
}

static bool may_race(const struct words *words, const struct local_step *step)
{
	return meet(words, &step->behind) || meet(words, &step->own);
}

/*
 * Looks at the steps of a thread that are not ordered before the latest, from the last one back.
 * What orders the latest step's point does not order what the point itself touches.
 */
static bool find_in_thread(const struct locals *locals, const struct trace *trace,
			   unsigned int thread, const struct local **one,
			   const struct local **other)
{
	uint32_t latest = trace->count - 1, step = trace->latest[thread];
	const struct local_step *its = &locals->steps[latest];
	const struct step *steps = trace->steps;
	uint32_t before = steps[latest].previous;
	uint32_t ordered = steps[latest].clock.of[thread];
	uint32_t ordered_before = before == NO_STEP ? 0 : steps[before].clock.of[thread];

	for (; step != NO_STEP && steps[step].number >= ordered_before;
	     step = steps[step].previous) {
		bool behind = steps[step].number >= ordered;

		if ((may_race(&its->own, &locals->steps[step]) ||
		     (behind && may_race(&its->behind, &locals->steps[step]))) &&
		    find_in_step(locals, trace, step, one, other))
			return true;
	}
	return false;
}

static bool touches_nothing(const struct local_step *step)
{
	return !(step->own.touched | step->behind.touched);
}

bool locals_race(const struct locals *locals, const struct trace *trace, const struct local **one,
		 const struct local **other)
{
	const struct step *latest = &trace->steps[trace->count - 1];

	if (touches_nothing(&locals->steps[trace->count - 1]))
		return false;
	for (unsigned int thread = 0; thread < EXPLORE_THREADS_MAX; thread++)
		if (thread != latest->thread && find_in_thread(locals, trace, thread, one, other))
			return true;
	return false;
}

size_t locals_memory(const struct locals *locals)
{
	return locals->room * sizeof(struct local) + locals->step_room * sizeof(struct local_step);
}

void locals_release(struct locals *locals)
{
	free(locals->accesses);
	free(locals->steps);
	*locals = (struct locals) {0};
}
