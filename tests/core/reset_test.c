/* SPDX-License-Identifier: MIT */
/* A device stays blocked while it is being reset, whatever its group is switched to (section 6,
 * 12). */
#include "rig.h"

#include <errno.h>

static const int user;

static struct dmaown_device *begin_with_two(struct rig *rig)
{
	rig_begin(rig);
	rig_add_device(rig, "A", "g1");
	rig_add_device(rig, "B", "g1");
	return rig->devices[0].device;
}

static void blocks_and_returns(void **state)
{
	struct rig rig;
	struct dmaown_device *device = begin_with_two(&rig);

	expect(&rig, 0, dmaown_device_reset_begin(device));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_NONE);
	expect_attached(&rig.devices[1], DMAOWN_DOMAIN_DMA);
	expect(&rig, -EINVAL, dmaown_device_reset_begin(device));
	expect(&rig, 0, dmaown_device_reset_end(device));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_DMA);
	expect(&rig, -EINVAL, dmaown_device_reset_end(device));
	rig_end(&rig);
}

static void without_a_group(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	device = rig_add_device(&rig, "A", NULL);
	expect(&rig, -ENODEV, dmaown_device_reset_begin(device->device));
	expect(&rig, -ENODEV, dmaown_device_reset_end(device->device));
	rig_end(&rig);
}

static void release_meanwhile(void **state)
{
	struct rig rig;
	struct dmaown_device *device = begin_with_two(&rig);
	struct dmaown_group *group = rig_group(&rig, "g1");
	struct dmaown_domain *own;

	expect(&rig, 0, dmaown_domain_create(rig.iommu, &own));
	expect(&rig, 0, dmaown_group_claim(group, &user));
	expect(&rig, 0, dmaown_group_attach(group, &user, own));
	expect(&rig, 0, dmaown_device_reset_begin(device));
	expect(&rig, 0, dmaown_group_release(group, &user));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_NONE);
	expect_attached(&rig.devices[1], DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_domain_destroy(own));
	expect(&rig, 0, dmaown_device_reset_end(device));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* A switch that fails and is undone does not end the reset either. */
static void failed_claim_meanwhile(void **state)
{
	struct rig rig;
	struct dmaown_device *device = begin_with_two(&rig);

	expect(&rig, 0, dmaown_device_reset_begin(device));
	rig.devices[1].attach = AT_CALL(1, -EIO);
	expect(&rig, -EIO, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_NONE);
	expect(&rig, 0, dmaown_device_reset_end(device));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void can_not_return(void **state)
{
	struct rig rig;
	struct dmaown_device *device = begin_with_two(&rig);

	expect(&rig, 0, dmaown_device_reset_begin(device));
	rig.devices[0].attach = AT_CALL(1, -EIO);
	expect(&rig, 0, dmaown_device_reset_end(device));
	expect_warnings(&rig, "LEFT_BLOCKED:A");
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_NONE);
	rig_end(&rig);
}

static void leaves_meanwhile(void **state)
{
	struct rig rig;
	struct dmaown_device *device = begin_with_two(&rig);

	expect(&rig, 0, dmaown_device_reset_begin(device));
	expect(&rig, 0, dmaown_device_remove(device));
	expect(&rig, 0, dmaown_device_add(device));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_DMA);
	expect(&rig, -EINVAL, dmaown_device_reset_end(device));
	rig_end(&rig);
}

/* The scan puts devices in a group that has no domain yet: there is nothing to return to. */
static void reset_between_join_and_default(struct rig *rig)
{
	expect(rig, 0, dmaown_device_reset_begin(rig->devices[0].device));
	expect(rig, 0, dmaown_device_reset_end(rig->devices[0].device));
	expect_attached(&rig->devices[0], DMAOWN_DOMAIN_NONE);
}

static void before_the_default_domain(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_iommu_unregister(rig.iommu));
	rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_iommu_register(rig.core, &rig.ops, &rig, &rig.iommu));
	rig.on_reschedule = reset_between_join_and_default;
	expect(&rig, 0, dmaown_iommu_scan(rig.iommu));
	expect_attached(&rig.devices[0], DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "reset@blocked-then-back-twice-einval", blocks_and_returns);
	suite_add(&suite, "reset@no-group-enodev", without_a_group);
	suite_add(&suite, "reset@released-meanwhile", release_meanwhile);
	suite_add(&suite, "reset@failed-claim-meanwhile", failed_claim_meanwhile);
	suite_add(&suite, "reset@can-not-return-left-blocked", can_not_return);
	suite_add(&suite, "reset@leaves-meanwhile", leaves_meanwhile);
	suite_add(&suite, "reset@before-the-default-domain", before_the_default_domain);
	return suite_run(&suite, "reset");
}
