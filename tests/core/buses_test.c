/* SPDX-License-Identifier: MIT */
/* Which driver is for which device: the rules of every bus that the library has, one row each. */
#include "rig.h"

#include <errno.h>

/* A device of a bus and a driver, and what its match says. */
struct match_row {
	const char *name;
	const struct dmaown_bus_type *bus;
	const void *identity, *ids;
	const char *override; /* the driver is called "driver", the device "device" */
	int expected;
	const char *driver;
};

#define PCI(...) (&(const struct dmaown_pci_identity) {__VA_ARGS__})
#define PCI_IDS(...) ((const struct dmaown_pci_id[]) {{__VA_ARGS__}, {0}})
#define NIC                                                                                        \
	PCI(.vendor = 0x8086, .device = 0x100e, .subvendor = 0x1af4, .subdevice = 0x1100,          \
	    .device_class = 0x020000)
#define ANY_SUB .subvendor = DMAOWN_ANY_ID, .subdevice = DMAOWN_ANY_ID
#define ANY .vendor = DMAOWN_ANY_ID, .device = DMAOWN_ANY_ID, ANY_SUB
#define PLATFORM(...) (&(const struct dmaown_platform_identity) {__VA_ARGS__})
#define PLATFORM_IDS(...) ((const struct dmaown_platform_id[]) {__VA_ARGS__, {0}})
#define AMBA(id) (&(const struct dmaown_amba_identity) {id})
#define AMBA_IDS(id, bits) ((const struct dmaown_amba_id[]) {{id, bits}, {0}})
#define FSL_MC(...) (&(const struct dmaown_fsl_mc_identity) {__VA_ARGS__})
#define FSL_MC_IDS(...) ((const struct dmaown_fsl_mc_id[]) {{__VA_ARGS__}, {0}})

static const char *const smmu[] = {"arm,smmu-v3", "arm,smmu", NULL};
#define TREE PLATFORM(.name = "smmu", .compatible = smmu)

#define ROW(title, bus_name, device, table, matches, ...)                                          \
	{                                                                                          \
		.name = title, .bus = &dmaown_bus_##bus_name, .identity = device, .ids = table,    \
		.expected = matches, ##__VA_ARGS__                                                 \
	}

