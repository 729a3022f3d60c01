/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine: section 3 of mechanism.md as an administrator and a user see it, on the
 * group {A native, B no driver, C native}, with every invariant and the isolation checked after
 * every step.
 */
#include "machine_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	};

	return cmocka_run_group_tests_name("sim-machine", tests, NULL, NULL);
}
