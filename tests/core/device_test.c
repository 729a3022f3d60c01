/* SPDX-License-Identifier: MIT */
/* Devices: made, added, removed in every order, overridden, and their bus's order of events. */
#include "rig.h"

#include <errno.h>
#include <string.h>

static const int user;

static void create_without_name(void **state)
{
	struct dmaown_device_description nameless = {0};
	struct dmaown_device *device = NULL;
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, -EINVAL, dmaown_device_create(rig.bus, &nameless, &device));
	assert_null(device);
	rig_end(&rig);
}

static void knows_what_it_was_made_of(void **state)
{
	static const int identity;
	struct dmaown_device_description description = {.name = "A", .identity = &identity};
	struct dmaown_device *device;
	struct rig rig;

	rig_begin(&rig);
	description.context = &rig;
	expect(&rig, 0, dmaown_device_create(rig.bus, &description, &device));
	assert_string_equal(dmaown_device_name(device), "A");
	assert_ptr_equal(dmaown_device_identity(device), &identity);
	assert_ptr_equal(dmaown_device_context(device), &rig);
	assert_ptr_equal(dmaown_device_bus(device), rig.bus);
	step(&rig, dmaown_device_put(device));
	rig_end(&rig);
}

static void name_is_copied(void **state)
{
	char name[] = "A";
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_make_device(&rig, name, NULL);
	name[0] = 'B';
	assert_string_equal(dmaown_device_name(device->device), "A");
	rig_end(&rig);
}

