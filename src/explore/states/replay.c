/* SPDX-License-Identifier: MIT */
/* One schedule: its steps are taken, and the state that it leads to is looked at like any other. */
#define _GNU_SOURCE
#include "search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *hindrance(enum step_end end)
{
	switch (end) {
	case STEP_BLOCKED:
		return "is blocked";
	case STEP_ENDED:
		return "has ended";
	case STEP_FULL:
		return "needs more memory than the arena has";
	default:
		return "breaks";
	}
}

/* False: it ends there, with what was found. */
static bool follow_step(struct search *search, unsigned int thread, enum step_end *end)
{
	*end = execution_step(search->execution, thread);
	if (*end == STEP_DONE && execution_check(search->execution))
		return true;
	if (*end == STEP_DONE || *end == STEP_BROKEN)
		search->out->finding = *execution_finding(search->execution);
	return false;
}

static int follow_schedule(struct search *search, const uint8_t *schedule, size_t length,
			   char **why)
{
	enum step_end end;

	for (size_t i = 0; i < length; i++) {
		if (follow_step(search, schedule[i], &end))
			continue;
		if (search->out->finding.kind != FINDING_NONE && i + 1 == length)
			return 0;
		if (asprintf(why, "step %zu can't be taken: %s %s before it", i + 1,
			     search->subject->thread_names[schedule[i]], hindrance(end)) < 0)
			return -ENOMEM;
		return -EINVAL;
	}
	return 0;
}

/* Only what is wrong here counts, not what a further step would break. */
static int look_here(struct search *search)
{
	const struct violations *violations = &search->violations;
	int err = search_begin_at(search);

	if (!err)
		err = graph_begin_level(&search->graph, 1);
	if (!err)
		err = search_expand(search, 0);
	if (!err && violations->count > 0 && violations->places[0].thread != NO_THREAD)
		search->out->finding.kind = FINDING_NONE;
	return err;
}

static int replay(struct search *search, const uint8_t *schedule, size_t length, char **why)
{
	struct exploration *out = search->out;
	int err = follow_schedule(search, schedule, length, why);

	if (!err && out->finding.kind == FINDING_NONE)
		err = look_here(search);
	if (err)
		return err;
	out->schedule = malloc(length + 1);
	if (!out->schedule)
		return -ENOMEM;
	memcpy(out->schedule, schedule, length);
	out->length = length;
	out->covered = (struct explore_progress) {.transitions = length};
	return 0;
}

int explore_schedule(const struct subject *subject, const struct explore_options *options,
		     const uint8_t *schedule, size_t length, struct exploration *out, char **why)
{
	struct exploration found = {.bound = BOUND_NONE};
	struct search search;
	int err = search_begin(&search, subject, options, &found);

	if (err)
		return err;
	err = replay(&search, schedule, length, why);
	search_end(&search);
	if (err)
		exploration_release(&found);
	else
		*out = found;
	return err;
}
