/* SPDX-License-Identifier: MIT */
/* Groups, and who owns them: claims and releases with every errno. */
#include "rig.h"

#include <errno.h>
#include <string.h>

static const int user, other;

/* ---- the group as a whole ---- */

static void create_without_name(void **state)
{
	struct dmaown_group *group = NULL;
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, -EINVAL, dmaown_group_create(rig.iommu, NULL, NULL, &group));
	assert_null(group);
	rig_end(&rig);
}

static void group_reads_back(void **state)
{
	struct dmaown_group *group;
	struct dmaown_group_state read;
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_group_create(rig.iommu, "g9", &rig, &group));
	assert_string_equal(dmaown_group_name(group), "g9");
	assert_ptr_equal(dmaown_group_context(group), &rig);
	dmaown_group_read(group, &read);
	assert_null(read.owner);
	assert_int_equal(read.count + read.devices + read.pasids, 0);
	assert_int_equal(read.default_kind, DMAOWN_DOMAIN_NONE);
	assert_int_equal(read.current_kind, DMAOWN_DOMAIN_NONE);
	step(&rig, dmaown_group_put(group));
	step(&rig, dmaown_group_put(NULL));
	rig_end(&rig);
}

static void claim_and_release(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);

	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect_all_attached(&rig, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	expect_all_attached(&rig, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* Brings a group to where a claim of the user is refused, and back. */
struct claim_row {
	const char *name;
	void (*prepare)(struct rig *rig, struct dmaown_group *group);
	void (*restore)(struct rig *rig, struct dmaown_group *group);
	const void *owner;
	int expected;
};

static struct dmaown_domain *domain;

static void bind_native(struct rig *rig, struct dmaown_group *group)
{
	struct rig_driver *driver = rig_make_driver(rig, "late", false);

	driver->only = "B";
	rig_register(driver);
	expect_driver(&rig->devices[1], driver);
}

static void unbind_native(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_device_unbind(rig->devices[1].device));
}

static void claim_as_user(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_group_claim(group, &user));
}

static void release_as_user(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_group_release(group, &user));
}

static void claim_device_as_user(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_device_claim(rig->devices[2].device, &user));
}

static void release_device_as_user(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_device_release(rig->devices[2].device, &user));
}

static void attach_as_kernel(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_domain_create(rig->iommu, &domain));
	expect(rig, 0, dmaown_group_attach(group, NULL, domain));
}

static void detach_as_kernel(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_group_detach(group, domain));
	expect(rig, 0, dmaown_domain_destroy(domain));
}

static void attach_pasid(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_domain_create(rig->iommu, &domain));
	expect(rig, 0, dmaown_device_attach_pasid(rig->devices[0].device, 1, domain));
}

static void detach_pasid(struct rig *rig, struct dmaown_group *group)
{
	expect(rig, 0, dmaown_device_detach_pasid(rig->devices[0].device, 1));
	expect(rig, 0, dmaown_domain_destroy(domain));
}

static void fail_last_attach(struct rig *rig, struct dmaown_group *group)
{
	rig->devices[2].attach = ALWAYS(-EIO);
}

static void fail_domain(struct rig *rig, struct dmaown_group *group)
{
	rig->create_domain = ALWAYS(-ENOSPC);
}

static void fix_faults(struct rig *rig, struct dmaown_group *group)
{
	rig->devices[2].attach = rig->create_domain = (struct fault) {0};
}

static void empty_it(struct rig *rig, struct dmaown_group *group)
{
	rig_remove_devices(rig);
}

static void fill_it(struct rig *rig, struct dmaown_group *group)
{
	for (unsigned int i = 0; i < rig->device_count; i++)
		expect(rig, 0, dmaown_device_add(rig->devices[i].device));
}

static void nothing(struct rig *rig, struct dmaown_group *group)
{
}

