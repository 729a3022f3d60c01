/* SPDX-License-Identifier: MIT */
/*
 * No memory: every operation is done with its first, second, ... request for memory refused, until
 * none is left to refuse.
 *
 * A refusal is -ENOMEM, leaves everything as it was (I7), and is forgotten: the same call succeeds
 * once there is memory, with the same outcome as if there had always been. Where an operation is
 * said to do as much as it can, it need only be completed by its retry. What undoes something must
 * not ask for memory at all.
 */
#include "rig.h"

#include <errno.h>
#include <string.h>

#define PAGE 0x1000u

static const int user;

struct row {
	const char *name;
	void (*prepare)(struct rig *rig);
	int (*operate)(struct rig *rig);
	int (*retry)(struct rig *rig); /* NULL: operate() */
	bool partial;                  /* does as much as it can; may even report success */
};

static struct dmaown_device *first(struct rig *rig)
{
	return rig->devices[0].device;
}

/* ---- where the operations begin ---- */

static struct dmaown_domain *domain;
static struct dmaown_group *group;
static struct dmaown_bus *second_bus;
static struct dmaown_bus_type second_type;

static void empty(struct rig *rig)
{
	second_type = rig->bus_type;
	second_type.name = "second";
}

static void one_made(struct rig *rig)
{
	rig_add_driver(rig, "driver", false);
	rig_make_device(rig, "A", "g1")->regions[0] = (struct dmaown_region) {PAGE, PAGE};
}

static void two_added(struct rig *rig)
{
	rig_add_device(rig, "A", "g1");
	rig_add_device(rig, "B", "g1");
	group = rig_group(rig, "g1");
}

static void two_added_and_a_driver(struct rig *rig)
{
	two_added(rig);
	rig_make_driver(rig, "driver", false);
}

static void joins_when_bound(struct rig *rig)
{
	dmaown_bus_set_autoprobe(rig->bus, false);
	rig_add_driver(rig, "driver", false);
	rig_make_device(rig, "A", "g1")->undescribed = true;
	expect(rig, 0, dmaown_device_add(first(rig)));
}

static void bound(struct rig *rig)
{
	rig_add_driver(rig, "driver", false);
	two_added(rig);
}

static void overridden(struct rig *rig)
{
	two_added(rig);
	expect(rig, 0, dmaown_device_set_override(first(rig), "before"));
}

static void with_domain(struct rig *rig)
{
	two_added(rig);
	expect(rig, 0, dmaown_domain_create(rig->iommu, &domain));
}

static void claimed(struct rig *rig)
{
	with_domain(rig);
	expect(rig, 0, dmaown_group_claim(group, &user));
}

static void attached(struct rig *rig)
{
	claimed(rig);
	expect(rig, 0, dmaown_group_attach(group, &user, domain));
}

static void device_claimed(struct rig *rig)
{
	two_added(rig);
	expect(rig, 0, dmaown_device_claim(first(rig), &user));
}

static void with_pasid(struct rig *rig)
{
	with_domain(rig);
	expect(rig, 0, dmaown_device_attach_pasid(first(rig), 3, domain));
}

static void mapped(struct rig *rig)
{
	bound(rig);
	expect(rig, 0, dmaown_dma_map(first(rig), PAGE, PAGE, PAGE, DMAOWN_READ));
}

static void resetting(struct rig *rig)
{
	two_added(rig);
	expect(rig, 0, dmaown_device_reset_begin(first(rig)));
}

static void there_before_the_iommu(struct rig *rig)
{
	expect(rig, 0, dmaown_iommu_unregister(rig->iommu));
	rig_add_device(rig, "A", "g1");
	rig_add_device(rig, "B", "g2");
	expect(rig, 0, dmaown_iommu_register(rig->core, &rig->ops, rig, &rig->iommu));
}

/* ---- the operations that may ask for memory ---- */

static int create_bus(struct rig *rig)
{
	return dmaown_bus_create(rig->core, &second_type, &second_bus);
}

