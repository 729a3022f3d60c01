/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "standstill.h"

#include <stdio.h>

static void write_name(const struct execution *execution, const void *object, const char *unknown,
		       FILE *out)
{
	const struct subject *subject = execution_subject(execution);

	if (!subject->name || !subject->name(subject->context, object, out))
		fputs(unknown, out);
}

/* The finding's text as a stream, cut at its end. */
static FILE *open_text(struct finding *finding)
{
	return fmemopen(finding->text, sizeof(finding->text) - 1, "w");
}

static const char *thread_name(const struct execution *execution, unsigned int thread)
{
	return execution_subject(execution)->thread_names[thread];
}

static void describe_blocked(const struct execution *execution, unsigned int thread, FILE *out)
{
	const struct point *point = execution_point(execution, thread);
	unsigned int holder;

	if (point->kind == POINT_WAKE) {
		fprintf(out, "%s sleeps on ", thread_name(execution, thread));
		write_name(execution, point->object, "a condition", out);
		fputs(" and nobody is left to wake it", out);
		return;
	}
	fprintf(out, "%s waits for ", thread_name(execution, thread));
	write_name(execution, point->object, "a lock", out);
	holder = ((const struct explored_lock *)point->object)->holder;
	if (holder)
		fprintf(out, ", which %s holds", thread_name(execution, holder - 1));
}

/* Where the only ones that stand still are asleep, it is the wake-up that is missing. */
static enum finding_kind standstill_kind(const struct execution *execution, unsigned int blocked)
{
	for (unsigned int thread = 0; thread < execution_subject(execution)->thread_count; thread++)
		if (blocked >> thread & 1 && execution_point(execution, thread)->kind != POINT_WAKE)
			return FINDING_DEADLOCK;
	return FINDING_LOST_WAKE_UP;
}

void describe_standstill(const struct execution *execution, unsigned int blocked,
			 struct finding *finding)
{
	const char *between = "";
	FILE *out;

	*finding = (struct finding) {.kind = standstill_kind(execution, blocked)};
	out = open_text(finding);
	if (!out)
		return;
	for (unsigned int thread = 0; thread < execution_subject(execution)->thread_count;
	     thread++) {
		if (!(blocked >> thread & 1))
			continue;
		fputs(between, out);
		describe_blocked(execution, thread, out);
		between = "; ";
	}
	fclose(out);
}

static const char *access_word(const struct access *access)
{
	if (access->atomic)
		return access->write ? "writes atomically" : "reads atomically";
	return access->write ? "writes" : "reads";
}

/* Two that free it free it twice; one that touches what the other frees may come after it. */
static enum finding_kind race_kind(bool frees, bool other_frees)
{
	if (frees && other_frees)
		return FINDING_BAD_FREE;
	return frees || other_frees ? FINDING_USE_AFTER_FREE : FINDING_DATA_RACE;
}

static const char *racer_word(const struct racer *racer)
{
	return racer->frees ? "frees" : access_word(racer->access);
}

void describe_race(const struct execution *execution, const struct racer *one,
		   const struct racer *other, struct finding *finding)
{
	FILE *out;

	*finding = (struct finding) {.kind = race_kind(one->frees, other->frees),
				     .code = one->access->code,
				     .other_code = other->access->code};
	out = open_text(finding);
	if (!out)
		return;
	fprintf(out, "%s %s ", thread_name(execution, one->thread), racer_word(one));
	write_name(execution, execution_address(execution, one->access->offset), "memory", out);
	fprintf(out, " and %s %s it, in no order", thread_name(execution, other->thread),
		racer_word(other));
	fclose(out);
}
