/* SPDX-License-Identifier: MIT */
/*
 * Devices that an IOMMU does not translate for though one works.
 *
 * A device that firmware describes is put in its group when its IOMMU is looked for: by kernels
 * before 6.15 when a driver is bound, so that one without a driver is in none yet
 * (mechanism.md, section 7). Intel's and AMD's IOMMUs know their devices from the start.
 */
#define _GNU_SOURCE
#include "complain.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"
#include "late_groups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An IOMMU may be a PCI function too; it stands before others, not before itself. */
static bool is_iommu(const struct facts *facts, const struct device_facts *device)
{
	const struct host_facts *host = diagnosed_host(facts);

	if (device->class && strncmp(device->class, "0806", 4) == 0)
		return true;
	for (size_t i = 0; i < host->iommu_count; i++) {
		if (strcmp(host->iommus[i].name, device->address) == 0)
			return true;
	}
	return false;
}

/* Whether it is one of those that could be given away if only they were in a group. */
static bool is_ungrouped(const struct facts *facts, const struct device_facts *device, bool late)
{
	return device->group == -1 && strcmp(device->bus, "pci") == 0 &&
	       !(device->pci && device->pci->bridge) && !is_iommu(facts, device) &&
	       group_may_come_late(facts, device) == late;
}

/* "0000:00:1f.0, 0000:00:1f.2 and 4 more"; NULL in *out: there are none. */
static int name_ungrouped(const struct facts *facts, bool late, char **out)
{
	enum { MOST_NAMES = 3 };
	size_t count = 0, size;
	FILE *stream = open_memstream(out, &size);
	int err;

	if (!stream) {
		*out = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < facts->device_count; i++) {
		if (!is_ungrouped(facts, &facts->devices[i], late))
			continue;
		if (count < MOST_NAMES)
			fprintf(stream, "%s%s", count ? ", " : "", facts->devices[i].address);
		count++;
	}
	if (count > MOST_NAMES)
		fprintf(stream, " and %zu more", count - MOST_NAMES);
	err = fclose(stream) ? -ENOMEM : 0;
	if (err || !count) {
		free(*out);
		*out = NULL;
	}
	return err;
}

static int add_late(struct diagnosis *diagnosis, const char *names)
{
	return diagnosis_add(
		diagnosis,
		&(const struct remark) {
			.check = "ungrouped",
			.thing = names,
			.gravity = GRAVITY_WARNS,
			.reason = "in no group yet: this kernel puts a device in its group when a "
				  "driver is bound to it, and none is bound",
			.remedy = "echo vfio-pci > /sys/bus/pci/devices/ADDRESS/driver_override; "
				  "echo ADDRESS > /sys/bus/pci/drivers_probe"});
}

static int add_untranslated(struct diagnosis *diagnosis, const char *names)
{
	return diagnosis_add(
		diagnosis, &(const struct remark) {
				   .check = "ungrouped",
				   .thing = names,
				   .gravity = GRAVITY_WARNS,
				   .reason = "in no group: no IOMMU translates for it",
				   .remedy = "the kernel log may say why: dmesg | grep -i iommu"});
}

/* A board may have an IOMMU for its own devices, and none for PCI. */
static int add_no_pci(struct diagnosis *diagnosis)
{
	return diagnosis_add(
		diagnosis,
		&(const struct remark) {
			.check = "ungrouped",
			.thing = "PCI",
			.gravity = GRAVITY_BLOCKS,
			.code = EXIT_ABSENT,
			.reason = "no IOMMU translates for PCI devices, only for those of other "
				  "buses",
			.remedy = "the firmware has to say which IOMMU the PCI host bridge has "
				  "(iommu-map of a device tree); the board may have none"});
}

int judge_ungrouped(struct diagnosis *diagnosis, const struct facts *facts)
{
	char *late = NULL, *others = NULL;
	int err;

	if (!iommu_works(facts))
		return 0;
	err = name_ungrouped(facts, true, &late);
	if (!err)
		err = name_ungrouped(facts, false, &others);
	if (!err && late)
		err = add_late(diagnosis, late);
	if (!err && others)
		err = any_translated(facts, "pci") ? add_untranslated(diagnosis, others)
						   : add_no_pci(diagnosis);
	free(late);
	free(others);
	return err;
}
