/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "subject.h"

#include <errno.h>
#include <stdlib.h>

int subject_say(const struct topology *topology, const struct facts *facts, size_t place,
		void (*print)(FILE *out, const struct subject *subject), char **out)
{
	struct subject subject = {.topology = topology,
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
	print(stream, &subject);
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

bool subject_is_joined(const struct subject *subject, bool bridges_count)
{
	const struct placement *placements = subject->topology->placements;

	for (size_t i = 0; i < subject->topology->device_count; i++) {
		const struct pci_facts *pci = subject->facts->devices[i].pci;

		if (i != subject->place && placements[i].group == subject->placed->group &&
		    (bridges_count || !pci || !pci->bridge))
			return true;
	}
	return false;
}

bool subject_never_isolates(const struct subject *subject, const struct device_facts *device)
{
	const struct isolation_quirk *quirk = isolation_quirk(&subject->platform, device);

	return quirk && quirk->answer == QUIRK_NEVER_ISOLATES;
}

const struct isolation_quirk *subject_newer_quirk(const struct subject *subject)
{
	struct platform newest = subject->platform;
	const struct isolation_quirk *quirk;

	newest.kernel = 0;
	quirk = isolation_quirk(&newest, subject->device);
	return quirk && quirk->answer == QUIRK_ISOLATES && subject->platform.kernel < quirk->since
		       ? quirk
		       : NULL;
}

void print_kernel(FILE *out, unsigned int kernel)
{
	fprintf(out, "%u.%u", kernel >> 16, kernel & 0xffff);
}

bool subject_is_privileged(const struct subject *subject)
{
	return subject->facts->host && subject->facts->host->privileged == KNOWN_YES;
}
