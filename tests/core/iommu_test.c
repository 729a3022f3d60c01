/* SPDX-License-Identifier: MIT */
/*
 * IOMMUs: devices join their groups when they are added, bound or found by a scan; nobody uses a
 * group before it has its default domain; firmware's 1:1 regions stay reachable.
 */
#include "rig.h"

#include <errno.h>

static const int user;

/* ---- registration ---- */

struct required_row {
	const char *name;
	size_t operation; /* the offset of the one that is left out */
};

static const struct required_row required_rows[] = {
	{"register@without-device-group-einval", offsetof(struct dmaown_iommu_ops, device_group)},
	{"register@without-create-domain-einval", offsetof(struct dmaown_iommu_ops, create_domain)},
	{"register@without-destroy-domain-einval",
	 offsetof(struct dmaown_iommu_ops, destroy_domain)},
	{"register@without-attach-einval", offsetof(struct dmaown_iommu_ops, attach)},
	{"register@without-block-einval", offsetof(struct dmaown_iommu_ops, block)},
};

static void register_without(void **state)
{
	const struct required_row *row = *state;
	struct dmaown_iommu *iommu = NULL;
	struct dmaown_iommu_ops ops;
	struct rig rig;

	rig_begin(&rig);
	ops = rig.ops;
	*(void (**)(void))(void *)((char *)&ops + row->operation) = NULL;
	expect(&rig, -EINVAL, dmaown_iommu_register(rig.core, &ops, &rig, &iommu));
	assert_null(iommu);
	rig_end(&rig);
}

static void unregister_idle(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_end(&rig);
}

static void unregister_busy(void **state)
{
	struct dmaown_domain *domain;
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, -EBUSY, dmaown_iommu_unregister(rig.iommu));
	expect(&rig, 0, dmaown_device_remove(device->device));
	rig.group_count = 0;
	step(&rig, dmaown_group_put(rig.groups[0].group));
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &domain));
	expect(&rig, -EBUSY, dmaown_iommu_unregister(rig.iommu));
	expect(&rig, 0, dmaown_domain_destroy(domain));
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_end(&rig);
}

/* Another thread unregisters the IOMMU while a domain's hardware is being destroyed. */
static void (*destroy_domain_of_the_rig)(void *context, void *hardware);
static int unregistered_meanwhile;

static void destroy_domain_and_unregister(void *context, void *hardware)
{
	struct rig *rig = context;

	unregistered_meanwhile = dmaown_iommu_unregister(rig->iommu);
	destroy_domain_of_the_rig(context, hardware);
}

static void unregister_while_a_domain_goes(void **state)
{
	struct dmaown_domain *domain;
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &domain));
	destroy_domain_of_the_rig = rig.ops.destroy_domain;
	rig.ops.destroy_domain = destroy_domain_and_unregister;
	expect(&rig, 0, dmaown_domain_destroy(domain));
	assert_int_equal(unregistered_meanwhile, -EBUSY);
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_end(&rig);
}

/* ---- joining ---- */

static void join_sets_up_the_default_once(void **state)
{
	struct rig rig;
	struct rig_device *first, *second;

	rig_begin(&rig);
	first = rig_add_device(&rig, "A", "g1");
	second = rig_add_device(&rig, "B", "g1");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	assert_ptr_equal(first->attached, second->attached);
	assert_int_equal(rig.domains, 1);
	rig_end(&rig);
}

static void join_as_the_iommu_wants(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	rig.default_kind = DMAOWN_DOMAIN_IDENTITY;
	rig_add_device(&rig, "A", "g1");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_IDENTITY);
	rig_end(&rig);
}

