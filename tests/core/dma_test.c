/* SPDX-License-Identifier: MIT */
/*
 * The generic path of DMA set-up, a native driver's mappings, and a user's domain: what is mapped
 * lives between configure and cleanup only (I11).
 */
#include "rig.h"

#include <errno.h>

#define PAGE 0x1000u
#define RW (DMAOWN_READ | DMAOWN_WRITE)

static struct rig_device *begin_bound(struct rig *rig, const char *group, bool managed)
{
	rig_begin(rig);
	rig_add_driver(rig, "driver", managed);
	return rig_add_device(rig, "A", group);
}

static void map_and_unmap(void **state)
{
	struct rig rig;
	struct rig_device *device = begin_bound(&rig, "g1", false);

	expect(&rig, 0, dmaown_dma_map(device->device, PAGE, 0x70000, 2 * PAGE, RW));
	assert_int_equal(device->attached->mapped, 1);
	expect(&rig, -EEXIST, dmaown_dma_map(device->device, 2 * PAGE, 0, PAGE, RW));
	expect(&rig, -ENOENT, dmaown_dma_unmap(device->device, PAGE, PAGE));
	expect(&rig, -ENOENT, dmaown_dma_unmap(device->device, 2 * PAGE, 2 * PAGE));
	expect(&rig, 0, dmaown_dma_unmap(device->device, PAGE, 2 * PAGE));
	assert_int_equal(device->attached->mapped, 0);
	expect(&rig, -ENOENT, dmaown_dma_unmap(device->device, PAGE, 2 * PAGE));
	rig_end(&rig);
}

static void map_not_allowed(void **state)
{
	struct rig rig;
	struct rig_device *device = begin_bound(&rig, "g1", true);

	expect(&rig, -EPERM, dmaown_dma_map(device->device, 0, 0, PAGE, RW));
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect(&rig, -EPERM, dmaown_dma_map(device->device, 0, 0, PAGE, RW));
	rig_end(&rig);
}

static void map_identity(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig.default_kind = DMAOWN_DOMAIN_IDENTITY;
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, -EINVAL, dmaown_dma_map(device->device, PAGE, 0, PAGE, RW));
	expect(&rig, 0, dmaown_dma_map(device->device, PAGE, PAGE, PAGE, RW));
	expect(&rig, 0, dmaown_dma_unmap(device->device, PAGE, PAGE));
	assert_int_equal(device->attached->mapped, 0);
	rig_end(&rig);
}

static void map_without_group(void **state)
{
	struct rig rig;
	struct rig_device *device = begin_bound(&rig, NULL, false);

	expect(&rig, -EINVAL, dmaown_dma_map(device->device, PAGE, 0, PAGE, RW));
	expect(&rig, 0, dmaown_dma_map(device->device, PAGE, PAGE, PAGE, RW));
	expect(&rig, 0, dmaown_dma_unmap(device->device, PAGE, PAGE));
	rig_end(&rig);
}

static void map_without_group_not_allowed(void **state)
{
	struct rig rig;
	struct rig_device *device = begin_bound(&rig, NULL, true);

	expect(&rig, -EPERM, dmaown_dma_map(device->device, PAGE, PAGE, PAGE, RW));
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect(&rig, -EPERM, dmaown_dma_map(device->device, PAGE, PAGE, PAGE, RW));
	rig_end(&rig);
}

/* A driver maps in its probe, and forgets it in its remove. */
static int map_two(struct dmaown_device *device)
{
	int err = dmaown_dma_map(device, PAGE, PAGE, PAGE, RW);

	return err ? err : dmaown_dma_map(device, 4 * PAGE, PAGE, PAGE, DMAOWN_READ);
}

static void unmap_one(struct dmaown_device *device)
{
	assert_int_equal(dmaown_dma_unmap(device, PAGE, PAGE), 0);
}

static void leftovers_are_unmapped(void **state)
{
	struct rig rig;
	struct rig_driver *driver;
	struct rig_device *device;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->in_probe = map_two;
	driver->in_remove = unmap_one;
	rig_register(driver);
	device = rig_add_device(&rig, "A", "g1");
	assert_int_equal(device->attached->mapped, 2);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect_warnings(&rig, "MAPPINGS_LEFT:A");
	assert_int_equal(device->attached->mapped, 0);
	rig_end(&rig);
}

static int map_then_fail(struct dmaown_device *device)
{
	assert_int_equal(map_two(device), 0);
	return -EIO;
}

static void leftovers_of_a_failed_probe(void **state)
{
	struct rig rig;
	struct rig_driver *driver;
	struct rig_device *device;

	rig_begin(&rig);
	driver = rig_make_driver(&rig, "driver", false);
	driver->in_probe = map_then_fail;
	rig_register(driver);
	device = rig_add_device(&rig, "A", "g1");
	expect_warnings(&rig, "MAPPINGS_LEFT:A");
	expect_driver(device, NULL);
	assert_int_equal(device->attached->mapped, 0);
	rig_end(&rig);
}

/* A bus that pairs them wrongly is told so, and takes nobody else's use (section 6, 11). */
static void cleanup_twice(struct dmaown_device *device)
{
	dmaown_dma_cleanup(device);
	dmaown_dma_cleanup(device);
}

