/* SPDX-License-Identifier: MIT */
/* Drivers: registration probes what is there, unregistration unbinds it, the flag is obeyed. */
#include "rig.h"

#include <errno.h>

static void register_probes_what_is_there(void **state)
{
	struct rig rig;
	struct rig_device *matching, *other;
	struct rig_driver *driver;

	rig_begin(&rig);
	matching = rig_add_device(&rig, "A", "g1");
	other = rig_add_device(&rig, "B", "g1");
	rig_make_device(&rig, "C", "g1");
	driver = rig_make_driver(&rig, "driver", false);
	driver->only = "A";
	rig_register(driver);
	expect_driver(matching, driver);
	expect_driver(other, NULL);
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void register_leaves_bound_devices_alone(void **state)
{
	struct rig rig;
	struct rig_device *device;
	struct rig_driver *first;

	rig_begin(&rig);
	first = rig_add_driver(&rig, "first", false);
	device = rig_add_device(&rig, "A", "g1");
	rig_add_driver(&rig, "second", false);
	expect_driver(device, first);
	rig_end(&rig);
}

static void register_without_autoprobe(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	dmaown_bus_set_autoprobe(rig.bus, false);
	device = rig_add_device(&rig, "A", "g1");
	rig_add_driver(&rig, "driver", false);
	expect_driver(device, NULL);
	rig_end(&rig);
}

static void register_refusals(void **state)
{
	struct rig rig;
	struct rig_driver *twin, *nameless;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	twin = rig_make_driver(&rig, "driver", true);
	nameless = rig_make_driver(&rig, NULL, false);
	expect(&rig, -EEXIST, dmaown_driver_register(rig.bus, &twin->type, &twin->driver));
	expect(&rig, -EINVAL, dmaown_driver_register(rig.bus, &nameless->type, &nameless->driver));
	assert_null(twin->driver);
	assert_null(nameless->driver);
	rig_end(&rig);
}

/* The failure of one device's probe is no failure of the registration, nor of the next device's. */
static void register_ignores_failed_probes(void **state)
{
	struct rig rig;
	struct rig_device *first, *second;
	struct rig_driver *driver;

	rig_begin(&rig);
	first = rig_add_device(&rig, "A", "g1");
	second = rig_add_device(&rig, "B", "g1");
	driver = rig_make_driver(&rig, "driver", false);
	driver->probe = AT_CALL(1, -EIO);
	rig_register(driver);
	expect_driver(first, NULL);
	expect_driver(second, driver);
	rig_end(&rig);
}

static void unregister_unbinds(void **state)
{
	struct rig rig;
	struct rig_device *first, *second;
	struct rig_driver *driver, *next;

	rig_begin(&rig);
	driver = rig_add_driver(&rig, "driver", false);
	first = rig_add_device(&rig, "A", "g1");
	second = rig_add_device(&rig, "B", "g1");
	expect_group(&rig, "g1", NULL, 2, DMAOWN_DOMAIN_DMA);
	step(&rig, dmaown_driver_unregister(driver->driver));
	expect_driver(first, NULL);
	expect_driver(second, NULL);
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	next = rig_add_driver(&rig, "driver", true);
	expect_driver(first, next);
	rig_end(&rig);
}

static void type_is_read_back(void **state)
{
	struct rig rig;
	struct rig_driver *driver;

	rig_begin(&rig);
	driver = rig_add_driver(&rig, "driver", true);
	assert_ptr_equal(dmaown_driver_type(driver->driver), &driver->type);
	rig_end(&rig);
}

/* The search has chosen the driver, and meets it closed: the next one is tried. */
static void unregister_first(struct rig *rig, enum dmaown_bind_step step)
{
	rig->on_step = NULL;
	dmaown_driver_unregister(rig->drivers[0].driver);
}

static void unregistered_before_its_bind(void **state)
{
	struct rig rig;
	struct rig_device *device;
	struct rig_driver *stays;

	rig_begin(&rig);
	rig_add_driver(&rig, "leaving", false);
	stays = rig_add_driver(&rig, "stays", false);
	rig.on_step = unregister_first;
	device = rig_add_device(&rig, "A", "g1");
	expect_driver(device, stays);
	rig_end(&rig);
}

static void unregistered_and_nobody_else(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_driver(&rig, "leaving", false);
	rig.on_step = unregister_first;
	device = rig_add_device(&rig, "A", "g1");
	expect_driver(device, NULL);
	rig_end(&rig);
}

/* Section 6, 6: a driver for users that forgot its flag is native, and hinders its own claim. */
static void forgotten_flag(void **state)
{
	static const int user;
	struct rig rig;

	rig_begin(&rig);
	rig_add_driver(&rig, "variant-vfio", false);
	rig_add_device(&rig, "A", "g1");
	expect(&rig, -EPERM, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "register@probes-what-is-there", register_probes_what_is_there);
	suite_add(&suite, "register@bound-devices-keep-their-driver",
		  register_leaves_bound_devices_alone);
	suite_add(&suite, "register@without-autoprobe-binds-nothing", register_without_autoprobe);
	suite_add(&suite, "register@twin-eexist-nameless-einval", register_refusals);
	suite_add(&suite, "register@failed-probes-are-not-reported",
		  register_ignores_failed_probes);
	suite_add(&suite, "unregister@unbinds-its-devices", unregister_unbinds);
	suite_add(&suite, "unregister@before-a-bind-reaches-it", unregistered_before_its_bind);
	suite_add(&suite, "unregister@before-a-bind-and-nobody-else", unregistered_and_nobody_else);
	suite_add(&suite, "driver@type-is-read-back", type_is_read_back);
	suite_add(&suite, "driver@forgotten-flag-hinders-its-own-claim", forgotten_flag);
	return suite_run(&suite, "driver");
}
