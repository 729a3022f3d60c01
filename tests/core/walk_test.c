/* SPDX-License-Identifier: MIT */
/*
 * A random walk through the core's operations beside an independent model of who owns what.
 *
 * The model is mechanism.md, section 3, in a few lines: it keeps no domains and no counts, but
 * derives the count of a group each time from its devices. After each step the errno, every group's
 * owner, count and domains and every device's hardware must be the model's, and the invariants must
 * hold. Give a seed as the first argument to take another walk.
 */
#include "rig.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS 100000
#define SEED UINT64_C(0x5eed)
#define DEVICES 5
#define GROUPS 2
#define OWNERS 2

enum model_driver { NO_DRIVER, NATIVE, MANAGED };
enum model_current { NOTHING, DEFAULT, BLOCKED, OWN };

struct model_device {
	int group; /* -1: none */
	bool added, resetting;
	enum model_driver driver;
	unsigned int claims;
};

struct model_group {
	const void *owner;
	bool whole;
	enum model_current current;
	enum dmaown_domain_kind kind;
};

struct walk {
	struct rig rig;
	uint64_t random;
	struct model_device devices[DEVICES];
	struct model_group groups[GROUPS];
	struct dmaown_group *real_groups[GROUPS];
	struct dmaown_domain *own[GROUPS];
	struct rig_driver *drivers[MANAGED + 1];
};

static uint64_t seed = SEED;
static const char owners[OWNERS];

/* A splitmix64, which needs no library and is the same everywhere. */
static unsigned int choose(struct walk *walk, unsigned int among)
{
	uint64_t mixed = walk->random += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (unsigned int)((mixed ^ (mixed >> 31)) % among);
}

/* ---- the model ---- */

static bool is_member(const struct model_device *device, int group)
{
	return device->added && device->group == group;
}

static unsigned int members(const struct walk *walk, int group)
{
	unsigned int count = 0;

	for (int i = 0; i < DEVICES; i++)
		count += is_member(&walk->devices[i], group);
	return count;
}

static unsigned int claims(const struct walk *walk, int group)
{
	unsigned int count = walk->groups[group].whole;

	for (int i = 0; i < DEVICES; i++)
		if (is_member(&walk->devices[i], group))
			count += walk->devices[i].claims;
	return count;
}

static unsigned int count_of(const struct walk *walk, int group)
{
	unsigned int natives = 0;

	if (walk->groups[group].owner)
		return claims(walk, group);
	for (int i = 0; i < DEVICES; i++)
		natives += is_member(&walk->devices[i], group) && walk->devices[i].driver == NATIVE;
	return natives;
}

static void settle(struct walk *walk, int group)
{
	struct model_group *model = &walk->groups[group];

	if (members(walk, group) == 0)
		*model = (struct model_group) {.kind = DMAOWN_DOMAIN_NONE};
	else if (model->owner && claims(walk, group) == 0) {
		model->owner = NULL;
		model->current = DEFAULT;
	}
}

static int model_add(struct walk *walk, struct model_device *device)
{
	struct model_group *group = &walk->groups[device->group < 0 ? 0 : device->group];

	if (device->added)
		return -EINVAL;
	device->added = true;
	if (device->group >= 0 && members(walk, device->group) == 1)
		*group = (struct model_group) {.current = DEFAULT, .kind = DMAOWN_DOMAIN_DMA};
	return 0;
}

static int model_remove(struct walk *walk, struct model_device *device)
{
	if (!device->added)
		return -ENODEV;
	*device = (struct model_device) {.group = device->group};
	if (device->group >= 0)
		settle(walk, device->group);
	return 0;
}

static int model_bind(struct walk *walk, struct model_device *device, enum model_driver driver)
{
	const struct model_group *group = &walk->groups[device->group < 0 ? 0 : device->group];

	if (!device->added)
		return -ENODEV;
	if (device->driver)
		return -EBUSY;
	if (driver == NATIVE && device->group >= 0 && (group->owner || group->current != DEFAULT))
		return -EBUSY;
	device->driver = driver;
	return 0;
}

static int model_unbind(struct model_device *device)
{
	if (!device->driver)
		return -ENODEV;
	device->driver = NO_DRIVER;
	return 0;
}

/* The native driver was registered first, and a bind that fails before the probe ends a search. */
static int model_probe(struct walk *walk, struct model_device *device)
{
	return device->driver ? 0 : model_bind(walk, device, NATIVE);
}

