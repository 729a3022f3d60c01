/* SPDX-License-Identifier: MIT */
/* A stage from the outside: whether a scenario can be explored, and the subject that it becomes. */
#define _GNU_SOURCE
#include "stage_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 2, 3))) static int refuse(char **why, const char *format, ...)
{
	va_list args;
	int length;
	char *text;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	*why = text;
	return -EOPNOTSUPP;
}

static int check_scenario(const struct scenario *scenario, char **why)
{
	const char *words;

	if (scenario->only == ON_LIVE_ONLY)
		return refuse(why, "%s: is for a live machine only, and can't be explored",
			      scenario->file);
	if (scenario->thread_count > EXPLORE_THREADS_MAX)
		return refuse(why, "%s: has %zu threads (at most %d can be explored)",
			      scenario->file, scenario->thread_count, EXPLORE_THREADS_MAX);
	for (size_t i = 0; i < scenario->step_count; i++)
		if (!stage_can_perform(&scenario->steps[i], &words))
			return refuse(why, "%s:%u: %s can't be explored: %s", scenario->file,
				      scenario->steps[i].line, scenario->steps[i].operation->name,
				      words);
	return 0;
}

int stage_create(const struct scenario *scenario, const struct facts *facts,
		 const struct design *design, struct stage **out, char **why)
{
	struct stage *stage;
	int err = check_scenario(scenario, why);

	if (err)
		return err;
	stage = calloc(1, sizeof(*stage));
	if (!stage)
		return -ENOMEM;
	stage->scenario = scenario;
	stage->facts = facts;
	stage->design = design ? design : designs[0];
	stage->subject = (struct subject) {
		.context = stage,
		.thread_count = (unsigned int)scenario->thread_count,
		.thread_names = (const char *const *)scenario->threads,
		.set_up = stage_set_up,
		.run = stage_run,
		.check = stage_check,
		.check_end = stage_check_end,
		.tear_down = stage_tear_down,
		.describe = stage_describe,
		.name = stage_object_name,
		.doing = stage_doing,
	};
	err = stage_cast(stage);
	if (!err)
		err = stage_write_programs(stage);
	if (err)
		stage_destroy(stage);
	else
		*out = stage;
	return err;
}

void stage_destroy(struct stage *stage)
{
	if (!stage)
		return;
	for (size_t i = 0; stage->words && i < stage->scenario->step_count; i++)
		free(stage->words[i]);
	free(stage->words);
	for (size_t i = 0; i < EXPLORE_THREADS_MAX; i++)
		free(stage->programs[i].steps);
	free(stage->drivers);
	free(stage->groups);
	free(stage->devices);
	free(stage);
}

const struct subject *stage_subject(const struct stage *stage)
{
	return &stage->subject;
}

const char *stage_why(const struct stage *stage)
{
	return stage->why[0] ? stage->why : NULL;
}
