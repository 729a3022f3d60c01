/* SPDX-License-Identifier: MIT */
/*
 * Binding and unbinding: every row of the failure table of mechanism.md, section 3, with its events
 * and their order; what ends a search for a driver; deferral.
 */
#include "rig.h"

#include <errno.h>
#include <string.h>

static const int user;

/* One bind of one device in a group of its own, which fails or not where a row says. */
struct bind_row {
	const char *name;
	struct fault steps[RIG_STEPS], firmware, probe, attributes, attach;
	bool managed, test_remove, no_group, claimed;
	int expected;
	const char *trace;
};

#define BEFORE_DMA "suppliers resources pins "
#define STARTED BEFORE_DMA "firmware BIND:1 links power probe attributes"
#define STOPPED "undo-attributes remove undo-power undo-links "

static const struct bind_row bind_rows[] = {
	{.name = "bind@succeeds", .trace = STARTED " BOUND:1"},
	{
		.name = "bind@managed-driver-takes-no-use",
		.managed = true,
		.trace = BEFORE_DMA "firmware BIND:0 links power probe attributes BOUND:0",
	},
	{
		.name = "bind@without-a-group-nothing-is-counted",
		.no_group = true,
		.trace = BEFORE_DMA "firmware BIND links power probe attributes BOUND",
	},
	{
		.name = "bind@supplier-missing-defers-without-events",
		.steps[DMAOWN_STEP_SUPPLIERS] = ALWAYS(-DMAOWN_EPROBE_DEFER),
		.expected = -EAGAIN,
		.trace = "suppliers=EPROBE_DEFER",
	},
	{
		.name = "bind@supplier-fails-without-events",
		.steps[DMAOWN_STEP_SUPPLIERS] = ALWAYS(-ENODEV),
		.expected = -ENODEV,
		.trace = "suppliers=ENODEV",
	},
	{
		.name = "bind@old-resources-left-without-events",
		.steps[DMAOWN_STEP_OLD_RESOURCES] = ALWAYS(-EBUSY),
		.expected = -EBUSY,
		.trace = "suppliers resources=EBUSY",
	},
	{
		.name = "bind@pins-fail-without-events",
		.steps[DMAOWN_STEP_PINS] = ALWAYS(-EINVAL),
		.expected = -EINVAL,
		.trace = "suppliers resources pins=EINVAL",
	},
	{
		.name = "bind@firmware-defers-without-events",
		.firmware = ALWAYS(-DMAOWN_EPROBE_DEFER),
		.expected = -EAGAIN,
		.trace = BEFORE_DMA "firmware=EPROBE_DEFER undo-pins",
	},
	{
		.name = "bind@firmware-fails-without-events",
		.firmware = ALWAYS(-EIO),
		.expected = -EIO,
		.trace = BEFORE_DMA "firmware=EIO undo-pins",
	},
	{
		.name = "bind@native-in-a-claimed-group-ebusy-firmware-undone",
		.claimed = true,
		.expected = -EBUSY,
		.trace = BEFORE_DMA "firmware cleanup:1 undo-pins",
	},
	{
		.name = "bind@managed-in-a-claimed-group-succeeds",
		.claimed = true,
		.managed = true,
		.trace = BEFORE_DMA "firmware BIND:1 links power probe attributes BOUND:1",
	},
	{
		.name = "bind@joining-fails-firmware-undone",
		.attach = ALWAYS(-EIO),
		.expected = -EIO,
		.trace = BEFORE_DMA "firmware cleanup undo-pins",
	},
	{
		.name = "bind@links-fail-not-bound-while-counted",
		.steps[DMAOWN_STEP_LINKS] = ALWAYS(-ENODEV),
		.expected = -ENODEV,
		.trace = BEFORE_DMA "firmware BIND:1 links=ENODEV NOT_BOUND:1 cleanup:0 undo-pins",
	},
	{
		.name = "bind@power-fails-not-bound-while-counted",
		.steps[DMAOWN_STEP_POWER] = ALWAYS(-EIO),
		.expected = -EIO,
		.trace = BEFORE_DMA "firmware BIND:1 links power=EIO undo-links NOT_BOUND:1 "
				    "cleanup:0 undo-pins",
	},
	{
		.name = "bind@probe-fails-not-bound-while-counted",
		.probe = ALWAYS(-EIO),
		.expected = -EIO,
		.trace = BEFORE_DMA "firmware BIND:1 links power probe=EIO undo-power undo-links "
				    "NOT_BOUND:1 cleanup:0 undo-pins",
	},
	{
		.name = "bind@probe-defers-eagain",
		.probe = ALWAYS(-DMAOWN_EPROBE_DEFER),
		.expected = -EAGAIN,
		.trace = BEFORE_DMA "firmware BIND:1 links power probe=EPROBE_DEFER undo-power "
				    "undo-links NOT_BOUND:1 cleanup:0 undo-pins",
	},
	{
		.name = "bind@attributes-fail-removed-without-unbind",
		.attributes = ALWAYS(-ENOMEM),
		.expected = -ENOMEM,
		.trace = BEFORE_DMA "firmware BIND:1 links power probe attributes=ENOMEM remove "
				    "undo-power undo-links NOT_BOUND:1 cleanup:0 undo-pins",
	},
	{
		.name = "bind@test-remove-first-removal-is-silent",
		.test_remove = true,
		.trace = STARTED " " STOPPED "cleanup:0 undo-pins pins firmware BIND:1 links power "
				 "probe attributes BOUND:1",
	},
	{
		.name = "bind@test-remove-second-probe-fails-cleaned-up-twice",
		.test_remove = true,
		.probe = AT_CALL(2, -EIO),
		.expected = -EIO,
		.trace = STARTED " " STOPPED "cleanup:0 undo-pins pins firmware BIND:1 links power "
				 "probe=EIO undo-power undo-links NOT_BOUND:1 cleanup:0 undo-pins",
	},
	{
		.name = "bind@test-remove-second-configure-fails-cleaned-up-once",
		.test_remove = true,
		.firmware = AT_CALL(2, -EIO),
		.expected = -EIO,
		.trace = STARTED " " STOPPED "cleanup:0 undo-pins pins firmware=EIO undo-pins",
	},
	{
		.name = "bind@test-remove-first-probe-fails-no-second",
		.test_remove = true,
		.probe = AT_CALL(1, -EIO),
		.expected = -EIO,
		.trace = BEFORE_DMA "firmware BIND:1 links power probe=EIO undo-power undo-links "
				    "NOT_BOUND:1 cleanup:0 undo-pins",
	},
};

