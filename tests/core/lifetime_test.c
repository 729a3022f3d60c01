/* SPDX-License-Identifier: MIT */
/*
 * Lifetimes: whatever order objects are given up in, and whatever is left when the core ends,
 * nothing leaks, nothing is freed twice, and no callback sees a freed object.
 */
#include "rig.h"

#include <errno.h>
#include <string.h>

static const int user;

/* ---- the core ---- */

struct env_row {
	const char *name;
	size_t function; /* the offset of the one that is left out */
};

static const struct env_row env_rows[] = {
	{"core@without-allocate-einval", offsetof(struct dmaown_env, allocate)},
	{"core@without-free-einval", offsetof(struct dmaown_env, free)},
	{"core@without-init-lock-einval", offsetof(struct dmaown_env, init_lock)},
	{"core@without-destroy-lock-einval", offsetof(struct dmaown_env, destroy_lock)},
	{"core@without-lock-einval", offsetof(struct dmaown_env, lock)},
	{"core@without-unlock-einval", offsetof(struct dmaown_env, unlock)},
};

static void core_without(void **state)
{
	const struct env_row *row = *state;
	struct rig rig;

	rig_prepare(&rig);
	*(void (**)(void))(void *)((char *)&rig.env + row->function) = NULL;
	assert_int_equal(dmaown_core_create(&rig.env, &rig.core), -EINVAL);
	assert_null(rig.core);
}

/* What is optional may be missing; a warning without a listener is no crash. */
static void core_with_the_least(void **state)
{
	struct rig_device *device;
	struct rig rig;

	rig_prepare(&rig);
	rig.env.warn = NULL;
	rig.env.reschedule = NULL;
	rig.env.held = NULL;
	rig.env.broken_lock_rule = NULL;
	rig_begin_prepared(&rig);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, -EINVAL, dmaown_device_release(device->device, &user));
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	rig_end(&rig);
}

static void nothing_to_end(void **state)
{
	dmaown_core_destroy(NULL);
	dmaown_device_put(NULL);
	dmaown_group_put(NULL);
}

static void warning_texts(void **state)
{
	for (int i = DMAOWN_WARN_UNUSE_UNBALANCED; i <= DMAOWN_WARN_JOIN_BOUND; i++) {
		const char *text = dmaown_warning_text((enum dmaown_warning)i);

		assert_true(strlen(text) > 20);
		assert_null(strchr(text, '\n'));
	}
	assert_string_equal(dmaown_warning_text((enum dmaown_warning)99), "unknown warning");
}

/* ---- given up by hand, in every order ---- */

/* A little machine in use: two devices of a group, a driver on one, a claimable second group. */
struct machine {
	struct rig rig;
	unsigned int blocks, locks; /* before anything was made */
	struct dmaown_domain *domain;
};

static void begin_machine(struct machine *machine)
{
	struct rig *rig = &machine->rig;
	struct rig_driver *driver;

	rig_begin(rig);
	machine->blocks = rig->blocks;
	machine->locks = rig->locks;
	driver = rig_make_driver(rig, "driver", false);
	driver->only = "A";
	rig_register(driver);
	rig_add_device(rig, "A", "g1");
	rig_add_device(rig, "B", "g1");
	expect(rig, 0, dmaown_domain_create(rig->iommu, &machine->domain));
}

static void put_devices(struct machine *machine)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct dmaown_device *device = machine->rig.devices[i].device;

		machine->rig.devices[i].device = NULL;
		step(&machine->rig, dmaown_device_put(device));
	}
}

static int remove_device(struct dmaown_device *device, void *argument)
{
	return dmaown_device_remove(device);
}

static void remove_devices(struct machine *machine)
{
	expect(&machine->rig, 0, dmaown_bus_for_each_device(machine->rig.bus, remove_device, NULL));
}

static void unregister_driver(struct machine *machine)
{
	step(&machine->rig, dmaown_driver_unregister(machine->rig.drivers[0].driver));
}

static void put_group(struct machine *machine)
{
	machine->rig.group_count = 0;
	step(&machine->rig, dmaown_group_put(machine->rig.groups[0].group));
}

static void destroy_domain(struct machine *machine)
{
	expect(&machine->rig, 0, dmaown_domain_destroy(machine->domain));
}

typedef void (*giving_up)(struct machine *machine);
struct order_row {
	const char *name;
	giving_up order[5];
};

static const struct order_row order_rows[] = {
	{"order@remove-put-driver-group-domain",
	 {remove_devices, put_devices, unregister_driver, put_group, destroy_domain}},
	{"order@put-remove-driver-group-domain",
	 {put_devices, remove_devices, unregister_driver, put_group, destroy_domain}},
	{"order@driver-put-group-remove-domain",
	 {unregister_driver, put_devices, put_group, remove_devices, destroy_domain}},
	{"order@domain-group-driver-remove-put",
	 {destroy_domain, put_group, unregister_driver, remove_devices, put_devices}},
	{"order@group-put-domain-remove-driver",
	 {put_group, put_devices, destroy_domain, remove_devices, unregister_driver}},
};

static void give_up(void **state)
{
	const struct order_row *row = *state;
	struct machine machine;

	begin_machine(&machine);
	for (unsigned int i = 0; i < 5; i++)
		row->order[i](&machine);
	assert_int_equal(machine.rig.blocks, machine.blocks);
	assert_int_equal(machine.rig.locks, machine.locks);
	rig_end(&machine.rig);
}

/* ---- left to the core's end ---- */

