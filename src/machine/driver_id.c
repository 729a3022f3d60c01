/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "driver_id.h"

#include "array.h"
#include "glob.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OVERRIDE_ONLY "vfio_"
#define CLASS "class:"

enum { PCI_PARTS = 4, ALIAS_SIZE = 512 };

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_pci_like(const char *bus)
{
	return strcmp(bus, "pci") == 0 || strcmp(bus, "cdx") == 0;
}

static const struct scheme {
	const char *begin, *bus;
} schemes[] = {
	{"pci:v", "pci"},          {"vfio_pci:v", "pci"},  {"cdx:v", "cdx"},
	{"vfio_cdx:v", "cdx"},     {"amba:d", "amba"},     {"fsl-mc:v", "fsl-mc"},
	{"of:N", "platform"},      {"acpi*:", "platform"}, {"acpi:", "platform"},
	{"platform:", "platform"}, {"of:N", "host1x"},
};

static bool has_scheme(const char *bus, const char *id)
{
	for (size_t i = 0; i < COUNT(schemes); i++)
		if (begins(id, schemes[i].begin) && (!bus || strcmp(bus, schemes[i].bus) == 0))
			return true;
	return false;
}

bool driver_id_is_alias(const char *id)
{
	return has_scheme(NULL, id);
}

/* Hex digits and wildcards, some. */
static bool is_part(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr("0123456789abcdef*?[]!-", text[i]))
			return false;
	return length > 0;
}

static bool is_pci_id(const char *id)
{
	size_t count = 0;

	if (begins(id, CLASS))
		return is_part(id + strlen(CLASS), strlen(id + strlen(CLASS)));
	for (const char *part = id, *end; part; part = *end ? end + 1 : NULL) {
		end = strchrnul(part, ':');
		if (!is_part(part, (size_t)(end - part)))
			return false;
		count++;
	}
	return count == 2 || count == PCI_PARTS;
}

bool driver_id_is_valid(const char *bus, const char *id)
{
	if (driver_id_is_alias(id))
		return has_scheme(bus, id);
	if (is_pci_like(bus))
		return is_pci_id(id);
	if (strcmp(bus, "amba") == 0)
		return is_part(id, strlen(id)) && strspn(id, "0123456789abcdef") == strlen(id);
	return *id;
}

/* Whether the text, up to `end`, is a pattern for a number of so many digits, which may be written
 * with more zeros in front. */
static bool part_fits(const char *text, const char *end, const char *number)
{
	char pattern[64];
	size_t length = (size_t)(end - text);

	for (; length > strlen(number) && *text == '0'; length--)
		text++;
	if (length >= sizeof(pattern))
		return false;
	memcpy(pattern, text, length);
	pattern[length] = '\0';
	return glob_matches(pattern, number);
}

/* What is left out at the end of a class may be anything. */
static bool class_fits(const char *class, const struct device_facts *device)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "%s*", class);
	return glob_matches(pattern, device->class ? device->class : "000000");
}

static bool pci_id_fits(const char *id, const struct device_facts *device)
{
	const char *const numbers[PCI_PARTS] = {device->vendor, device->device, device->subvendor,
						device->subdevice};
	const char *part = id;

	if (!is_pci_id(id))
		return false;
	if (begins(id, CLASS))
		return class_fits(id + strlen(CLASS), device);
	for (size_t i = 0; i < PCI_PARTS && part; i++) {
		const char *end = strchrnul(part, ':');

		if (!part_fits(part, end, numbers[i] ? numbers[i] : "0000"))
			return false;
		part = *end ? end + 1 : NULL;
	}
	return true;
}

static unsigned long number(const char *hex)
{
	return hex ? strtoul(hex, NULL, 16) : 0;
}

/* The alias that the kernel gives the device, or would, if the facts do not have it. */
static void write_alias(const struct device_facts *device, char *out)
{
	unsigned long class = number(device->class);
	int length;

	if (device->modalias || !is_pci_like(device->bus)) {
		snprintf(out, ALIAS_SIZE, "%s", device->modalias ? device->modalias : "");
		return;
	}
	length = snprintf(out, ALIAS_SIZE, "%s:v%08lXd%08lXsv%08lXsd%08lX", device->bus,
			  number(device->vendor), number(device->device), number(device->subvendor),
			  number(device->subdevice));
	if (strcmp(device->bus, "cdx") == 0)
		snprintf(out + length, ALIAS_SIZE - (size_t)length, "c%06lX", class);
	else
		snprintf(out + length, ALIAS_SIZE - (size_t)length, "bc%02lXsc%02lXi%02lX",
			 class >> 16, class >> 8 & 0xff, class & 0xff);
}

static bool alias_fits(const char *alias, const struct device_facts *device, bool overridden)
{
	char own[ALIAS_SIZE];
	bool only = begins(alias, OVERRIDE_ONLY);

	write_alias(device, own);
	return (!only || overridden) &&
	       glob_matches(alias + (only ? strlen(OVERRIDE_ONLY) : 0), own);
}

static bool amba_id_fits(const char *id, const struct device_facts *device)
{
	static const char prefix[] = "amba:d";

	return device->modalias && begins(device->modalias, prefix) &&
	       number(device->modalias + strlen(prefix)) == number(id);
}

/* NXP's vendor id, which every object on the bus has, is left out. */
static bool fsl_mc_id_fits(const char *id, const struct device_facts *device)
{
	const char *colon = strchr(id, ':');
	char alias[ALIAS_SIZE];

	snprintf(alias, sizeof(alias), "fsl-mc:v%08lXd%s", colon ? number(id) : 0x1957,
		 colon ? colon + 1 : id);
	return device->modalias && strcmp(alias, device->modalias) == 0;
}

/* A device says all compatible strings in one alias, and all its ids of ACPI. */
static bool name_fits(const char *name, const struct device_facts *device)
{
	static const char *const forms[] = {"platform:%s", "of:N*T*C%s", "of:N*T*C%sC*",
					    "acpi*:%s:*"};
	char alias[ALIAS_SIZE];

	if (strcmp(name, device->address) == 0)
		return true;
	for (size_t i = 0; i < COUNT(forms); i++)
		if (snprintf(alias, sizeof(alias), forms[i], name) < ALIAS_SIZE &&
		    alias_fits(alias, device, false))
			return true;
	return false;
}

bool driver_id_fits(const char *id, const struct device_facts *device, bool overridden)
{
	if (driver_id_is_alias(id))
		return has_scheme(device->bus, id) && alias_fits(id, device, overridden);
	if (is_pci_like(device->bus))
		return pci_id_fits(id, device);
	if (strcmp(device->bus, "amba") == 0)
		return amba_id_fits(id, device);
	if (strcmp(device->bus, "fsl-mc") == 0)
		return fsl_mc_id_fits(id, device);
	return name_fits(id, device);
}