static int may_claim(struct walk *walk, int group, const void *owner, bool again)
{
	struct model_group *model = &walk->groups[group];

	if (count_of(walk, group) > 0)
		return again && model->owner == owner ? 0 : -EPERM;
	if (model->current == OWN)
		return -EBUSY;
	if (members(walk, group) == 0)
		return -ENODEV;
	model->owner = owner;
	model->current = BLOCKED;
	return 0;
}

static int model_claim(struct walk *walk, int group, const void *owner)
{
	int err = may_claim(walk, group, owner, false);

	if (!err)
		walk->groups[group].whole = true;
	return err;
}

static int model_claim_device(struct walk *walk, struct model_device *device, const void *owner)
{
	int err = -ENODEV;

	if (device->added && device->group >= 0)
		err = may_claim(walk, device->group, owner, true);
	if (!err)
		device->claims++;
	return err;
}

static int may_release(const struct model_group *group, const void *owner, bool claimed)
{
	if (group->owner && group->owner != owner)
		return -EPERM;
	return group->owner && claimed ? 0 : -EINVAL;
}

static int model_release(struct walk *walk, int group, const void *owner)
{
	struct model_group *model = &walk->groups[group];
	int err = may_release(model, owner, model->whole);

	if (err)
		return err;
	if (claims(walk, group) > 1)
		return -EBUSY;
	model->whole = false;
	settle(walk, group);
	return 0;
}

static int model_release_device(struct walk *walk, struct model_device *device, const void *owner)
{
	int err;

	if (!device->added || device->group < 0)
		return -ENODEV;
	err = may_release(&walk->groups[device->group], owner, device->claims > 0);
	if (err)
		return err;
	device->claims--;
	settle(walk, device->group);
	return 0;
}

static int model_attach(struct walk *walk, int group, const void *owner)
{
	struct model_group *model = &walk->groups[group];

	if (model->owner != owner)
		return -EPERM;
	if (!owner && count_of(walk, group) > 0)
		return -EBUSY;
	if (model->current == OWN)
		return -EBUSY;
	if (members(walk, group) == 0)
		return -ENODEV;
	model->current = OWN;
	return 0;
}

static int model_detach(struct model_group *group)
{
	if (group->current != OWN)
		return -EINVAL;
	group->current = group->owner ? BLOCKED : DEFAULT;
	return 0;
}

static int model_set_kind(struct walk *walk, int group, enum dmaown_domain_kind kind)
{
	struct model_group *model = &walk->groups[group];
	bool in_place = kind == DMAOWN_DOMAIN_DMA_FQ && model->kind == DMAOWN_DOMAIN_DMA;

	if (members(walk, group) == 0)
		return -EPERM;
	if (!in_place && count_of(walk, group) > 0)
		return -EPERM;
	if (!in_place && model->current != DEFAULT)
		return -EBUSY;
	model->kind = kind;
	return 0;
}

static int model_reset(struct model_device *device, bool begin)
{
	if (!device->added || device->group < 0)
		return -ENODEV;
	if (device->resetting == begin)
		return -EINVAL;
	device->resetting = begin;
	return 0;
}

/* ---- a step of both ---- */

#define BOTH(walk, model, real)                                                                    \
	do {                                                                                       \
		int expected = (model);                                                            \
		expect(&(walk)->rig, expected, (real));                                            \
	} while (0)

static void step_device(struct walk *walk, unsigned int operation)
{
	unsigned int i = choose(walk, DEVICES);
	struct model_device *model = &walk->devices[i];
	struct dmaown_device *real = walk->rig.devices[i].device;
	enum model_driver driver = choose(walk, 2) ? NATIVE : MANAGED;
	const void *owner = &owners[choose(walk, OWNERS)];

	switch (operation) {
	case 0:
		BOTH(walk, model_add(walk, model), dmaown_device_add(real));
		break;
	case 1:
		BOTH(walk, model_remove(walk, model), dmaown_device_remove(real));
		break;
	case 2:
		BOTH(walk, model_bind(walk, model, driver),
		     dmaown_device_bind(real, walk->drivers[driver]->driver));
		break;
	case 3:
		BOTH(walk, model_unbind(model), dmaown_device_unbind(real));
		break;
	case 4:
		BOTH(walk, model_probe(walk, model), dmaown_device_probe(real));
		break;
	case 5:
		BOTH(walk, model_claim_device(walk, model, owner),
		     dmaown_device_claim(real, owner));
		break;
	case 6:
		BOTH(walk, model_release_device(walk, model, owner),
		     dmaown_device_release(real, owner));
		break;
	case 7:
		BOTH(walk, model_reset(model, true), dmaown_device_reset_begin(real));
		break;
	default:
		BOTH(walk, model_reset(model, false), dmaown_device_reset_end(real));
	}
}

