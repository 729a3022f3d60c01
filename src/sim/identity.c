/* SPDX-License-Identifier: MIT */
/*
 * From facts to what match rules look at: identities of devices, id tables of drivers.
 *
 * The texts are those of driver_id.h. A table has the ids that its entries can say, which are most;
 * of the others sim_match() asks the texts.
 */
#define _GNU_SOURCE
#include "driver_id.h"
#include "machine_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* NXP's vendor id, which every object on the fsl-mc bus has. */
#define FSL_MC_VENDOR 0x1957

static bool is_pci_like(const char *bus)
{
	return strcmp(bus, "pci") == 0 || strcmp(bus, "cdx") == 0;
}

/* The whole of `text` (to `end`) as hex digits. */
static int parse_hex(const char *text, const char *end, uint32_t *out)
{
	uint64_t value = 0;

	if (text == end)
		return -EINVAL;
	for (; text < end; text++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *digit = *text ? strchr(digits, *text) : NULL;

		if (!digit)
			return -EINVAL;
		value = value << 4 | (uint64_t)(digit - digits) % 16;
		if (value > UINT32_MAX)
			return -EINVAL;
	}
	*out = (uint32_t)value;
	return 0;
}

static int parse_optional_hex(const char *text, uint32_t *out)
{
	return text ? parse_hex(text, text + strlen(text), out) : 0;
}

static int parse_pci_identity(const struct device_facts *facts, struct dmaown_pci_identity *pci)
{
	if (parse_optional_hex(facts->vendor, &pci->vendor) ||
	    parse_optional_hex(facts->device, &pci->device) ||
	    parse_optional_hex(facts->subvendor, &pci->subvendor) ||
	    parse_optional_hex(facts->subdevice, &pci->subdevice) ||
	    parse_optional_hex(facts->class, &pci->device_class))
		return -EINVAL;
	return 0;
}

