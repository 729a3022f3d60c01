/* SPDX-License-Identifier: MIT */
/*
 * The comparison itself: two simulated machines agree, one that lies is found out, and the sequence
 * that shows it is shrunk until no step can be left out.
 */
#include "comparison.h"
#include "generator.h"
#include "machine_file.h"
#include "rows.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 600

static const char *testbed;

/* A machine that does what it is told, and gives one errno for another. */
struct liar {
	struct machine base;
	struct machine *truth;
	int instead_of, gives;
};

static struct machine *truth_of(struct machine *machine)
{
	return ((struct liar *)machine)->truth;
}

static int lie(struct machine *machine, int err)
{
	const struct liar *liar = (struct liar *)machine;

	return err == liar->instead_of ? liar->gives : err;
}

static int lie_read(struct machine *machine, struct facts *out)
{
	return machine_read(truth_of(machine), out);
}

static int lie_bind(struct machine *machine, const char *device, const char *driver)
{
	return lie(machine, machine_bind(truth_of(machine), device, driver));
}

static int lie_unbind(struct machine *machine, const char *device)
{
	return machine_unbind(truth_of(machine), device);
}

static int lie_probe(struct machine *machine, const char *device)
{
	return machine_probe(truth_of(machine), device);
}

static int lie_set_override(struct machine *machine, const char *device, const char *driver)
{
	return machine_set_override(truth_of(machine), device, driver);
}

static int lie_remove(struct machine *machine, const char *device)
{
	return machine_remove(truth_of(machine), device);
}

static int lie_rescan(struct machine *machine)
{
	return machine_rescan(truth_of(machine));
}

static int lie_set_type(struct machine *machine, int group, const char *type)
{
	return lie(machine, machine_set_type(truth_of(machine), group, type));
}

static int lie_open(struct machine *machine, int group, struct group_file **out)
{
	return lie(machine, machine_open(truth_of(machine), group, out));
}

static const struct machine_ops lies = {
	.read = lie_read,
	.bind = lie_bind,
	.unbind = lie_unbind,
	.probe = lie_probe,
	.set_override = lie_set_override,
	.remove = lie_remove,
	.rescan = lie_rescan,
	.set_type = lie_set_type,
	.open = lie_open,
};

/* The testbed, with a kernel of that release; NULL: its own. */
static struct machine *open_testbed(const char *release)
{
	struct facts facts = {0};
	struct machine *machine = NULL;
	char *why = NULL;
	FILE *file = fopen(testbed, "re");

	assert_non_null(file);
	assert_int_equal(machine_file_read(file, testbed, &facts, &why), 0);
	fclose(file);
	if (release)
		assert_int_equal(facts_set_string(&facts.host->release, release), 0);
	assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), 0);
	facts_release(&facts);
	return machine;
}

/* Without any one of the steps there is no difference. */
static void expect_shortest(struct comparison *comparison, char **steps, size_t count)
{
	char *why = NULL, *without[STEPS];
	size_t differs;

	for (size_t i = 0; i < count && count > 1; i++) {
		memcpy(without, steps, i * sizeof(*steps));
		memcpy(&without[i], &steps[i + 1], (count - i - 1) * sizeof(*steps));
		assert_int_equal(compare_steps(comparison, without, count - 1, &differs, &why), 0);
		assert_null(why);
	}
}

/* The number of steps that are left of a difference, 0: none was found. */
static size_t find_difference(struct liar *liar, uint64_t seed)
{
	struct comparison comparison;
	char **steps = NULL, *why = NULL;
	size_t count = STEPS, differs = 0;

	assert_int_equal(comparison_init(&comparison, &liar->base), 0);
	assert_int_equal(generate_steps(&seed, SCOPE_ALL, count, &steps), 0);
	assert_int_equal(compare_steps(&comparison, steps, count, &differs, &why), 0);
	if (why) {
		assert_int_equal(shrink_steps(&comparison, steps, &count, &why), 0);
		expect_shortest(&comparison, steps, count);
	} else {
		assert_int_equal(differs, count);
	}
	free_steps(steps, count);
	comparison_release(&comparison);
	count = why ? count : 0;
	free(why);
	return count;
}