static void step_group(struct walk *walk, unsigned int operation)
{
	static const enum dmaown_domain_kind kinds[] = {
		DMAOWN_DOMAIN_DMA,
		DMAOWN_DOMAIN_DMA_FQ,
		DMAOWN_DOMAIN_IDENTITY,
	};
	int i = (int)choose(walk, GROUPS);
	struct dmaown_group *real = walk->real_groups[i];
	const void *owner = &owners[choose(walk, OWNERS)];
	const void *owner_or_kernel = choose(walk, 3) ? owner : NULL;
	enum dmaown_domain_kind kind = kinds[choose(walk, 3)];

	switch (operation) {
	case 0:
		BOTH(walk, model_claim(walk, i, owner), dmaown_group_claim(real, owner));
		break;
	case 1:
		BOTH(walk, model_release(walk, i, owner), dmaown_group_release(real, owner));
		break;
	case 2:
		BOTH(walk, model_attach(walk, i, owner_or_kernel),
		     dmaown_group_attach(real, owner_or_kernel, walk->own[i]));
		break;
	case 3:
		BOTH(walk, model_detach(&walk->groups[i]), dmaown_group_detach(real, walk->own[i]));
		break;
	default:
		BOTH(walk, model_set_kind(walk, i, kind),
		     dmaown_group_set_default_kind(real, kind));
	}
}

static enum dmaown_domain_kind current_kind(const struct model_group *group)
{
	switch (group->current) {
	case DEFAULT:
		return group->kind;
	case BLOCKED:
		return DMAOWN_DOMAIN_BLOCKED;
	case OWN:
		return DMAOWN_DOMAIN_UNMANAGED;
	case NOTHING:
		break;
	}
	return DMAOWN_DOMAIN_NONE;
}

static void compare(struct walk *walk)
{
	for (int i = 0; i < GROUPS; i++) {
		struct dmaown_group_state real;

		dmaown_group_read(walk->real_groups[i], &real);
		assert_ptr_equal(real.owner, walk->groups[i].owner);
		assert_int_equal(real.count, count_of(walk, i));
		assert_int_equal(real.devices, members(walk, i));
		assert_int_equal(real.default_kind, walk->groups[i].kind);
		assert_int_equal(real.current_kind, current_kind(&walk->groups[i]));
	}
	for (int i = 0; i < DEVICES; i++) {
		const struct model_device *model = &walk->devices[i];
		bool attached = model->added && model->group >= 0 && !model->resetting;

		expect_driver(&walk->rig.devices[i], walk->drivers[model->driver]);
		expect_attached(&walk->rig.devices[i],
				attached ? current_kind(&walk->groups[model->group])
					 : DMAOWN_DOMAIN_NONE);
	}
}

static void begin_walk(struct walk *walk)
{
	static const int groups[DEVICES] = {0, 0, 0, 1, -1};
	static const char *const device_names[DEVICES] = {"A", "B", "C", "D", "E"};
	static const char *const group_names[GROUPS] = {"g1", "g2"};
	struct rig *rig = &walk->rig;

	rig_begin(rig);
	dmaown_bus_set_autoprobe(rig->bus, false);
	walk->random = seed;
	walk->drivers[NO_DRIVER] = NULL;
	walk->drivers[NATIVE] = rig_add_driver(rig, "native", false);
	walk->drivers[MANAGED] = rig_add_driver(rig, "managed", true);
	for (int i = 0; i < DEVICES; i++) {
		walk->devices[i] = (struct model_device) {.group = groups[i]};
		assert_int_equal(model_add(walk, &walk->devices[i]), 0);
		rig_add_device(rig, device_names[i], groups[i] < 0 ? NULL : group_names[groups[i]]);
	}
	for (int i = 0; i < GROUPS; i++) {
		walk->real_groups[i] = rig_group(rig, group_names[i]);
		expect(rig, 0, dmaown_domain_create(rig->iommu, &walk->own[i]));
	}
}

static void walk_beside_the_model(void **state)
{
	struct walk walk = {0};

	begin_walk(&walk);
	for (int i = 0; i < STEPS; i++) {
		unsigned int operation = choose(&walk, 14);

		if (operation < 9)
			step_device(&walk, operation);
		else
			step_group(&walk, operation - 9);
		compare(&walk);
		walk.rig.trace[0] = walk.rig.warnings[0] = '\0';
	}
	rig_end_warned(&walk.rig);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{.name = "walk@beside-the-model", .test_func = walk_beside_the_model}};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	printf("seed %#" PRIx64 ", %d steps\n", seed, STEPS);
	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
