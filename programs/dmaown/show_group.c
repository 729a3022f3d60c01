/* SPDX-License-Identifier: MIT */
#include "diagnosis_facts.h"
#include "owner_words.h"
#include "refusal_words.h"
#include "show_parts.h"

#include <stdio.h>
#include <stdlib.h>

static void show_members(const struct sheet *sheet, const struct group_facts *group)
{
	const struct facts *facts = sheet->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (device->group != group->id)
			continue;
		sheet_line(sheet, "device", "%s %s%s%s%s", device->address,
			   device->driver ? device->driver
			   : device_facts_hides(device, "driver")
				   ? "with a driver that is not known"
				   : "without a driver",
			   facts_native(facts, device) ? " (native)" : "", device->name ? ", " : "",
			   device->name ? device->name : "");
	}
}

/* Devices that the rules put together may be apart because the kernel was told so. */
static void show_override(const struct sheet *sheet)
{
	const char *words = kernel_words(sheet->facts, "pcie_acs_override");

	if (words)
		sheet_line(sheet, "override",
			   "pcie_acs_override=%s makes the kernel treat them as isolated; the "
			   "hardware does not isolate them",
			   words);
}

/* Why each device is in the group, what would change it, and where the rules would put it if not
 * there. What there is no memory for is left out. */
static void show_reasons(const struct sheet *sheet, const struct group_facts *group)
{
	const struct facts *facts = sheet->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		struct device_reasons said;

		if (device->group != group->id || group_reasons_of_device(sheet->reasons, i, &said))
			continue;
		sheet_line(sheet, "why", "%s: %s", device->address, said.why);
		if (said.remedy)
			sheet_line(sheet, "remedy", "%s: %s", device->address, said.remedy);
		if (said.otherwise) {
			sheet_line(sheet, "otherwise", "%s: %s", device->address, said.otherwise);
			show_override(sheet);
		}
		device_reasons_release(&said);
	}
}

/* What a claim of the group would be refused for, device by device. */
static void show_hindrances(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->plan->refusal_count; i++) {
		const struct refusal *refusal = &sheet->plan->refusals[i];
		char *words = refusal_words(refusal);

		sheet_line(sheet, "hindrance", "%s%s%s", refusal->device ? refusal->device : "",
			   refusal->device ? ": " : "", words ? words : refusal->reason);
		free(words);
	}
	if (sheet->plan->refusal_count == 0)
		sheet_line(sheet, "hindrance", "none: it can be claimed");
}

void show_group(const struct sheet *sheet, const struct group_facts *group)
{
	char name[32], owner[256];

	snprintf(name, sizeof(name), "group %d", group->id);
	sheet_title(sheet, name, NULL);
	sheet_line(sheet, "type", "%s", group->type ? group->type : "not known");
	owner_words(&group->owner, owner, sizeof(owner));
	sheet_line(sheet, "owner", "%s", owner);
	sheet_line(sheet, "viable", "%s",
		   facts_viable(sheet->facts, group->id) ? "yes" : "no: a native driver is bound");
	if (group->direct_regions == KNOWN_YES)
		sheet_line(sheet, "direct regions",
			   "yes: the firmware needs its memory, no user may have it");
	else if (group->direct_regions == KNOWN_NOT)
		sheet_line(sheet, "direct regions", "not known");
	if (group->count >= 0)
		sheet_line(sheet, "count", "%d", group->count);
	if (group->domain)
		sheet_line(sheet, "domain", "%s", group->domain);
	show_members(sheet, group);
	if (group->noiommu == KNOWN_YES)
		sheet_line(sheet, "why",
			   "nothing isolates it: VFIO made the group, and no IOMMU is there");
	else
		show_reasons(sheet, group);
	show_hindrances(sheet);
}
