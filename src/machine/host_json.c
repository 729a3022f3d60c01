/* SPDX-License-Identifier: MIT */
#include "host_json.h"

#include "json_writing.h"
#include "unknown_json.h"

#include <stdlib.h>
#include <string.h>

/* ---- from JSON ---- */

static int read_argument(struct json_reader *reader, const struct json_place *place,
			 const json_t *value, void *target)
{
	char *argument = NULL;
	int err = json_read_text(reader, place, value, &argument);

	if (!err)
		err = host_facts_add_argument(target, argument);
	free(argument);
	return err;
}

static int read_arguments(struct json_reader *reader, const struct json_place *place,
			  const json_t *value, void *target)
{
	struct host_facts *host = target;

	if (json_is_null(value))
		return 0;
	host->arguments_known = true;
	return json_read_elements(reader, place, value, read_argument, host);
}

static const struct json_field iommu_fields[] = {
	{"name", json_read_name, offsetof(struct iommu_facts, name), true},
	{"kind", json_read_text_or_null, offsetof(struct iommu_facts, kind), false},
	{"remaps_interrupts", json_read_known, offsetof(struct iommu_facts, remaps_interrupts),
	 false},
};

static int read_iommu(struct json_reader *reader, const struct json_place *place,
		      const json_t *value, void *target)
{
	struct iommu_facts *iommu;
	int err = host_facts_add_iommu(target, &iommu);

	return err ? err
		   : json_read_fields(reader, place, value, iommu_fields, COUNT(iommu_fields),
				      iommu);
}

static int read_iommus(struct json_reader *reader, const struct json_place *place,
		       const json_t *value, void *target)
{
	struct host_facts *host = target;

	if (json_is_null(value))
		return 0;
	host->iommus_known = true;
	return json_read_elements(reader, place, value, read_iommu, host);
}

static const struct json_field module_fields[] = {
	{"name", json_read_name, offsetof(struct module_facts, name), true},
	{"loaded", json_read_known, offsetof(struct module_facts, loaded), false},
	{"installed", json_read_known, offsetof(struct module_facts, installed), false},
};

static int read_module(struct json_reader *reader, const struct json_place *place,
		       const json_t *value, void *target)
{
	struct module_facts *module;
	int err = host_facts_add_module(target, &module);

	return err ? err
		   : json_read_fields(reader, place, value, module_fields, COUNT(module_fields),
				      module);
}

static int read_modules(struct json_reader *reader, const struct json_place *place,
			const json_t *value, void *target)
{
	return json_is_null(value) ? 0
				   : json_read_elements(reader, place, value, read_module, target);
}

static int note_of_host(void *host, const char *about, int error)
{
	return host_facts_hide(host, about, error);
}

static int read_unknown_of_host(struct json_reader *reader, const struct json_place *place,
				const json_t *value, void *target)
{
	return json_read_unknown(reader, place, value, note_of_host, target);
}

static int read_unknowns_of_host(struct json_reader *reader, const struct json_place *place,
				 const json_t *value, void *target)
{
	return json_is_null(value)
		       ? 0
		       : json_read_elements(reader, place, value, read_unknown_of_host, target);
}

static int note_blind_spot(void *host, const char *about, int error)
{
	return host_facts_add_blind_spot(host, about, error);
}

static int read_blind_spot(struct json_reader *reader, const struct json_place *place,
			   const json_t *value, void *target)
{
	return json_read_unknown(reader, place, value, note_blind_spot, target);
}

static int read_blind_spots(struct json_reader *reader, const struct json_place *place,
			    const json_t *value, void *target)
{
	return json_is_null(value)
		       ? 0
		       : json_read_elements(reader, place, value, read_blind_spot, target);
}

static int read_memlock(struct json_reader *reader, const struct json_place *place,
			const json_t *value, void *field)
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
		return json_fault(reader, place,
				  "expected a number of bytes, \"unlimited\" or null");
	*memlock = json_integer_value(value);
	return 0;
}

#define HOST(field) offsetof(struct host_facts, field)

