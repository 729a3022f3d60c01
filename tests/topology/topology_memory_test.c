/* SPDX-License-Identifier: MIT */
/* Every allocation of the rules made to fail in turn, on the machine file that is the argument. */
#include "advice.h"
#include "explanation.h"
#include "failing_memory.h"
#include "machine_file.h"
#include "recorded_groups.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *path;

static int read_machine(void **state)
{
	static struct facts facts;
	FILE *file = fopen(path, "r");
	char *why = NULL;
	int err;

	if (!file)
		return -1;
	err = machine_file_read(file, path, &facts, &why);
	fclose(file);
	free(why);
	*state = &facts;
	return err;
}

static int release_machine(void **state)
{
	facts_release(*state);
	return 0;
}

static void init(void **state)
{
	struct topology topology = {.group_count = 77};
	int err = -ENOMEM;

	for (size_t n = 1; err == -ENOMEM; n++) {
		until_failure = n;
		err = topology_init(&topology, *state);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
		if (err)
			assert_int_equal(topology.group_count, 77);
	}
	until_failure = 0;
	topology_release(&topology);
}

static void differences(void **state)
{
	struct facts *facts = *state;
	struct difference *found = NULL;
	struct topology topology;
	size_t count = 77;
	int err = -ENOMEM;

	facts->devices[0].group = 1;
	assert_int_equal(topology_init(&topology, facts), 0);
	for (size_t n = 1; err == -ENOMEM; n++) {
		until_failure = n;
		err = topology_differences(&topology, facts, &found, &count);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
		assert_int_equal(count, err ? 77 : 2);
	}
	until_failure = 0;
	free(found);
	topology_release(&topology);
}

static void expect_words(const struct facts *facts,
			 int (*say)(const struct topology *topology, const struct facts *facts,
				    size_t place, char **out))
{
	struct topology topology;
	char *words = NULL;
	int err = -ENOMEM;

	assert_int_equal(topology_init(&topology, facts), 0);
	for (size_t n = 1; err == -ENOMEM; n++) {
		until_failure = n;
		err = say(&topology, facts, 0, &words);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
	}
	until_failure = 0;
	free(words);
	topology_release(&topology);
}

static void explain(void **state)
{
	expect_words(*state, topology_explain);
}

static void advise(void **state)
{
	((struct facts *)*state)->devices[0].group = -1;
	expect_words(*state, topology_advise);
}

static void assign(void **state)
{
	struct facts *facts = *state;
	int err = -ENOMEM;

	for (size_t n = 1; err == -ENOMEM; n++) {
		struct facts copied;

		assert_int_equal(facts_copy(&copied, facts), 0);
		for (size_t i = 0; i < copied.device_count; i++)
			copied.devices[i].group = GROUP_BY_RULES;
		until_failure = n;
		err = topology_assign(&copied);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
		until_failure = 0;
		facts_release(&copied);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(init, read_machine, release_machine),
		cmocka_unit_test_setup_teardown(differences, read_machine, release_machine),
		cmocka_unit_test_setup_teardown(assign, read_machine, release_machine),
		cmocka_unit_test_setup_teardown(explain, read_machine, release_machine),
		cmocka_unit_test_setup_teardown(advise, read_machine, release_machine),
	};

	path = argc == 2 ? argv[1] : NULL;
	return path ? cmocka_run_group_tests_name("topology-memory", tests, NULL, NULL)
		    : EXIT_FAILURE;
}