static void unbalanced_cleanup(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig.bus_type.dma_cleanup = cleanup_twice;
	rig_add_driver(&rig, "driver", false);
	rig_add_device(&rig, "A", "g1");
	device = rig_add_device(&rig, "B", "g1");
	expect_group(&rig, "g1", NULL, 2, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect_warnings(&rig, "UNUSE_UNBALANCED:B");
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_unbind(rig.devices[0].device));
	expect_warnings(&rig, "UNUSE_UNBALANCED:A");
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* A configure that comes twice counts the device once (section 6, 8). */
static int configure_twice(struct dmaown_device *device)
{
	int err = dmaown_dma_configure(device);

	return err ? err : dmaown_dma_configure(device);
}

static void repeated_configure(void **state)
{
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig.bus_type.dma_configure = configure_twice;
	rig_add_driver(&rig, "driver", false);
	device = rig_add_device(&rig, "A", "g1");
	expect_group(&rig, "g1", NULL, 1, DMAOWN_DOMAIN_DMA);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	expect_group(&rig, "g1", NULL, 0, DMAOWN_DOMAIN_DMA);
	rig_end(&rig);
}

/* A bus without a firmware step has the same rule. */
static void no_firmware_step(void **state)
{
	static const int user;
	struct rig rig;
	struct rig_device *device;

	rig_begin(&rig);
	rig.bus_type.firmware_configure = NULL;
	rig.bus_type.firmware_cleanup = NULL;
	device = rig_add_device(&rig, "A", "g1");
	expect(&rig, 0, dmaown_group_claim(rig_group(&rig, "g1"), &user));
	rig_add_driver(&rig, "driver", false);
	expect_driver(device, NULL);
	expect(&rig, 0, dmaown_group_release(rig_group(&rig, "g1"), &user));
	expect(&rig, 0, dmaown_device_probe(device->device));
	expect_driver(device, &rig.drivers[0]);
	expect(&rig, 0, dmaown_device_unbind(device->device));
	rig_end(&rig);
}

/* ---- a user's domain ---- */

static void user_maps(void **state)
{
	struct dmaown_domain *domain;
	struct rig rig;
	uint64_t phys = 7;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &domain));
	expect(&rig, 0, dmaown_domain_map(domain, PAGE, 0x80000, 2 * PAGE, RW));
	expect(&rig, -EEXIST, dmaown_domain_map(domain, 2 * PAGE, 0, PAGE, RW));
	expect(&rig, 0, dmaown_domain_translate(domain, 2 * PAGE + 5, &phys));
	assert_int_equal(phys, 0x80000 + PAGE + 5);
	expect(&rig, -ENOENT, dmaown_domain_unmap(domain, PAGE, PAGE));
	expect(&rig, 0, dmaown_domain_unmap(domain, PAGE, 2 * PAGE));
	phys = 7;
	expect(&rig, -ENOENT, dmaown_domain_translate(domain, PAGE, &phys));
	assert_int_equal(phys, 7);
	expect(&rig, 0, dmaown_domain_destroy(domain));
	rig_end(&rig);
}

static void iommu_maps_nothing(void **state)
{
	struct dmaown_domain *domain;
	struct rig rig;
	uint64_t phys;

	rig_begin(&rig);
	rig.ops.map = NULL;
	rig.ops.unmap = NULL;
	rig.ops.translate = NULL;
	expect(&rig, 0, dmaown_domain_create(rig.iommu, &domain));
	expect(&rig, -EOPNOTSUPP, dmaown_domain_map(domain, PAGE, 0, PAGE, RW));
	expect(&rig, -EOPNOTSUPP, dmaown_domain_unmap(domain, PAGE, PAGE));
	expect(&rig, -EOPNOTSUPP, dmaown_domain_translate(domain, PAGE, &phys));
	rig_end(&rig);
}

static void kind_names(void **state)
{
	static const char *const names[] = {
		[DMAOWN_DOMAIN_NONE] = "none",       [DMAOWN_DOMAIN_DMA] = "DMA",
		[DMAOWN_DOMAIN_DMA_FQ] = "DMA-FQ",   [DMAOWN_DOMAIN_IDENTITY] = "identity",
		[DMAOWN_DOMAIN_BLOCKED] = "blocked", [DMAOWN_DOMAIN_UNMANAGED] = "unmanaged",
	};

	for (unsigned int i = 0; i < COUNT(names); i++)
		assert_string_equal(dmaown_domain_kind_name((enum dmaown_domain_kind)i), names[i]);
	assert_string_equal(dmaown_domain_kind_name((enum dmaown_domain_kind)99), "unknown");
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "map@overlap-eexist-unmap-not-exact-enoent", map_and_unmap);
	suite_add(&suite, "map@managed-or-unbound-eperm", map_not_allowed);
	suite_add(&suite, "map@identity-must-be-the-same", map_identity);
	suite_add(&suite, "map@no-group-must-be-the-same", map_without_group);
	suite_add(&suite, "map@no-group-managed-or-unbound-eperm", map_without_group_not_allowed);
	suite_add(&suite, "map@left-by-remove-unmapped", leftovers_are_unmapped);
	suite_add(&suite, "map@left-by-a-failed-probe-unmapped", leftovers_of_a_failed_probe);
	suite_add(&suite, "configure@twice-counts-once", repeated_configure);
	suite_add(&suite, "configure@bus-without-firmware-step", no_firmware_step);
	suite_add(&suite, "cleanup@twice-warns-and-takes-nothing", unbalanced_cleanup);
	suite_add(&suite, "domain@map-translate-unmap", user_maps);
	suite_add(&suite, "domain@iommu-that-maps-nothing-eopnotsupp", iommu_maps_nothing);
	suite_add(&suite, "domain@names-of-kinds", kind_names);
	return suite_run(&suite, "dma");
}
