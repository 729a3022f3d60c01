/* SPDX-License-Identifier: MIT */
/*
 * JSON to facts.
 *
 * Every object is described by a table of its keys: what reads the value, into which field, whether
 * it must be there. One walk over the table reads an object; what the table does not have is
 * refused. Readers return 0, -ENOMEM, or -EINVAL with reader->why set; what was read before stays
 * in reader->facts, which is released as a whole.
 */
#include "errname.h"
#include "facts_json.h"

#include "errname.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const struct json_source *source;
	struct facts *facts;
	char *why;
};

/* Reads `value`, found at `place`, into `field`. */
typedef int (*read_value)(struct reader *reader, const struct json_place *place,
			  const json_t *value, void *field);

struct field {
	const char *key;
	read_value read;
	size_t offset; /* of the field in what the table describes */
	bool required;
};

#define expected(reader, place, value, what)                                                       \
	json_place_fault((reader)->source, place, &(reader)->why, "expected %s, found %s", what,   \
			 json_kind(value))
#define fault(reader, place, ...)                                                                  \
	json_place_fault((reader)->source, place, &(reader)->why, __VA_ARGS__)

static bool is_comment(const char *key)
{
	return strncmp(key, "x-", 2) == 0;
}

static bool is_field(const struct field *fields, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].key, key) == 0)
			return true;
	return false;
}

static int refuse_unknown(struct reader *reader, const struct json_place *place,
			  const json_t *object, const struct field *fields, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		struct json_place at = {.above = place, .key = key};

		if (!is_comment(key) && !is_field(fields, count, key))
			return fault(reader, &at, "no such key (keys of your own begin with x-)");
	}
	return 0;
}

