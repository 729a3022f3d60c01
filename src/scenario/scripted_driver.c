/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scripted_driver.h"
#include "array.h"
#include "errname.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The words of a script, in the order in which they are printed. */
enum trait {
	TRAIT_USER,
	TRAIT_NATIVE,
	TRAIT_MANAGED,
	TRAIT_IDS,
	TRAIT_FAIL,
	TRAIT_MAPS,
	TRAIT_TEST_REMOVE,
	TRAIT_DMA_AFTER_REMOVE,
	TRAITS,
};

static const char *const trait_names[TRAITS] = {
	[TRAIT_USER] = "user",
	[TRAIT_NATIVE] = "native",
	[TRAIT_MANAGED] = "managed",
	[TRAIT_IDS] = "ids",
	[TRAIT_FAIL] = "fail",
	[TRAIT_MAPS] = "maps",
	[TRAIT_TEST_REMOVE] = "test-remove",
	[TRAIT_DMA_AFTER_REMOVE] = "dma-after-remove",
};

static int parse_ids(struct words *words, struct scripted_driver *driver)
{
	const char *word = "";
	int err = words_expect(words, "ids, separated by commas", &word);
	char *list = err ? NULL : strdup(word), *rest = list, *id;

	if (!err && !list)
		err = -ENOMEM;
	while (!err && (id = strtok_r(rest, ",", &rest))) {
		size_t count = driver->script.id_count;
		char **ids = array_with_room(driver->ids, count, sizeof(*ids));

		err = ids ? word_keep(&ids[count], id) : -ENOMEM;
		if (ids)
			driver->ids = ids;
		if (!err)
			driver->script.id_count++;
	}
	free(list);
	if (!err && !driver->script.id_count)
		err = words_wrong(words, "no id (expected ids, separated by commas)");
	return err;
}

static int expect_errno(struct words *words, int *out)
{
	const char *word = "";
	int number = 0, err = words_expect(words, "an errno", &word);

	if (err)
		return err;
	if (errno_from_name(word, &number) || !number)
		return words_wrong(words, "'%s' is not an errno (expected a name like EIO)", word);
	*out = number;
	return 0;
}

static const char *stage_word(const void *table, size_t number)
{
	return stage_name(STAGE_SUPPLIERS + (enum bind_stage)number);
}

static int expect_stage(struct words *words, enum bind_stage *out)
{
	size_t number = 0;
	int err = words_expect_one_of(words, "a stage of the bind", stage_word, NULL, &number);

	if (!err)
		*out = STAGE_SUPPLIERS + (enum bind_stage)number;
	return err;
}

static int parse_failure(struct words *words, struct driver_script *script)
{
	int err = expect_stage(words, &script->fail_at);
	uint64_t times = 0;

	if (!err)
		err = expect_errno(words, &script->error);
	if (err || words_ended(words) || !isdigit((unsigned char)*words->lines.words[words->at]))
		return err;
	err = words_expect_number(words, "a number of failures", &times);
	if (err)
		return err;
	if (!times || times > UINT32_MAX)
		return words_wrong(words, "%llu failures (expected a number from 1 to 4294967295)",
				   (unsigned long long)times);
	script->failures = (unsigned int)times;
	return 0;
}

static const char *trait_word(const void *table, size_t number)
{
	return number < TRAITS ? trait_names[number] : NULL;
}

/* What a word of a script says, with what follows it. */
static int parse_trait(struct words *words, enum trait trait, struct scripted_driver *driver)
{
	struct driver_script *script = &driver->script;

	switch (trait) {
	case TRAIT_USER:
		script->user = true;
		break;
	case TRAIT_NATIVE:
		break;
	case TRAIT_MANAGED:
		script->managed_dma = true;
		break;
	case TRAIT_IDS:
		return parse_ids(words, driver);
	case TRAIT_FAIL:
		return parse_failure(words, script);
	case TRAIT_MAPS:
		script->maps = true;
		break;
	case TRAIT_TEST_REMOVE:
		script->test_remove = true;
		break;
	case TRAIT_DMA_AFTER_REMOVE:
		script->dma_after_remove = true;
		break;
	case TRAITS:
		break;
	}
	return 0;
}

