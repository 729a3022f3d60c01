/* SPDX-License-Identifier: MIT */
#include "match.h"

#include <string.h>

enum override match_override(const struct dmaown_device *device, const struct dmaown_driver *driver)
{
	const char *override = dmaown_device_override(device);

	if (!override)
		return OVERRIDE_NONE;
	return strcmp(override, dmaown_driver_type(driver)->name) == 0 ? OVERRIDE_THIS
								       : OVERRIDE_OTHER;
}

static bool id_fits(uint32_t wanted, uint32_t found)
{
	return wanted == DMAOWN_ANY_ID || wanted == found;
}

static bool pci_id_fits(const struct dmaown_pci_id *id, const struct dmaown_pci_identity *identity)
{
	return id_fits(id->vendor, identity->vendor) && id_fits(id->device, identity->device) &&
	       id_fits(id->subvendor, identity->subvendor) &&
	       id_fits(id->subdevice, identity->subdevice) &&
	       ((id->device_class ^ identity->device_class) & id->class_mask) == 0;
}

static bool pci_id_is_last(const struct dmaown_pci_id *id)
{
	return id->vendor == 0 && id->subvendor == 0 && id->class_mask == 0;
}

int match_pci_ids(const struct dmaown_device *device, const struct dmaown_driver *driver)
{
	const struct dmaown_pci_identity *identity = dmaown_device_identity(device);
	const struct dmaown_pci_id *id = dmaown_driver_type(driver)->ids;
	bool overridden = match_override(device, driver) == OVERRIDE_THIS;

	if (!identity || !id)
		return 0;
	for (; !pci_id_is_last(id); id++)
		if (pci_id_fits(id, identity) && (overridden || !id->override_only))
			return 1;
	return 0;
}

const char *match_platform_name(const struct dmaown_device *device)
{
	const struct dmaown_platform_identity *identity = dmaown_device_identity(device);

	return identity && identity->name ? identity->name : dmaown_device_name(device);
}

static bool is_compatible(const struct dmaown_device *device, const char *compatible)
{
	const struct dmaown_platform_identity *identity = dmaown_device_identity(device);

	if (!compatible || !identity || !identity->compatible)
		return false;
	for (const char *const *own = identity->compatible; *own; own++)
		if (strcmp(*own, compatible) == 0)
			return true;
	return false;
}

int match_platform_ids(const struct dmaown_device *device, const struct dmaown_driver *driver)
{
	const struct dmaown_platform_id *id = dmaown_driver_type(driver)->ids;
	const char *name = match_platform_name(device);

	for (; id && (id->name || id->compatible); id++)
		if (is_compatible(device, id->compatible) ||
		    (id->name && strcmp(id->name, name) == 0))
			return 1;
	return 0;
}
