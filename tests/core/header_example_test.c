/* SPDX-License-Identifier: MIT */
/*
 * The example at the head of dmaown/core.h does what it says. header_example.inc has its lines,
 * taken out of the comment; what they call the embedder's is here.
 */
#include "rows.h"

#include <dmaown/core.h>
#include <errno.h>

#define assert(condition) assert_true(condition)

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	*group = *(struct dmaown_group **)context;
	dmaown_group_get(*group);
	return 0;
}

static int create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	*hardware = context;
	return 0;
}

static void destroy_domain(void *context, void *hardware)
{
}

static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	return 0;
}

static void block(void *context, struct dmaown_device *device)
{
}

static const struct dmaown_iommu_ops iommu_ops = {
	.device_group = device_group,
	.create_domain = create_domain,
	.destroy_domain = destroy_domain,
	.attach = attach,
	.block = block,
};

static const struct dmaown_pci_identity identity = {.vendor = 0x8086, .device = 0x100e};
static const struct dmaown_pci_id ids[] = {
	{.vendor = 0x8086,
	 .device = 0x100e,
	 .subvendor = DMAOWN_ANY_ID,
	 .subdevice = DMAOWN_ANY_ID},
	{.vendor = 0},
};
static const struct dmaown_driver_type network_driver = {.name = "network", .ids = ids};
static const struct dmaown_device_description card_description = {.name = "0000:02:01.0",
								  .identity = &identity};

static void example_does_what_it_says(void **state)
{
	struct dmaown_env env;
	struct dmaown_core *core;
	struct dmaown_bus *pci;
	struct dmaown_iommu *iommu;
	struct dmaown_group *group;
	struct dmaown_driver *driver;
	struct dmaown_device *card;
	const char *user = "a virtual machine";

#include "header_example.inc"
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "example@does-what-it-says", example_does_what_it_says);
	return suite_run(&suite, "header_example");
}