static const struct json_field host_fields[] = {
	{"release", json_read_text_or_null, HOST(release), false},
	{"architecture", json_read_text_or_null, HOST(architecture), false},
	{"cpu_vendor", json_read_text_or_null, HOST(cpu_vendor), false},
	{"virtual", json_read_known, HOST(virtual), false},
	{"xen_first", json_read_known, HOST(xen_first), false},
	{"arguments", read_arguments, 0, false},
	{"iommu_table", json_read_text_or_null, HOST(iommu_table), false},
	{"iommus", read_iommus, 0, false},
	{"interrupt_remapping", json_read_known, HOST(interrupt_remapping), false},
	{"modules", read_modules, 0, false},
	{"unsafe_interrupts", json_read_known, HOST(unsafe_interrupts), false},
	{"noiommu", json_read_known, HOST(noiommu), false},
	{"vfio_node", json_read_known, HOST(vfio_node), false},
	{"vfio_node_open", json_read_known, HOST(vfio_node_open), false},
	{"sys_read_only", json_read_known, HOST(sys_read_only), false},
	{"privileged", json_read_known, HOST(privileged), false},
	{"memlock", read_memlock, HOST(memlock), false},
	{"sees_all", json_read_known, HOST(sees_all), false},
	{"blind_spots", read_blind_spots, 0, false},
	{"unknown", read_unknowns_of_host, 0, false},
};

int json_read_host(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *target)
{
	int err;

	if (json_is_null(value))
		return 0;
	err = facts_add_host(reader->facts);
	return err ? err
		   : json_read_fields(reader, place, value, host_fields, COUNT(host_fields),
				      reader->facts->host);
}

/* ---- to JSON ---- */

static json_t *argument_json(const void *context, size_t place)
{
	return text_to_json(((const struct host_facts *)context)->arguments[place]);
}

static json_t *iommu_json(const void *context, size_t place)
{
	const struct iommu_facts *iommu = &((const struct host_facts *)context)->iommus[place];

	return JSON_OBJECT_OF({"name", text_to_json(iommu->name)},
			      {"kind", text_to_json(iommu->kind)},
			      {"remaps_interrupts", known_to_json(iommu->remaps_interrupts)});
}

static json_t *module_json(const void *context, size_t place)
{
	const struct module_facts *module = &((const struct host_facts *)context)->modules[place];

	return JSON_OBJECT_OF({"name", text_to_json(module->name)},
			      {"loaded", known_to_json(module->loaded)},
			      {"installed", known_to_json(module->installed)});
}

static json_t *arguments_json(const struct host_facts *host)
{
	return host->arguments_known ? json_array_of(host->argument_count, argument_json, host)
				     : json_null();
}

static json_t *iommus_json(const struct host_facts *host)
{
	return host->iommus_known ? json_array_of(host->iommu_count, iommu_json, host)
				  : json_null();
}

static json_t *memlock_json(int64_t memlock)
{
	if (memlock == MEMLOCK_UNLIMITED)
		return json_string("unlimited");
	return memlock == MEMLOCK_NOT_KNOWN ? json_null() : json_integer(memlock);
}

json_t *host_to_json(const struct host_facts *host)
{
	return JSON_OBJECT_OF(
		{"release", text_to_json(host->release)},
		{"architecture", text_to_json(host->architecture)},
		{"cpu_vendor", text_to_json(host->cpu_vendor)},
		{"virtual", known_to_json(host->virtual)},
		{"xen_first", known_to_json(host->xen_first)}, {"arguments", arguments_json(host)},
		{"iommu_table", text_to_json(host->iommu_table)}, {"iommus", iommus_json(host)},
		{"interrupt_remapping", known_to_json(host->interrupt_remapping)},
		{"modules", json_array_of(host->module_count, module_json, host)},
		{"unsafe_interrupts", known_to_json(host->unsafe_interrupts)},
		{"noiommu", known_to_json(host->noiommu)},
		{"vfio_node", known_to_json(host->vfio_node)},
		{"vfio_node_open", known_to_json(host->vfio_node_open)},
		{"sys_read_only", known_to_json(host->sys_read_only)},
		{"privileged", known_to_json(host->privileged)},
		{"memlock", memlock_json(host->memlock)},
		{"sees_all", known_to_json(host->sees_all)},
		{"blind_spots",
		 json_array_of(host->blind_spot_count, unknown_to_json, host->blind_spots)},
		{"unknown", json_array_of(host->unknown_count, unknown_to_json, host->unknowns)});
}