static void compare_with(const struct machine_ops *ops, int instead_of, int gives, size_t least,
			 size_t most)
{
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct liar liar = {.base.ops = ops,
				    .truth = open_testbed(NULL),
				    .instead_of = instead_of,
				    .gives = gives};
		size_t left = find_difference(&liar, seed);

		machine_close(liar.truth);
		if (left < least || left > most)
			fail_msg("seed %d: %zu steps are left", (int)seed, left);
	}
}

static void two_that_agree(void **state)
{
	compare_with(&lies, 1, 1, 0, 0);
}

static int honest_open(struct machine *machine, int group, struct group_file **out)
{
	return machine_open(truth_of(machine), group, out);
}

static void another_errno_of_a_bind(void **state)
{
	struct machine_ops ops = lies;

	ops.open = honest_open;
	/* A driver for a device that has one: its own, or another with the override that it takes.
	 */
	compare_with(&ops, -EBUSY, -EAGAIN, 1, 3);
}

static void another_errno_of_a_type(void **state)
{
	/* One step: the testbed's groups are in use. */
	compare_with(&lies, -EPERM, -EACCES, 1, 1);
}

static int honest_bind(struct machine *machine, const char *device, const char *driver)
{
	return machine_bind(truth_of(machine), device, driver);
}

static void another_errno_of_a_second_open(void **state)
{
	struct machine_ops ops = lies;

	ops.bind = honest_bind;
	/* A device of the group to vfio-pci takes two or three steps, then two opens. */
	compare_with(&ops, -EBUSY, -EAGAIN, 4, 5);
}

static bool has_driver(struct machine *machine, const char *address)
{
	struct facts facts = {0};
	const struct device_facts *device;
	bool has;

	assert_int_equal(machine_glance(machine, &facts), 0);
	device = facts_device(&facts, address);
	has = device && device->driver;
	facts_release(&facts);
	return has;
}

/* Says that a native driver was let into a user's group. */
static int careless_bind(struct machine *machine, const char *device, const char *driver)
{
	int err = machine_bind(truth_of(machine), device, driver);

	return err == -EBUSY && !has_driver(truth_of(machine), device) ? 0 : err;
}

static void a_native_bind_in_a_claimed_group(void **state)
{
	struct machine_ops ops = lies;

	ops.bind = careless_bind;
	/* Two natives unbound, one device to vfio-pci in two or three steps, open, claim, bind. */
	compare_with(&ops, 1, 1, 6, 8);
}

static int no_override(struct machine *machine, const char *device, const char *driver)
{
	return 0;
}

static void a_state_without_an_errno(void **state)
{
	struct machine_ops ops = lies;

	ops.set_override = no_override;
	compare_with(&ops, 1, 1, 1, 1);
}

static void expect_agreement(struct comparison *comparison, uint64_t *seed, size_t count)
{
	char **steps, *why = NULL;
	size_t differs;

	assert_int_equal(generate_steps(seed, comparison_scope(comparison), count, &steps), 0);
	assert_int_equal(compare_steps(comparison, steps, count, &differs, &why), 0);
	assert_null(why);
	free_steps(steps, count);
}

/* What is expected to be met in the runs against a machine. */
struct met {
	const char *operation;
	int error;
};

/* What a run of the usual length is there to see happens in it, at each of some seeds. */
static void expect_met(const char *release, const struct met *wanted, size_t count)
{
	struct machine *machine = open_testbed(release);
	struct comparison comparison;

	for (uint64_t seed = 1; seed <= 3; seed++) {
		uint64_t at = seed;

		assert_int_equal(comparison_init(&comparison, machine), 0);
		for (size_t i = 0; i < 50; i++)
			expect_agreement(&comparison, &at, 40);
		for (size_t i = 0; i < count; i++)
			if (!tally_times(&comparison.tally, wanted[i].operation, wanted[i].error))
				fail_msg("seed %d: no %s that gave %d", (int)seed,
					 wanted[i].operation, wanted[i].error);
		comparison_release(&comparison);
	}
	machine_close(machine);
}

