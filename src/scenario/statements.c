/* SPDX-License-Identifier: MIT */
#include "statements.h"
#include "array.h"
#include "expectation.h"
#include "roles.h"
#include "scripted_driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int parse_title(struct words *words, struct scenario *scenario)
{
	size_t length;
	FILE *text;
	int err;

	if (scenario->title)
		return words_wrong(words, "second title (expected one)");
	if (words_ended(words))
		return words_wrong(words, "line ends early (expected what the scenario shows)");
	text = open_memstream(&scenario->title, &length);
	if (!text)
		return -ENOMEM;
	fputs(words_next(words), text);
	for (const char *word; (word = words_next(words));)
		fprintf(text, " %s", word);
	err = ferror(text) ? -ENOMEM : 0;
	return fclose(text) ? -ENOMEM : err;
}

static int parse_machine(struct words *words, struct scenario *scenario)
{
	if (scenario->machine)
		return words_wrong(words, "second machine (expected one)");
	return words_expect_kept(words, "a machine file", &scenario->machine);
}

static const char *only_word(const void *table, size_t number)
{
	return only_name(ON_SIMULATED_ONLY + (enum scenario_only)number);
}

static int parse_only(struct words *words, struct scenario *scenario)
{
	size_t number = 0;
	int err;

	if (scenario->only != ON_ANY_MACHINE)
		return words_wrong(words, "second 'only' (expected one)");
	err = words_expect_one_of(words, "a kind of machine", only_word, NULL, &number);
	if (!err)
		scenario->only = ON_SIMULATED_ONLY + (enum scenario_only)number;
	return err;
}

static int parse_finally(struct words *words, struct scenario *scenario)
{
	struct expectation *finals =
		array_with_room(scenario->finals, scenario->final_count, sizeof(*finals));

	if (!finals)
		return -ENOMEM;
	scenario->finals = finals;
	if (words_take(words, SCENARIO_INVARIANTS)) {
		scenario->invariants = true;
		return 0;
	}
	finals[scenario->final_count] = (struct expectation) {0};
	return expectation_parse(words, scenario, &finals[scenario->final_count++]);
}

struct statement {
	const char *name;
	int (*parse)(struct words *words, struct scenario *scenario);
	bool declares;
};

static const struct statement statements[] = {
	{"title", parse_title, false},     {"machine", parse_machine, false},
	{"only", parse_only, false},       {"device", role_parse_device, true},
	{"group", role_parse_group, true}, {"driver", scripted_driver_parse, true},
	{"finally", parse_finally, false},
};

static const char *statement_name(const void *table, size_t number)
{
	return number < sizeof(statements) / sizeof(*statements) ? statements[number].name : NULL;
}

int statement_parse(struct words *words, struct scenario *scenario, const char *name)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		int err;

		if (strcmp(name, statements[i].name) != 0)
			continue;
		if (statements[i].declares && (scenario->step_count || scenario->final_count))
			return words_wrong(
				words,
				"'%s' after a step or 'finally' (expected all of them before)",
				name);
		err = statements[i].parse(words, scenario);
		return err ? err : words_expect_end(words);
	}
	return words_wrong_among(words, statement_name, NULL, ", or a thread's name and a colon",
				 "unknown word '%s'", name);
}