static void add_binds(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	rig_add_device(&rig, "A", "g1");
	expect_trace(&rig, "ADD suppliers resources pins firmware BIND:1 links power probe "
			   "attributes BOUND:1");
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void add_without_autoprobe(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	dmaown_bus_set_autoprobe(rig.bus, false);
	device = rig_add_device(&rig, "A", "g1");
	expect_trace(&rig, "ADD");
	expect_driver(device, NULL);
	expect_attached(device, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void add_twice(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, -EINVAL, dmaown_device_add(device->device));
	expect_trace(&rig, "ADD");
	rig_end(&rig);
}

/*
 * A second thread's removal, in the moment in which adding first drops the device's lock: the rig
 * has one thread, so the unlock itself removes.
 */
static struct dmaown_device *overtaken;
static void (*unlock_only)(void *context, struct dmaown_lock *lock);
static int result_of_overtaking;

static void unlock_and_remove(void *context, struct dmaown_lock *lock)
{
	struct dmaown_device *device = overtaken;

	unlock_only(context, lock);
	overtaken = NULL;
	if (device)
		result_of_overtaking = dmaown_device_remove(device);
}

static void remove_overtakes_add(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_prepare(&rig);
	unlock_only = rig.env.unlock;
	rig.env.unlock = unlock_and_remove;
	rig_begin_prepared(&rig);
	device = rig_make_device(&rig, "A", "g1");
	overtaken = device->device;
	expect(&rig, 0, dmaown_device_add(device->device));
	assert_int_equal(result_of_overtaking, -ENODEV);
	expect_trace(&rig, "ADD");
	expect_attached(device, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_remove(device->device));
	rig_end(&rig);
}

/* DEL while it is still bound, unbind, REMOVED when it is unbound and still in its group. */
static void remove_order(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	rig.trace[0] = '\0';
	expect(&rig, 0, dmaown_device_remove(device->device));
	expect_trace(&rig, "DEL:1 UNBIND:1 undo-attributes remove undo-power undo-links cleanup:0 "
			   "undo-pins UNBOUND:0 REMOVED:0");
	expect_attached(device, DMAOWN_DOMAIN_NONE);
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	rig_end(&rig);
}

static void remove_twice(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_device_remove(device->device));
	expect(&rig, -ENODEV, dmaown_device_remove(device->device));
	expect(&rig, 0, dmaown_device_add(device->device));
	expect_attached(device, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void remove_before_add(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, -ENODEV, dmaown_device_remove(rig_make_device(&rig, "A", "g1")->device));
	rig_end(&rig);
}

/* Section 3's experiment: B removed and rescanned while the group is claimed (section 6, 10). */
static void hot_add_to_a_claimed_group(void **state)
{
	struct rig rig;
	struct rig_device *removed;

	rig_begin(&rig);
	rig_add_device(&rig, "A", "g1");
	removed = rig_add_device(&rig, "B", "g1");
	expect(&rig, 0, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect(&rig, 0, dmaown_device_remove(removed->device));
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_device_add(removed->device));
	expect_attached(removed, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_group_release(rig_group(&rig, "g1"), &user));
	expect_attached(removed, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* I6, I10: nobody is waited for; the claim ends with the group's last device. */
static void last_device_leaves_a_claimed_group(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect(&rig, 0, dmaown_device_remove(device->device));
	expect_warnings(&rig, "LEFT_CLAIMED:g1");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	expect(&rig, -EINVAL, dmaown_group_release(rig_group(&rig, "g1"), &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:g1");
	rig_end(&rig);
}

static void removed_with_a_claim_of_its_own(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	rig_add_device(&rig, "B", "g1");
	expect(&rig, 0, dmaown_device_claim(device->device, &user));
	expect(&rig, 0, dmaown_device_claim(device->device, &user));
	expect(&rig, 0, dmaown_device_claim(rig.devices[1].device, &user));
	expect(&rig, 0, dmaown_device_remove(device->device));
	expect_warnings(&rig, "LEFT_CLAIMED:A");
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_device_release(rig.devices[1].device, &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* The events during which a second removal, or a bind, comes. */
static int result_of_second_removal, result_of_bind;

static void remove_again(struct rig_device *device, enum dmaown_event event)
{
	if (event == DMAOWN_DEL_DEVICE)
		result_of_second_removal = dmaown_device_remove(device->device);
	if (event == DMAOWN_REMOVED_DEVICE)
		result_of_bind = dmaown_device_bind(device->device, device->rig->drivers[0].driver);
}

static void remove_during_a_removal(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin_unchecked(&rig);
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	rig.on_event = remove_again;
	expect(&rig, 0, dmaown_device_remove(device->device));
	assert_int_equal(result_of_second_removal, -ENODEV);
	assert_int_equal(result_of_bind, -ENODEV);
	rig_end(&rig);
}

/* ---- driver_override ---- */

static void override_chooses(void **state)
{
	char name[] = "second";
	struct rig rig;
	struct rig_device *device;
	struct rig_driver *second;

	rig_begin(&rig);
	rig_add_driver(&rig, "first", false);
	second = rig_add_driver(&rig, "second", true);
	device = rig_make_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_device_set_override(device->device, name));
	name[0] = 'x';
	expect(&rig, 0, dmaown_device_add(device->device));
	expect_driver(device, second);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect(&rig, 0, dmaown_device_set_override(device->device, "nobody"));
	expect(&rig, 0, dmaown_device_probe(device->device));
	expect_driver(device, NULL);
	expect(&rig, 0, dmaown_device_set_override(device->device, NULL));
	expect(&rig, 0, dmaown_device_probe(device->device));
	expect_driver(device, &rig.drivers[0]);
	rig_end(&rig);
}

static void override_is_read_back(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", NULL);
	assert_null(dmaown_device_override(device->device));
	expect(&rig, 0, dmaown_device_set_override(device->device, "vfio-pci"));
	assert_string_equal(dmaown_device_override(device->device), "vfio-pci");
	rig_end(&rig);
}

static void override_unsupported(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig.bus_type.has_override = false;
	device = rig_add_device(&rig, "A", NULL);
	expect(&rig, -EOPNOTSUPP, dmaown_device_set_override(device->device, "driver"));
	expect(&rig, -EOPNOTSUPP, dmaown_device_set_override(device->device, NULL));
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "create@no-name-einval", create_without_name);
	suite_add(&suite, "create@knows-what-it-was-made-of", knows_what_it_was_made_of);
	suite_add(&suite, "create@name-is-copied", name_is_copied);
	suite_add(&suite, "add@binds-a-matching-driver", add_binds);
	suite_add(&suite, "add@without-autoprobe-joins-only", add_without_autoprobe);
	suite_add(&suite, "add@twice-einval", add_twice);
	suite_add(&suite, "add@not-removed-before-its-event", remove_overtakes_add);
	suite_add(&suite, "remove@order-of-events", remove_order);
	suite_add(&suite, "remove@twice-enodev-then-added-again", remove_twice);
	suite_add(&suite, "remove@never-added-enodev", remove_before_add);
	suite_add(&suite, "remove@during-a-removal-enodev", remove_during_a_removal);
	suite_add(&suite, "remove@readded-to-a-claimed-group", hot_add_to_a_claimed_group);
	suite_add(&suite, "remove@last-of-a-claimed-group", last_device_leaves_a_claimed_group);
	suite_add(&suite, "remove@claimed-device-gives-up-its-claims",
		  removed_with_a_claim_of_its_own);
	suite_add(&suite, "override@chooses-the-driver", override_chooses);
	suite_add(&suite, "override@read-back", override_is_read_back);
	suite_add(&suite, "override@bus-without-eopnotsupp", override_unsupported);
	return suite_run(&suite, "device");
}