static const struct claim_row claim_rows[] = {
	{"claim@no-owner-einval", nothing, nothing, NULL, -EINVAL},
	{"claim@native-in-use-eperm", bind_native, unbind_native, &user, -EPERM},
	{"claim@same-owner-again-eperm", claim_as_user, release_as_user, &user, -EPERM},
	{"claim@another-owner-eperm", claim_as_user, release_as_user, &other, -EPERM},
	{"claim@owner-of-a-device-eperm", claim_device_as_user, release_device_as_user, &user,
	 -EPERM},
	{"claim@kernel-users-own-domain-ebusy", attach_as_kernel, detach_as_kernel, &user, -EBUSY},
	{"claim@pasid-attached-ebusy", attach_pasid, detach_pasid, &user, -EBUSY},
	{"claim@empty-enodev", empty_it, fill_it, &user, -ENODEV},
	{"claim@third-attach-fails-two-put-back", fail_last_attach, fix_faults, &user, -EIO},
	{"claim@no-blocking-domain", fail_domain, fix_faults, &user, -ENOSPC},
};

static const struct claim_row device_claim_rows[] = {
	{"claim-device@no-owner-einval", nothing, nothing, NULL, -EINVAL},
	{"claim-device@native-in-use-eperm", bind_native, unbind_native, &user, -EPERM},
	{"claim-device@another-owner-eperm", claim_as_user, release_as_user, &other, -EPERM},
	{"claim-device@other-device-of-another-owner-eperm", claim_device_as_user,
	 release_device_as_user, &other, -EPERM},
	{"claim-device@kernel-users-own-domain-ebusy", attach_as_kernel, detach_as_kernel, &user,
	 -EBUSY},
	{"claim-device@pasid-attached-ebusy", attach_pasid, detach_pasid, &user, -EBUSY},
	{"claim-device@no-group-enodev", empty_it, fill_it, &user, -ENODEV},
	{"claim-device@third-attach-fails-two-put-back", fail_last_attach, fix_faults, &user, -EIO},
};

/* A failed claim has no effect, and once the hindrance is gone a claim succeeds. */
static void expect_refusal(const struct claim_row *row, bool of_a_device)
{
	char before[RIG_STATE], after[RIG_STATE];
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);
	struct dmaown_device *device = rig.devices[0].device;

	row->prepare(&rig, group);
	rig_read_state(&rig, before);
	expect(&rig, row->expected,
	       of_a_device ? dmaown_device_claim(device, row->owner)
			   : dmaown_group_claim(group, row->owner));
	rig_read_state(&rig, after);
	assert_string_equal(before, after);
	row->restore(&rig, group);
	expect(&rig, 0, dmaown_group_claim(group, &other));
	expect(&rig, 0, dmaown_group_release(group, &other));
	rig_end(&rig);
}

static void claim_refused(void **state)
{
	expect_refusal(*state, false);
}

static void device_claim_refused(void **state)
{
	expect_refusal(*state, true);
}

/* ---- release: a caller's error changes nothing ---- */

