/* SPDX-License-Identifier: MIT */
/*
 * The domains of groups: the owner's own, the kind of the default one, and what is put back when a
 * switch fails half way.
 */
#include "rig.h"

#include <errno.h>
#include <string.h>

static const int user, other;

/* ---- the owner's own domain ---- */

static void owner_attaches(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);
	struct dmaown_domain *own, *second;

	expect(&rig, 0, dmaown_domain_create(rig.iommu, &own));
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &second));
	expect(&rig, -EPERM, dmaown_group_attach(group, &user, own));
	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect(&rig, -EPERM, dmaown_group_attach(group, &other, own));
	expect(&rig, -EPERM, dmaown_group_attach(group, NULL, own));
	expect(&rig, 0, dmaown_group_attach(group, &user, own));
	expect_all_attached(&rig, DMAOWN_DOMAIN_UNMANAGED);
	expect(&rig, -EBUSY, dmaown_group_attach(group, &user, second));
	expect(&rig, -EBUSY, dmaown_domain_destroy(own));
	expect(&rig, -EINVAL, dmaown_group_detach(group, second));
	expect(&rig, 0, dmaown_group_detach(group, own));
	expect_all_attached(&rig, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_group_attach(group, &user, second));
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect_all_attached(&rig, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_domain_destroy(own));
	expect(&rig, 0, dmaown_domain_destroy(second));
	rig_end(&rig);
}

static void kernel_user_attaches(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, true);
	struct dmaown_domain *own;

	expect(&rig, 0, dmaown_domain_create(rig.iommu, &own));
	expect(&rig, -EBUSY, dmaown_group_attach(group, NULL, own));
	expect(&rig, 0, dmaown_device_unbind(rig.devices[0].device));
	expect(&rig, 0, dmaown_group_attach(group, NULL, own));
	expect(&rig, -EBUSY, dmaown_device_bind(rig.devices[0].device, rig.drivers[0].driver));
	expect(&rig, -EBUSY, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY));
	expect(&rig, 0, dmaown_group_detach(group, own));
	expect(&rig, 0, dmaown_device_bind(rig.devices[0].device, rig.drivers[0].driver));
	expect_all_attached(&rig, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void attach_refusals(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);
	struct dmaown_iommu *second;
	struct dmaown_domain *foreign, *own;

	expect(&rig, 0, dmaown_iommu_register(rig.core, &rig.ops, &rig, &second));
	expect(&rig, 0, dmaown_domain_create(second, &foreign));
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &own));
	expect(&rig, -EINVAL, dmaown_group_attach(group, NULL, foreign));
	rig_remove_devices(&rig);
	expect(&rig, -ENODEV, dmaown_group_attach(group, NULL, own));
	rig_end(&rig);
}

static void attach_rolls_back(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);
	struct dmaown_domain *own;

	expect(&rig, 0, dmaown_domain_create(rig.iommu, &own));
	expect(&rig, 0, dmaown_group_claim(group, &user));
	rig.devices[2].attach = ALWAYS(-EIO);
	expect(&rig, -EIO, dmaown_group_attach(group, &user, own));
	expect_all_attached(&rig, DMAOWN_DOMAIN_BLOCKED);
	rig.devices[2].attach = (struct fault) {0};
	expect(&rig, 0, dmaown_group_attach(group, &user, own));
	rig.devices[0].attach = ALWAYS(-EIO);
	expect(&rig, 0, dmaown_group_detach(group, own));
	expect_warnings(&rig, "LEFT_BLOCKED:A");
	expect_group(&rig, "g1", &user, 1, DMAOWN_DOMAIN_BLOCKED);
	expect(&rig, 0, dmaown_domain_destroy(own));
	rig.devices[0].attach = (struct fault) {0};
	expect(&rig, 0, dmaown_group_release(group, &user));
	rig_end(&rig);
}

/* A kernel user in a group whose scan is under way: the default domain comes first. */
static struct dmaown_domain *domain;
static int attach_between;

