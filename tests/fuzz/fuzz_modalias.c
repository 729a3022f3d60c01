/* SPDX-License-Identifier: MIT */
/*
 * Module aliases. Whatever the bytes:
 *
 * - ids are empty, "*", or lower-case hex digits, as many as their kind has;
 * - a driver's id is one that drivers of the bus can have;
 * - an id that is not valid fits no device;
 * - a pattern matches what fnmatch(3) has it match.
 */
#define _GNU_SOURCE
#include "array.h"
#include "driver_id.h"
#include "glob.h"
#include "modalias.h"
#include "must.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_id(const char *id, size_t digits)
{
	size_t length = strspn(id, "0123456789abcdef");

	must(length <= digits, "no more digits than there are");
	must(id[length] == '\0' || strcmp(id + length, "*") == 0, "digits, and then anything");
}

static void check_ids(const char *alias, const char *end)
{
	struct modalias_ids ids;

	if (modalias_parse(alias, end, &ids) != 0)
		return;
	check_id(ids.vendor, 4);
	check_id(ids.device, 4);
	check_id(ids.subvendor, 4);
	check_id(ids.subdevice, 4);
	must(strlen(ids.class) <= 6, "no more digits than a class has");
}

static void check_driver_id(const char *bus, const char *alias, const char *end)
{
	char *id = NULL;
	int err = modalias_driver_id(bus, alias, end, &id);

	must(err == 0 || err == -EINVAL, "an id or a refusal");
	must((err == 0) == (id != NULL), "an id only with success");
	must(!id || driver_id_is_valid(bus, id), "an id that drivers can have");
	free(id);
}

/* The text as an id, against a device whose alias it is as well, and one that has none. */
static void check_fit(const char *bus, const char *text)
{
	static char address[] = "a-device", vendor[] = "8086", number[] = "100e",
		    class[] = "020000";
	struct device_facts device = {.address = address,
				      .bus = (char *)(uintptr_t)bus,
				      .vendor = vendor,
				      .device = number,
				      .class = class};
	bool fits = driver_id_fits(text, &device, false);

	device.modalias = (char *)(uintptr_t)text;
	fits |= driver_id_fits(text, &device, true);
	must(!fits || driver_id_is_valid(bus, text), "what is not valid fits nothing");
}

/* The text's second line against the first as a pattern; fnmatch() takes for ever if it is long. */
static void check_glob(char *text)
{
	char *line = strchr(text, '\n');

	if (!line || line - text > 24 || strlen(line) > 24)
		return;
	if (strspn(text, "0123456789ABCabc*?[]-!:\n") != strlen(text))
		return;
	*line = '\0';
	if (glob_matches(text, line + 1) != (fnmatch(text, line + 1, FNM_NOESCAPE) == 0))
		fprintf(stderr, "%s does not match %s as in fnmatch()\n", text, line + 1), abort();
	*line = '\n';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const buses[] = {"pci", "cdx", "platform", "fsl-mc", "amba", "host1x"};
	char *alias = malloc(size + 1);

	must(alias, "memory");
	memcpy(alias, data, size);
	alias[size] = '\0';
	check_ids(alias, alias + size);
	for (size_t i = 0; i < COUNT(buses); i++) {
		check_driver_id(buses[i], alias, alias + size);
		check_fit(buses[i], alias);
	}
	check_glob(alias);
	free(alias);
	return 0;
}