static struct rig_device *set_up_row(struct rig *rig, const struct bind_row *row)
{
	struct rig_device *device;

	rig_begin(rig);
	dmaown_bus_set_autoprobe(rig->bus, false);
	memcpy(rig->steps, row->steps, sizeof(rig->steps));
	device = rig_make_device(rig, "A", row->no_group ? NULL : "g1");
	device->attach = row->attach;
	expect(rig, 0, dmaown_device_add(device->device));
	device->firmware = row->firmware;
	if (row->claimed)
		expect(rig, 0, dmaown_group_claim(rig_group(rig, "g1"), &user));
	return device;
}

/* A failed bind changes nothing, and neither does one that is undone (I7). */
static void bind_and_unbind(void **state)
{
	const struct bind_row *row = *state;
	char before[RIG_STATE], after[RIG_STATE];
	struct rig rig;
	struct rig_device *device = set_up_row(&rig, row);
	struct rig_driver *driver = rig_make_driver(&rig, "driver", row->managed);

	driver->type.test_remove = row->test_remove;
	driver->probe = row->probe;
	driver->attributes = row->attributes;
	rig_register(driver);
	rig_read_state(&rig, before);
	rig.trace[0] = '\0';
	expect(&rig, row->expected, dmaown_device_bind(device->device, driver->driver));
	expect_trace(&rig, row->trace);
	expect_driver(device, row->expected ? NULL : driver);
	if (row->attach.at)
		expect_warnings(&rig, "JOIN_FAILED:A");
	if (!row->expected)
		expect(&rig, 0, dmaown_device_unbind(device->device));
	rig_read_state(&rig, after);
	assert_string_equal(before, after);
	if (row->claimed)
		expect(&rig, 0, dmaown_group_release(rig_group(&rig, "g1"), &user));
	rig_end(&rig);
}

