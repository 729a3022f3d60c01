/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine: section 3 of mechanism.md as an administrator and a user see it, on the
 * group {A native, B no driver, C native}, with every invariant and the isolation checked after
 * every step.
 */
#include "rows.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "0000:02:01.0"
#define B "0000:02:02.0"
#define C "0000:02:03.0"
#define ALONE "0000:03:00.0"
#define GROUP 9
#define ALONE_GROUP 10

struct bed {
	struct machine *machine;
	struct group_file *file;
};

static void add_device(struct facts *facts, const char *address, int group, const char *id,
		       const char *driver)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	assert_int_equal(facts_set_string(&device->address, address), 0);
	assert_int_equal(facts_set_string(&device->bus, "pci"), 0);
	assert_int_equal(facts_set_string(&device->driver, driver), 0);
	device->group = group;
	device->vendor = strndup(id, 4);
	device->device = strdup(id + 5);
	assert_int_equal(device_facts_add_pci(device), 0);
	device->pci->config = CONFIG_READ;
}

static void add_group(struct facts *facts, int id)
{
	struct group_facts *group;

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
	assert_int_equal(facts_set_string(&group->type, "DMA"), 0);
}

static void add_driver(struct facts *facts, const char *name, bool managed, bool user)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	assert_int_equal(facts_set_string(&driver->name, name), 0);
	assert_int_equal(facts_set_string(&driver->bus, "pci"), 0);
	driver->managed_dma = managed ? KNOWN_YES : KNOWN_NO;
	driver->user = user;
}

static void make_facts(struct facts *facts)
{
	add_group(facts, GROUP);
	add_group(facts, ALONE_GROUP);
	add_driver(facts, "e1000", false, false);
	add_driver(facts, "pci-stub", true, false);
	add_driver(facts, "vfio-pci", true, true);
	add_device(facts, A, GROUP, "8086:100e", "e1000");
	add_device(facts, B, GROUP, "1234:11e8", NULL);
	add_device(facts, C, GROUP, "8086:100e", "e1000");
	add_device(facts, ALONE, ALONE_GROUP, "8086:10d3", NULL);
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct facts facts = {0};
	char *why = NULL;

	make_facts(&facts);
	assert_int_equal(sim_machine_open(&facts, NULL, &bed->machine, &why), 0);
	facts_release(&facts);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	group_file_close(bed->file);
	machine_close(bed->machine);
	free(bed);
	return 0;
}

static void check(struct bed *bed)
{
	char *why = NULL;

	if (sim_machine_check(bed->machine, &why))
		fail_msg("%s", why ? why : "no memory");
}

/* What the operation gave is what section 3 says, and no invariant is broken by it. */
#define EXPECT(bed, operation, expected)                                                           \
	do {                                                                                       \
		assert_int_equal(operation, expected);                                             \
		check(bed);                                                                        \
	} while (0)

static void give(struct bed *bed, const char *device, const char *driver)
{
	EXPECT(bed, machine_set_override(bed->machine, device, driver), 0);
	EXPECT(bed, machine_bind(bed->machine, device, driver), 0);
}

static void expect_driver(struct bed *bed, const char *address, const char *expected)
{
	struct facts facts = {0};
	const struct device_facts *device;

	assert_int_equal(machine_read(bed->machine, &facts), 0);
	device = facts_device(&facts, address);
	assert_non_null(device);
	if (expected)
		assert_string_equal(device->driver ? device->driver : "none", expected);
	else
		assert_null(device->driver);
	facts_release(&facts);
}

/* A and C on vfio-pci, the group claimed. */
static void claim_group(struct bed *bed)
{
	EXPECT(bed, machine_unbind(bed->machine, A), 0);
	EXPECT(bed, machine_unbind(bed->machine, C), 0);
	give(bed, A, "vfio-pci");
	EXPECT(bed, machine_open(bed->machine, GROUP, &bed->file), 0);
	EXPECT(bed, group_file_claim(bed->file), 0);
}

static void claim_while_a_sibling_is_native(void **state)
{
	struct bed *bed = *state;
	bool viable = true;

	EXPECT(bed, machine_unbind(bed->machine, A), 0);
	give(bed, A, "vfio-pci");
	EXPECT(bed, machine_open(bed->machine, GROUP, &bed->file), 0);
	EXPECT(bed, group_file_viable(bed->file, &viable), 0);
	assert_false(viable);
	EXPECT(bed, group_file_claim(bed->file), -EPERM);
	EXPECT(bed, machine_unbind(bed->machine, C), 0);
	EXPECT(bed, group_file_claim(bed->file), 0);
}

