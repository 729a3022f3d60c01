/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "placed_device.h"
#include "isolation_quirks.h"

#include <errno.h>
#include <stdlib.h>

int say_of_device(const struct topology *topology, const struct facts *facts, size_t place,
		  void (*print)(FILE *out, const struct placed_device *it), char **out)
{
	struct placed_device it = {.topology = topology,
				   .facts = facts,
				   .platform = platform_of(facts->host),
				   .place = place,
				   .device = &facts->devices[place],
				   .placed = &topology->placements[place]};
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return -ENOMEM;
	print(stream, &it);
	if (fclose(stream)) {
		free(text);
		return -ENOMEM;
	}
	if (length == 0) {
		free(text);
		text = NULL;
	}
	*out = text;
	return 0;
}

bool device_is_joined(const struct placed_device *it, bool bridges_count)
{
	const struct placement *placements = it->topology->placements;

	for (size_t i = 0; i < it->topology->device_count; i++) {
		const struct pci_facts *pci = it->facts->devices[i].pci;

		if (i != it->place && placements[i].group == it->placed->group &&
		    (bridges_count || !pci || !pci->bridge))
			return true;
	}
	return false;
}

bool device_never_isolates(const struct placed_device *it, const struct device_facts *device)
{
	const struct isolation_quirk *quirk = isolation_quirk(&it->platform, device);

	return quirk && quirk->answer == QUIRK_NEVER_ISOLATES;
}

const struct isolation_quirk *device_newer_quirk(const struct placed_device *it)
{
	struct platform newest = it->platform;
	const struct isolation_quirk *quirk;

	newest.kernel = 0;
	quirk = isolation_quirk(&newest, it->device);
	return quirk && quirk->answer == QUIRK_ISOLATES && it->platform.kernel < quirk->since
		       ? quirk
		       : NULL;
}

void print_kernel(FILE *out, unsigned int kernel)
{
	fprintf(out, "%u.%u", kernel >> 16, kernel & 0xffff);
}

bool reader_is_privileged(const struct placed_device *it)
{
	return it->facts->host && it->facts->host->privileged == KNOWN_YES;
}
