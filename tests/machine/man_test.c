/* SPDX-License-Identifier: MIT */
/* dmaown-machine(5), whose source is the argument, has every key that is written, and its example
 * is a machine. */
#define _GNU_SOURCE
#include "facts_json.h"
#include "machine_file.h"
#include "man_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* In bold, or in an example. */
static void must_have(const char *page, const char *key)
{
	char bold[64], quoted[64];

	snprintf(bold, sizeof(bold), "*%s*", key);
	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	if (!strstr(page, bold) && !strstr(page, quoted))
		fail_msg("the page has no %s", bold);
}

static void must_have_keys_of(const char *page, json_t *value)
{
	const char *key;
	json_t *inner;
	size_t index;

	json_object_foreach (value, key, inner) {
		must_have(page, key);
		must_have_keys_of(page, inner);
	}
	json_array_foreach (value, index, inner)
		must_have_keys_of(page, inner);
}

static void read_example(const char *page, struct facts *out)
{
	const char *begin = strstr(page, "# EXAMPLE");
	char *why = NULL;

	begin = begin ? strstr(begin, "```") : NULL;
	assert_non_null(begin);
	begin += strlen("```");
	if (machine_file_parse(begin, (size_t)(strstr(begin, "```") - begin), "EXAMPLE", out, &why))
		fail_msg("%s", why ? why : "no memory");
}

static void the_example_is_a_machine(void **state)
{
	struct facts facts;

	read_example(*state, &facts);
	assert_int_equal(facts.device_count, 2);
	assert_int_equal(facts.driver_count, 2);
	facts_release(&facts);
}

static void every_key(void **state)
{
	struct facts facts;
	struct use_facts *use;
	json_t *json;

	read_example(*state, &facts);
	facts.groups[0].owner.kind = OWNER_USER;
	facts.devices[1].uses_known = true;
	assert_int_equal(device_facts_add_use(&facts.devices[1], &use), 0);
	json = facts_to_json(&facts);
	must_have_keys_of(*state, json);
	json_decref(json);
	facts_release(&facts);
}

static void every_type(void **state)
{
	char quoted[64];

	for (int type = 0; type < 16; type++) {
		if (!pcie_type_name(type))
			continue;
		snprintf(quoted, sizeof(quoted), "\"%s\"", pcie_type_name(type));
		if (!strstr(*state, quoted))
			fail_msg("the page has no %s", quoted);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_is_a_machine),
		cmocka_unit_test(every_key),
		cmocka_unit_test(every_type),
	};

	man_page = argc == 2 ? argv[1] : NULL;
	return man_page ? cmocka_run_group_tests_name("man", tests, read_man_page, NULL)
			: EXIT_FAILURE;
}