static void native_bind_while_claimed(void **state)
{
	struct bed *bed = *state;

	claim_group(bed);
	EXPECT(bed, machine_bind(bed->machine, C, "e1000"), -EBUSY);
	expect_driver(bed, C, NULL);
	EXPECT(bed, machine_probe(bed->machine, C), -EINVAL);
	give(bed, C, "pci-stub");
	EXPECT(bed, machine_set_type(bed->machine, GROUP, "identity"), -EPERM);
	EXPECT(bed, group_file_release(bed->file), 0);
	EXPECT(bed, machine_unbind(bed->machine, C), 0);
	EXPECT(bed, machine_set_override(bed->machine, C, NULL), 0);
	EXPECT(bed, machine_bind(bed->machine, C, "e1000"), 0);
	EXPECT(bed, group_file_claim(bed->file), -EPERM);
}

static void second_open(void **state)
{
	struct bed *bed = *state;
	struct group_file *second = NULL;

	claim_group(bed);
	EXPECT(bed, machine_open(bed->machine, GROUP, &second), -EBUSY);
	group_file_close(bed->file);
	EXPECT(bed, machine_open(bed->machine, GROUP, &bed->file), 0);
}

static void open_without_a_user_driver(void **state)
{
	struct bed *bed = *state;

	EXPECT(bed, machine_open(bed->machine, GROUP, &bed->file), -ENOENT);
	EXPECT(bed, machine_open(bed->machine, 77, &bed->file), -ENOENT);
}

static void claim_twice_release_twice(void **state)
{
	struct bed *bed = *state;

	claim_group(bed);
	EXPECT(bed, group_file_claim(bed->file), -EINVAL);
	EXPECT(bed, group_file_release(bed->file), 0);
	EXPECT(bed, group_file_release(bed->file), -EINVAL);
}

static void removed_and_rescanned_while_claimed(void **state)
{
	struct bed *bed = *state;

	claim_group(bed);
	EXPECT(bed, machine_remove(bed->machine, B), 0);
	EXPECT(bed, machine_remove(bed->machine, B), -ENODEV);
	EXPECT(bed, machine_rescan(bed->machine), 0);
	expect_driver(bed, B, NULL);
	EXPECT(bed, machine_remove(bed->machine, C), 0);
	EXPECT(bed, machine_rescan(bed->machine), 0);
	expect_driver(bed, C, NULL);
}

static void file_is_revoked_with_the_last_user_driver(void **state)
{
	struct bed *bed = *state;
	struct group_file *fresh = NULL;

	claim_group(bed);
	EXPECT(bed, machine_unbind(bed->machine, A), 0);
	EXPECT(bed, group_file_release(bed->file), -EINVAL);
	EXPECT(bed, group_file_claim(bed->file), -ENODEV);
	EXPECT(bed, machine_bind(bed->machine, C, "e1000"), 0);
	EXPECT(bed, machine_bind(bed->machine, A, "vfio-pci"), 0);
	EXPECT(bed, machine_open(bed->machine, GROUP, &fresh), 0);
	group_file_close(fresh);
	check(bed);
}

static void dma_only_where_mapped(void **state)
{
	struct bed *bed = *state;
	bool reached = false;

	claim_group(bed);
	give(bed, B, "vfio-pci");
	EXPECT(bed, group_file_map(bed->file, 0x10000, 0x2000), -EINVAL);
	EXPECT(bed, group_file_open_device(bed->file, B), -EINVAL);
	EXPECT(bed, group_file_attach(bed->file), 0);
	EXPECT(bed, group_file_map(bed->file, 0x10000, 0x2000), 0);
	EXPECT(bed, group_file_map(bed->file, 0x11000, 0x1000), -EEXIST);
	EXPECT(bed, group_file_map(bed->file, 0xfee00000, 0x1000), -EINVAL);
	EXPECT(bed, group_file_open_device(bed->file, B), 0);
	EXPECT(bed, machine_unbind(bed->machine, B), -EWOULDBLOCK);
	EXPECT(bed, machine_remove(bed->machine, B), -EWOULDBLOCK);
	EXPECT(bed, group_file_dma(bed->file, B, DMA_TO_MEMORY, 0x10000, 64, &reached), 0);
	assert_true(reached);
	EXPECT(bed, group_file_dma(bed->file, B, DMA_TO_MEMORY, 0x20000, 64, &reached), 0);
	assert_false(reached);
	EXPECT(bed, group_file_unmap(bed->file, 0x10000, 0x2000), 0);
	EXPECT(bed, group_file_dma(bed->file, B, DMA_FROM_MEMORY, 0x10000, 64, &reached), 0);
	assert_false(reached);
	EXPECT(bed, group_file_release(bed->file), -EBUSY);
	EXPECT(bed, group_file_close_device(bed->file, B), 0);
	EXPECT(bed, group_file_detach(bed->file), 0);
	EXPECT(bed, group_file_release(bed->file), 0);
}