static int register_iommu(struct rig *rig)
{
	return dmaown_iommu_register(rig->core, &rig->ops, rig, &rig->iommu);
}

static int create_group(struct rig *rig)
{
	return dmaown_group_create(rig->iommu, "g9", NULL, &group);
}

static int create_domain(struct rig *rig)
{
	return dmaown_domain_create(rig->iommu, &domain);
}

static int create_device(struct rig *rig)
{
	struct dmaown_device_description description = {.name = "A"};
	struct dmaown_device *device;

	return dmaown_device_create(rig->bus, &description, &device);
}

static int register_driver(struct rig *rig)
{
	struct rig_driver *driver = &rig->drivers[0];

	return dmaown_driver_register(rig->bus, &driver->type, &driver->driver);
}

static int add(struct rig *rig)
{
	return dmaown_device_add(first(rig));
}

static int probe(struct rig *rig)
{
	return dmaown_device_probe(first(rig));
}

static int bind(struct rig *rig)
{
	return dmaown_device_bind(first(rig), rig->drivers[0].driver);
}

static int override(struct rig *rig)
{
	return dmaown_device_set_override(first(rig), "after");
}

static int claim(struct rig *rig)
{
	return dmaown_group_claim(group, &user);
}

static int claim_device(struct rig *rig)
{
	return dmaown_device_claim(first(rig), &user);
}

static int attach(struct rig *rig)
{
	return dmaown_group_attach(group, &user, domain);
}

static int set_kind(struct rig *rig)
{
	return dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY);
}

static int attach_pasid(struct rig *rig)
{
	return dmaown_device_attach_pasid(first(rig), 3, domain);
}

static int map(struct rig *rig)
{
	return dmaown_dma_map(first(rig), PAGE, PAGE, PAGE, DMAOWN_READ);
}

static int scan(struct rig *rig)
{
	return dmaown_iommu_scan(rig->iommu);
}

static const struct row rows[] = {
	{"create-bus", empty, create_bus, NULL, false},
	{"register-iommu", empty, register_iommu, NULL, false},
	{"create-group", empty, create_group, NULL, false},
	{"create-domain", empty, create_domain, NULL, false},
	{"create-device", empty, create_device, NULL, false},
	{"register-driver", two_added_and_a_driver, register_driver, NULL, false},
	{"add-device", one_made, add, probe, true},
	{"bind-joining", joins_when_bound, bind, NULL, false},
	{"set-override", overridden, override, NULL, false},
	{"claim-group", with_domain, claim, NULL, false},
	{"claim-device", with_domain, claim_device, NULL, false},
	{"attach-domain", claimed, attach, NULL, false},
	{"set-default-kind", two_added, set_kind, NULL, false},
	{"attach-pasid", with_domain, attach_pasid, NULL, false},
	{"map-dma", bound, map, NULL, false},
	{"scan", there_before_the_iommu, scan, NULL, true},
};

/* The state that the operation leads to when there is memory. */
static void read_success(const struct row *row, char text[RIG_STATE])
{
	struct rig rig;

	rig_begin(&rig);
	row->prepare(&rig);
	expect(&rig, 0, row->operate(&rig));
	rig_read_state(&rig, text);
	rig_end_warned(&rig);
}

/* True: the k-th request was made, and refused. */
static bool refuse(const struct row *row, unsigned int k, const char *success)
{
	char before[RIG_STATE], after[RIG_STATE];
	struct rig rig;
	bool refused;
	int err;

	rig_begin(&rig);
	row->prepare(&rig);
	rig_read_state(&rig, before);
	rig.memory = AT_CALL(k, -ENOMEM);
	err = row->operate(&rig);
	rig_check(&rig, row->name, AT_LINE);
	refused = rig.memory.calls >= k;
	rig.memory = (struct fault) {0};
	if (refused && !row->partial) {
		assert_int_equal(err, -ENOMEM);
		rig_read_state(&rig, after);
		assert_string_equal(before, after);
	}
	if (refused)
		expect(&rig, 0, (row->retry ? row->retry : row->operate)(&rig));
	rig_read_state(&rig, after);
	assert_string_equal(after, success);
	rig_end_warned(&rig);
	return refused;
}

