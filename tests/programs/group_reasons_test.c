/* SPDX-License-Identifier: MIT */
/* group_reasons_test OVERRIDE NO_ACS ACS_OFF: machine files with and without differences from the
 * rules. */
#include "group_reasons.h"
#include "machine_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
	const char *name;
	struct facts facts;
	struct group_reasons reasons;
};

static int setup(void **state)
{
	struct fixture *fixture = *state;
	FILE *file = fopen(fixture->name, "r");
	char *why = NULL;

	if (!file || machine_file_read(file, fixture->name, &fixture->facts, &why) ||
	    group_reasons_init(&fixture->reasons, &fixture->facts))
		return -1;
	fclose(file);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	group_reasons_release(&fixture->reasons);
	facts_release(&fixture->facts);
	return 0;
}

static void expect_text(const char *text, const char *expected)
{
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
}

static void expect_judged(const struct fixture *fixture, const char *address, const char *why,
			  const char *remedy, const char *otherwise)
{
	const struct device_facts *device = facts_device(&fixture->facts, address);
	struct device_reasons said;

	assert_int_equal(group_reasons_of_device(&fixture->reasons,
						 (size_t)(device - fixture->facts.devices), &said),
			 0);
	expect_text(said.why, why);
	expect_text(said.remedy, remedy);
	expect_text(said.otherwise, otherwise);
	device_reasons_release(&said);
}

static void differing_companions_are_named(void **state)
{
	expect_judged(*state, "0000:01:00.0", "0000:00:02.0, the port above it, has no ACS",
		      "nothing, if the kernel has it from the vendor that 0000:00:02.0 isolates; "
		      "if it was started with pcie_acs_override=, a patch that isolates nothing, "
		      "start it without",
		      "with 0000:00:02.0 by the rules");
}

static void agreement_is_silent(void **state)
{
	expect_judged(*state, "0000:03:01.0",
		      "0000:00:03.0, a port between it and the root, has no ACS", NULL, NULL);
	expect_judged(*state, "0000:00:03.0", "the others join it; nothing joins it to more", NULL,
		      NULL);
}

static void remedy_on_a_recorded_machine(void **state)
{
	expect_judged(*state, "0000:05:00.0", "0000:03:01.0, the port above it, has no ACS",
		      "move it below a port that has ACS: 0000:03:01.0 cannot isolate, and "
		      "pcie_acs_override=, a patch that Linux has not taken, would only hide it",
		      NULL);
}

/* With this argument Linux 6.12 put the device into a group of its own again. */
static void remedy_that_switches_on(void **state)
{
	expect_judged(*state, "0000:01:00.0",
		      "0000:00:02.0, the port above it, has ACS with Source Validation, Request "
		      "Redirect, Completion Redirect, Upstream Forwarding off",
		      "start the kernel with pci=config_acs=111x1@0000:00:02.0 (Linux 6.11 or "
		      "later), or without pci=disable_acs_redir= where that is why, or move it "
		      "below a port that isolates",
		      NULL);
}

static void expect_json(const struct fixture *fixture, int group, const char *expected)
{
	json_t *json = group_reasons_to_json(&fixture->reasons, group);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static void json_with_a_difference(void **state)
{
	expect_json(
		*state, 1,
		"[{\"device\":\"0000:01:00.0\",\"rule\":\"port\",\"with\":\"0000:00:02.0\","
		"\"cause\":\"0000:00:02.0\",\"why\":\"0000:00:02.0, the port above it, has no "
		"ACS\",\"remedy\":\"nothing, if the kernel has it from the vendor that "
		"0000:00:02.0 isolates; if it was started with pcie_acs_override=, a patch that "
		"isolates nothing, start it without\",\"by_rules\":[\"0000:00:02.0\"]}]");
}

static void json_in_agreement(void **state)
{
	expect_json(*state, 5,
		    "[{\"device\":\"0000:00:05.0\",\"rule\":\"none\",\"with\":\"0000:00:05.0\","
		    "\"cause\":\"0000:00:05.0\",\"why\":\"isolated: the IOMMU sees all that it "
		    "sends\",\"remedy\":null,\"by_rules\":null}]");
}

int main(int argc, char **argv)
{
	struct fixture override = {.name = argv[1]}, no_acs = {.name = argv[2]},
		       acs_off = {.name = argv[3]};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate_setup_teardown(differing_companions_are_named, setup,
							 teardown, &override),
		cmocka_unit_test_prestate_setup_teardown(json_with_a_difference, setup, teardown,
							 &override),
		cmocka_unit_test_prestate_setup_teardown(agreement_is_silent, setup, teardown,
							 &no_acs),
		cmocka_unit_test_prestate_setup_teardown(remedy_on_a_recorded_machine, setup,
							 teardown, &no_acs),
		cmocka_unit_test_prestate_setup_teardown(remedy_that_switches_on, setup, teardown,
							 &acs_off),
		cmocka_unit_test_prestate_setup_teardown(json_in_agreement, setup, teardown,
							 &no_acs),
	};

	return argc == 4 ? cmocka_run_group_tests_name("group_reasons", tests, NULL, NULL)
			 : EXIT_FAILURE;
}
