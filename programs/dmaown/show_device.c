/* SPDX-License-Identifier: MIT */
#include "acs_layout.h"
#include "array.h"
#include "errname.h"
#include "late_groups.h"
#include "show_parts.h"

#include <stdio.h>

/* The bits of the ACS registers, by their short names. */
static const char *const acs_names[] = {
	"source validation",   "translation blocking", "request redirect",  "completion redirect",
	"upstream forwarding", "egress control",       "direct translated",
};

static const struct {
	int type;
	const char *name;
} express_names[] = {
	{PCIE_ENDPOINT, "endpoint"},
	{PCIE_LEGACY_ENDPOINT, "legacy endpoint"},
	{PCIE_ROOT_PORT, "root port"},
	{PCIE_UPSTREAM, "upstream port of a switch"},
	{PCIE_DOWNSTREAM, "downstream port of a switch"},
	{PCIE_TO_PCI_BRIDGE, "bridge to conventional PCI"},
	{PCI_TO_PCIE_BRIDGE, "bridge from conventional PCI"},
	{PCIE_INTEGRATED_ENDPOINT, "endpoint within the root complex"},
	{PCIE_EVENT_COLLECTOR, "event collector of the root complex"},
};

static const char *express_name(int type)
{
	for (size_t i = 0; i < COUNT(express_names); i++) {
		if (express_names[i].type == type)
			return express_names[i].name;
	}
	return type == PCIE_NONE ? "conventional PCI"
				 : "a PCI Express type that dmaown does not know";
}

/* Writes the names of the bits that are set, "nothing" for none. */
static void name_acs(uint16_t bits, char *out, size_t size)
{
	size_t at = 0;

	snprintf(out, size, "nothing");
	for (size_t i = 0; i < COUNT(acs_names) && at < size; i++) {
		if (bits & 1U << i)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? ", " : "",
					       acs_names[i]);
	}
}

static void show_unread(const struct sheet *sheet, const struct pci_facts *pci)
{
	if (pci->config == CONFIG_SILENT)
		sheet_line(
			sheet, "config space",
			"does not answer (all ff: the device is asleep, without power, or gone)");
	else if (pci->config_errno)
		sheet_line(sheet, "config space", "not readable (%s)",
			   errno_name(pci->config_errno));
	else
		sheet_line(sheet, "capabilities", "not readable (run as root)");
}

static void show_pci(const struct sheet *sheet, const struct device_facts *device)
{
	const struct pci_facts *pci = device->pci;
	char bits[256];

	if (pci->physical_function)
		sheet_line(sheet, "function of", "%s", pci->physical_function);
	if (pci->bridge)
		sheet_line(sheet, "bridge", "to the buses %02x to %02x", pci->secondary,
			   pci->subordinate);
	if (pci->multifunction)
		sheet_line(sheet, "multifunction", "yes");
	if (pci->config != CONFIG_READ) {
		show_unread(sheet, pci);
		return;
	}
	sheet_line(sheet, "type", "%s", express_name(pci->type));
	if (!pci->has_acs) {
		sheet_line(sheet, "ACS", "none");
		return;
	}
	name_acs(pci->acs_capability, bits, sizeof(bits));
	sheet_line(sheet, "ACS can", "%s", bits);
	name_acs(pci->acs_control, bits, sizeof(bits));
	sheet_line(sheet, "ACS does", "%s",
		   acs_control_is_unseen(device)
			   ? "not known: this device keeps its control register elsewhere"
			   : bits);
}

static const char *driver_nature(const struct facts *facts, const struct device_facts *device)
{
	const struct driver_facts *driver = facts_driver(facts, device->bus, device->driver);

	if (!driver || driver->managed_dma == KNOWN_NOT)
		return "not known whether it manages DMA itself";
	if (driver->managed_dma == KNOWN_NO)
		return "native: the group is the kernel's";
	return driver->user ? "gives the device to a user" : "takes no ownership of the group";
}

static void show_uses(const struct sheet *sheet, const struct device_facts *device)
{
	for (size_t i = 0; i < device->use_count; i++)
		sheet_line(sheet, "in use", "%s: %s", device->uses[i].name, device->uses[i].reason);
	for (size_t i = 0; i < device->unknown_count; i++)
		sheet_line(sheet, "not known", "%s: %s", device->unknowns[i].about,
			   hidden_words(device->unknowns[i].error));
	if (!device->uses_known)
		sheet_line(sheet, "in use", "not known: nobody looked");
	else if (device->use_count == 0 && device->pci && device->pci->config == CONFIG_SILENT)
		sheet_line(sheet, "in use", "not known: it does not answer");
	else if (device->use_count == 0 && device->unknown_count == 0)
		sheet_line(sheet, "in use", "no");
}

static void show_ids(const struct sheet *sheet, const struct device_facts *device)
{
	if (device->vendor && device->device)
		sheet_line(sheet, "ids", "%s:%s", device->vendor, device->device);
	if (device->subvendor && device->subdevice)
		sheet_line(sheet, "subsystem", "%s:%s", device->subvendor, device->subdevice);
	if (device->class)
		sheet_line(sheet, "class", "%s", device->class);
	if (device->modalias)
		sheet_line(sheet, "modalias", "%s", device->modalias);
}

static void show_no_group(const struct sheet *sheet, const struct device_facts *device)
{
	struct device_reasons said;

	if (group_may_come_late(sheet->facts, device)) {
		sheet_line(sheet, "group",
			   "none yet: this kernel looks for its IOMMU when a driver is bound");
		sheet_line(sheet, "remedy",
			   "echo vfio-pci > /sys/bus/%s/devices/%s/driver_override; echo %s > "
			   "/sys/bus/%s/drivers_probe",
			   device->bus, device->address, device->address, device->bus);
		return;
	}
	sheet_line(sheet, "group", "none: no IOMMU translates for it");
	if (group_reasons_of_device(sheet->reasons, (size_t)(device - sheet->facts->devices),
				    &said))
		return;
	sheet_line(sheet, "remedy", "%s", said.remedy);
	device_reasons_release(&said);
}

void show_device(const struct sheet *sheet, const struct device_facts *device)
{
	sheet_title(sheet, device->address, device->name);
	sheet_line(sheet, "bus", "%s", device->bus);
	if (device->parent)
		sheet_line(sheet, "below", "%s", device->parent);
	show_ids(sheet, device);
	if (device->driver)
		sheet_line(sheet, "driver", "%s (%s)", device->driver,
			   driver_nature(sheet->facts, device));
	else
		sheet_line(sheet, "driver",
			   device_facts_hides(device, "driver") ? "not known" : "none");
	if (device->busy && device->driver)
		sheet_line(sheet, "busy", "%s has not let go of it yet", device->driver);
	if (device->override)
		sheet_line(sheet, "driver override", "%s", device->override);
	if (device->pci)
		show_pci(sheet, device);
	show_uses(sheet, device);
	if (device->group < 0)
		show_no_group(sheet, device);
	else
		sheet_line(sheet, "group", "%d", device->group);
}