/* "amba:d00041061"; a device without it has an id that could not be read. */
static int parse_amba_identity(const struct device_facts *facts, struct dmaown_amba_identity *amba)
{
	static const char prefix[] = "amba:d";

	if (!facts->modalias || strncmp(facts->modalias, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	return parse_optional_hex(facts->modalias + sizeof(prefix) - 1, &amba->periphid);
}

/* "fsl-mc:v00001957ddpni" */
static void parse_fsl_mc_identity(const struct device_facts *facts,
				  struct dmaown_fsl_mc_identity *fsl_mc)
{
	const char *type = facts->modalias ? strstr(facts->modalias, "1957d") : NULL;

	fsl_mc->vendor = FSL_MC_VENDOR;
	fsl_mc->type = type ? type + strlen("1957d") : NULL;
}

int sim_identity_parse(const struct device_facts *facts, union sim_identity *identity)
{
	if (is_pci_like(facts->bus))
		return parse_pci_identity(facts, &identity->pci);
	if (strcmp(facts->bus, "amba") == 0)
		return parse_amba_identity(facts, &identity->amba);
	if (strcmp(facts->bus, "fsl-mc") == 0)
		parse_fsl_mc_identity(facts, &identity->fsl_mc);
	return 0;
}

/* The next part of an id between colons: a number in hex, or any. */
static int parse_part(const char **text, uint32_t *out)
{
	const char *end = strchrnul(*text, ':');
	bool any = end - *text == 1 && **text == '*';
	int err = any ? 0 : parse_hex(*text, end, out);

	if (any)
		*out = DMAOWN_ANY_ID;
	*text = *end ? end + 1 : end;
	return err;
}

/* Six digits, of which "?" is any; what is left out at the end, or a "*", is anything. */
static int parse_class(const char *text, struct dmaown_pci_id *id)
{
	for (int shift = 20; shift >= 0 && *text && strcmp(text, "*") != 0; shift -= 4, text++) {
		uint32_t digit = 0;

		if (*text != '?' && parse_hex(text, text + 1, &digit))
			return -EINVAL;
		id->device_class |= digit << shift;
		id->class_mask |= *text == '?' ? 0 : 0xfU << shift;
	}
	return (*text && strcmp(text, "*") != 0) || !id->class_mask ? -EINVAL : 0;
}

static int parse_pci_id(const char *text, struct dmaown_pci_id *id)
{
	*id = (struct dmaown_pci_id) {
		DMAOWN_ANY_ID, DMAOWN_ANY_ID, DMAOWN_ANY_ID, DMAOWN_ANY_ID, 0, 0, false};
	if (strncmp(text, "class:", 6) == 0)
		return parse_class(text + 6, id);
	if (parse_part(&text, &id->vendor) || parse_part(&text, &id->device))
		return -EINVAL;
	if (*text && (parse_part(&text, &id->subvendor) || parse_part(&text, &id->subdevice)))
		return -EINVAL;
	return *text ? -EINVAL : 0;
}

static int parse_amba_id(const char *text, struct dmaown_amba_id *id)
{
	id->mask = UINT32_MAX;
	return parse_optional_hex(text, &id->periphid);
}

static int parse_fsl_mc_id(const char *text, struct dmaown_fsl_mc_id *id)
{
	const char *colon = strchr(text, ':');
	uint32_t vendor = FSL_MC_VENDOR;

	if (colon && parse_hex(text, colon, &vendor))
		return -EINVAL;
	id->type = strdup(colon ? colon + 1 : text);
	id->vendor = (uint16_t)vendor;
	return id->type ? 0 : -ENOMEM;
}

static int parse_name(const char *text, struct dmaown_platform_id *id)
{
	id->name = id->compatible = strdup(text);
	return id->name ? 0 : -ENOMEM;
}

static void free_fsl_mc_ids(struct dmaown_fsl_mc_id *table)
{
	for (; table->type; table++)
		free((char *)(uintptr_t)table->type);
}

static void free_names(struct dmaown_platform_id *table)
{
	for (; table->name; table++)
		free((char *)(uintptr_t)table->name);
}

/* The id tables of the buses; one that parsing has filled in part can be freed. */
union id_table {
	void *memory;
	struct dmaown_pci_id *pci;
	struct dmaown_amba_id *amba;
	struct dmaown_fsl_mc_id *fsl_mc;
	struct dmaown_platform_id *names;
};

static size_t id_size(const char *bus)
{
	if (is_pci_like(bus))
		return sizeof(struct dmaown_pci_id);
	if (strcmp(bus, "amba") == 0)
		return sizeof(struct dmaown_amba_id);
	if (strcmp(bus, "fsl-mc") == 0)
		return sizeof(struct dmaown_fsl_mc_id);
	return sizeof(struct dmaown_platform_id);
}

/* Fills the entry at `place`. -EINVAL: no entry can say this id. */
static int parse_id(const char *bus, union id_table table, size_t place, const char *id)
{
	if (driver_id_is_alias(id))
		return -EINVAL;
	if (is_pci_like(bus))
		return parse_pci_id(id, &table.pci[place]);
	if (strcmp(bus, "amba") == 0)
		return parse_amba_id(id, &table.amba[place]);
	if (strcmp(bus, "fsl-mc") == 0)
		return parse_fsl_mc_id(id, &table.fsl_mc[place]);
	return parse_name(id, &table.names[place]);
}

static int parse_ids(const char *bus, union id_table table, const char *const *ids, size_t count,
		     size_t *entries)
{
	char *bytes = table.memory;

	for (size_t i = 0; i < count; i++) {
		int err;

		if (!driver_id_is_valid(bus, ids[i]))
			return -EINVAL;
		err = parse_id(bus, table, *entries, ids[i]);
		if (err == -ENOMEM)
			return err;
		if (err)
			memset(bytes + *entries * id_size(bus), 0, id_size(bus));
		else
			++*entries;
	}
	return 0;
}

int sim_ids_parse(struct sim_machine *machine, const char *bus, const char *const *ids,
		  size_t count, const void **out)
{
	union id_table table;
	size_t entries = 0;
	int err;

	*out = NULL;
	if (count == 0)
		return 0;
	table.memory = sim_allocate(machine, (count + 1) * id_size(bus));
	if (!table.memory)
		return -ENOMEM;
	err = parse_ids(bus, table, ids, count, &entries);
	if (err || !entries)
		sim_ids_free(machine, bus, table.memory);
	else
		*out = table.memory;
	return err;
}

void sim_ids_free(struct sim_machine *machine, const char *bus, const void *memory)
{
	union id_table table = {.memory = (void *)(uintptr_t)memory};

	if (!memory)
		return;
	if (strcmp(bus, "fsl-mc") == 0)
		free_fsl_mc_ids(table.fsl_mc);
	else if (!is_pci_like(bus) && strcmp(bus, "amba") != 0)
		free_names(table.names);
	sim_free(machine, table.memory);
}