static void join_without_a_wish(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	rig.default_kind = DMAOWN_DOMAIN_IDENTITY;
	rig.ops.default_kind = NULL;
	rig.ops.direct_region = NULL;
	rig_add_device(&rig, "A", "g1");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void join_again(void **state)
{
	struct rig rig;
	struct rig_device *device, *stranger, *absent;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", "g1");
	stranger = rig_add_device(&rig, "B", NULL);
	absent = rig_make_device(&rig, "C", "g1");
	dmaown_device_lock(device->device);
	assert_int_equal(dmaown_device_join(device->device), 0);
	dmaown_device_unlock(device->device);
	dmaown_device_lock(stranger->device);
	assert_int_equal(dmaown_device_join(stranger->device), -ENODEV);
	dmaown_device_unlock(stranger->device);
	dmaown_device_lock(absent->device);
	assert_int_equal(dmaown_device_join(absent->device), -ENODEV);
	dmaown_device_unlock(absent->device);
	rig_check(&rig, "join", AT_LINE);
	rig_end(&rig);
}

/* Section 6, 4: the firmware step puts it in its group, so the use is counted after it. */
static void firmware_step_joins(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	device = rig_make_device(&rig, "A", "g1");
	device->undescribed = true;
	device->firmware_joins = true;
	expect(&rig, 0, dmaown_device_add(device->device));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, -EPERM, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	rig_end(&rig);
}

static void joins_after_the_firmware_step(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_driver(&rig, "driver", false);
	device = rig_make_device(&rig, "A", "g1");
	device->undescribed = true;
	expect(&rig, 0, dmaown_device_add(device->device));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* Where joining fails: as the first device of its group, or as another one. */
struct join_row {
	const char *name;
	struct fault device_group, create_domain, attach, direct_region, map;
	bool first;
};

static const struct join_row join_rows[] = {
	{"join@group-unknown-for-now", .device_group = ALWAYS(-EIO), .first = true},
	{"join@default-domain-fails", .create_domain = ALWAYS(-EIO), .first = true},
	{"join@first-attach-fails", .attach = ALWAYS(-EIO), .first = true},
	{"join@first-regions-fail", .direct_region = ALWAYS(-EIO), .first = true},
	{"join@first-region-not-mapped", .map = ALWAYS(-EIO), .first = true},
	{"join@another-attach-fails", .attach = ALWAYS(-EIO)},
	{"join@another-regions-fail", .direct_region = ALWAYS(-EIO)},
	{"join@another-region-not-mapped", .map = ALWAYS(-EIO)},
};

static void join_fails(void **state)
{
	const struct join_row *row = *state;
	struct rig rig;
	struct rig_device *device;
	struct rig_driver *driver;

	rig_begin(&rig);
	driver = rig_add_driver(&rig, "driver", false);
	driver->only = "B";
	if (!row->first)
		rig_add_device(&rig, "A", "g1");
	device = rig_make_device(&rig, "B", "g1");
	device->regions[0] = (struct dmaown_region) {0x1000, 0x1000};
	device->attach = row->attach;
	rig.device_group = row->device_group;
	rig.create_domain = row->create_domain;
	rig.direct_region = row->direct_region;
	rig.map = row->map;
	expect(&rig, 0, dmaown_device_add(device->device));
	expect_warnings(&rig, "JOIN_FAILED:B");
	expect_attached(device, DMAOWN_DOMAIN_NONE);
	expect(&rig, -EIO, dmaown_device_bind(device->device, driver->driver));
	rig.device_group = rig.create_domain = rig.direct_region = rig.map = (struct fault) {0};
	device->attach = (struct fault) {0};
	expect(&rig, 0, dmaown_device_bind(device->device, driver->driver));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* ---- a scan of devices that were there before ---- */

static void begin_without_iommu(struct rig *rig)
{
	rig_begin(rig);
	expect(rig, 0, dmaown_iommu_unregister(rig->iommu));
	rig->iommu = NULL;
}

static void register_iommu(struct rig *rig)
{
	expect(rig, 0, dmaown_iommu_register(rig->core, &rig->ops, rig, &rig->iommu));
}

static void scan_finds_everything(void **state)
{
	struct rig rig;
	struct rig_device *unbound, *managed, *stranger;

	begin_without_iommu(&rig);
	rig_add_driver(&rig, "managed", true)->only = "B";
	unbound = rig_add_device(&rig, "A", "g1");
	managed = rig_add_device(&rig, "B", "g1");
	stranger = rig_add_device(&rig, "C", NULL);
	rig_make_device(&rig, "D", "g1");
	register_iommu(&rig);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	expect_attached(unbound, DMAOWN_DOMAIN_DMA);
	expect_attached(managed, DMAOWN_DOMAIN_DMA);
	expect_attached(stranger, DMAOWN_DOMAIN_NONE);
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	assert_int_equal(rig.domains, 1);
	rig_end(&rig);
}

/* A native driver already does untranslated DMA: it is left alone until it is unbound. */
static void scan_leaves_bound_native_devices(void **state)
{
	struct rig rig;
	struct rig_device *device;

	begin_without_iommu(&rig);
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	register_iommu(&rig);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	expect_warnings(&rig, "JOIN_BOUND:A");
	dmaown_device_lock(device->device);
	assert_int_equal(dmaown_device_join(device->device), -EBUSY);
	dmaown_device_unlock(device->device);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect(&rig, 0, dmaown_device_probe(device->device));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* Section 6, 13: between the joining and the default domain a native probe is deferred. */
static int bind_between, claim_between;

static void bind_between_join_and_default(struct rig *rig)
{
	expect_group(rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	bind_between = dmaown_device_bind(rig->devices[0].device, rig->drivers[0].driver);
	rig_check(rig, "a bind within the scan", AT_LINE);
}

static void scan_defers_native_binds(void **state)
{
	struct rig rig;
	struct rig_device *device;
	struct rig_driver *driver;

	begin_without_iommu(&rig);
	dmaown_bus_set_autoprobe(rig.bus, false);
	driver = rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	register_iommu(&rig);
	rig.on_reschedule = bind_between_join_and_default;
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	assert_int_equal(bind_between, -EAGAIN);
	expect_driver(device, driver);
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void claim_between_join_and_default(struct rig *rig)
{
	claim_between = dmaown_group_claim(rig_group(rig, "g1"), &user);
	rig_check(rig, "a claim within the scan", AT_LINE);
}

/* A claim in between does the scan's work first, so that its release has a way back. */
static void scan_meets_a_claim(void **state)
{
	struct rig rig;

	begin_without_iommu(&rig);
	rig_add_device(&rig, "A", "g1");
	register_iommu(&rig);
	rig.on_reschedule = claim_between_join_and_default;
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	assert_int_equal(claim_between, 0);
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_group_release(rig_group(&rig, "g1"), &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* A group that has no default domain yet has no kind of one to change, and no domain to detach. */
static int kind_between, detach_between;

static void change_between(struct rig *rig)
{
	kind_between = dmaown_group_set_default_kind(rig_group(rig, "g1"), DMAOWN_DOMAIN_IDENTITY);
	detach_between = dmaown_group_detach(rig_group(rig, "g1"), NULL);
	rig_check(rig, "changes within the scan", AT_LINE);
}

static void scan_meets_other_changes(void **state)
{
	struct rig rig;

	begin_without_iommu(&rig);
	rig_add_device(&rig, "A", "g1");
	register_iommu(&rig);
	rig.on_reschedule = change_between;
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	assert_int_equal(kind_between, -EINVAL);
	assert_int_equal(detach_between, -EINVAL);
	rig_end(&rig);
}

/* It does as much as it can, and may be called again. */
static void scan_fails_partly(void **state)
{
	struct rig rig;
	struct rig_device *first, *second;

	begin_without_iommu(&rig);
	first = rig_add_device(&rig, "A", "g1");
	second = rig_add_device(&rig, "B", "g2");
	register_iommu(&rig);
	rig.device_group = AT_CALL(1, -EIO);
	rig.create_domain = AT_CALL(1, -ENOMEM);
	expect(&rig, -EIO, dmaown_iommu_scan(rig.iommu));
	expect_attached(first, DMAOWN_DOMAIN_NONE);
	expect_attached(second, DMAOWN_DOMAIN_NONE);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	expect_attached(first, DMAOWN_DOMAIN_DMA);
	expect_attached(second, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* The second group's default domain fails for another reason, which is not the one that is told. */
static void scan_returns_the_first_errno(void **state)
{
	struct rig rig;

	begin_without_iommu(&rig);
	rig_add_device(&rig, "A", "g1");
	rig_add_device(&rig, "B", "g2");
	register_iommu(&rig);
	rig.create_domain = ALWAYS(-EIO);
	expect(&rig, -EIO, dmaown_iommu_scan(rig.iommu));
	rig.memory = AT_CALL(2, -ENOMEM);
	expect(&rig, -EIO, dmaown_iommu_scan(rig.iommu));
	rig.create_domain = (struct fault) {0};
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	rig_end(&rig);
}

/* Two IOMMUs: each scans for its own devices only. */
static int no_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	return -ENODEV;
}

static void scan_of_one_of_two(void **state)
{
	struct dmaown_iommu_ops none;
	struct dmaown_iommu *other;
	struct rig_device *device;
	struct rig rig;

	begin_without_iommu(&rig);
	none = rig.ops;
	none.device_group = no_group;
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_iommu_register(rig.core, &none, &rig, &other));
	register_iommu(&rig);
	expect(&rig, 0, dmaown_iommu_scan(other));
	expect_attached(device, DMAOWN_DOMAIN_NONE);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	expect_attached(device, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* Its walk of devices and groups refers to them no longer than it needs. */
static void scan_keeps_nothing(void **state)
{
	struct rig rig;

	begin_without_iommu(&rig);
	rig_add_device(&rig, "A", "g1");
	rig_add_device(&rig, "B", "g2");
	register_iommu(&rig);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	rig.group_count = 0;
	for (unsigned int i = 0; i < 2; i++) {
		step(&rig, dmaown_group_put(rig.groups[i].group));
		expect(&rig, 0, dmaown_device_remove(rig.devices[i].device));
	}
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_end(&rig);
}

/* ---- firmware's 1:1 regions ---- */

static void direct_regions_are_mapped(void **state)
{
	struct rig rig;
	struct rig_device *device, *twin;

	rig_begin(&rig);
	device = rig_make_device(&rig, "A", "g1");
	device->regions[0] = (struct dmaown_region) {0x1000, 0x1000};
	device->regions[1] = (struct dmaown_region) {0x8000, 0x2000};
	expect(&rig, 0, dmaown_device_add(device->device));
	assert_int_equal(device->attached->mapped, 2);
	twin = rig_make_device(&rig, "B", "g1");
	twin->regions[0] = device->regions[1];
	expect(&rig, 0, dmaown_device_add(twin->device));
	assert_int_equal(device->attached->mapped, 2);
	expect(&rig, 0,
	       dmaown_group_set_default_kind(rig_group(&rig, "g1"), DMAOWN_DOMAIN_IDENTITY));
	assert_int_equal(device->attached->mapped, 0);
	rig_end(&rig);
}

static void direct_regions_hinder_a_claim(void **state)
{
	char before[RIG_STATE], after[RIG_STATE];
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig_add_device(&rig, "A", "g1");
	device = rig_make_device(&rig, "B", "g1");
	device->regions[0] = (struct dmaown_region) {0x1000, 0x1000};
	expect(&rig, 0, dmaown_device_add(device->device));
	rig_read_state(&rig, before);
	expect(&rig, -EINVAL, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect(&rig, -EINVAL, dmaown_device_claim(rig.devices[0].device, &user));
	rig_read_state(&rig, after);
	assert_string_equal(before, after);
	expect(&rig, 0, dmaown_device_remove(device->device));
	expect(&rig, 0, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect(&rig, 0, dmaown_device_add(device->device));
	expect_warnings(&rig, "JOIN_FAILED:B");
	expect(&rig, 0, dmaown_group_release(rig_group(&rig, "g1"), &user));
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, required_rows, register_without);
	suite_add(&suite, "unregister@idle", unregister_idle);
	suite_add(&suite, "unregister@group-or-domain-left-ebusy", unregister_busy);
	suite_add(&suite, "unregister@while-a-domain-goes-ebusy", unregister_while_a_domain_goes);
	suite_add(&suite, "join@one-default-domain-for-the-group", join_sets_up_the_default_once);
	suite_add(&suite, "join@kind-as-the-iommu-wants", join_as_the_iommu_wants);
	suite_add(&suite, "join@iommu-without-a-wish-dma", join_without_a_wish);
	suite_add(&suite, "join@again-0-not-behind-it-enodev-not-added-enodev", join_again);
	suite_add(&suite, "join@by-the-firmware-step", firmware_step_joins);
	suite_add(&suite, "join@after-the-firmware-step", joins_after_the_firmware_step);
	ADD_ROWS(&suite, join_rows, join_fails);
	suite_add(&suite, "scan@finds-what-was-there-before", scan_finds_everything);
	suite_add(&suite, "scan@bound-native-left-alone", scan_leaves_bound_native_devices);
	suite_add(&suite, "scan@native-bind-in-between-deferred", scan_defers_native_binds);
	suite_add(&suite, "scan@claim-in-between", scan_meets_a_claim);
	suite_add(&suite, "scan@no-kind-to-change-no-domain-to-detach-in-between",
		  scan_meets_other_changes);
	suite_add(&suite, "scan@fails-partly-then-again", scan_fails_partly);
	suite_add(&suite, "scan@of-one-iommu-of-two", scan_of_one_of_two);
	suite_add(&suite, "scan@first-errno-is-returned", scan_returns_the_first_errno);
	suite_add(&suite, "scan@keeps-nothing", scan_keeps_nothing);
	suite_add(&suite, "direct@mapped-once", direct_regions_are_mapped);
	suite_add(&suite, "direct@claim-einval", direct_regions_hinder_a_claim);
	return suite_run(&suite, "iommu");
}
