/* SPDX-License-Identifier: MIT */
/* Each allocation of a simulated machine fails in turn: nothing is left, and nothing has changed.
 */
#include "machine_rig.h"

#include <errno.h>
#include <stdlib.h>

/* An allocator that fails at its k-th call, and knows what is out. */
struct failing {
	long left;
	long out;
};

static void *failing_alloc(void *ctx, size_t size)
{
	struct failing *failing = ctx;
	void *memory;

	if (failing->left-- == 0)
		return NULL;
	memory = calloc(1, size);
	failing->out += memory != NULL;
	return memory;
}

static void failing_free(void *ctx, void *ptr)
{
	struct failing *failing = ctx;

	failing->out -= ptr != NULL;
	free(ptr);
}

static void every_allocation_of_opening_fails(void **state)
{
	struct failing failing;
	struct sim_alloc alloc = {&failing, failing_alloc, failing_free};
	struct facts facts = {0};
	struct machine *machine = NULL;
	char *why = NULL;
	int err = -ENOMEM;

	make_facts(&facts);
	for (long k = 0; err; k++) {
		failing = (struct failing) {.left = k};
		err = sim_machine_open(&facts, &alloc, &machine, &why);
		assert_true(err == 0 || err == -ENOMEM);
		if (err)
			assert_int_equal(failing.out, 0);
	}
	machine_close(machine);
	assert_int_equal(failing.out, 0);
	facts_release(&facts);
}

/* An operation that allocates, on a machine whose memory can be made to fail. */
struct operation {
	int (*perform)(struct bed *bed);
	void (*prepare)(struct bed *bed);
};

static int bind_mapping_driver(struct bed *bed)
{
	return machine_bind(bed->machine, ALONE, "mapper");
}

static void add_mapping_driver(struct bed *bed)
{
	struct driver_script script = {.name = "mapper", .bus = "pci", .maps = true};

	assert_int_equal(machine_add_driver(bed->machine, &script), 0);
	assert_int_equal(machine_set_override(bed->machine, ALONE, "mapper"), 0);
}

static int add_driver_with_ids(struct bed *bed)
{
	static const char *const ids[] = {"8086:10d3"};
	struct driver_script script = {.name = "new", .bus = "pci", .ids = ids, .id_count = 1};

	return machine_add_driver(bed->machine, &script);
}

static int set_override(struct bed *bed)
{
	return machine_set_override(bed->machine, ALONE, "vfio-pci");
}

static int set_type(struct bed *bed)
{
	return machine_set_type(bed->machine, ALONE_GROUP, "DMA-FQ");
}

static int open_group(struct bed *bed)
{
	return machine_open(bed->machine, ALONE_GROUP, &bed->file);
}

static void give_alone(struct bed *bed)
{
	give(bed, ALONE, "vfio-pci");
}

static int claim_opened(struct bed *bed)
{
	return group_file_claim(bed->file);
}

static void open_alone(struct bed *bed)
{
	give_alone(bed);
	assert_int_equal(open_group(bed), 0);
}

static int attach_claimed(struct bed *bed)
{
	return group_file_attach(bed->file);
}

static void claim_alone(struct bed *bed)
{
	open_alone(bed);
	assert_int_equal(claim_opened(bed), 0);
}

static int map_attached(struct bed *bed)
{
	return group_file_map(bed->file, 0x200000, 0x201000);
}

static void attach_alone(struct bed *bed)
{
	claim_alone(bed);
	assert_int_equal(attach_claimed(bed), 0);
}

static int rescan_removed(struct bed *bed)
{
	return machine_rescan(bed->machine);
}

/* A device that comes back without memory for its default domain is in no group, and its bind tries
 * again: that is no failure of the scan. */
static void remove_alone(struct bed *bed)
{
	assert_int_equal(machine_remove(bed->machine, ALONE), 0);
}

static void every_allocation_of_operations_fails(void **state)
{
	static const struct operation operations[] = {
		{bind_mapping_driver, add_mapping_driver},
		{add_driver_with_ids, NULL},
		{set_override, NULL},
		{set_type, NULL},
		{open_group, give_alone},
		{claim_opened, open_alone},
		{attach_claimed, claim_alone},
		{map_attached, attach_alone},
		{rescan_removed, remove_alone},
	};
	struct failing failing;
	struct sim_alloc alloc = {&failing, failing_alloc, failing_free};
	struct facts facts = {0};

	make_facts(&facts);
	for (size_t i = 0; i < COUNT(operations); i++) {
		struct bed bed = {0};
		char *why = NULL;
		int err = -ENOMEM;

		failing = (struct failing) {.left = -1};
		assert_int_equal(sim_machine_open(&facts, &alloc, &bed.machine, &why), 0);
		if (operations[i].prepare)
			operations[i].prepare(&bed);
		for (long k = 0; err; k++) {
			failing.left = k;
			err = operations[i].perform(&bed);
			assert_true(err == 0 || err == -ENOMEM);
			failing.left = -1;
			check(&bed);
		}
		group_file_close(bed.file);
		machine_close(bed.machine);
		assert_int_equal(failing.out, 0);
	}
	facts_release(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"operations@every-allocation-fails", every_allocation_of_operations_fails, NULL,
		 NULL, NULL},
		{"open-machine@every-allocation-fails", every_allocation_of_opening_fails, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests_name("machine-allocation", tests, NULL, NULL);
}