static void attach_between_join_and_default(struct rig *rig)
{
	attach_between = dmaown_group_attach(rig_group(rig, "g1"), NULL, domain);
	rig_check(rig, "an attach within the scan", AT_LINE);
}

static void attach_before_the_default_domain(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_iommu_register(rig.core, &rig.ops, &rig, &rig.iommu));
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &domain));
	rig.on_reschedule = attach_between_join_and_default;
	rig.create_domain = AT_CALL(1, -EIO);
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	assert_int_equal(attach_between, -EIO);
	attach_between_join_and_default(&rig);
	assert_int_equal(attach_between, 0);
	expect(&rig, 0, dmaown_group_detach(rig_group(&rig, "g1"), domain));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* ---- the kind of the default domain ---- */

static void kind_changes(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);

	expect(&rig, 0, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY));
	expect_all_attached(&rig, DMAOWN_DOMAIN_IDENTITY);
	expect(&rig, 0, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_DMA_FQ));
	expect_all_attached(&rig, DMAOWN_DOMAIN_DMA_FQ);
	expect(&rig, 0, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_NONE));
	expect_all_attached(&rig, DMAOWN_DOMAIN_DMA);
	assert_int_equal(rig.domains, 1);
	rig_end(&rig);
}

static void kind_in_place(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, true);
	const struct rig_domain *before = rig.devices[0].attached;

	expect(&rig, 0, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_DMA_FQ));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA_FQ);
	assert_ptr_equal(rig.devices[0].attached, before);
	expect(&rig, -EPERM, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_DMA));
	expect(&rig, -EPERM, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_NONE));
	rig_end(&rig);
}

static void kind_in_place_fails(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, true);

	rig.flush_queue = ALWAYS(-ENOMEM);
	expect(&rig, -ENOMEM, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_DMA_FQ));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	rig.ops.enable_flush_queue = NULL;
	expect(&rig, -EOPNOTSUPP, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_DMA_FQ));
	rig_end(&rig);
}

static void kind_refusals(void **state)
{
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);

	expect(&rig, -EINVAL, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_BLOCKED));
	expect(&rig, -EINVAL, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_UNMANAGED));
	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect(&rig, -EPERM, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY));
	expect(&rig, 0, dmaown_group_release(group, &user));
	rig_add_driver(&rig, "managed", true);
	expect(&rig, 0, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY));
	rig_remove_devices(&rig);
	expect(&rig, -EPERM, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_DMA));
	rig_end(&rig);
}

static void kind_rolls_back(void **state)
{
	char before[RIG_STATE], after[RIG_STATE];
	struct rig rig;
	struct dmaown_group *group = rig_begin_with_three(&rig, false);

	rig_read_state(&rig, before);
	rig.devices[2].attach = ALWAYS(-EIO);
	expect(&rig, -EIO, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY));
	rig.devices[2].attach = (struct fault) {0};
	rig.create_domain = ALWAYS(-ENOSPC);
	expect(&rig, -ENOSPC, dmaown_group_set_default_kind(group, DMAOWN_DOMAIN_IDENTITY));
	rig_read_state(&rig, after);
	assert_string_equal(before, after);
	assert_int_equal(rig.domains, 1);
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "attach@by-the-owner", owner_attaches);
	suite_add(&suite, "attach@by-a-kernel-user", kernel_user_attaches);
	suite_add(&suite, "attach@foreign-iommu-einval-empty-enodev", attach_refusals);
	suite_add(&suite, "attach@third-fails-two-put-back", attach_rolls_back);
	suite_add(&suite, "attach@before-the-default-domain", attach_before_the_default_domain);
	suite_add(&suite, "kind@changes", kind_changes);
	suite_add(&suite, "kind@dma-to-fq-in-place-others-eperm", kind_in_place);
	suite_add(&suite, "kind@in-place-fails", kind_in_place_fails);
	suite_add(&suite, "kind@blocked-einval-claimed-eperm-empty-eperm", kind_refusals);
	suite_add(&suite, "kind@third-attach-fails-two-put-back", kind_rolls_back);
	return suite_run(&suite, "group-domains");
}
