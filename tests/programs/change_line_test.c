/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "change_line.h"
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>

struct line_case {
	const char *name;
	struct facts_change change;
	const char *text, *json; /* what follows the time */
};

static char name[] = "qemu\33";
static const struct owner_facts none = {.kind = OWNER_NONE};
static const struct owner_facts kernel = {.kind = OWNER_KERNEL};
static const struct owner_facts unknown = {.kind = OWNER_USER, .uid = -1};
static const struct owner_facts qemu = {.kind = OWNER_USER, .name = name, .pid = 77, .uid = 5};

#define A "0000:02:01.0"
#define AT_A "  " A "  group 8   "
#define AT_8 "                group 8   "

static const struct line_case line_cases[] = {
	{"line@unbound",
	 {CHANGED_UNBOUND, A, 8, 8, .from = "e1000"},
	 AT_A "unbound from e1000\n",
	 "\"event\":\"unbound\",\"device\":\"" A
	 "\",\"group\":8,\"from\":\"e1000\",\"to\":null}\n"},
	{"line@bound",
	 {CHANGED_BOUND, A, 8, 8, .to = "e1000"},
	 AT_A "bound to e1000\n",
	 "\"event\":\"bound\",\"device\":\"" A "\",\"group\":8,\"from\":null,\"to\":\"e1000\"}\n"},
	{"line@removed",
	 {CHANGED_REMOVED, A, 8, -1},
	 AT_A "removed\n",
	 "\"event\":\"removed\",\"device\":\"" A "\",\"group\":8,\"from\":null,\"to\":null}\n"},
	{"line@added-to-no-group",
	 {CHANGED_ADDED, A, -1, -1},
	 "  " A "  no group  added\n",
	 "\"event\":\"added\",\"device\":\"" A "\",\"group\":null,\"from\":null,\"to\":null}\n"},
	{"line@group",
	 {CHANGED_GROUP, A, 9, 8},
	 AT_A "moved here from group 9\n",
	 "\"event\":\"group\",\"device\":\"" A "\",\"group\":8,\"from\":9,\"to\":8}\n"},
	{"line@group-left",
	 {CHANGED_GROUP, A, 8, -1},
	 AT_A "left\n",
	 "\"event\":\"group\",\"device\":\"" A "\",\"group\":8,\"from\":8,\"to\":null}\n"},
	{"line@group-joined",
	 {CHANGED_GROUP, A, -1, 8},
	 AT_A "joined\n",
	 "\"event\":\"group\",\"device\":\"" A "\",\"group\":8,\"from\":null,\"to\":8}\n"},
	{"line@override",
	 {CHANGED_OVERRIDE, A, 8, 8, .to = "vfio-pci"},
	 AT_A "override vfio-pci\n",
	 "\"event\":\"override\",\"device\":\"" A
	 "\",\"group\":8,\"from\":null,\"to\":\"vfio-pci\"}\n"},
	{"line@override-cleared",
	 {CHANGED_OVERRIDE, A, 8, 8, .from = "vfio-pci"},
	 AT_A "override none (was vfio-pci)\n",
	 "\"event\":\"override\",\"device\":\"" A
	 "\",\"group\":8,\"from\":\"vfio-pci\",\"to\":null}\n"},
	{"line@type",
	 {CHANGED_TYPE, NULL, 8, 8, .from = "DMA", .to = "DMA-FQ"},
	 AT_8 "type DMA-FQ (was DMA)\n",
	 "\"event\":\"type\",\"device\":null,\"group\":8,\"from\":\"DMA\",\"to\":\"DMA-FQ\"}\n"},
	{"line@owner",
	 {CHANGED_OWNER, NULL, 8, 8, .owner_from = &kernel, .owner_to = &none},
	 AT_8 "owner none (was the kernel)\n",
	 "\"event\":\"owner\",\"device\":null,\"group\":8,\"from\":{\"kind\":\"kernel\"},"
	 "\"to\":null}\n"},
	{"line@owner-whose-name-is-no-text",
	 {CHANGED_OWNER, NULL, 8, 8, .owner_from = &none, .owner_to = &qemu},
	 AT_8 "owner qemu\\x1b, process 77 of user 5 (was none)\n",
	 "\"event\":\"owner\",\"device\":null,\"group\":8,\"from\":null,\"to\":{\"kind\":\"user\","
	 "\"name\":\"qemu\\u001B\",\"pid\":77,\"uid\":5}}\n"},
	{"line@owner-of-whom-nothing-is-known",
	 {CHANGED_OWNER, NULL, 8, 8, .owner_from = &unknown, .owner_to = &none},
	 AT_8 "owner none (was a user)\n",
	 "\"event\":\"owner\",\"device\":null,\"group\":8,\"from\":{\"kind\":\"user\","
	 "\"name\":null,\"pid\":null,\"uid\":null},\"to\":null}\n"},
};

static const struct timespec when = {.tv_sec = 86399, .tv_nsec = 7999999};

/* Has standard output written to a string, which the caller frees. */
static char *printed(const struct facts_change *change, bool json)
{
	FILE *standard = stdout;
	char *text;
	size_t size;

	stdout = open_memstream(&text, &size);
	if (json)
		assert_int_equal(print_change_json(change, &when), 0);
	else
		print_change(false, change, &when);
	fclose(stdout);
	stdout = standard;
	return text;
}

static void expect_printed(const struct facts_change *change, bool json, const char *time,
			   const char *rest)
{
	char *text = printed(change, json), *expected;

	assert_true(asprintf(&expected, "%s%s", time, rest) > 0);
	assert_string_equal(text, expected);
	free(expected);
	free(text);
}

static void line(void **state)
{
	const struct line_case *row = *state;

	expect_printed(&row->change, false, "23:59:59.007", row->text);
	expect_printed(&row->change, true, "{\"time\":\"1970-01-01T23:59:59.007Z\",", row->json);
}

int main(void)
{
	struct suite suite = {0};

	setenv("TZ", "UTC", 1);
	ADD_ROWS(&suite, line_cases, line);
	return suite_run(&suite, "change-line");
}