static void user_driver_on_a_bound_device(void **state)
{
	struct bed *bed = *state;

	EXPECT(bed, machine_set_override(bed->machine, A, "vfio-pci"), 0);
	EXPECT(bed, machine_bind(bed->machine, A, "vfio-pci"), -EBUSY);
	EXPECT(bed, machine_bind(bed->machine, ALONE, "vfio-pci"), -ENODEV);
	EXPECT(bed, machine_bind(bed->machine, "0000:09:00.0", "vfio-pci"), -ENODEV);
	EXPECT(bed, machine_bind(bed->machine, B, "none-such"), -ENODEV);
}

static void type_of_the_default_domain(void **state)
{
	struct bed *bed = *state;

	EXPECT(bed, machine_set_type(bed->machine, GROUP, "identity"), -EPERM);
	EXPECT(bed, machine_set_type(bed->machine, GROUP, "DMA-FQ"), 0);
	EXPECT(bed, machine_set_type(bed->machine, ALONE_GROUP, "identity"), 0);
	EXPECT(bed, machine_set_type(bed->machine, ALONE_GROUP, "DMA"), 0);
	EXPECT(bed, machine_set_type(bed->machine, ALONE_GROUP, "auto"), 0);
	EXPECT(bed, machine_set_type(bed->machine, ALONE_GROUP, "sideways"), -EINVAL);
	EXPECT(bed, machine_set_type(bed->machine, 77, "DMA"), -ENODEV);
	EXPECT(bed, machine_remove(bed->machine, ALONE), 0);
	EXPECT(bed, machine_set_type(bed->machine, ALONE_GROUP, "DMA"), -ENODEV);
}

static void a_driver_that_fails_at_a_stage(void **state)
{
	static const struct {
		enum bind_stage stage;
		int result;
	} rows[] = {{STAGE_SUPPLIERS, -EIO}, {STAGE_OLD_RESOURCES, -EIO}, {STAGE_PINS, -EIO},
		    {STAGE_CONFIGURE, -EIO}, {STAGE_LINKS, -EIO},         {STAGE_POWER, -EIO},
		    {STAGE_PROBE, -EIO},     {STAGE_ATTRIBUTES, -EIO},    {STAGE_NONE, 0}};
	struct bed *bed = *state;
	struct driver_script script = {.name = "failing", .bus = "pci", .error = EIO, .maps = true};

	EXPECT(bed, machine_unbind(bed->machine, A), 0);
	EXPECT(bed, machine_set_override(bed->machine, A, "failing"), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		script.fail_at = rows[i].stage;
		EXPECT(bed, machine_add_driver(bed->machine, &script), 0);
		if (rows[i].result)
			EXPECT(bed, machine_bind(bed->machine, A, "failing"), rows[i].result);
		else
			expect_driver(bed, A, "failing");
		EXPECT(bed, machine_remove_driver(bed->machine, "pci", "failing"), 0);
		expect_driver(bed, A, NULL);
	}
	EXPECT(bed, machine_remove_driver(bed->machine, "pci", "failing"), -ENODEV);
}

static void a_native_driver_in_the_users_clothes(void **state)
{
	struct bed *bed = *state;
	struct driver_script script = {.name = "variant", .bus = "pci", .user = true};

	EXPECT(bed, machine_add_driver(bed->machine, &script), 0);
	give(bed, ALONE, "variant");
	EXPECT(bed, machine_open(bed->machine, ALONE_GROUP, &bed->file), 0);
	EXPECT(bed, group_file_claim(bed->file), -EPERM);
}

