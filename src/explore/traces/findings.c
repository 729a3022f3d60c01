/* SPDX-License-Identifier: MIT */
#include "findings.h"
#include "standstill.h"

#include <errno.h>
#include <stdlib.h>

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

int finding_report_race(struct engine *engine, const struct local *one, const struct local *other)
{
	const struct racer racer = {one->thread, &one->access, is_free(engine, one)};
	const struct racer rival = {other->thread, &other->access, is_free(engine, other)};

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

int finding_report_misuse(struct engine *engine, uint32_t earlier)
{
	const struct step *one = &engine->trace.steps[earlier];
	const struct step *other = &engine->trace.steps[engine->trace.count - 1];
	const struct access access = access_at_point(engine, one);
	const struct access other_access = access_at_point(engine, other);
	const struct racer racer = {one->thread, &access, one->effect.frees};
	const struct racer rival = {other->thread, &other_access, other->effect.frees};

	return report_race(engine, &racer, one->number - 1, &rival, other->number - 1);
}

int finding_report_standstill(struct engine *engine, unsigned int blocked)
{
	struct finding finding;

	describe_standstill(engine->execution, blocked, &finding);
	return report(engine, &finding, NULL, NO_THREAD);
}

int finding_report(struct engine *engine, const struct finding *finding, int then)
{
	return report(engine, finding, NULL, then);
}
