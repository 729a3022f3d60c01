/* SPDX-License-Identifier: MIT */
/*
 * Records of claims. Whatever the bytes: they are a record or -EINVAL, and a record prints as one
 * line, which is a record that prints the same and is not held.
 */
#include "must.h"
#include "record.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct record *record)
{
	char *text;

	must(record_print(record, &text) == 0, "a record can be printed");
	must(strchr(text, '\n') == text + strlen(text) - 1, "it is one line");
	return text;
}

static void check_groups(const struct record *record)
{
	must(record->group_count > 0 && record->group_count <= RECORD_GROUPS, "a claim's groups");
	for (size_t i = 0; i < record->device_count; i++)
		must(record_has_group(record, record->devices[i].group), "its groups' devices");
}

static void check_again(const struct record *record)
{
	char *text = print(record), *again;
	struct record copy;

	must(record_parse(text, strlen(text), &copy) == 0, "what is printed is a record");
	must(!copy.held, "nothing says that it is held");
	again = print(&copy);
	must(strcmp(text, again) == 0, "it is the same");
	record_release(&copy);
	free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record;
	int err = record_parse((const char *)data, size, &record);

	must(err == 0 || err == -EINVAL, "a record or a refusal");
	if (err)
		return 0;
	check_groups(&record);
	check_again(&record);
	record_release(&record);
	return 0;
}