static void release_errors(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, true);

	expect(&rig, -EINVAL, dmaown_group_release(group, &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:g1");
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_unbind(rig.devices[0].device));
	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect(&rig, -EPERM, dmaown_group_release(group, &other));
	expect_warnings(&rig, "RELEASE_FOREIGN:g1");
	expect(&rig, -EPERM, dmaown_group_release(group, NULL));
	expect_warnings(&rig, "RELEASE_FOREIGN:g1");
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect(&rig, -EINVAL, dmaown_group_release(group, &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:g1");
	rig_end(&rig);
}

/* A group claimed device by device is not released as a whole, and the other way round. */
static void release_of_the_other_kind(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);
	struct dmaown_device *device = rig.devices[0].device;

	expect(&rig, 0, dmaown_device_claim(device, &user));
	expect(&rig, -EINVAL, dmaown_group_release(group, &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:g1");
	expect(&rig, 0, dmaown_device_release(device, &user));
	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect(&rig, -EINVAL, dmaown_device_release(device, &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:A");
	expect(&rig, 0, dmaown_device_claim(device, &user));
	expect_group(&rig, "g1", &user, 2, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, -EBUSY, dmaown_group_release(group, &user));
	expect(&rig, 0, dmaown_device_release(device, &user));
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void device_claims_count(void **state)
{
	struct rig rig;
	struct dmaown_device *first, *second;

	rig_begin_with_three(&rig, false);
	first = rig.devices[0].device;
	second = rig.devices[1].device;
	expect(&rig, 0, dmaown_device_claim(first, &user));
	expect(&rig, 0, dmaown_device_claim(second, &user));
	expect(&rig, 0, dmaown_device_claim(first, &user));
	expect_group(&rig, "g1", &user, 3, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, -EINVAL, dmaown_device_release(rig.devices[2].device, &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:C");
	expect(&rig, -EPERM, dmaown_device_release(first, &other));
	expect_warnings(&rig, "RELEASE_FOREIGN:A");
	expect(&rig, 0, dmaown_device_release(second, &user));
	expect(&rig, 0, dmaown_device_release(first, &user));
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_device_release(first, &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	expect(&rig, -EINVAL, dmaown_device_release(first, &user));
	expect_warnings(&rig, "RELEASE_UNCLAIMED:A");
	rig_end(&rig);
}

static void device_release_without_group(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", NULL);
	expect(&rig, -ENODEV, dmaown_device_release(device->device, &user));
	rig_end(&rig);
}

/* I7: nothing to go back to is no reason to fail; the next switch that works ends it. */
static void release_leaves_a_device_blocked(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);
	struct rig_device *broken = &rig.devices[1];

	expect(&rig, 0, dmaown_group_claim(group, &user));
	broken->attach = ALWAYS(-EIO);
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect_warnings(&rig, "LEFT_BLOCKED:B");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_DMA);
	expect_attached(broken, DMAOWN_DOMAIN_NONE);
	broken->attach = (struct fault) {0};
	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect_attached(broken, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect_attached(broken, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* A device that can't even be put back is blocked, and the failed claim is still without owner. */
static void failed_claim_that_cannot_go_back(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);

	rig.devices[0].attach = AT_CALL(2, -EIO);
	rig.devices[1].attach = ALWAYS(-ENOMEM);
	expect(&rig, -ENOMEM, dmaown_group_claim(group, &user));
	expect_warnings(&rig, "LEFT_BLOCKED:A");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_NONE);
	rig_end(&rig);
}

static void claim_before_the_default_domain(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_iommu_register(rig.core, &rig.ops, &rig, &rig.iommu));
	rig.create_domain = AT_CALL(1, -EIO);
	expect(&rig, -EIO, dmaown_iommu_scan(rig.iommu));
	rig.create_domain = AT_CALL(1, -EIO);
	expect(&rig, -EIO, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	rig.create_domain = AT_CALL(2, -EIO);
	expect(&rig, -EIO, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	rig.devices[0].attach = AT_CALL(1, -EIO);
	expect(&rig, -EIO, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_NONE);
	expect(&rig, 0, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect(&rig, 0, dmaown_group_release(rig_group(&rig, "g1"), &user));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "create@no-name-einval", create_without_name);
	suite_add(&suite, "create@reads-back-empty", group_reads_back);
	suite_add(&suite, "claim@blocks-every-device", claim_and_release);
	ADD_ROWS(&suite, claim_rows, claim_refused);
	ADD_ROWS(&suite, device_claim_rows, device_claim_refused);
	suite_add(&suite, "claim@can-not-go-back-blocked", failed_claim_that_cannot_go_back);
	suite_add(&suite, "claim@before-the-default-domain", claim_before_the_default_domain);
	suite_add(&suite, "release@unclaimed-foreign-double", release_errors);
	suite_add(&suite, "release@group-and-device-are-not-mixed", release_of_the_other_kind);
	suite_add(&suite, "release@no-way-back-left-blocked", release_leaves_a_device_blocked);
	suite_add(&suite, "claim-device@each-counts", device_claims_count);
	suite_add(&suite, "release-device@no-group-enodev", device_release_without_group);
	return suite_run(&suite, "group");
}
