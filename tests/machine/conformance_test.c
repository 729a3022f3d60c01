/* SPDX-License-Identifier: MIT */
/* conformance_test live|FILE [RELEASE]: the cases on the machine that we run on, or on one made
 * from a file, with the kernel that it tells or, "" being none, the one of that release. */
#include "conformance.h"
#include "linux_machine.h"
#include "machine_file.h"
#include "rows.h"
#include "sim_machine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_release(struct facts *facts, const char *release)
{
	int err = facts->host ? 0 : facts_add_host(facts);

	return err ? err : facts_set_string(&facts->host->release, *release ? release : NULL);
}

/* `release` may be NULL. */
static struct machine *open_file(const char *name, const char *release)
{
	FILE *file = fopen(name, "re");
	struct machine *machine = NULL;
	struct facts facts = {0};
	char *why = NULL;

	if (!file || machine_file_read(file, name, &facts, &why) != 0 ||
	    (release && set_release(&facts, release) != 0) ||
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

/* Adds the cases for these kernels, and the end. */
static void choose(struct machine *machine, enum kernels kernels, struct state *states,
		   struct suite *suite)
{
	for (size_t i = 0; i < conformance_case_count; i++, states++) {
		const struct conformance_case *one = &conformance_cases[i];

		*states = (struct state) {one, machine};
		if (one->kernels == ALL_KERNELS || one->kernels == kernels)
			suite_add_row(suite, one->name, conform, states);
	}
	states->machine = machine;
	suite_add_row(suite, "end@native-drivers-again", end_native_again, states);
}

int main(int argc, char **argv)
{
	struct state *states = calloc(conformance_case_count + 1, sizeof(*states));
	struct suite suite = {0};
	struct machine *machine;
	enum kernels kernels;
	int failed = 2;

	if (argc < 2 || argc > 3 || !states)
		return 2;
	machine = strcmp(argv[1], "live") == 0 ? open_live() : open_file(argv[1], argv[2]);
	if (!machine)
		return 2;
	if (conformance_kernels(machine, &kernels) == 0) {
		choose(machine, kernels, states, &suite);
		failed = suite_run(&suite, "conformance");
	}
	machine_close(machine);
	free(states);
	return failed;
}
