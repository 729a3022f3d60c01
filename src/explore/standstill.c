/* SPDX-License-Identifier: MIT */
/* Words for what hinders threads, and for what they do to each other's memory. */
#define _GNU_SOURCE
#include "search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_name(const struct search *search, const void *object, const char *unknown,
		       FILE *out)
{
	const struct subject *subject = search->subject;

	if (!subject->name || !subject->name(subject->context, object, out))
		fputs(unknown, out);
}

/* The finding's text as a stream, cut at its end. */
static FILE *open_text(struct finding *finding)
{
	return fmemopen(finding->text, sizeof(finding->text) - 1, "w");
}

static const char *thread_name(const struct search *search, unsigned int thread)
{
	return search->subject->thread_names[thread];
}

static void describe_blocked(const struct search *search, unsigned int thread, FILE *out)
{
	const struct point *point = execution_point(search->execution, thread);
	unsigned int holder;

	if (point->kind == POINT_WAKE) {
		fprintf(out, "%s sleeps on ", thread_name(search, thread));
		write_name(search, point->object, "a condition", out);
		fputs(" and nobody is left to wake it", out);
		return;
	}
	fprintf(out, "%s waits for ", thread_name(search, thread));
	write_name(search, point->object, "a lock", out);
	holder = ((const struct explored_lock *)point->object)->holder;
	if (holder)
		fprintf(out, ", which %s holds", thread_name(search, holder - 1));
}

/* Where the only ones that stand still are asleep, it is the wake-up that is missing. */
static enum finding_kind standstill_kind(const struct search *search, unsigned int blocked)
{
	for (unsigned int thread = 0; thread < search->threads; thread++)
		if (blocked >> thread & 1 &&
		    execution_point(search->execution, thread)->kind != POINT_WAKE)
			return FINDING_DEADLOCK;
	return FINDING_LOST_WAKE_UP;
}

void search_describe_standstill(const struct search *search, unsigned int blocked,
				struct finding *finding)
{
	const char *between = "";
	FILE *out;

	*finding = (struct finding) {.kind = standstill_kind(search, blocked)};
	out = open_text(finding);
	if (!out)
		return;
	for (unsigned int thread = 0; thread < search->threads; thread++) {
		if (!(blocked >> thread & 1))
			continue;
		fputs(between, out);
		describe_blocked(search, thread, out);
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

/* Whether the access is the freeing itself, by a thread's latest point. */
static bool is_free(const struct search *search, unsigned int thread, const struct access *access)
{
	const struct point *point = execution_point(search->execution, thread);

	return point->kind == POINT_FREE && access->write && !access->atomic &&
	       access->code == point->code;
}

/* Two that free it free it twice; one that touches what the other frees may come after it. */
static enum finding_kind race_kind(bool frees, bool other_frees)
{
	if (frees && other_frees)
		return FINDING_BAD_FREE;
	return frees || other_frees ? FINDING_USE_AFTER_FREE : FINDING_DATA_RACE;
}

static void describe_race(const struct search *search, unsigned int one, const struct access *its,
			  unsigned int other, const struct access *others, struct finding *finding)
{
	bool frees = is_free(search, one, its), other_frees = is_free(search, other, others);
	FILE *out;

	*finding = (struct finding) {.kind = race_kind(frees, other_frees),
				     .code = its->code,
				     .other_code = others->code};
	out = open_text(finding);
	if (!out)
		return;
	fprintf(out, "%s %s ", thread_name(search, one), frees ? "frees" : access_word(its));
	write_name(search, execution_address(search->execution, its->offset), "memory", out);
	fprintf(out, " and %s %s it, in no order", thread_name(search, other),
		other_frees ? "frees" : access_word(others));
	fclose(out);
}

int search_describe_race(struct search *search, unsigned int one, unsigned int other,
			 struct finding *finding)
{
	struct access *its = NULL, *others = NULL;
	size_t count, other_count;
	int err = search_accesses(search, one, &its, &count);

	if (!err)
		err = search_accesses(search, other, &others, &other_count);
	for (size_t i = 0; !err && i < count; i++)
		for (size_t j = 0; j < other_count; j++)
			if (access_races(&its[i], &others[j])) {
				describe_race(search, one, &its[i], other, &others[j], finding);
				goto found;
			}
found:
	free(its);
	free(others);
	return err;
}
