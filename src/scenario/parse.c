/* SPDX-License-Identifier: MIT */
/* From text to a scenario, one line after the other: each is a statement or a step. */
#include "statements.h"
#include "steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An empty text has no line to blame; its end is in line 1. */
static int refuse_without_steps(struct words *words)
{
	if (!words->lines.number)
		words->lines.number = 1;
	return words_wrong(words, "no step (expected at least one, like 'host: unbind A')");
}

static int parse_line(struct words *words, struct scenario *scenario)
{
	const char *first = words->lines.words[0];
	size_t length = strlen(first);

	words->at = 1;
	if (first[length - 1] == ':')
		return step_parse(words, scenario, first, length - 1);
	return statement_parse(words, scenario, first);
}

static int parse_text(struct words *words, struct scenario *scenario)
{
	const char *said;
	int err;

	while ((err = lines_next(&words->lines, &said)) > 0) {
		err = parse_line(words, scenario);
		if (err)
			return err;
	}
	if (err)
		return words_wrong(words, "%s", said);
	return scenario->step_count ? 0 : refuse_without_steps(words);
}

int scenario_parse(const char *text, size_t length, const char *file, struct scenario **out,
		   char **why)
{
	struct words words = {.file = file, .why = why};
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	int err;

	if (!scenario)
		return -ENOMEM;
	lines_init(&words.lines, text, length);
	err = word_keep(&scenario->file, file);
	if (!err)
		err = parse_text(&words, scenario);
	if (err)
		scenario_free(scenario);
	else
		*out = scenario;
	return err;
}
