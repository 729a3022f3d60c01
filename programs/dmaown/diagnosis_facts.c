/* SPDX-License-Identifier: MIT */
#include "diagnosis_facts.h"

#include <string.h>

const struct host_facts *diagnosed_host(const struct facts *facts)
{
	static const struct host_facts unknown = HOST_NOT_KNOWN;

	return facts->host ? facts->host : &unknown;
}

/* What the kernel is told by "KEY=...", a list of words; NULL if the argument is another. */
static const char *words_of(const char *argument, const char *key)
{
	size_t length = strlen(key);

	return strncmp(argument, key, length) == 0 && argument[length] == '='
		       ? argument + length + 1
		       : NULL;
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (;; words++) {
		size_t end = strcspn(words, ",");

		if (end == length && strncmp(words, word, length) == 0)
			return true;
		words += end;
		if (!*words)
			return false;
	}
}

bool kernel_was_told(const struct facts *facts, const char *key, const char *word,
		     const char *opposite)
{
	const struct host_facts *host = diagnosed_host(facts);
	bool result = false;

	for (size_t i = 0; i < host->argument_count; i++) {
		const char *words = words_of(host->arguments[i], key);

		if (words && has_word(words, word))
			result = true;
		else if (words && opposite && has_word(words, opposite))
			result = false;
	}
	return result;
}

bool kernel_has_argument(const struct facts *facts, const char *argument)
{
	const struct host_facts *host = diagnosed_host(facts);

	for (size_t i = 0; i < host->argument_count; i++) {
		if (strcmp(host->arguments[i], argument) == 0)
			return true;
	}
	return false;
}

const char *kernel_words(const struct facts *facts, const char *key)
{
	const struct host_facts *host = diagnosed_host(facts);
	const char *last = NULL;

	for (size_t i = 0; i < host->argument_count; i++) {
		const char *words = words_of(host->arguments[i], key);

		last = words ? words : last;
	}
	return last;
}

bool firmware_has_table(const struct facts *facts, const char *table)
{
	const char *described = diagnosed_host(facts)->iommu_table;

	return described && strcmp(described, table) == 0;
}

bool cpu_is_of(const struct facts *facts, const char *vendor)
{
	const char *cpu = diagnosed_host(facts)->cpu_vendor;

	return cpu && strcmp(cpu, vendor) == 0;
}

bool cpu_is_arm(const struct facts *facts)
{
	const char *architecture = diagnosed_host(facts)->architecture;

	return architecture &&
	       (strncmp(architecture, "aarch64", 7) == 0 || strncmp(architecture, "arm", 3) == 0);
}

bool has_user_driver(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->driver_count; i++) {
		if (facts->drivers[i].user && strcmp(facts->drivers[i].bus, bus) == 0)
			return true;
	}
	return false;
}

bool any_user_driver(const struct facts *facts)
{
	for (size_t i = 0; i < facts->driver_count; i++) {
		if (facts->drivers[i].user)
			return true;
	}
	return false;
}

bool group_is_of_iommu(const struct group_facts *group)
{
	return group->noiommu == KNOWN_NO || (group->noiommu == KNOWN_NOT && group->type);
}

bool is_first_of_xen(const struct facts *facts)
{
	return diagnosed_host(facts)->xen_first == KNOWN_YES;
}

/* Groups of an IOMMU's tell that one runs, where nothing else does. */
bool iommu_works(const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);

	if (is_first_of_xen(facts) || (host->iommus_known && !host->iommu_count))
		return false;
	for (size_t i = 0; i < facts->group_count; i++) {
		if (group_is_of_iommu(&facts->groups[i]))
			return true;
	}
	return false;
}

bool any_translated(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const struct group_facts *group =
			device->group < 0 || (bus && strcmp(device->bus, bus) != 0)
				? NULL
				: facts_group(facts, device->group);

		if (group && group_is_of_iommu(group))
			return true;
	}
	return false;
}

bool has_devices(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
}

struct module_facts diagnosed_module(const struct facts *facts, const char *name)
{
	const struct module_facts *module = host_facts_module(diagnosed_host(facts), name);

	return module ? *module : (struct module_facts) {0};
}
