/* SPDX-License-Identifier: MIT */
/*
 * What a simulated machine answers by its kernel's release. What a running kernel answers too is in
 * the conformance suite; here is what one cannot be asked.
 */
#include "kernel_answers.h"
#include "machine_file.h"
#include "rows.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdlib.h>

#define A "0000:02:01.0"
#define EDU "0000:02:02.0"
#define C "0000:02:03.0"
#define ALONE "0000:03:00.0"
#define IOVA 0x100000

static const char *testbed;

struct row {
	const char *name, *release; /* NULL: not known */
	bool types_of_single_devices, resets_do_not_block, removal_damages;
};

static const struct row rows[] = {
	{"6.1", "6.1.0-56-amd64", true, true, true},
	{"older", "5.10.0-32-amd64", true, true, true},
	{"6.3@types-by-its-log", "6.3.0", true, false, false},
	{"6.4", "6.4.0", false, false, false},
	{"6.12", "6.12.117+deb12-amd64", false, false, false},
	{"newer", "7.3.4", false, false, false},
	{"not-known@newest", NULL, false, false, false},
	{"not-a-release@newest", "next-20261128", false, false, false},
};

static void read_testbed(struct facts *facts, const char *release)
{
	char *why = NULL;
	FILE *file = fopen(testbed, "re");

	assert_non_null(file);
	assert_int_equal(machine_file_read(file, testbed, facts, &why), 0);
	fclose(file);
	assert_int_equal(facts_set_string(&facts->host->release, release), 0);
}

static struct machine *open_testbed(const char *release)
{
	struct facts facts = {0};
	struct machine *machine = NULL;
	char *why = NULL;

	read_testbed(&facts, release);
	assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), 0);
	facts_release(&facts);
	return machine;
}

static int group_of(struct machine *machine, const char *address)
{
	struct facts facts = {0};
	int group;

	assert_int_equal(machine_read(machine, &facts), 0);
	group = facts_device(&facts, address)->group;
	facts_release(&facts);
	return group;
}

/* edu's group for a user, attached and with a page mapped. */
static struct group_file *attach(struct machine *machine)
{
	struct group_file *file = NULL;

	assert_int_equal(machine_unbind(machine, A), 0);
	assert_int_equal(machine_unbind(machine, C), 0);
	assert_int_equal(machine_set_override(machine, EDU, "vfio-pci"), 0);
	assert_int_equal(machine_bind(machine, EDU, "vfio-pci"), 0);
	assert_int_equal(machine_open(machine, group_of(machine, EDU), &file), 0);
	assert_int_equal(group_file_claim(file), 0);
	assert_int_equal(group_file_attach(file), 0);
	assert_int_equal(group_file_map(file, IOVA, 4096), 0);
	return file;
}

static void answers(void **state)
{
	const struct row *row = *state;
	struct facts facts = {0};
	struct kernel_answers given;

	read_testbed(&facts, row->release);
	given = kernel_answers_of(facts.host);
	facts_release(&facts);
	assert_int_equal(given.types_of_single_devices, row->types_of_single_devices);
	assert_int_equal(given.resets_do_not_block, row->resets_do_not_block);
	assert_int_equal(given.removal_damages, row->removal_damages);
}

static bool dma_reaches(struct group_file *file)
{
	bool reached = false;

	assert_int_equal(group_file_dma(file, EDU, DMA_TO_MEMORY, IOVA, 64, &reached), 0);
	return reached;
}

static void dma_in_a_reset(void **state)
{
	const struct row *row = *state;
	struct machine *machine = open_testbed(row->release);
	struct group_file *file = attach(machine);

	assert_int_equal(group_file_open_device(file, EDU), 0);
	assert_int_equal(machine_reset(machine, EDU, false), -EINVAL);
	assert_int_equal(machine_reset(machine, EDU, true), 0);
	assert_int_equal(machine_reset(machine, EDU, true), -EINVAL);
	assert_int_equal(dma_reaches(file), row->resets_do_not_block);
	assert_int_equal(machine_reset(machine, EDU, false), 0);
	assert_int_equal(machine_reset(machine, EDU, false), -EINVAL);
	assert_true(dma_reaches(file));
	group_file_close(file);
	machine_close(machine);
}

