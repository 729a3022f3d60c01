/* SPDX-License-Identifier: MIT */
/*
 * Module aliases. Whatever the bytes:
 *
 * - ids are empty, "*", or lower-case hex digits, as many as their kind has;
 * - a driver's id is not empty, nor is any part of it on PCI and cdx.
 */
#define _GNU_SOURCE
#include "modalias.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

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
	must(!id || *id, "no id is empty");
	if (id && (strcmp(bus, "pci") == 0 || strcmp(bus, "cdx") == 0))
		must(!strstr(id, "::"), "no part is empty");
	free(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const buses[] = {"pci", "cdx", "platform", "fsl-mc", "amba", "host1x"};
	char *alias = malloc(size + 1);

	must(alias, "memory");
	memcpy(alias, data, size);
	check_ids(alias, alias + size);
	for (size_t i = 0; i < sizeof(buses) / sizeof(*buses); i++)
		check_driver_id(buses[i], alias, alias + size);
	free(alias);
	return 0;
}
