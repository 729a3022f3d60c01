/* SPDX-License-Identifier: MIT */
/* Buses: made once by name, walked in order, and their notifiers told in order. */
#include "rig.h"

#include <errno.h>
#include <string.h>

static void create_refusals(void **state)
{
	struct dmaown_bus_type type;
	struct dmaown_bus *bus = NULL;
	struct rig rig;

	rig_begin(&rig);
	type = rig.bus_type;
	type.name = NULL;
	expect(&rig, -EINVAL, dmaown_bus_create(rig.core, &type, &bus));
	type = rig.bus_type;
	type.match = NULL;
	expect(&rig, -EINVAL, dmaown_bus_create(rig.core, &type, &bus));
	expect(&rig, -EEXIST, dmaown_bus_create(rig.core, &rig.bus_type, &bus));
	assert_null(bus);
	rig_end(&rig);
}

/* Every device's name, until one is called B. */
static int visit(struct dmaown_device *device, void *argument)
{
	rig_say(argument, "%s", dmaown_device_name(device));
	return strcmp(dmaown_device_name(device), "B") == 0 ? 7 : 0;
}

static void walk_in_order(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	rig_add_device(&rig, "D", NULL);
	rig_make_device(&rig, "not added", NULL);
	rig_add_device(&rig, "C", NULL);
	rig.trace[0] = '\0';
	expect(&rig, 0, dmaown_bus_for_each_device(rig.bus, visit, &rig));
	expect_trace(&rig, "D C");
	rig_end(&rig);
}

/* Nobody but its bus and the rig refers to the device: it goes when they let go. */
static void expect_last_reference(struct rig *rig, struct rig_device *device)
{
	unsigned int blocks = rig->blocks;

	expect(rig, 0, dmaown_device_remove(device->device));
	dmaown_device_put(device->device);
	device->device = NULL;
	assert_int_equal(rig->blocks, blocks - 1);
}

static void walk_ends_early(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	rig_add_device(&rig, "A", NULL);
	rig_add_device(&rig, "B", NULL);
	rig_add_device(&rig, "C", NULL);
	rig.trace[0] = '\0';
	expect(&rig, 7, dmaown_bus_for_each_device(rig.bus, visit, &rig));
	expect_trace(&rig, "A B");
	expect_last_reference(&rig, &rig.devices[1]);
	rig_end(&rig);
}

static int visit_and_remove(struct dmaown_device *device, void *argument)
{
	assert_int_equal(dmaown_device_remove(device), 0);
	return 0;
}

/* A visit may take its own device away. */
static void walk_that_removes(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	rig_add_device(&rig, "A", "g1");
	rig_add_device(&rig, "B", "g1");
	expect(&rig, 0, dmaown_bus_for_each_device(rig.bus, visit_and_remove, NULL));
	expect(&rig, 0, dmaown_bus_for_each_device(rig.bus, visit, &rig));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	rig_end(&rig);
}

/* ---- notifiers ---- */

struct listener {
	struct dmaown_notifier notifier; /* first: a listener is found by it */
	const char *name;
};

static void listen(struct dmaown_notifier *notifier, enum dmaown_event event,
		   struct dmaown_device *device)
{
	const struct listener *listener = (const struct listener *)notifier;

	rig_say(rig_device_of(device)->rig, "%s-%s", listener->name, dmaown_event_name(event));
}

static void listeners_in_order(void **state)
{
	struct listener first = {{.event = listen}, "first"},
			second = {{.event = listen}, "second"};
	struct rig rig;

	rig_begin(&rig);
	step(&rig, dmaown_bus_add_notifier(rig.bus, &first.notifier));
	step(&rig, dmaown_bus_add_notifier(rig.bus, &second.notifier));
	rig_add_device(&rig, "A", NULL);
	expect_trace(&rig, "ADD first-ADD_DEVICE second-ADD_DEVICE");
	step(&rig, dmaown_bus_remove_notifier(rig.bus, &first.notifier));
	rig_add_device(&rig, "B", NULL);
	expect_trace(&rig, "ADD second-ADD_DEVICE");
	step(&rig, dmaown_bus_remove_notifier(rig.bus, &second.notifier));
	step(&rig, dmaown_bus_remove_notifier(rig.bus, &rig.notifier));
	rig_add_device(&rig, "C", NULL);
	expect_trace(&rig, "");
	rig_end(&rig);
}

static void stranger_is_not_removed(void **state)
{
	struct listener stranger = {{.event = listen}, "stranger"};
	struct rig rig;

	rig_begin(&rig);
	step(&rig, dmaown_bus_remove_notifier(rig.bus, &stranger.notifier));
	rig_add_device(&rig, "A", NULL);
	expect_trace(&rig, "ADD");
	rig_end(&rig);
}

static void event_names(void **state)
{
	static const char *const names[] = {
		[DMAOWN_ADD_DEVICE] = "ADD_DEVICE",
		[DMAOWN_BIND_DRIVER] = "BIND_DRIVER",
		[DMAOWN_BOUND_DRIVER] = "BOUND_DRIVER",
		[DMAOWN_UNBIND_DRIVER] = "UNBIND_DRIVER",
		[DMAOWN_UNBOUND_DRIVER] = "UNBOUND_DRIVER",
		[DMAOWN_DRIVER_NOT_BOUND] = "DRIVER_NOT_BOUND",
		[DMAOWN_DEL_DEVICE] = "DEL_DEVICE",
		[DMAOWN_REMOVED_DEVICE] = "REMOVED_DEVICE",
	};

	for (unsigned int i = 0; i < COUNT(names); i++)
		assert_string_equal(dmaown_event_name((enum dmaown_event)i), names[i]);
	assert_string_equal(dmaown_event_name((enum dmaown_event)99), "unknown event");
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "create@nameless-einval-matchless-einval-twin-eexist", create_refusals);
	suite_add(&suite, "walk@in-order-of-creation", walk_in_order);
	suite_add(&suite, "walk@ends-where-the-visit-says", walk_ends_early);
	suite_add(&suite, "walk@visit-removes-its-device", walk_that_removes);
	suite_add(&suite, "notifier@told-in-order-of-addition", listeners_in_order);
	suite_add(&suite, "notifier@stranger-is-not-removed", stranger_is_not_removed);
	suite_add(&suite, "notifier@names-are-the-specifications", event_names);
	return suite_run(&suite, "bus");
}