/* `seen` has a bit for each trait that the line has had: they come in any order, each once. */
static int parse_next_trait(struct words *words, struct scripted_driver *driver, unsigned int *seen)
{
	for (enum trait trait = 0; trait < TRAITS; trait++) {
		if (*seen >> trait & 1 || !words_take(words, trait_names[trait]))
			continue;
		*seen |= 1u << trait;
		return parse_trait(words, trait, driver);
	}
	return words_wrong_among(words, trait_word, NULL, ", each once",
				 "'%s' is unknown or there twice", words_next(words));
}

static int parse_script(struct words *words, struct scripted_driver *driver)
{
	unsigned int seen = 0;
	int err = 0;

	while (!err && !words_ended(words))
		err = parse_next_trait(words, driver, &seen);
	if (!err && (seen >> TRAIT_NATIVE & 1) == (seen >> TRAIT_MANAGED & 1))
		err = words_wrong(words,
				  "driver %s is neither native nor managed, or both (expected one "
				  "of the two)",
				  driver->name);
	return err;
}

static int expect_new_driver(struct words *words, const struct scenario *scenario,
			     struct scripted_driver *driver)
{
	int err = words_expect_kept(words, "a driver's name", &driver->name);

	if (!err)
		err = words_expect_kept(words, "a bus", &driver->bus);
	for (size_t i = 0; !err && &scenario->drivers[i] != driver; i++)
		if (strcmp(scenario->drivers[i].name, driver->name) == 0)
			err = words_wrong(words,
					  "driver %s is declared twice (expected another name)",
					  driver->name);
	return err;
}

int scripted_driver_parse(struct words *words, struct scenario *scenario)
{
	struct scripted_driver *drivers =
		array_with_room(scenario->drivers, scenario->driver_count, sizeof(*drivers));
	struct scripted_driver *driver;
	int err;

	if (!drivers)
		return -ENOMEM;
	scenario->drivers = drivers;
	driver = &drivers[scenario->driver_count++];
	*driver = (struct scripted_driver) {0};
	err = expect_new_driver(words, scenario, driver);
	if (!err)
		err = parse_script(words, driver);
	driver->script.name = driver->name;
	driver->script.bus = driver->bus;
	driver->script.ids = (const char *const *)driver->ids;
	return err;
}

int scripted_driver_expect(struct words *words, const struct scenario *scenario, size_t *out)
{
	const char *word = "";
	int err = words_expect(words, "a scripted driver", &word);
	size_t found = 0;

	if (err)
		return err;
	while (found < scenario->driver_count && strcmp(scenario->drivers[found].name, word) != 0)
		found++;
	if (found == scenario->driver_count)
		return words_wrong(
			words, "no driver '%s' (expected one that a line 'driver' declares)", word);
	*out = found;
	return 0;
}

static bool has_trait(const struct driver_script *script, enum trait trait)
{
	switch (trait) {
	case TRAIT_USER:
		return script->user;
	case TRAIT_NATIVE:
		return !script->managed_dma;
	case TRAIT_MANAGED:
		return script->managed_dma;
	case TRAIT_IDS:
		return script->id_count > 0;
	case TRAIT_FAIL:
		return script->fail_at != STAGE_NONE;
	case TRAIT_MAPS:
		return script->maps;
	case TRAIT_TEST_REMOVE:
		return script->test_remove;
	case TRAIT_DMA_AFTER_REMOVE:
		return script->dma_after_remove;
	case TRAITS:
		break;
	}
	return false;
}

static void print_failure(const struct driver_script *script, FILE *out)
{
	fprintf(out, " %s %s", stage_name(script->fail_at), errno_name(script->error));
	if (script->failures)
		fprintf(out, " %u", script->failures);
}

void scripted_driver_print(const struct scripted_driver *driver, FILE *out)
{
	const struct driver_script *script = &driver->script;

	fprintf(out, "driver %s %s", driver->name, driver->bus);
	for (enum trait trait = 0; trait < TRAITS; trait++) {
		if (!has_trait(script, trait))
			continue;
		fprintf(out, " %s", trait_names[trait]);
		for (size_t i = 0; trait == TRAIT_IDS && i < script->id_count; i++)
			fprintf(out, "%c%s", i ? ',' : ' ', driver->ids[i]);
		if (trait == TRAIT_FAIL)
			print_failure(script, out);
	}
	fputc('\n', out);
}
