/* SPDX-License-Identifier: MIT */
/* conformance_test live|FILE: the cases on the machine that we run on, or on one made from a file.
 */
#include "conformance.h"
#include "linux_machine.h"
#include "machine_file.h"
#include "sim_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct machine *open_file(const char *name)
{
	FILE *file = fopen(name, "re");
	struct machine *machine = NULL;
	struct facts facts = {0};
	char *why = NULL;

	if (!file || machine_file_read(file, name, &facts, &why) != 0 ||
	    sim_machine_open(&facts, NULL, &machine, &why) != 0)
		fprintf(stderr, "%s: %s\n", name, why ? why : "can't be opened");
	if (file)
		fclose(file);
	facts_release(&facts);
	free(why);
	return machine;
}

static struct machine *open_live(void)
{
	struct machine *machine = NULL;

	if (linux_machine_open(NULL, &machine) != 0)
		fprintf(stderr, "live: can't be opened\n");
	return machine;
}

/* What a test is given: the machine is the same for all. */
struct state {
	const struct conformance_case *one;
	struct machine *machine;
};

static void expect_success(int err, char *why)
{
	if (!err)
		return;
	print_error("%s\n", why ? why : "no memory");
	free(why);
	fail();
}

static void conform(void **state)
{
	const struct state *given = *state;
	char *why = NULL;
	int err = conformance_run(given->one, given->machine, &why);

	expect_success(err, why);
}

static void end_native_again(void **state)
{
	const struct state *given = *state;
	char *why = NULL;
	int err = conformance_end(given->machine, &why);

	expect_success(err, why);
}

int main(int argc, char **argv)
{
	struct CMUnitTest *tests = calloc(conformance_case_count + 1, sizeof(*tests));
	struct state *states = calloc(conformance_case_count + 1, sizeof(*states));
	struct machine *machine;
	int failed;

	if (argc != 2 || !tests || !states)
		return 2;
	machine = strcmp(argv[1], "live") == 0 ? open_live() : open_file(argv[1]);
	if (!machine)
		return 2;
	for (size_t i = 0; i < conformance_case_count; i++) {
		states[i] = (struct state) {&conformance_cases[i], machine};
		tests[i] = (struct CMUnitTest) {.name = conformance_cases[i].name,
						.test_func = conform,
						.initial_state = &states[i]};
	}
	states[conformance_case_count].machine = machine;
	tests[conformance_case_count] =
		(struct CMUnitTest) {.name = "end@native-drivers-again",
				     .test_func = end_native_again,
				     .initial_state = &states[conformance_case_count]};
	failed = _cmocka_run_group_tests("conformance", tests, conformance_case_count + 1, NULL,
					 NULL);
	machine_close(machine);
	free(states);
	free(tests);
	return failed;
}
