/* SPDX-License-Identifier: MIT */
#include "device_json.h"

#include "errname.h"
#include "json_writing.h"
#include "unknown_json.h"

#include <errno.h>

/* ---- from JSON ---- */

static int read_type(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, void *field)
{
	int *type = field;
	long number = 0;
	int err;

	if (json_is_null(value))
		return 0;
	if (json_is_string(value)) {
		if (pcie_type_parse(json_string_value(value), type))
			return json_fault(reader, place, "no PCI Express type has this name");
		return 0;
	}
	err = json_read_number(reader, place, value, 15, &number);
	if (!err)
		*type = (int)number;
	return err;
}

static const struct json_field bridge_fields[] = {
	{"secondary", json_read_bus_number, offsetof(struct pci_facts, secondary), true},
	{"subordinate", json_read_bus_number, offsetof(struct pci_facts, subordinate), true},
};

static int read_bridge(struct json_reader *reader, const struct json_place *place,
		       const json_t *value, void *field)
{
	struct pci_facts *pci = field;

	if (json_is_null(value))
		return 0;
	pci->bridge = true;
	return json_read_fields(reader, place, value, bridge_fields, COUNT(bridge_fields), pci);
}

static const struct json_field acs_fields[] = {
	{"capability", json_read_register, offsetof(struct pci_facts, acs_capability), true},
	{"control", json_read_register, offsetof(struct pci_facts, acs_control), true},
	{"wide", json_read_bool, offsetof(struct pci_facts, acs_wide), false},
};

static int read_acs(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *field)
{
	struct pci_facts *pci = field;

	if (json_is_null(value))
		return 0;
	pci->has_acs = true;
	return json_read_fields(reader, place, value, acs_fields, COUNT(acs_fields), pci);
}

static int read_config_hidden(struct json_reader *reader, const struct json_place *place,
			      const json_t *value, void *field)
{
	struct pci_facts *pci = field;
	bool hidden = false;
	int err = json_read_bool(reader, place, value, &hidden);

	if (!err && hidden)
		pci->config = CONFIG_HIDDEN;
	return err;
}

static int read_config_errno(struct json_reader *reader, const struct json_place *place,
			     const json_t *value, void *field)
{
	struct pci_facts *pci = field;

	if (json_is_null(value))
		return 0;
	if (!json_is_string(value) ||
	    errno_from_name(json_string_value(value), &pci->config_errno) || !pci->config_errno)
		return json_fault(reader, place, "expected the name of an errno (\"EIO\") or null");
	if (pci->config != CONFIG_HIDDEN)
		return json_fault(reader, place,
				  "expected null where \"config_hidden\" is not true");
	return 0;
}

static int read_config_silent(struct json_reader *reader, const struct json_place *place,
			      const json_t *value, void *field)
{
	struct pci_facts *pci = field;
	bool silent = false;
	int err = json_read_bool(reader, place, value, &silent);

	if (err || !silent)
		return err;
	if (pci->config == CONFIG_HIDDEN)
		return json_fault(reader, place, "expected false where \"config_hidden\" is true");
	pci->config = CONFIG_SILENT;
	return 0;
}

/* What is said of the config space counts as read, unless it is said to be hidden or silent. */
static const struct json_field pci_fields[] = {
	{"type", read_type, offsetof(struct pci_facts, type), false},
	{"multifunction", json_read_bool, offsetof(struct pci_facts, multifunction), false},
	{"bridge", read_bridge, 0, false},
	{"acs", read_acs, 0, false},
	{"config_hidden", read_config_hidden, 0, false},
	{"config_errno", read_config_errno, 0, false},
	{"config_silent", read_config_silent, 0, false},
	{"physical_function", json_read_text_or_null, offsetof(struct pci_facts, physical_function),
	 false},
};

static int read_pci(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	struct device_facts *device = target;
	int err;

	if (json_is_null(value))
		return 0;
	err = device_facts_add_pci(device);
	if (err == -EINVAL)
		return json_fault(reader, place,
				  "expected null: %s is no PCI address (0000:02:01.0)",
				  device->address);
	if (err)
		return err;
	device->pci->config = CONFIG_READ;
	return json_read_fields(reader, place, value, pci_fields, COUNT(pci_fields), device->pci);
}

static const struct json_field use_fields[] = {
	{"kind", json_read_name, offsetof(struct use_facts, kind), true},
	{"name", json_read_text_or_null, offsetof(struct use_facts, name), false},
	{"reason", json_read_text_or_null, offsetof(struct use_facts, reason), false},
	{"vital", json_read_bool, offsetof(struct use_facts, vital), false},
	{"remedy", json_read_text_or_null, offsetof(struct use_facts, remedy), false},
};

static int read_use(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	struct use_facts *use;
	int err = device_facts_add_use(target, &use);

	return err ? err
		   : json_read_fields(reader, place, value, use_fields, COUNT(use_fields), use);
}

static int read_uses(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, void *target)
{
	struct device_facts *device = target;

	if (json_is_null(value))
		return 0;
	device->uses_known = true;
	return json_read_elements(reader, place, value, read_use, device);
}

static int note_of_device(void *device, const char *about, int error)
{
	return device_facts_hide(device, about, error);
}