/* What the first of two drivers does, and whether the second is then tried. */
struct search_row {
	const char *name;
	struct fault step_pins, firmware, probe, attributes, match;
	int expected;
	enum { NEITHER, FIRST, SECOND } bound;
};

static const struct search_row search_rows[] = {
	{.name = "search@first-driver-binds", .bound = FIRST},
	{
		.name = "search@probe-fails-eio-next-driver-tried",
		.probe = ALWAYS(-EIO),
		.bound = SECOND,
	},
	{
		.name = "search@probe-defers-next-driver-tried",
		.probe = ALWAYS(-DMAOWN_EPROBE_DEFER),
		.bound = SECOND,
	},
	{
		.name = "search@attributes-fail-search-ends",
		.attributes = ALWAYS(-EIO),
		.expected = -EIO,
	},
	{
		.name = "search@pins-fail-search-ends",
		.step_pins = AT_CALL(1, -EINVAL),
		.expected = -EINVAL,
	},
	{
		.name = "search@firmware-fails-search-ends",
		.firmware = AT_CALL(1, -EIO),
		.expected = -EIO,
	},
	{
		.name = "search@firmware-defers-search-ends",
		.firmware = AT_CALL(1, -DMAOWN_EPROBE_DEFER),
		.expected = -DMAOWN_EPROBE_DEFER,
	},
	{
		.name = "search@match-defers-search-ends",
		.match = AT_CALL(1, -DMAOWN_EPROBE_DEFER),
		.expected = -DMAOWN_EPROBE_DEFER,
	},
	{
		.name = "search@match-fails-search-ends",
		.match = AT_CALL(1, -EIO),
		.expected = -EIO,
	},
};