static int read_fields(struct reader *reader, const struct json_place *place, const json_t *object,
		       const struct field *fields, size_t count, void *target)
{
	int err;

	if (!json_is_object(object))
		return expected(reader, place, object, "an object");
	err = refuse_unknown(reader, place, object, fields, count);
	for (size_t i = 0; !err && i < count; i++) {
		const json_t *value = json_object_get(object, fields[i].key);
		struct json_place at = {.above = place, .key = fields[i].key};

		if (value)
			err = fields[i].read(reader, &at, value, (char *)target + fields[i].offset);
		else if (fields[i].required)
			err = fault(reader, place, "lacks \"%s\"", fields[i].key);
	}
	return err;
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int read_elements(struct reader *reader, const struct json_place *place, const json_t *array,
			 read_value read, void *target)
{
	int err = 0;

	if (!json_is_array(array))
		return expected(reader, place, array, "an array");
	for (size_t i = 0; !err && i < json_array_size(array); i++) {
		struct json_place at = {.above = place, .index = i};

		err = read(reader, &at, json_array_get(array, i), target);
	}
	return err;
}

static int read_text(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *field)
{
	const char *text = json_string_value(value);
	char **copy = field;

	if (!text)
		return expected(reader, place, value, "a string");
	*copy = strdup(text);
	return *copy ? 0 : -ENOMEM;
}

static int read_words(struct reader *reader, const struct json_place *place, const json_t *value,
		      void *field)
{
	if (json_is_string(value) && json_string_length(value) == 0)
		return fault(reader, place, "expected a name, found an empty string");
	return read_text(reader, place, value, field);
}

/* What others refer to: nobody's own choice on a host, as words are that name a use. */
static int read_name(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *field)
{
	const char *text = json_string_value(value);

	for (const char *at = text; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return fault(reader, place, "expected text, found a control character");
	return read_words(reader, place, value, field);
}

static int read_text_or_null(struct reader *reader, const struct json_place *place,
			     const json_t *value, void *field)
{
	if (json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return expected(reader, place, value, "a string or null");
	return read_text(reader, place, value, field);
}

static bool is_hex(const json_t *value, size_t digits)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

static int read_hex(struct reader *reader, const struct json_place *place, const json_t *value,
		    size_t digits, void *field)
{
	if (json_is_null(value))
		return 0;
	if (!is_hex(value, digits))
		return fault(reader, place,
			     "expected %zu lower-case hex digits in a string, or null", digits);
	return read_text(reader, place, value, field);
}

static int read_hex4(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *field)
{
	return read_hex(reader, place, value, 4, field);
}

static int read_hex6(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *field)
{
	return read_hex(reader, place, value, 6, field);
}

static int read_register(struct reader *reader, const struct json_place *place, const json_t *value,
			 void *field)
{
	uint16_t *number = field;

	if (!is_hex(value, 4))
		return fault(reader, place, "expected 4 lower-case hex digits in a string");
	*number = (uint16_t)strtoul(json_string_value(value), NULL, 16);
	return 0;
}

static int read_bool(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *field)
{
	bool *result = field;

	if (!json_is_boolean(value))
		return expected(reader, place, value, "true or false");
	*result = json_is_true(value);
	return 0;
}

/* Stores it negative, as functions return it; null: 0. */
static int read_errno(struct reader *reader, const struct json_place *place, const json_t *value,
		      void *field)
{
	int *result = field, err;

	if (json_is_null(value))
		return 0;
	if (!json_is_string(value) || errno_from_name(json_string_value(value), &err) != 0)
		return expected(reader, place, value, "the name of an errno, or null");
	*result = -err;
	return 0;
}

static int read_known(struct reader *reader, const struct json_place *place, const json_t *value,
		      void *field)
{
	enum known *known = field;

	if (!json_is_boolean(value) && !json_is_null(value))
		return expected(reader, place, value, "true, false or null");
	*known = json_is_null(value) ? KNOWN_NOT : json_is_true(value) ? KNOWN_YES : KNOWN_NO;
	return 0;
}

static int read_number(struct reader *reader, const struct json_place *place, const json_t *value,
		       long highest, long *number)
{
	if (!json_is_integer(value))
		return expected(reader, place, value, "a whole number");
	if (json_integer_value(value) < 0 || json_integer_value(value) > highest)
		return fault(reader, place, "expected a number from 0 to %ld, found %lld", highest,
			     json_integer_value(value));
	*number = (long)json_integer_value(value);
	return 0;
}

static int read_int(struct reader *reader, const struct json_place *place, const json_t *value,
		    void *field)
{
	long number = 0;
	int err = read_number(reader, place, value, INT_MAX, &number);

	if (!err)
		*(int *)field = (int)number;
	return err;
}

static int read_int_or_null(struct reader *reader, const struct json_place *place,
			    const json_t *value, void *field)
{
	return json_is_null(value) ? 0 : read_int(reader, place, value, field);
}

static int read_long_or_null(struct reader *reader, const struct json_place *place,
			     const json_t *value, void *field)
{
	return json_is_null(value) ? 0 : read_number(reader, place, value, UINT32_MAX - 1, field);
}

static int read_bus_number(struct reader *reader, const struct json_place *place,
			   const json_t *value, void *field)
{
	long number = 0;
	int err = read_number(reader, place, value, UINT8_MAX, &number);

	if (!err)
		*(uint8_t *)field = (uint8_t)number;
	return err;
}

/* For derived keys: right or wrong, the facts say it themselves. */
static int read_nothing(struct reader *reader, const struct json_place *place, const json_t *value,
			void *field)
{
	return 0;
}

static int read_version(struct reader *reader, const struct json_place *place, const json_t *value,
			void *field)
{
	if (!json_is_integer(value) || json_integer_value(value) != 1)
		return fault(reader, place, "expected 1, the only version of machine files");
	return 0;
}

static int read_type(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *field)
{
	int *type = field;
	long number = 0;
	int err;

	if (json_is_null(value))
		return 0;
	if (json_is_string(value)) {
		if (pcie_type_parse(json_string_value(value), type))
			return fault(reader, place, "no PCI Express type has this name");
		return 0;
	}
	err = read_number(reader, place, value, 15, &number);
	if (!err)
		*type = (int)number;
	return err;
}

static const struct field bridge_fields[] = {
	{"secondary", read_bus_number, offsetof(struct pci_facts, secondary), true},
	{"subordinate", read_bus_number, offsetof(struct pci_facts, subordinate), true},
};

static int read_bridge(struct reader *reader, const struct json_place *place, const json_t *value,
		       void *field)
{
	struct pci_facts *pci = field;

	if (json_is_null(value))
		return 0;
	pci->bridge = true;
	return read_fields(reader, place, value, bridge_fields, COUNT(bridge_fields), pci);
}

static const struct field acs_fields[] = {
	{"capability", read_register, offsetof(struct pci_facts, acs_capability), true},
	{"control", read_register, offsetof(struct pci_facts, acs_control), true},
	{"wide", read_bool, offsetof(struct pci_facts, acs_wide), false},
};

static int read_acs(struct reader *reader, const struct json_place *place, const json_t *value,
		    void *field)
{
	struct pci_facts *pci = field;

	if (json_is_null(value))
		return 0;
	pci->has_acs = true;
	return read_fields(reader, place, value, acs_fields, COUNT(acs_fields), pci);
}

static int read_config_hidden(struct reader *reader, const struct json_place *place,
			      const json_t *value, void *field)
{
	struct pci_facts *pci = field;
	bool hidden = false;
	int err = read_bool(reader, place, value, &hidden);

	if (!err && hidden)
		pci->config = CONFIG_HIDDEN;
	return err;
}

static int read_config_errno(struct reader *reader, const struct json_place *place,
			     const json_t *value, void *field)
{
	struct pci_facts *pci = field;

	if (json_is_null(value))
		return 0;
	if (!json_is_string(value) ||
	    errno_from_name(json_string_value(value), &pci->config_errno) || !pci->config_errno)
		return fault(reader, place, "expected the name of an errno (\"EIO\") or null");
	if (pci->config != CONFIG_HIDDEN)
		return fault(reader, place, "expected null where \"config_hidden\" is not true");
	return 0;
}

static int read_config_silent(struct reader *reader, const struct json_place *place,
			      const json_t *value, void *field)
{
	struct pci_facts *pci = field;
	bool silent = false;
	int err = read_bool(reader, place, value, &silent);

	if (err || !silent)
		return err;
	if (pci->config == CONFIG_HIDDEN)
		return fault(reader, place, "expected false where \"config_hidden\" is true");
	pci->config = CONFIG_SILENT;
	return 0;
}

/* What is said of the config space counts as read, unless it is said to be hidden or silent. */
static const struct field pci_fields[] = {
	{"type", read_type, offsetof(struct pci_facts, type), false},
	{"multifunction", read_bool, offsetof(struct pci_facts, multifunction), false},
	{"bridge", read_bridge, 0, false},
	{"acs", read_acs, 0, false},
	{"config_hidden", read_config_hidden, 0, false},
	{"config_errno", read_config_errno, 0, false},
	{"config_silent", read_config_silent, 0, false},
	{"physical_function", read_text_or_null, offsetof(struct pci_facts, physical_function),
	 false},
};

static int read_pci(struct reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	struct device_facts *device = target;
	int err;

	if (json_is_null(value))
		return 0;
	err = device_facts_add_pci(device);
	if (err == -EINVAL)
		return fault(reader, place, "expected null: %s is no PCI address (0000:02:01.0)",
			     device->address);
	if (err)
		return err;
	device->pci->config = CONFIG_READ;
	return read_fields(reader, place, value, pci_fields, COUNT(pci_fields), device->pci);
}

static const struct field use_fields[] = {
	{"kind", read_name, offsetof(struct use_facts, kind), true},
	{"name", read_text_or_null, offsetof(struct use_facts, name), false},
	{"reason", read_text_or_null, offsetof(struct use_facts, reason), false},
	{"vital", read_bool, offsetof(struct use_facts, vital), false},
	{"remedy", read_text_or_null, offsetof(struct use_facts, remedy), false},
};

static int read_use(struct reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	struct use_facts *use;
	int err = device_facts_add_use(target, &use);

	return err ? err : read_fields(reader, place, value, use_fields, COUNT(use_fields), use);
}

static int read_uses(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *target)
{
	struct device_facts *device = target;

	if (json_is_null(value))
		return 0;
	device->uses_known = true;
	return read_elements(reader, place, value, read_use, device);
}

/* What is read of an unknown before it is noted on its device. */
struct unknown_text {
	char *about;
	int error;
};

static const struct field unknown_fields[] = {
	{"about", read_words, offsetof(struct unknown_text, about), true},
	{"errno", read_errno, offsetof(struct unknown_text, error), false},
};

/* Reads one and gives it to `note`, of which `target` is the first argument. */
static int read_unknown(struct reader *reader, const struct json_place *place, const json_t *value,
			int (*note)(void *target, const char *about, int error), void *target)
{
	struct unknown_text unknown = {0};
	int err =
		read_fields(reader, place, value, unknown_fields, COUNT(unknown_fields), &unknown);

	if (!err)
		err = note(target, unknown.about, unknown.error);
	free(unknown.about);
	return err;
}

static int note_of_device(void *device, const char *about, int error)
{
	return device_facts_hide(device, about, error);
}

static int read_unknown_of_device(struct reader *reader, const struct json_place *place,
				  const json_t *value, void *target)
{
	return read_unknown(reader, place, value, note_of_device, target);
}

static int read_unknowns(struct reader *reader, const struct json_place *place, const json_t *value,
			 void *target)
{
	return json_is_null(value)
		       ? 0
		       : read_elements(reader, place, value, read_unknown_of_device, target);
}

/* "address" stands before "pci", which needs it. */
static const struct field device_fields[] = {
	{"address", read_name, offsetof(struct device_facts, address), true},
	{"bus", read_name, offsetof(struct device_facts, bus), true},
	{"parent", read_text_or_null, offsetof(struct device_facts, parent), false},
	{"vendor", read_hex4, offsetof(struct device_facts, vendor), false},
	{"device", read_hex4, offsetof(struct device_facts, device), false},
	{"subsystem_vendor", read_hex4, offsetof(struct device_facts, subvendor), false},
	{"subsystem_device", read_hex4, offsetof(struct device_facts, subdevice), false},
	{"class", read_hex6, offsetof(struct device_facts, class), false},
	{"modalias", read_text_or_null, offsetof(struct device_facts, modalias), false},
	{"name", read_text_or_null, offsetof(struct device_facts, name), false},
	{"driver", read_text_or_null, offsetof(struct device_facts, driver), false},
	{"driver_override", read_text_or_null, offsetof(struct device_facts, override), false},
	{"busy", read_bool, offsetof(struct device_facts, busy), false},
	{"managed_dma", read_nothing, 0, false},
	{"pci", read_pci, 0, false},
	{"in_use", read_uses, 0, false},
	{"unknown", read_unknowns, 0, false},
};

static int read_device(struct reader *reader, const struct json_place *place, const json_t *value,
		       void *target)
{
	const int *group = target;
	struct device_facts *device;
	int err = facts_add_device(reader->facts, &device);

	if (err)
		return err;
	device->group = *group;
	return read_fields(reader, place, value, device_fields, COUNT(device_fields), device);
}

static const struct field owner_fields[] = {
	{"kind", read_nothing, 0, true},
	{"name", read_text_or_null, offsetof(struct owner_facts, name), false},
	{"pid", read_long_or_null, offsetof(struct owner_facts, pid), false},
	{"uid", read_long_or_null, offsetof(struct owner_facts, uid), false},
};

static const struct field unknown_owner_fields[] = {
	{"kind", read_nothing, 0, true},
	{"errno", read_errno, offsetof(struct owner_facts, hidden_by), false},
};

static int read_owner(struct reader *reader, const struct json_place *place, const json_t *value,
		      void *field)
{
	struct owner_facts *owner = field;
	const char *kind = json_string_value(json_object_get(value, "kind"));
	bool user = kind && strcmp(kind, "user") == 0;

	if (json_is_null(value))
		return 0;
	if (kind && strcmp(kind, "unknown") == 0) {
		owner->kind = OWNER_NOT_KNOWN;
		return read_fields(reader, place, value, unknown_owner_fields,
				   COUNT(unknown_owner_fields), owner);
	}
	if (json_is_object(value) && !user && (!kind || strcmp(kind, "kernel") != 0))
		return fault(reader, place,
			     "expected \"kind\": \"kernel\", \"user\" or \"unknown\"");
	owner->kind = user ? OWNER_USER : OWNER_KERNEL;
	return read_fields(reader, place, value, owner_fields, user ? COUNT(owner_fields) : 1,
			   owner);
}

static int read_members(struct reader *reader, const struct json_place *place, const json_t *value,
			void *target)
{
	struct group_facts *group = target;

	return read_elements(reader, place, value, read_device, &group->id);
}

/* "id" stands before "devices", which need it. */
static const struct field group_fields[] = {
	{"id", read_int, offsetof(struct group_facts, id), true},
	{"type", read_text_or_null, offsetof(struct group_facts, type), false},
	{"viable", read_nothing, 0, false},
	{"owner", read_owner, offsetof(struct group_facts, owner), false},
	{"noiommu", read_known, offsetof(struct group_facts, noiommu), false},
	{"direct_regions", read_known, offsetof(struct group_facts, direct_regions), false},
	{"count", read_int_or_null, offsetof(struct group_facts, count), false},
	{"domain", read_text_or_null, offsetof(struct group_facts, domain), false},
	{"devices", read_members, 0, true},
};

static int read_group(struct reader *reader, const struct json_place *place, const json_t *value,
		      void *target)
{
	struct group_facts *group;
	int err = facts_add_group(reader->facts, &group);

	if (err)
		return err;
	/* A file says what a machine has: what it leaves out is not there. */
	group->owner.kind = OWNER_NONE;
	group->noiommu = KNOWN_NO;
	group->direct_regions = KNOWN_NO;
	return read_fields(reader, place, value, group_fields, COUNT(group_fields), group);
}

static int read_groups(struct reader *reader, const struct json_place *place, const json_t *value,
		       void *target)
{
	return read_elements(reader, place, value, read_group, target);
}

static int read_ungrouped(struct reader *reader, const struct json_place *place,
			  const json_t *value, void *target)
{
	int none = -1;

	return read_elements(reader, place, value, read_device, &none);
}

static int read_by_rules(struct reader *reader, const struct json_place *place, const json_t *value,
			 void *target)
{
	int by_rules = GROUP_BY_RULES;

	return read_elements(reader, place, value, read_device, &by_rules);
}

static int read_id(struct reader *reader, const struct json_place *place, const json_t *value,
		   void *target)
{
	char *id = NULL;
	int err = read_name(reader, place, value, &id);

	if (!err)
		err = driver_facts_add_id(target, id);
	free(id);
	return err;
}

static int read_ids(struct reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	return read_elements(reader, place, value, read_id, target);
}

static const struct field driver_fields[] = {
	{"name", read_name, offsetof(struct driver_facts, name), true},
	{"bus", read_name, offsetof(struct driver_facts, bus), true},
	{"managed_dma", read_known, offsetof(struct driver_facts, managed_dma), false},
	{"user", read_bool, offsetof(struct driver_facts, user), false},
	{"ids", read_ids, 0, false},
};

static int read_driver(struct reader *reader, const struct json_place *place, const json_t *value,
		       void *target)
{
	struct driver_facts *driver;
	int err = facts_add_driver(reader->facts, &driver);

	return err ? err
		   : read_fields(reader, place, value, driver_fields, COUNT(driver_fields), driver);
}

static int read_drivers(struct reader *reader, const struct json_place *place, const json_t *value,
			void *target)
{
	return read_elements(reader, place, value, read_driver, target);
}

static int read_argument(struct reader *reader, const struct json_place *place, const json_t *value,
			 void *target)
{
	char *argument = NULL;
	int err = read_text(reader, place, value, &argument);

	if (!err)
		err = host_facts_add_argument(target, argument);
	free(argument);
	return err;
}

static int read_arguments(struct reader *reader, const struct json_place *place,
			  const json_t *value, void *target)
{
	struct host_facts *host = target;

	if (json_is_null(value))
		return 0;
	host->arguments_known = true;
	return read_elements(reader, place, value, read_argument, host);
}

static const struct field iommu_fields[] = {
	{"name", read_name, offsetof(struct iommu_facts, name), true},
	{"kind", read_text_or_null, offsetof(struct iommu_facts, kind), false},
	{"remaps_interrupts", read_known, offsetof(struct iommu_facts, remaps_interrupts), false},
};

static int read_iommu(struct reader *reader, const struct json_place *place, const json_t *value,
		      void *target)
{
	struct iommu_facts *iommu;
	int err = host_facts_add_iommu(target, &iommu);

	return err ? err
		   : read_fields(reader, place, value, iommu_fields, COUNT(iommu_fields), iommu);
}

static int read_iommus(struct reader *reader, const struct json_place *place, const json_t *value,
		       void *target)
{
	struct host_facts *host = target;

	if (json_is_null(value))
		return 0;
	host->iommus_known = true;
	return read_elements(reader, place, value, read_iommu, host);
}

static const struct field module_fields[] = {
	{"name", read_name, offsetof(struct module_facts, name), true},
	{"loaded", read_known, offsetof(struct module_facts, loaded), false},
	{"installed", read_known, offsetof(struct module_facts, installed), false},
};

static int read_module(struct reader *reader, const struct json_place *place, const json_t *value,
		       void *target)
{
	struct module_facts *module;
	int err = host_facts_add_module(target, &module);

	return err ? err
		   : read_fields(reader, place, value, module_fields, COUNT(module_fields), module);
}

static int read_modules(struct reader *reader, const struct json_place *place, const json_t *value,
			void *target)
{
	return json_is_null(value) ? 0 : read_elements(reader, place, value, read_module, target);
}

static int note_of_host(void *host, const char *about, int error)
{
	return host_facts_hide(host, about, error);
}

static int read_unknown_of_host(struct reader *reader, const struct json_place *place,
				const json_t *value, void *target)
{
	return read_unknown(reader, place, value, note_of_host, target);
}

static int read_unknowns_of_host(struct reader *reader, const struct json_place *place,
				 const json_t *value, void *target)
{
	return json_is_null(value)
		       ? 0
		       : read_elements(reader, place, value, read_unknown_of_host, target);
}

static int note_blind_spot(void *host, const char *about, int error)
{
	return host_facts_add_blind_spot(host, about, error);
}

static int read_blind_spot(struct reader *reader, const struct json_place *place,
			   const json_t *value, void *target)
{
	return read_unknown(reader, place, value, note_blind_spot, target);
}

static int read_blind_spots(struct reader *reader, const struct json_place *place,
			    const json_t *value, void *target)
{
	return json_is_null(value) ? 0
				   : read_elements(reader, place, value, read_blind_spot, target);
}

static int read_memlock(struct reader *reader, const struct json_place *place, const json_t *value,
			void *field)
{
	const char *word = json_string_value(value);
	int64_t *memlock = field;

	if (json_is_null(value))
		return 0;
	if (word && strcmp(word, "unlimited") == 0) {
		*memlock = MEMLOCK_UNLIMITED;
		return 0;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return fault(reader, place, "expected a number of bytes, \"unlimited\" or null");
	*memlock = json_integer_value(value);
	return 0;
}

#define HOST(field) offsetof(struct host_facts, field)

static const struct field host_fields[] = {
	{"release", read_text_or_null, HOST(release), false},
	{"architecture", read_text_or_null, HOST(architecture), false},
	{"cpu_vendor", read_text_or_null, HOST(cpu_vendor), false},
	{"virtual", read_known, HOST(virtual), false},
	{"xen_first", read_known, HOST(xen_first), false},
	{"arguments", read_arguments, 0, false},
	{"iommu_table", read_text_or_null, HOST(iommu_table), false},
	{"iommus", read_iommus, 0, false},
	{"interrupt_remapping", read_known, HOST(interrupt_remapping), false},
	{"modules", read_modules, 0, false},
	{"unsafe_interrupts", read_known, HOST(unsafe_interrupts), false},
	{"noiommu", read_known, HOST(noiommu), false},
	{"vfio_node", read_known, HOST(vfio_node), false},
	{"vfio_node_open", read_known, HOST(vfio_node_open), false},
	{"sys_read_only", read_known, HOST(sys_read_only), false},
	{"privileged", read_known, HOST(privileged), false},
	{"memlock", read_memlock, HOST(memlock), false},
	{"sees_all", read_known, HOST(sees_all), false},
	{"blind_spots", read_blind_spots, 0, false},
	{"unknown", read_unknowns_of_host, 0, false},
};

static int read_host(struct reader *reader, const struct json_place *place, const json_t *value,
		     void *target)
{
	int err;

	if (json_is_null(value))
		return 0;
	err = facts_add_host(reader->facts);
	return err ? err
		   : read_fields(reader, place, value, host_fields, COUNT(host_fields),
				 reader->facts->host);
}

/* Devices are read group by group, then the others: fault_in_device() counts on it. */
static const struct field root_fields[] = {
	{"dmaown-machine", read_version, 0, true},
	{"machine", read_nothing, 0, false},
	{"groups", read_groups, 0, true},
	{"ungrouped", read_ungrouped, 0, false},
	{"devices", read_by_rules, 0, false},
	{"drivers", read_drivers, 0, false},
	{"host", read_host, 0, false},
};

static int fault_in(struct reader *reader, const char *array, size_t index, const char *what)
{
	struct json_place top = {.key = array}, entry = {.above = &top, .index = index};

	return fault(reader, &entry, "%s", what);
}

static int fault_in_host(struct reader *reader, const char *array, size_t index, const char *what)
{
	struct json_place top = {.key = "host"}, inner = {.above = &top, .key = array};
	struct json_place entry = {.above = &inner, .index = index};

	return fault(reader, &entry, "%s", what);
}

/* Says what is wrong with the device that was read as number `place`. */
static int fault_in_device(struct reader *reader, const json_t *root, size_t place,
			   const char *what)
{
	const json_t *groups = json_object_get(root, "groups");
	size_t ungrouped = json_array_size(json_object_get(root, "ungrouped"));

	for (size_t i = 0; i < json_array_size(groups); i++) {
		struct json_place top = {.key = "groups"}, group = {.above = &top, .index = i};
		struct json_place devices = {.above = &group, .key = "devices"};
		struct json_place device = {.above = &devices, .index = place};
		size_t members =
			json_array_size(json_object_get(json_array_get(groups, i), devices.key));

		if (place < members)
			return fault(reader, &device, "%s", what);
		place -= members;
	}
	if (place < ungrouped)
		return fault_in(reader, "ungrouped", place, what);
	return fault_in(reader, "devices", place - ungrouped, what);
}

/* Verifies the invariants of what was read, and says at which entry one is broken. */
static int find_fault(struct reader *reader, const json_t *root)
{
	struct facts_fault found;
	int err = facts_find_fault(reader->facts, &found);

	if (err != -EINVAL)
		return err;
	switch (found.entry) {
	case FACTS_DEVICE:
		err = fault_in_device(reader, root, found.place, found.why);
		break;
	case FACTS_GROUP:
		err = fault_in(reader, "groups", found.place, found.why);
		break;
	case FACTS_DRIVER:
		err = fault_in(reader, "drivers", found.place, found.why);
		break;
	case FACTS_IOMMU:
		err = fault_in_host(reader, "iommus", found.place, found.why);
		break;
	case FACTS_MODULE:
		err = fault_in_host(reader, "modules", found.place, found.why);
		break;
	}
	free(found.why);
	return err;
}

int facts_from_json(const json_t *root, const struct json_source *source, struct facts *out,
		    char **why)
{
	struct facts facts = {0};
	struct reader reader = {.source = source, .facts = &facts};
	int err = 0;

	facts.machine = strdup(source->name);
	if (!facts.machine)
		err = -ENOMEM;
	if (!err)
		err = read_fields(&reader, NULL, root, root_fields, COUNT(root_fields), &facts);
	if (!err)
		err = find_fault(&reader, root);
	if (!err) {
		*out = facts;
		return 0;
	}
	if (err == -EINVAL)
		*why = reader.why;
	facts_release(&facts);
	return err;
}