static void reset_while_released(void **state)
{
	struct bed *bed = *state;

	claim_group(bed);
	EXPECT(bed, machine_reset(bed->machine, A, true), 0);
	EXPECT(bed, machine_reset(bed->machine, A, true), -EINVAL);
	EXPECT(bed, group_file_release(bed->file), 0);
	EXPECT(bed, machine_reset(bed->machine, A, false), 0);
	EXPECT(bed, machine_reset(bed->machine, A, false), -EINVAL);
}

static void careless_driver_cannot_write_late(void **state)
{
	struct bed *bed = *state;
	struct driver_script script = {
		.name = "careless", .bus = "pci", .maps = true, .dma_after_remove = true};

	EXPECT(bed, machine_add_driver(bed->machine, &script), 0);
	give(bed, ALONE, "careless");
	EXPECT(bed, machine_unbind(bed->machine, ALONE), 0);
}

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

/* How many uses A has now; -1: nobody knows. */
static int uses_of_a(struct machine *machine)
{
	const struct device_facts *device;
	struct facts facts;
	int count;

	assert_int_equal(machine_read(machine, &facts), 0);
	assert_int_equal(machine_find_uses(machine, &facts), 0);
	device = facts_device(&facts, A);
	count = device->uses_known ? (int)device->use_count : -1;
	facts_release(&facts);
	return count;
}

/* No IOMMU knows a segment of more than 16 bits: cut off, its ids would be those of others. */
static void functions_below_vmd_have_ids_of_their_own(void **state)
{
	struct facts facts = {0};
	struct machine *machine;
	char *why = NULL;

	add_group(&facts, 8);
	add_device(&facts, "0000:00:0e.0", 8, "8086:201d", NULL);
	add_device(&facts, "10000:00:0e.0", 8, "8086:464d", NULL);
	assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), 0);
	machine_close(machine);
	facts_release(&facts);
}

static void recorded_uses(void **state)
{
	struct facts facts = {0};
	struct device_facts *device;
	struct machine *machine;
	struct use_facts *use;
	char *why = NULL;

	make_facts(&facts);
	device = facts_device(&facts, A);
	device->uses_known = true;
	assert_int_equal(device_facts_add_use(device, &use), 0);
	assert_int_equal(facts_set_string(&use->kind, "network"), 0);
	assert_int_equal(sim_machine_open(&facts, NULL, &machine, &why), 0);
	facts_release(&facts);
	assert_int_equal(uses_of_a(machine), 1);
	assert_int_equal(machine_unbind(machine, A), 0);
	assert_int_equal(uses_of_a(machine), 0);
	assert_int_equal(machine_set_override(machine, A, "vfio-pci"), 0);
	assert_int_equal(machine_bind(machine, A, "vfio-pci"), 0);
	assert_int_equal(uses_of_a(machine), 0);
	machine_close(machine);
}

#define CASE(name, function)                                                                       \
	{                                                                                          \
		name, function, set_up, tear_down, NULL                                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE("claim@native-sibling-eperm-then-granted", claim_while_a_sibling_is_native),
		CASE("bind@claimed-group-ebusy", native_bind_while_claimed),
		CASE("open@second-ebusy", second_open),
		CASE("open@no-user-driver-enoent", open_without_a_user_driver),
		CASE("claim@twice-einval", claim_twice_release_twice),
		CASE("rescan@claimed-group-joined-unbound", removed_and_rescanned_while_claimed),
		CASE("unbind@last-user-driver-revokes", file_is_revoked_with_the_last_user_driver),
		CASE("dma@only-where-mapped", dma_only_where_mapped),
		CASE("bind@bound-ebusy-unmatched-enodev", user_driver_on_a_bound_device),
		CASE("type@every-errno", type_of_the_default_domain),
		CASE("bind@fails-at-each-stage", a_driver_that_fails_at_a_stage),
		CASE("claim@variant-without-flag-eperm", a_native_driver_in_the_users_clothes),
		CASE("reset@released-meanwhile", reset_while_released),
		CASE("remove@late-dma-faults", careless_driver_cannot_write_late),
		{"uses@go-with-the-driver", recorded_uses, NULL, NULL, NULL},
		{"requesters@below-vmd", functions_below_vmd_have_ids_of_their_own, NULL, NULL,
		 NULL},
		{"operations@every-allocation-fails", every_allocation_of_operations_fails, NULL,
		 NULL, NULL},
		{"open-machine@every-allocation-fails", every_allocation_of_opening_fails, NULL,
		 NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