static void search(void **state)
{
	const struct search_row *row = *state;
	struct rig rig;
	struct rig_driver *first, *second;
	struct rig_device *device;

	rig_begin(&rig);
	first = rig_make_driver(&rig, "first", false);
	first->probe = row->probe;
	first->attributes = row->attributes;
	rig_register(first);
	second = rig_add_driver(&rig, "second", false);
	dmaown_bus_set_autoprobe(rig.bus, false);
	device = rig_add_device(&rig, "A", "g1");
	device->firmware = row->firmware;
	device->match = row->match;
	rig.steps[DMAOWN_STEP_PINS] = row->step_pins;
	expect(&rig, row->expected, dmaown_device_probe(device->device));
	expect_driver(device, row->bound == FIRST ? first : row->bound == SECOND ? second : NULL);
	expect_group(&rig, "g1", NULL, row->bound != NEITHER, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* The kernel's text: count held at UNBIND, gone at the cleanup, the driver gone at UNBOUND. */
static void unbind_order(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	rig.trace[0] = '\0';
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect_trace(&rig, "UNBIND:1 " STOPPED "cleanup:0 undo-pins UNBOUND:0");
	expect_attached(device, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void unbind_without_driver(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	rig.trace[0] = '\0';
	expect(&rig, -ENODEV, dmaown_device_unbind(device->device));
	expect_trace(&rig, "");
	rig_end(&rig);
}

static void bind_refusals(void **state)
{
	struct rig rig;
	struct rig_device *device, *absent;
	struct rig_driver *driver, *other;

	rig_begin(&rig);
	dmaown_bus_set_autoprobe(rig.bus, false);
	driver = rig_add_driver(&rig, "driver", false);
	other = rig_make_driver(&rig, "other", false);
	other->only = "B";
	rig_register(other);
	device = rig_add_device(&rig, "A", "g1");
	absent = rig_make_device(&rig, "C", "g1");
	expect(&rig, -ENODEV, dmaown_device_bind(device->device, other->driver));
	expect(&rig, -ENODEV, dmaown_device_bind(absent->device, driver->driver));
	expect(&rig, -ENODEV, dmaown_device_probe(absent->device));
	expect(&rig, 0, dmaown_device_bind(device->device, driver->driver));
	expect(&rig, -EBUSY, dmaown_device_bind(device->device, driver->driver));
	expect(&rig, 0, dmaown_device_probe(device->device));
	expect_driver(device, driver);
	rig_end(&rig);
}

static void bind_of_another_bus(void **state)
{
	struct dmaown_bus_type type;
	struct dmaown_bus *bus;
	struct dmaown_driver *driver;
	struct rig_device *device;
	struct rig rig;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	type = rig.bus_type;
	type.name = "another";
	expect(&rig, 0, dmaown_bus_create(rig.core, &type, &bus));
	expect(&rig, 0,
	       dmaown_driver_register(bus, &rig_make_driver(&rig, "driver", false)->type, &driver));
	expect(&rig, -ENODEV, dmaown_device_bind(device->device, driver));
	rig_end(&rig);
}

/* A match that can't tell yet is no match for someone who names the driver. */
static void bind_match_defers(void **state)
{
	struct rig rig;
	struct rig_device *device;
	struct rig_driver *driver;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	device->match = ALWAYS(-DMAOWN_EPROBE_DEFER);
	driver = rig_add_driver(&rig, "driver", false);
	expect(&rig, -ENODEV, dmaown_device_bind(device->device, driver->driver));
	rig_end(&rig);
}

/* A bus whose own probe and remove wrap the driver's, and one without any step of its own. */
static int wrapping_probe(struct dmaown_device *device)
{
	const struct dmaown_driver_type *type = dmaown_driver_type(dmaown_device_driver(device));

	rig_say(rig_device_of(device)->rig, "bus-probe");
	return type->probe(device);
}

static void wrapping_remove(struct dmaown_device *device)
{
	const struct dmaown_driver_type *type = dmaown_driver_type(dmaown_device_driver(device));

	type->remove(device);
	rig_say(rig_device_of(device)->rig, "bus-remove");
}

static void bus_wraps_the_driver(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig.bus_type.probe = wrapping_probe;
	rig.bus_type.remove = wrapping_remove;
	rig.bus_type.bind_step = NULL;
	rig.bus_type.undo_bind_step = NULL;
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	expect_trace(&rig, "ADD firmware BIND:1 bus-probe probe attributes BOUND:1");
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect_trace(&rig, "UNBIND:1 undo-attributes remove bus-remove cleanup:0 UNBOUND:0");
	rig_end(&rig);
}

/* Everything optional left out; such a bus knows no rule of ownership. */
static void bare_bus_and_driver(void **state)
{
	struct dmaown_driver_type bare = {.name = "bare"};
	struct rig_driver *driver;
	struct rig_device *device;
	struct rig rig;

	rig_begin(&rig);
	rig.bus_type = (struct dmaown_bus_type) {.name = "bare", .match = rig.bus_type.match};
	driver = rig_make_driver(&rig, "bare", false);
	bare.context = driver;
	driver->type = bare;
	rig_register(driver);
	device = rig_add_device(&rig, "A", NULL);
	expect_driver(device, driver);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect_trace(&rig, "ADD BIND BOUND UNBIND UNBOUND");
	rig_end(&rig);
}

/* ---- deferral ---- */

static void deferred_until_another_binds(void **state)
{
	struct rig rig;
	struct rig_driver *waiting;
	struct rig_device *first, *second;

	rig_begin(&rig);
	waiting = rig_make_driver(&rig, "waiting", false);
	waiting->only = "A";
	waiting->probe = AT_CALL(1, -DMAOWN_EPROBE_DEFER);
	rig_register(waiting);
	rig_add_driver(&rig, "other", false)->only = "B";
	first = rig_add_device(&rig, "A", "g1");
	expect_driver(first, NULL);
	second = rig_add_device(&rig, "B", "g2");
	expect_driver(second, &rig.drivers[1]);
	expect_driver(first, waiting);
	rig_end(&rig);
}

static void deferred_retried_by_hand(void **state)
{
	struct rig rig;
	struct rig_driver *driver;
	struct rig_device *device;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->probe = (struct fault) {.at = 1, .times = 2, .err = -DMAOWN_EPROBE_DEFER};
	rig_register(driver);
	device = rig_add_device(&rig, "A", "g1");
	step(&rig, dmaown_core_retry_deferred(rig.core));
	expect_driver(device, NULL);
	step(&rig, dmaown_core_retry_deferred(rig.core));
	expect_driver(device, driver);
	rig_end(&rig);
}

/* A is tried before B, whose bind it waits for: the retry goes on until nothing comes of it. */
static void deferred_in_the_wrong_order(void **state)
{
	struct rig rig;
	struct rig_driver *first, *second;

	rig_begin(&rig);
	first = rig_make_driver(&rig, "first", false);
	first->only = "A";
	first->probe = (struct fault) {.at = 1, .times = 2, .err = -DMAOWN_EPROBE_DEFER};
	rig_register(first);
	second = rig_make_driver(&rig, "second", false);
	second->only = "B";
	second->probe = AT_CALL(1, -DMAOWN_EPROBE_DEFER);
	rig_register(second);
	rig_add_device(&rig, "A", "g1");
	rig_add_device(&rig, "B", "g1");
	step(&rig, dmaown_core_retry_deferred(rig.core));
	expect_driver(&rig.devices[1], second);
	expect_driver(&rig.devices[0], first);
	rig_end(&rig);
}

static void deferred_twice_is_listed_once(void **state)
{
	struct rig rig;
	struct rig_driver *driver;
	struct rig_device *device;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->probe = ALWAYS(-DMAOWN_EPROBE_DEFER);
	rig_register(driver);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, -EAGAIN, dmaown_device_bind(device->device, driver->driver));
	rig.trace[0] = '\0';
	step(&rig, dmaown_core_retry_deferred(rig.core));
	expect_trace(&rig, BEFORE_DMA "firmware BIND:1 links power probe=EPROBE_DEFER undo-power "
				      "undo-links NOT_BOUND:1 cleanup:0 undo-pins");
	rig_end(&rig);
}

static void deferred_device_removed(void **state)
{
	struct rig rig;
	struct rig_driver *driver;
	struct rig_device *device;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->probe = AT_CALL(1, -DMAOWN_EPROBE_DEFER);
	rig_register(driver);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_device_remove(device->device));
	step(&rig, dmaown_core_retry_deferred(rig.core));
	expect_driver(device, NULL);
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, bind_rows, bind_and_unbind);
	ADD_ROWS(&suite, search_rows, search);
	suite_add(&suite, "unbind@use-held-at-unbind-gone-at-unbound", unbind_order);
	suite_add(&suite, "unbind@no-driver-enodev", unbind_without_driver);
	suite_add(&suite, "bind@no-match-enodev-not-added-enodev-bound-ebusy", bind_refusals);
	suite_add(&suite, "bind@driver-of-another-bus-enodev", bind_of_another_bus);
	suite_add(&suite, "bind@match-defers-enodev", bind_match_defers);
	suite_add(&suite, "bind@bus-probe-wraps-the-driver", bus_wraps_the_driver);
	suite_add(&suite, "bind@nothing-optional-given", bare_bus_and_driver);
	suite_add(&suite, "defer@retried-when-another-binds", deferred_until_another_binds);
	suite_add(&suite, "defer@retried-by-hand", deferred_retried_by_hand);
	suite_add(&suite, "defer@retried-until-nothing-comes-of-it", deferred_in_the_wrong_order);
	suite_add(&suite, "defer@twice-is-tried-once", deferred_twice_is_listed_once);
	suite_add(&suite, "defer@removed-is-not-tried", deferred_device_removed);
	return suite_run(&suite, "bind");
}
