/* SPDX-License-Identifier: MIT */
/*
 * Scenarios. Whatever the bytes:
 *
 * - what is refused is refused with one line that begins with the file and a line number;
 * - what is parsed can be printed and parsed again, and is then printed the same.
 */
#define _GNU_SOURCE
#include "must.h"
#include "scenario.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *printed(const struct scenario *scenario, size_t *length)
{
	char *text;
	FILE *out = open_memstream(&text, length);

	must(out && scenario_print(scenario, out) == 0 && fclose(out) == 0, "it can be printed");
	return text;
}

static void check_round_trip(const struct scenario *scenario)
{
	struct scenario *again;
	char *first, *second, *why = NULL;
	size_t length, length_again;

	first = printed(scenario, &length);
	must(scenario_parse(first, length, "FILE", &again, &why) == 0, "it is parsed again");
	second = printed(again, &length_again);
	must(length == length_again && memcmp(first, second, length) == 0, "and is the same");
	scenario_free(again);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scenario *scenario;
	char *why = NULL;
	int err = scenario_parse((const char *)data, size, "FILE", &scenario, &why);

	if (err)
		must_be_refusal(err, why);
	else {
		check_round_trip(scenario);
		scenario_free(scenario);
	}
	free(why);
	return 0;
}