static void every_refusal_is_met(void **state)
{
	static const struct met wanted[] = {
		{"bind", 0},         {"bind", EBUSY},  {"bind", EINVAL},  {"bind", ENODEV},
		{"claim", 0},        {"claim", EPERM}, {"claim", EINVAL}, {"claim", ENODEV},
		{"open", 0},         {"open", EBUSY},  {"open", ENOENT},  {"release", 0},
		{"release", EINVAL}, {"type", 0},      {"type", EPERM},   {"type", EINVAL},
		{"remove", 0},       {"rescan", 0},    {"probe", EINVAL}, {"map", 0},
		{"map", EEXIST},     {"unmap", 0},     {"unmap", EINVAL}};

	expect_met(NULL, wanted, COUNT(wanted));
}

/* Where it answers otherwise, and without what it does not survive. */
static void every_refusal_of_6_1_is_met(void **state)
{
	static const struct met wanted[] = {{"bind", EBUSY}, {"claim", EPERM}, {"type", 0},
					    {"type", EBUSY}, {"type", EINVAL}, {"remove", 0},
					    {"attach", 0}};
	struct machine *machine = open_testbed("6.1.0-56-amd64");
	struct comparison comparison;
	uint64_t seed = 1;

	expect_met("6.1.0-56-amd64", wanted, COUNT(wanted));
	assert_int_equal(comparison_init(&comparison, machine), 0);
	for (size_t i = 0; i < 50; i++)
		expect_agreement(&comparison, &seed, 40);
	assert_int_equal(tally_times(&comparison.tally, "remove", ENOTRECOVERABLE), 0);
	assert_int_equal(tally_times(&comparison.tally, "type", EPERM), 0);
	comparison_release(&comparison);
	machine_close(machine);
}

/* A sequence that goes on regardless is not put to a kernel that goes down of it. */
static void steps_that_a_kernel_is_spared(void **state)
{
	static const struct {
		const char *steps[4];
		bool spare;
	} rows[] = {
		{{"host: remove A"}, false},
		{{"host: rescan", "host: remove B"}, false},
		{{"host: remove P"}, false},
		{{"user: open H", "host: remove D"}, false},
		{{"user: open H", "user: claim H", "user: release H", "host: remove D"}, false},
		{{"user: open H", "other: close H", "host: remove D"}, false},
		{{"user: open H", "user: close I", "host: remove D"}, false},
		{{"other: open I", "host: rescan", "host: remove E"}, false},
		{{"other: open I", "host: remove D"}, true},
		{{"user: open H", "user: close H", "host: remove D"}, true},
		{{"host: remove D", "user: open H"}, true},
		{{"host: remove D", "host: rescan", "host: remove E"}, true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t count = 0;

		while (count < 4 && rows[i].steps[count])
			count++;
		if (steps_spare((char *const *)rows[i].steps, count) != rows[i].spare)
			fail_msg("row %zu", i);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{"compare@agree", two_that_agree, NULL, NULL, NULL},
		{"compare@other-errno-of-bind", another_errno_of_a_bind, NULL, NULL, NULL},
		{"compare@other-errno-of-type-one-step", another_errno_of_a_type, NULL, NULL, NULL},
		{"compare@other-errno-of-second-open", another_errno_of_a_second_open, NULL, NULL,
		 NULL},
		{"compare@native-bind-in-claimed-group", a_native_bind_in_a_claimed_group, NULL,
		 NULL, NULL},
		{"compare@other-state-one-step", a_state_without_an_errno, NULL, NULL, NULL},
		{"generate@every-refusal-is-met", every_refusal_is_met, NULL, NULL, NULL},
		{"generate@every-refusal-of-6.1-is-met", every_refusal_of_6_1_is_met, NULL, NULL,
		 NULL},
		{"generate@steps-that-a-kernel-is-spared", steps_that_a_kernel_is_spared, NULL,
		 NULL, NULL},
	};

	if (argc != 2)
		return 2;
	testbed = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
