/* SPDX-License-Identifier: MIT */
/* PASIDs, as far as they guard ownership: no claim, no further native driver, no use given up. */
#include "rig.h"

#include <errno.h>

static const int user;

static struct dmaown_domain *begin_with_two(struct rig *rig)
{
	struct dmaown_domain *domain = NULL;

	rig_begin(rig);
	rig_add_device(rig, "A", "g1");
	rig_add_device(rig, "B", "g1");
	expect(rig, 0, dmaown_domain_create(rig->iommu, &domain));
	return domain;
}

static void attach_and_detach(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig);
	struct dmaown_device *device = rig.devices[0].device;
	struct dmaown_group_state read;

	expect(&rig, 0, dmaown_device_attach_pasid(device, 5, domain));
	assert_int_equal(rig.devices[0].pasid, 5);
	dmaown_group_read(rig_group(&rig, "g1"), &read);
	assert_int_equal(read.pasids, 1);
	expect(&rig, -EBUSY, dmaown_domain_destroy(domain));
	expect(&rig, 0, dmaown_device_detach_pasid(device, 5));
	assert_int_equal(rig.devices[0].pasid, 0);
	expect(&rig, 0, dmaown_domain_destroy(domain));
	rig_end(&rig);
}

static void attach_refusals(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig), *foreign;
	struct dmaown_device *device = rig.devices[0].device;
	struct rig_device *stranger = rig_add_device(&rig, "C", NULL);
	struct dmaown_iommu *other;

	expect(&rig, 0, dmaown_iommu_register(rig.core, &rig.ops, &rig, &other));
	expect(&rig, 0, dmaown_domain_create(other, &foreign));
	expect(&rig, -ENODEV, dmaown_device_attach_pasid(stranger->device, 1, domain));
	expect(&rig, -EINVAL, dmaown_device_attach_pasid(device, 0, domain));
	expect(&rig, -EINVAL, dmaown_device_attach_pasid(device, 1, foreign));
	rig.attach_pasid = AT_CALL(1, -ENOSPC);
	expect(&rig, -ENOSPC, dmaown_device_attach_pasid(device, 1, domain));
	expect(&rig, 0, dmaown_device_attach_pasid(device, 1, domain));
	expect(&rig, -EBUSY, dmaown_device_attach_pasid(device, 1, domain));
	expect(&rig, -EBUSY, dmaown_device_attach_pasid(rig.devices[1].device, 1, domain));
	expect(&rig, 0, dmaown_device_attach_pasid(rig.devices[1].device, 2, domain));
	rig_end(&rig);
}

static void detach_refusals(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig);
	struct rig_device *stranger = rig_add_device(&rig, "C", NULL);

	expect(&rig, -ENODEV, dmaown_device_detach_pasid(stranger->device, 1));
	expect(&rig, -ENOENT, dmaown_device_detach_pasid(rig.devices[0].device, 1));
	expect(&rig, 0, dmaown_device_attach_pasid(rig.devices[0].device, 1, domain));
	expect(&rig, -ENOENT, dmaown_device_detach_pasid(rig.devices[1].device, 1));
	expect(&rig, -ENOENT, dmaown_device_detach_pasid(rig.devices[0].device, 2));
	rig_end(&rig);
}

static void not_supported(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig);
	struct dmaown_device *device = rig.devices[0].device;

	rig.ops.detach_pasid = NULL;
	expect(&rig, -EOPNOTSUPP, dmaown_device_attach_pasid(device, 1, domain));
	rig.ops.attach_pasid = NULL;
	expect(&rig, -EOPNOTSUPP, dmaown_device_attach_pasid(device, 1, domain));
	rig_end(&rig);
}

/* The first native driver may still bind; then the group is counted, and no other may. */
static void no_further_native_driver(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig);
	struct rig_driver *driver;

	expect(&rig, 0, dmaown_device_attach_pasid(rig.devices[0].device, 1, domain));
	driver = rig_add_driver(&rig, "driver", false);
	expect_driver(&rig.devices[0], driver);
	expect_driver(&rig.devices[1], NULL);
	expect(&rig, -EBUSY, dmaown_device_bind(rig.devices[1].device, driver->driver));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_detach_pasid(rig.devices[0].device, 1));
	expect(&rig, 0, dmaown_device_bind(rig.devices[1].device, driver->driver));
	rig_end(&rig);
}

/* The kernel's rule: a warning and no change. The use stays until the device binds or leaves. */
static void cleanup_keeps_the_use(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig);
	struct dmaown_device *device = rig.devices[0].device;
	struct rig_driver *driver = rig_make_driver(&rig, "driver", false);

	driver->only = "A";
	rig_register(driver);
	expect(&rig, 0, dmaown_device_attach_pasid(device, 1, domain));
	expect(&rig, 0, dmaown_device_unbind(device));
	expect_warnings(&rig, "UNUSE_PASID:A");
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_detach_pasid(device, 1));
	expect(&rig, -EPERM, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	expect(&rig, 0, dmaown_device_bind(device, driver->driver));
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_unbind(device));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

static void leaving_ends_everything(void **state)
{
	struct rig rig;
	struct dmaown_domain *domain = begin_with_two(&rig);
	struct dmaown_device *device = rig.devices[0].device;

	rig_add_driver(&rig, "driver", false)->only = "A";
	expect(&rig, 0, dmaown_device_unbind(rig.devices[1].device));
	expect(&rig, 0, dmaown_device_attach_pasid(rig.devices[1].device, 2, domain));
	expect(&rig, 0, dmaown_device_attach_pasid(device, 1, domain));
	expect(&rig, 0, dmaown_device_remove(device));
	expect_warnings(&rig, "UNUSE_PASID:A LEFT_USED:A");
	assert_int_equal(rig.devices[0].pasid, 0);
	assert_int_equal(rig.devices[1].pasid, 2);
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "attach@and-detach", attach_and_detach);
	suite_add(&suite, "attach@no-group-zero-foreign-taken", attach_refusals);
	suite_add(&suite, "attach@no-pasids-here-eopnotsupp", not_supported);
	suite_add(&suite, "detach@no-group-enodev-not-attached-enoent", detach_refusals);
	suite_add(&suite, "guard@no-further-native-driver", no_further_native_driver);
	suite_add(&suite, "guard@cleanup-keeps-the-use", cleanup_keeps_the_use);
	suite_add(&suite, "guard@leaving-ends-pasid-and-use", leaving_ends_everything);
	return suite_run(&suite, "pasid");
}
