/* SPDX-License-Identifier: MIT */
/*
 * Every allocation made to fail in turn: each function answers -ENOMEM, changes nothing, and loses
 * nothing (the leak checkers of the sanitizer and valgrind builds see that).
 *
 * Where we write, jansson's own allocations fail too; where we read they do not, because the parser
 * of jansson 2.14 itself crashes when it gets no memory.
 */
#define _GNU_SOURCE
#include "facts_json.h"
#include "failing_memory.h"
#include "machine_file.h"
#include "rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char good[] =
	"{\"dmaown-machine\": 1, \"groups\": [{\"id\": 8, \"type\": \"DMA\","
	" \"owner\": {\"kind\": \"user\", \"name\": \"vm\"}, \"devices\": [{\"address\":"
	" \"0000:02:01.0\", \"bus\": \"pci\", \"parent\": \"0000:01:00.0\", \"vendor\": \"8086\","
	" \"driver\": \"e1000\", \"pci\": {\"type\": null, \"physical_function\": \"a\","
	" \"acs\": {\"capability\": \"001d\", \"control\": \"001d\"}},"
	" \"in_use\": [{\"kind\": \"network\", \"name\": \"e\\u0074h0\"}]}]}],"
	" \"ungrouped\": [{\"address\": \"0000:01:00.0\", \"bus\": \"pci\"}],"
	" \"drivers\": [{\"name\": \"e1000\", \"bus\": \"pci\", \"ids\": [\"8086:100e\"]}],"
	" \"host\": {\"release\": \"6.12\", \"architecture\": \"x86_64\", \"cpu_vendor\": \"A\","
	" \"arguments\": [\"iommu=pt\"], \"iommu_table\": \"DMAR\","
	" \"iommus\": [{\"name\": \"dmar0\", \"kind\": \"intel\"}],"
	" \"modules\": [{\"name\": \"vfio_pci\"}], \"blind_spots\": [{\"about\": \"a\"}],"
	" \"unknown\": [{\"about\": \"iommus\"}, {\"about\": \"release\"}]}}";

struct parse_case {
	const char *name, *text;
	int result;
};

static const struct parse_case parse_cases[] = {
	{"parse@good", good, 0},
	{"parse@not-json", "{\"dmaown-machine\": 1,", -EINVAL},
	{"parse@wrong-type", "{\"dmaown-machine\": \"1\", \"groups\": []}", -EINVAL},
	{"parse@two-groups-one-id",
	 "{\"dmaown-machine\": 1, \"groups\": [{\"id\": 1, \"devices\": []},"
	 " {\"id\": 1, \"devices\": []}]}",
	 -EINVAL},
};

static void parse(void **state)
{
	const struct parse_case *row = *state;
	int err = -ENOMEM;

	for (size_t n = 1; err == -ENOMEM; n++) {
		struct facts facts = {.device_count = 77};
		char *why = NULL;

		until_failure = n;
		err = machine_file_parse(row->text, strlen(row->text), "FILE", &facts, &why);
		if (until_failure)
			assert_int_equal(err, row->result);
		else
			assert_int_equal(err, -ENOMEM);
		until_failure = 0;
		assert_int_equal(why != NULL, err == -EINVAL);
		free(why);
		if (!err)
			facts_release(&facts);
		else
			assert_int_equal(facts.device_count, 77);
	}
}

static int read_good(void **state)
{
	static struct facts facts;
	char *why = NULL;

	*state = &facts;
	return machine_file_parse(good, strlen(good), "FILE", &facts, &why);
}

static int release_good(void **state)
{
	facts_release(*state);
	return 0;
}

static void let_jansson_fail(bool fail)
{
	json_set_alloc_funcs(fail ? failing_malloc : malloc_that_works, free);
}

static void write(void **state)
{
	FILE *nowhere = fopen("/dev/null", "w");
	int err = -ENOMEM;

	assert_non_null(nowhere);
	let_jansson_fail(true);
	for (size_t n = 1; err == -ENOMEM; n++) {
		until_failure = n;
		err = machine_file_write(*state, nowhere);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
	}
	until_failure = 0;
	let_jansson_fail(false);
	fclose(nowhere);
}

static void write_what_is_no_text(void **state)
{
	struct facts *facts = *state;

	free(facts->devices[0].name);
	facts->devices[0].name = strdup("\xff");
	write(state);
}

static void one_group(void **state)
{
	const struct facts *facts = *state;
	json_t *json = NULL;

	let_jansson_fail(true);
	for (size_t n = 1; !json; n++) {
		until_failure = n;
		json = group_to_json(facts, &facts->groups[0]);
		assert_int_equal(json != NULL, until_failure != 0);
	}
	until_failure = 0;
	let_jansson_fail(false);
	json_decref(json);
}

static void copy(void **state)
{
	struct facts copied = {.device_count = 77};
	int err = -ENOMEM;

	for (size_t n = 1; err == -ENOMEM; n++) {
		until_failure = n;
		err = facts_copy(&copied, *state);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
		if (err)
			assert_int_equal(copied.device_count, 77);
	}
	until_failure = 0;
	facts_release(&copied);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test_setup_teardown(write, read_good, release_good),
		cmocka_unit_test_setup_teardown(write_what_is_no_text, read_good, release_good),
		cmocka_unit_test_setup_teardown(one_group, read_good, release_good),
		cmocka_unit_test_setup_teardown(copy, read_good, release_good),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, parse_cases, parse);
	return suite_run(&suite, "memory");
}
