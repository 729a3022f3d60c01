/* SPDX-License-Identifier: MIT */
#include "expectation.h"
#include "property.h"
#include "roles.h"

#include <errno.h>
#include <string.h>

static bool one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

static int check_value(struct words *words, const struct scenario *scenario, enum property property,
		       const char *value)
{
	static const char *const truths[] = {"yes", "no", NULL};
	static const char *const owners[] = {SCENARIO_NONE, "kernel", "user", NULL};

	switch (property) {
	case PROPERTY_PRESENT:
	case PROPERTY_VIABLE:
		if (!one_of(value, truths))
			return words_wrong(words, "'%s' is no truth (expected yes or no)", value);
		return 0;
	case PROPERTY_OWNER:
		if (!one_of(value, owners))
			return words_wrong(
				words, "'%s' is no owner (expected none, kernel or user)", value);
		return 0;
	case PROPERTY_COUNT:
		if (value[strspn(value, "0123456789")] || (value[0] == '0' && value[1]) ||
		    strlen(value) > 9)
			return words_wrong(words, "'%s' is no count (expected a number)", value);
		return 0;
	case PROPERTY_GROUP:
		if (strcmp(value, SCENARIO_NONE) != 0 &&
		    scenario_find_group(scenario, value) == scenario->group_count)
			return words_wrong(
				words, "no group '%s' (expected a declared one, or none)", value);
		return 0;
	default:
		return 0;
	}
}

int expectation_parse(struct words *words, const struct scenario *scenario, struct expectation *out)
{
	int err = role_expect(words, scenario, &out->role);
	bool of_group = !err && out->role >= scenario->device_count;
	const char *word = "";

	if (!err)
		err = words_expect(words, "a property", &word);
	if (err)
		return err;
	out->line = words->lines.number;
	out->property = property_find(word, of_group);
	if (out->property == PROPERTIES)
		return words_wrong(words, "a %s has no property '%s' (expected %s)",
				   of_group ? "group" : "device", word,
				   of_group ? "viable, type, owner, count or domain"
					    : "present, driver, override or group");
	err = words_expect(words, "a value", &word);
	if (!err)
		err = check_value(words, scenario, out->property, word);
	return err ? err : word_keep(&out->value, word);
}