static void end_with_everything_left(void **state)
{
	struct machine machine;
	struct rig *rig = &machine.rig;
	struct rig_device *device;

	begin_machine(&machine);
	device = rig_make_device(rig, "C", "g2");
	expect(rig, 0, dmaown_device_set_override(device->device, "vfio"));
	expect(rig, 0, dmaown_device_add(device->device));
	expect(rig, 0, dmaown_group_claim(rig_group(rig, "g2"), &user));
	expect(rig, 0, dmaown_group_attach(rig_group(rig, "g2"), &user, machine.domain));
	dmaown_device_get(device->device);
	rig_make_device(rig, "D", NULL);
	dmaown_core_destroy(rig->core);
	expect_warnings(rig, "LEFT_CLAIMED:g2");
	assert_int_equal(rig->blocks + rig->locks + rig->domains, 0);
}

static void end_with_a_deferred_probe(void **state)
{
	struct rig_driver *driver;
	struct rig rig;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->probe = ALWAYS(-DMAOWN_EPROBE_DEFER);
	rig_register(driver);
	rig_add_device(&rig, "A", "g1");
	rig_end(&rig);
}

/* The list of deferred devices refers to them until they bind or go, and not a moment longer. */
static void deferred_device_is_given_up(void **state)
{
	struct dmaown_device *kept;
	struct rig_driver *driver;
	struct rig rig;
	unsigned int blocks;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->probe = (struct fault) {.at = 1, .times = 3, .err = -DMAOWN_EPROBE_DEFER};
	rig_register(driver);
	blocks = rig.blocks;
	for (unsigned int i = 0; i < 2; i++) {
		kept = rig_add_device(&rig, i ? "B" : "A", NULL)->device;
		step(&rig, dmaown_core_retry_deferred(rig.core));
		expect(&rig, 0, dmaown_device_remove(kept));
		rig.devices[i].device = NULL;
		step(&rig, dmaown_device_put(kept));
		assert_int_equal(rig.blocks, blocks);
	}
	rig_end(&rig);
}

/* A driver's remove gives up a device that its probe had taken: the next one on the bus's list. */
static struct rig *ending;

static void put_next_device(struct dmaown_device *device)
{
	dmaown_device_put(ending->devices[1].device);
	ending->devices[1].device = NULL;
}

static void end_while_remove_puts_a_neighbour(void **state)
{
	struct rig_driver *driver;
	struct rig rig;

	rig_begin(&rig);
	ending = &rig;
	driver = rig_make_driver(&rig, "driver", false);
	driver->only = "A";
	driver->in_remove = put_next_device;
	rig_register(driver);
	rig_add_device(&rig, "A", "g1");
	rig_make_device(&rig, "B", "g1");
	rig_add_device(&rig, "C", "g1");
	rig_end(&rig);
}

static int match_any(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	return 1;
}

static void end_while_remove_puts_another_buses_device(void **state)
{
	static const struct dmaown_bus_type type = {.name = "second", .match = match_any};
	static const struct dmaown_driver_type driver_type = {.name = "driver",
							      .remove = put_next_device};
	static struct rig_device outside = {.name = "other"};
	static const struct dmaown_device_description description = {.name = "other",
								     .context = &outside};
	struct dmaown_driver *driver;
	struct dmaown_device *other;
	struct dmaown_bus *bus;
	struct rig rig;

	rig_begin(&rig);
	ending = &rig;
	rig_add_device(&rig, "A", "g1");
	rig_add_device(&rig, "B", "g1");
	expect(&rig, 0, dmaown_bus_create(rig.core, &type, &bus));
	assert_int_equal(dmaown_driver_register(bus, &driver_type, &driver), 0);
	assert_int_equal(dmaown_device_create(bus, &description, &other), 0);
	assert_int_equal(dmaown_device_add(other), 0);
	rig_end(&rig);
}

static void end_with_two_of_each(void **state)
{
	struct dmaown_bus_type type;
	struct dmaown_bus *bus;
	struct dmaown_iommu *iommu;
	struct rig rig;

	rig_begin(&rig);
	type = rig.bus_type;
	type.name = "second";
	expect(&rig, 0, dmaown_bus_create(rig.core, &type, &bus));
	expect(&rig, 0, dmaown_iommu_register(rig.core, &rig.ops, &rig, &iommu));
	rig_add_device(&rig, "A", "g1");
	rig_end(&rig);
}

/* A device outlives its removal while somebody refers to it. */
static void removed_device_is_kept(void **state)
{
	struct rig_device *device;
	struct rig rig;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	step(&rig, dmaown_device_get(device->device));
	expect(&rig, 0, dmaown_device_remove(device->device));
	step(&rig, dmaown_device_put(device->device));
	assert_string_equal(dmaown_device_name(device->device), "A");
	expect(&rig, 0, dmaown_device_add(device->device));
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, env_rows, core_without);
	suite_add(&suite, "core@nothing-optional-given", core_with_the_least);
	suite_add(&suite, "core@null-is-harmless", nothing_to_end);
	suite_add(&suite, "core@every-warning-says-what-to-do", warning_texts);
	ADD_ROWS(&suite, order_rows, give_up);
	suite_add(&suite, "end@with-everything-left", end_with_everything_left);
	suite_add(&suite, "end@with-a-deferred-probe", end_with_a_deferred_probe);
	suite_add(&suite, "defer@device-is-given-up", deferred_device_is_given_up);
	suite_add(&suite, "end@remove-puts-a-neighbour", end_while_remove_puts_a_neighbour);
	suite_add(&suite, "end@remove-puts-another-buses-device",
		  end_while_remove_puts_another_buses_device);
	suite_add(&suite, "end@with-two-of-each", end_with_two_of_each);
	suite_add(&suite, "device@kept-while-referred-to", removed_device_is_kept);
	return suite_run(&suite, "lifetime");
}