/* A kernel that crashes has done nothing of what was asked; elsewhere all goes on. */
static void removal_from_a_users_group(void **state)
{
	const struct row *row = *state;
	struct machine *machine = open_testbed(row->release);
	struct group_file *file = attach(machine);
	int expected = row->removal_damages ? -ENOTRECOVERABLE : 0;
	char *why = NULL;

	assert_int_equal(machine_remove(machine, ALONE), 0);
	assert_int_equal(machine_remove(machine, A), expected);
	assert_int_equal(machine_remove(machine, EDU), expected);
	assert_int_equal(sim_machine_check(machine, &why), 0);
	group_file_close(file);
	assert_int_equal(machine_remove(machine, A), row->removal_damages ? 0 : -ENODEV);
	machine_close(machine);
}

static int claim(struct machine *machine, const char *address)
{
	struct group_file *file = NULL;
	int err;

	assert_int_equal(machine_set_override(machine, address, "vfio-pci"), 0);
	if (machine_unbind(machine, address) != 0)
		assert_int_equal(machine_probe(machine, address), 0);
	else
		assert_int_equal(machine_bind(machine, address, "vfio-pci"), 0);
	assert_int_equal(machine_open(machine, group_of(machine, address), &file), 0);
	err = group_file_claim(file);
	group_file_close(file);
	return err;
}

/* The removal does it no harm; the claim of what is left does. */
static void claim_after_a_companion_was_removed(void **state)
{
	const struct row *row = *state;
	struct machine *machine = open_testbed(row->release);
	int expected = row->removal_damages ? -ENOTRECOVERABLE : 0;

	assert_int_equal(machine_remove(machine, EDU), 0);
	assert_int_equal(machine_unbind(machine, C), 0);
	assert_int_equal(claim(machine, A), expected);
	machine_close(machine);
}

static void claim_after_a_lone_device_came_back(void **state)
{
	const struct row *row = *state;
	struct machine *machine = open_testbed(row->release);

	assert_int_equal(machine_remove(machine, ALONE), 0);
	assert_int_equal(machine_rescan(machine), 0);
	assert_int_equal(claim(machine, ALONE), 0);
	machine_close(machine);
}

static void removal_from_a_recorded_users_group(void **state)
{
	const struct row *row = *state;
	struct facts facts = {0};
	struct machine *machine = NULL;
	struct device_facts *device;
	char *why = NULL;

	read_testbed(&facts, row->release);
	device = facts_device(&facts, ALONE);
	assert_int_equal(facts_set_string(&device->driver, "vfio-pci"), 0);
	assert_int_equal(facts_set_string(&device->override, "vfio-pci"), 0);
	facts_group(&facts, device->group)->owner.kind = OWNER_USER;
	assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), 0);
	facts_release(&facts);
	assert_int_equal(machine_remove(machine, ALONE),
			 row->removal_damages ? -ENOTRECOVERABLE : 0);
	machine_close(machine);
}

/* Whoever has only the machine can tell what to expect of it. */
static void tells_its_release(void **state)
{
	const struct row *row = *state;
	struct machine *machine = open_testbed(row->release);
	struct facts facts = {0};

	assert_int_equal(machine_read(machine, &facts), 0);
	assert_non_null(facts.host);
	if (row->release)
		assert_string_equal(facts.host->release, row->release);
	else
		assert_null(facts.host->release);
	facts_release(&facts);
	machine_close(machine);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		CMUnitTestFunction run;
	} kinds[] = {
		{"answers", answers},
		{"dma-in-a-reset", dma_in_a_reset},
		{"removal-from-a-users-group", removal_from_a_users_group},
		{"claim-after-a-companion-was-removed", claim_after_a_companion_was_removed},
		{"claim-after-a-lone-device-came-back", claim_after_a_lone_device_came_back},
		{"removal-from-a-recorded-users-group", removal_from_a_recorded_users_group},
		{"tells-its-release", tells_its_release},
	};
	enum { ROWS = COUNT(rows), KINDS = COUNT(kinds) };
	char names[ROWS * KINDS][80];
	struct suite suite = {0};

	if (argc != 2)
		return 2;
	testbed = argv[1];
	for (size_t i = 0; i < ROWS * KINDS; i++) {
		const struct row *row = &rows[i % ROWS];

		snprintf(names[i], sizeof(names[i]), "%s@%s", kinds[i / ROWS].name, row->name);
		suite_add_row(&suite, names[i], kinds[i / ROWS].run, row);
	}
	return suite_run(&suite, "kernel_answers");
}
