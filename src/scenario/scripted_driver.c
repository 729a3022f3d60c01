/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scripted_driver.h"
#include "array.h"
#include "errname.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int expect_stage(struct words *words, enum bind_stage *out)
{
	const char *word = "";
	int err = words_expect(words, "a stage of the bind", &word);

	if (err)
		return err;
	for (enum bind_stage stage = STAGE_SUPPLIERS; stage_name(stage); stage++) {
		if (strcmp(word, stage_name(stage)) == 0) {
			*out = stage;
			return 0;
		}
	}
	return words_wrong(
		words,
		"unknown stage '%s' (expected suppliers, old-resources, pins, configure, "
		"links, power, probe or attributes)",
		word);
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

/* One word of a driver's script, in any order and each once. */
static int parse_trait(struct words *words, struct scripted_driver *driver, bool *native)
{
	struct driver_script *script = &driver->script;
	struct {
		const char *word;
		bool *trait;
	} traits[] = {
		{"user", &script->user},
		{"native", native},
		{"managed", &script->managed_dma},
		{"maps", &script->maps},
		{"test-remove", &script->test_remove},
		{"dma-after-remove", &script->dma_after_remove},
	};

	for (size_t i = 0; i < sizeof(traits) / sizeof(*traits); i++) {
		if (*traits[i].trait || !words_take(words, traits[i].word))
			continue;
		*traits[i].trait = true;
		return 0;
	}
	if (!script->id_count && words_take(words, "ids"))
		return parse_ids(words, driver);
	if (script->fail_at == STAGE_NONE && words_take(words, "fail"))
		return parse_failure(words, script);
	return words_wrong(
		words,
		"'%s' is unknown or there twice (expected user, native or managed, ids, fail, "
		"maps, test-remove or dma-after-remove, each once)",
		words_next(words));
}

static int parse_script(struct words *words, struct scripted_driver *driver)
{
	bool native = false;
	int err = 0;

	while (!err && !words_ended(words))
		err = parse_trait(words, driver, &native);
	if (!err && native == driver->script.managed_dma)
		err = words_wrong(words,
				  "driver %s does its DMA neither or both ways (expected one of "
				  "native and managed)",
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