static void refuse_each(void **state)
{
	const struct row *row = *state;
	char success[RIG_STATE];
	unsigned int k = 1;

	read_success(row, success);
	while (refuse(row, k, success))
		k++;
}

/* The core's own beginning leaves nothing behind either. */
static void refuse_core(void **state)
{
	struct rig rig;
	unsigned int k = 1;

	for (;; k++) {
		rig_prepare(&rig);
		rig.memory = AT_CALL(k, -ENOMEM);
		if (dmaown_core_create(&rig.env, &rig.core) == 0)
			break;
		assert_null(rig.core);
		assert_int_equal(rig.blocks + rig.locks, 0);
	}
	assert_true(k > 1);
	dmaown_core_destroy(rig.core);
	assert_int_equal(rig.blocks + rig.locks, 0);
}

/* ---- the operations that must not ask ---- */

static int unbind(struct rig *rig)
{
	return dmaown_device_unbind(first(rig));
}

static int remove_first(struct rig *rig)
{
	return dmaown_device_remove(first(rig));
}

static int release(struct rig *rig)
{
	return dmaown_group_release(group, &user);
}

static int release_device(struct rig *rig)
{
	return dmaown_device_release(first(rig), &user);
}

static int detach(struct rig *rig)
{
	return dmaown_group_detach(group, domain);
}

static int detach_pasid(struct rig *rig)
{
	return dmaown_device_detach_pasid(first(rig), 3);
}

static int destroy_domain(struct rig *rig)
{
	return dmaown_domain_destroy(domain);
}

static int unmap(struct rig *rig)
{
	return dmaown_dma_unmap(first(rig), PAGE, PAGE);
}

static int end_reset(struct rig *rig)
{
	return dmaown_device_reset_end(first(rig));
}

static int unregister_driver(struct rig *rig)
{
	dmaown_driver_unregister(rig->drivers[0].driver);
	return 0;
}

static const struct row undo_rows[] = {
	{"unbind@needs-no-memory", bound, unbind, NULL, false},
	{"remove@needs-no-memory", bound, remove_first, NULL, false},
	{"unregister-driver@needs-no-memory", bound, unregister_driver, NULL, false},
	{"release@needs-no-memory", attached, release, NULL, false},
	{"release-device@needs-no-memory", device_claimed, release_device, NULL, false},
	{"remove-claimed@needs-no-memory", device_claimed, remove_first, NULL, false},
	{"detach@needs-no-memory", attached, detach, NULL, false},
	{"detach-pasid@needs-no-memory", with_pasid, detach_pasid, NULL, false},
	{"remove-with-pasid@needs-no-memory", with_pasid, remove_first, NULL, false},
	{"destroy-domain@needs-no-memory", with_domain, destroy_domain, NULL, false},
	{"unmap@needs-no-memory", mapped, unmap, NULL, false},
	{"unbind-with-mappings@needs-no-memory", mapped, unbind, NULL, false},
	{"reset-end@needs-no-memory", resetting, end_reset, NULL, false},
	{"rebind@needs-no-memory", bound, probe, NULL, false},
};

static void need_no_memory(void **state)
{
	const struct row *row = *state;
	struct rig rig;

	rig_begin(&rig);
	row->prepare(&rig);
	rig.memory = ALWAYS(-ENOMEM);
	expect(&rig, 0, row->operate(&rig));
	rig_end_warned(&rig);
	assert_int_equal(rig.memory.calls, 0);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "create-core", refuse_core);
	ADD_ROWS(&suite, rows, refuse_each);
	ADD_ROWS(&suite, undo_rows, need_no_memory);
	return suite_run(&suite, "allocation");
}
