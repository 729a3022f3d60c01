/* SPDX-License-Identifier: MIT */
#include "expectation.h"
#include "roles.h"

#include <errno.h>
#include <string.h>

/* PROPERTIES: there are not so many. */
static enum property nth_property(bool of_group, size_t number)
{
	enum property property = 0;

	while (property < PROPERTIES && (property_of_group(property) != of_group || number-- > 0))
		property++;
	return property;
}

static const char *nth_name(const void *table, size_t number)
{
	const bool *of_group = table;
	enum property property = nth_property(*of_group, number);

	return property < PROPERTIES ? property_name(property) : NULL;
}

static int expect_property(struct words *words, bool of_group, enum property *out)
{
	const char *what = of_group ? "a property of a group" : "a property of a device";
	size_t number = 0;
	int err = words_expect_one_of(words, what, nth_name, &of_group, &number);

	if (!err)
		*out = nth_property(of_group, number);
	return err;
}

static const char *value_of(const void *table, size_t number)
{
	const enum property *property = table;

	return property_value(*property, number);
}

static int expect_value(struct words *words, const struct scenario *scenario,
			enum property property, char **place)
{
	const char *word = "";
	int err = words_expect(words, "a value", &word);

	if (err)
		return err;
	if (!property_takes(property, scenario, word))
		return words_wrong_among(words, value_of, &property, "", "%s can't be '%s'",
					 property_name(property), word);
	return word_keep(place, word);
}

int expectation_parse(struct words *words, const struct scenario *scenario, struct expectation *out)
{
	int err = role_expect(words, scenario, &out->role);

	if (err)
		return err;
	out->line = words->lines.number;
	err = expect_property(words, out->role >= scenario->device_count, &out->property);
	return err ? err : expect_value(words, scenario, out->property, &out->value);
}

void expectation_print(const struct scenario *scenario, const struct expectation *expected,
		       FILE *out)
{
	fprintf(out, " %s %s %s", scenario_role(scenario, expected->role),
		property_name(expected->property), expected->value);
}

enum agreement expectation_judge(const struct expectation *expected, const struct view *view)
{
	const char *word = view_word(view, expected->role, expected->property);

	if (!word)
		return NOT_VISIBLE;
	return strcmp(word, expected->value) == 0 ? AS_EXPECTED : OTHERWISE;
}