static const struct match_row match_rows[] = {
	ROW("pci@vendor-and-device", pci, NIC, PCI_IDS(.vendor = 0x8086, .device = 0x100e, ANY_SUB),
	    1),
	ROW("pci@another-device", pci, NIC, PCI_IDS(.vendor = 0x8086, .device = 0x100f, ANY_SUB),
	    0),
	ROW("pci@another-vendor", pci, NIC, PCI_IDS(.vendor = 0x10ec, .device = 0x100e, ANY_SUB),
	    0),
	ROW("pci@subsystem", pci, NIC,
	    PCI_IDS(.vendor = 0x8086, .device = DMAOWN_ANY_ID, .subvendor = 0x1af4,
		    .subdevice = 0x1100),
	    1),
	ROW("pci@another-subvendor", pci, NIC,
	    PCI_IDS(.vendor = 0x8086, .device = 0x100e, .subvendor = 1, .subdevice = 0x1100), 0),
	ROW("pci@another-subdevice", pci, NIC,
	    PCI_IDS(.vendor = 0x8086, .device = 0x100e, .subvendor = 0x1af4, .subdevice = 1), 0),
	ROW("pci@class", pci, NIC, PCI_IDS(ANY, .device_class = 0x02ffff, .class_mask = 0xff0000),
	    1),
	ROW("pci@another-class", pci, NIC,
	    PCI_IDS(ANY, .device_class = 0x030000, .class_mask = 0xff0000), 0),
	ROW("pci@second-id", pci, NIC,
	    ((const struct dmaown_pci_id[]) {{.vendor = 1, .device = 1, ANY_SUB},
					     {.vendor = 0x8086, .device = 0x100e, ANY_SUB},
					     {0}}),
	    1),
	ROW("pci@no-ids", pci, NIC, NULL, 0),
	ROW("pci@no-identity", pci, NULL, PCI_IDS(ANY, .class_mask = 0), 0),
	ROW("pci@override-needs-no-id", pci, NIC, NULL, 1, .override = "driver"),
	ROW("pci@override-of-another-driver", pci, NIC, PCI_IDS(ANY), 0, .override = "other"),
	ROW("pci@override-only-id-without-override", pci, NIC, PCI_IDS(ANY, .override_only = true),
	    0),
	ROW("pci@override-only-id-with-override", pci, NIC, PCI_IDS(ANY, .override_only = true), 1,
	    .override = "driver"),
	ROW("cdx@id", cdx, NIC, PCI_IDS(.vendor = 0x8086, .device = 0x100e, ANY_SUB), 1),
	ROW("cdx@another-id", cdx, NIC, PCI_IDS(.vendor = 1, .device = 2, ANY_SUB), 0),
	ROW("cdx@override-still-needs-an-id", cdx, NIC, NULL, 0, .override = "driver"),
	ROW("cdx@override-only-id-with-override", cdx, NIC, PCI_IDS(ANY, .override_only = true), 1,
	    .override = "driver"),
	ROW("cdx@override-only-id-without-override", cdx, NIC, PCI_IDS(ANY, .override_only = true),
	    0),
	ROW("cdx@override-of-another-driver", cdx, NIC, PCI_IDS(ANY), 0, .override = "other"),
	ROW("platform@compatible", platform, TREE, PLATFORM_IDS({.compatible = "arm,smmu"}), 1),
	ROW("platform@not-compatible", platform, TREE, PLATFORM_IDS({.compatible = "arm,gic"}), 0),
	ROW("platform@name-in-ids", platform, TREE,
	    PLATFORM_IDS({.compatible = "arm,gic"}, {.name = "smmu"}), 1),
	ROW("platform@ids-hide-the-drivers-name", platform, TREE, PLATFORM_IDS({.name = "gic"}), 0,
	    .driver = "smmu"),
	ROW("platform@drivers-name", platform, TREE, NULL, 1, .driver = "smmu"),
	ROW("platform@devices-own-name", platform, NULL, NULL, 1, .driver = "device"),
	ROW("platform@unnamed-identity-has-the-devices-name", platform, PLATFORM(.name = NULL),
	    PLATFORM_IDS({.name = "device"}, {.compatible = "x"}), 1),
	ROW("platform@compatible-of-nothing", platform, NULL,
	    PLATFORM_IDS({.compatible = "arm,smmu"}), 0),
	ROW("platform@override", platform, TREE, PLATFORM_IDS({.name = "gic"}), 1,
	    .override = "driver"),
	ROW("platform@override-of-another-driver", platform, TREE, PLATFORM_IDS({.name = "smmu"}),
	    0, .override = "other"),
	ROW("amba@periphid", amba, AMBA(0x00041011), AMBA_IDS(0x00041011, 0x000fffff), 1),
	ROW("amba@another-periphid", amba, AMBA(0x00041010), AMBA_IDS(0x00041011, 0x000fffff), 0),
	ROW("amba@masked", amba, AMBA(0x34041011), AMBA_IDS(0x00041011, 0x000fffff), 1),
	ROW("amba@unreadable-defers", amba, AMBA(0), AMBA_IDS(0x00041011, 0x000fffff),
	    -DMAOWN_EPROBE_DEFER),
	ROW("amba@no-identity-defers", amba, NULL, AMBA_IDS(1, 1), -DMAOWN_EPROBE_DEFER),
	ROW("amba@no-ids", amba, AMBA(1), NULL, 0),
	ROW("amba@override-does-not-wait", amba, AMBA(0), NULL, 1, .override = "driver"),
	ROW("amba@override-of-another-driver", amba, AMBA(1), AMBA_IDS(1, 1), 0,
	    .override = "other"),
	ROW("fsl-mc@vendor-and-type", fsl_mc, FSL_MC(0x1957, "dpni"), FSL_MC_IDS(0x1957, "dpni"),
	    1),
	ROW("fsl-mc@another-type", fsl_mc, FSL_MC(0x1957, "dpni"), FSL_MC_IDS(0x1957, "dpio"), 0),
	ROW("fsl-mc@another-vendor", fsl_mc, FSL_MC(0x1957, "dpni"), FSL_MC_IDS(0x1958, "dpni"), 0),
	ROW("fsl-mc@no-identity", fsl_mc, NULL, FSL_MC_IDS(0x1957, "dpni"), 0),
	ROW("fsl-mc@no-type", fsl_mc, FSL_MC(0x1957, NULL), FSL_MC_IDS(0x1957, "dpni"), 0),
	ROW("fsl-mc@no-ids", fsl_mc, FSL_MC(0x1957, "dpni"), NULL, 0),
	ROW("fsl-mc@override", fsl_mc, FSL_MC(0x1957, "dpni"), NULL, 1, .override = "driver"),
	ROW("fsl-mc@override-of-another-driver", fsl_mc, FSL_MC(0x1957, "dpni"),
	    FSL_MC_IDS(0x1957, "dpni"), 0, .override = "other"),
	ROW("host1x@compatible", host1x, TREE, PLATFORM_IDS({.compatible = "arm,smmu"}), 1),
	ROW("host1x@drivers-name-beside-ids", host1x, TREE, PLATFORM_IDS({.name = "gic"}), 1,
	    .driver = "smmu"),
	ROW("host1x@neither", host1x, TREE, PLATFORM_IDS({.name = "gic"}), 0),
	ROW("host1x@no-override", host1x, TREE, NULL, 0, .override = "driver"),
};

static void match(void **state)
{
	const struct match_row *row = *state;
	struct dmaown_device_description description = {.name = "device",
							.identity = row->identity};
	struct dmaown_driver_type type = {.name = row->driver ? row->driver : "driver",
					  .ids = row->ids};
	struct dmaown_bus *bus;
	struct dmaown_device *device;
	struct dmaown_driver *driver;
	struct rig rig;

	rig_begin(&rig);
	expect(&rig, 0, dmaown_bus_create(rig.core, row->bus, &bus));
	expect(&rig, 0, dmaown_device_create(bus, &description, &device));
	if (row->override)
		expect(&rig, row->bus->has_override ? 0 : -EOPNOTSUPP,
		       dmaown_device_set_override(device, row->override));
	expect(&rig, 0, dmaown_driver_register(bus, &type, &driver));
	dmaown_device_lock(device);
	assert_int_equal(row->bus->match(device, driver), row->expected);
	dmaown_device_unlock(device);
	rig_end(&rig);
}

/* Every bus is on the generic path, so none can get the rule of ownership wrong. */
static void generic_path(void **state)
{
	const struct dmaown_bus_type *bus = *state;

	assert_ptr_equal(bus->dma_configure, dmaown_dma_configure);
	assert_ptr_equal(bus->dma_cleanup, dmaown_dma_cleanup);
}

int main(void)
{
	static const struct dmaown_bus_type *const buses[] = {
		&dmaown_bus_pci,    &dmaown_bus_platform, &dmaown_bus_amba,
		&dmaown_bus_fsl_mc, &dmaown_bus_cdx,      &dmaown_bus_host1x,
	};
	struct suite suite = {0};

	ADD_ROWS(&suite, match_rows, match);
	for (size_t i = 0; i < COUNT(buses); i++)
		suite_add_row(&suite, buses[i]->name, generic_path, buses[i]);
	return suite_run(&suite, "buses");
}