static int read_unknown_of_device(struct json_reader *reader, const struct json_place *place,
				  const json_t *value, void *target)
{
	return json_read_unknown(reader, place, value, note_of_device, target);
}

static int read_unknowns(struct json_reader *reader, const struct json_place *place,
			 const json_t *value, void *target)
{
	return json_is_null(value)
		       ? 0
		       : json_read_elements(reader, place, value, read_unknown_of_device, target);
}

/* "address" stands before "pci", which needs it. */
static const struct json_field device_fields[] = {
	{"address", json_read_name, offsetof(struct device_facts, address), true},
	{"bus", json_read_name, offsetof(struct device_facts, bus), true},
	{"parent", json_read_text_or_null, offsetof(struct device_facts, parent), false},
	{"vendor", json_read_hex4, offsetof(struct device_facts, vendor), false},
	{"device", json_read_hex4, offsetof(struct device_facts, device), false},
	{"subsystem_vendor", json_read_hex4, offsetof(struct device_facts, subvendor), false},
	{"subsystem_device", json_read_hex4, offsetof(struct device_facts, subdevice), false},
	{"class", json_read_hex6, offsetof(struct device_facts, class), false},
	{"modalias", json_read_text_or_null, offsetof(struct device_facts, modalias), false},
	{"name", json_read_text_or_null, offsetof(struct device_facts, name), false},
	{"driver", json_read_text_or_null, offsetof(struct device_facts, driver), false},
	{"driver_override", json_read_text_or_null, offsetof(struct device_facts, override), false},
	{"busy", json_read_bool, offsetof(struct device_facts, busy), false},
	{"managed_dma", json_read_nothing, 0, false},
	{"pci", read_pci, 0, false},
	{"in_use", read_uses, 0, false},
	{"unknown", read_unknowns, 0, false},
};

int json_read_device(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, void *target)
{
	const int *group = target;
	struct device_facts *device;
	int err = facts_add_device(reader->facts, &device);

	if (err)
		return err;
	device->group = *group;
	return json_read_fields(reader, place, value, device_fields, COUNT(device_fields), device);
}

/* ---- to JSON ---- */

static json_t *bridge_json(const struct pci_facts *pci)
{
	if (!pci->bridge)
		return json_null();
	return JSON_OBJECT_OF({"secondary", json_integer(pci->secondary)},
			      {"subordinate", json_integer(pci->subordinate)});
}

static json_t *acs_json(const struct pci_facts *pci)
{
	if (!pci->has_acs)
		return json_null();
	return JSON_OBJECT_OF({"capability", hex4_to_json(pci->acs_capability)},
			      {"control", hex4_to_json(pci->acs_control)},
			      {"wide", json_boolean(pci->acs_wide)});
}

static json_t *type_json(int type)
{
	const char *name = pcie_type_name(type);

	return name ? json_string(name) : number_to_json(type, type != PCIE_NONE);
}

static json_t *pci_json(const struct pci_facts *pci)
{
	if (!pci)
		return json_null();
	return JSON_OBJECT_OF({"type", type_json(pci->type)},
			      {"multifunction", json_boolean(pci->multifunction)},
			      {"bridge", bridge_json(pci)}, {"acs", acs_json(pci)},
			      {"config_hidden", json_boolean(pci->config == CONFIG_HIDDEN)},
			      {"config_errno", errno_to_json(pci->config_errno)},
			      {"config_silent", json_boolean(pci->config == CONFIG_SILENT)},
			      {"physical_function", text_to_json(pci->physical_function)});
}

static json_t *use_json(const void *context, size_t place)
{
	const struct use_facts *use = (const struct use_facts *)context + place;

	return JSON_OBJECT_OF({"kind", text_to_json(use->kind)}, {"name", text_to_json(use->name)},
			      {"reason", text_to_json(use->reason)},
			      {"vital", json_boolean(use->vital)},
			      {"remedy", text_to_json(use->remedy)});
}

static json_t *uses_json(const struct device_facts *device)
{
	return device->uses_known ? json_array_of(device->use_count, use_json, device->uses)
				  : json_null();
}

static enum known managed_dma(const struct facts *facts, const struct device_facts *device)
{
	const struct driver_facts *driver = NULL;

	if (device->driver)
		driver = facts_driver(facts, device->bus, device->driver);
	return driver ? driver->managed_dma : KNOWN_NOT;
}

json_t *device_to_json(const struct facts *facts, const struct device_facts *device)
{
	return JSON_OBJECT_OF(
		{"address", text_to_json(device->address)}, {"bus", text_to_json(device->bus)},
		{"parent", text_to_json(device->parent)}, {"vendor", text_to_json(device->vendor)},
		{"device", text_to_json(device->device)},
		{"subsystem_vendor", text_to_json(device->subvendor)},
		{"subsystem_device", text_to_json(device->subdevice)},
		{"class", text_to_json(device->class)},
		{"modalias", text_to_json(device->modalias)}, {"name", text_to_json(device->name)},
		{"driver", text_to_json(device->driver)},
		{"driver_override", text_to_json(device->override)},
		{"busy", json_boolean(device->busy)},
		{"managed_dma", known_to_json(managed_dma(facts, device))},
		{"pci", pci_json(device->pci)}, {"in_use", uses_json(device)},
		{"unknown",
		 json_array_of(device->unknown_count, unknown_to_json, device->unknowns)});
}
