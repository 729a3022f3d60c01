/* SPDX-License-Identifier: MIT */
/*
 * The IOMMUs of the host: which the firmware describes, which the kernel runs, and whether they
 * stand before devices' interrupts.
 */
#define _GNU_SOURCE
#include "host_iommus.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whose interrupts an IOMMU of Intel's can remap: a bit of its extended capabilities. */
#define INTEL_ECAP_IR (1ULL << 3)

/* "none" is what all of them were looked for and not found. */
static int read_iommu_table(const struct reading *reading, struct host_facts *host)
{
	static const char *const tables[] = {"DMAR", "IVRS", "IORT", "VIOT"};
	char path[64];
	int err = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct answer there;

		snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s", tables[i]);
		there = exists_within(reading, "sys/firmware/acpi/tables", path);
		if (answer_is_yes(there))
			return facts_set_string(&host->iommu_table, tables[i]);
		if (!err && !answer_is_no(there))
			err = there.hidden_by;
	}
	return err ? host_facts_hide(host, "iommu_table", err)
		   : facts_set_string(&host->iommu_table, "none");
}

/* Reads what Intel's driver shows of its IOMMU's hardware. */
static enum known intel_remaps(const struct reading *reading, const char *name)
{
	char path[512], text[32];

	snprintf(path, sizeof(path), "sys/class/iommu/%s/intel-iommu/ecap", name);
	if (sysfs_read_path(reading->root, path, text, sizeof(text)) <= 0)
		return KNOWN_NOT;
	return strtoull(text, NULL, 16) & INTEL_ECAP_IR ? KNOWN_YES : KNOWN_NO;
}

/* The kind of an IOMMU that is a device of its own, by its driver; NULL: of none that we know. */
static const char *kind_of_driver(const struct reading *reading, const char *name)
{
	static const struct {
		const char *driver, *kind;
	} kinds[] = {{"virtio_iommu", "virtio"}, {"arm-smmu-v3", "smmu"}, {"arm-smmu", "smmu"}};
	char path[512], driver[64];
	int device, err;

	snprintf(path, sizeof(path), "sys/class/iommu/%s/device", name);
	device = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (device < 0)
		return NULL;
	err = sysfs_link_name(device, "driver", driver, sizeof(driver));
	close(device);
	for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(driver, kinds[i].driver) == 0)
			return kinds[i].kind;
	}
	return NULL;
}

/* Tells an IOMMU by the folder that its driver gives it, or by its name, or by that driver. */
static const char *iommu_kind(const struct reading *reading, const char *name)
{
	static const char *const kinds[] = {"intel", "amd"};
	char path[512];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(path, sizeof(path), "sys/class/iommu/%s/%s-iommu", name, kinds[i]);
		if (answer_is_yes(sysfs_exists(reading->root, path)))
			return kinds[i];
	}
	return strncmp(name, "smmu", strlen("smmu")) == 0 ? "smmu" : kind_of_driver(reading, name);
}

/* virtio's has nothing to do with interrupts. */
static enum known remaps_interrupts(const struct reading *reading, const struct iommu_facts *iommu)
{
	if (iommu->kind && strcmp(iommu->kind, "virtio") == 0)
		return KNOWN_NO;
	return intel_remaps(reading, iommu->name);
}

static int add_iommu(const struct reading *reading, struct host_facts *host, const char *name)
{
	struct iommu_facts *iommu;
	int err = host_facts_add_iommu(host, &iommu);

	if (!err)
		err = facts_set_string(&iommu->name, name);
	if (!err)
		err = facts_set_string(&iommu->kind, iommu_kind(reading, name));
	if (!err)
		iommu->remaps_interrupts = remaps_interrupts(reading, iommu);
	return err;
}

static int compare_iommus(const void *first, const void *second)
{
	const struct iommu_facts *a = first, *b = second;

	return strcmp(a->name, b->name);
}

struct iommu_reading {
	const struct reading *reading;
	struct host_facts *host;
};

static int take_iommu(void *context, int folder, const char *name)
{
	const struct iommu_reading *iommus = context;

	return add_iommu(iommus->reading, iommus->host, name);
}

/* A kernel that can run IOMMUs has the class, empty if it runs none. */
static int read_class(const struct reading *reading, struct host_facts *host)
{
	struct iommu_reading iommus = {.reading = reading, .host = host};
	int err = sysfs_for_each_entry(reading->root, "sys/class/iommu", take_iommu, &iommus);
	struct answer there = answer_of(true);

	if (host->iommu_count)
		qsort(host->iommus, host->iommu_count, sizeof(*host->iommus), compare_iommus);
	if (err == -ENOMEM)
		return err;
	if (sysfs_is_absent(err))
		there = exists_within(reading, "sys/class", "sys/class/iommu");
	else if (err)
		there = answer_hidden(err);
	host->iommus_known = there.known != KNOWN_NOT;
	return host->iommus_known ? 0 : host_facts_hide(host, "iommus", there.hidden_by);
}

/* What a line of /proc/interrupts says: "16:  0  7  IR-IO-APIC  16-fasteoi  ehci". The name of the
 * interrupt's controller follows the counts, and tells whether an IOMMU stands before it. */
static enum known line_remaps(const char *line)
{
	const char *controller = strchr(line, ':');

	if (!controller)
		return KNOWN_NOT;
	controller++;
	controller += strspn(controller, " 0123456789");
	if (strncmp(controller, "IR-", 3) == 0 || strncmp(controller, "ITS-", 4) == 0)
		return KNOWN_YES;
	if (strncmp(controller, "IO-APIC", 7) == 0 || strncmp(controller, "PCI-MSI", 7) == 0)
		return KNOWN_NO;
	return KNOWN_NOT;
}

/* Some interrupts, such as an IOMMU's own, are never remapped; if one is, devices' are. */
static int take_interrupt(void *context, char *line)
{
	struct host_facts *host = context;
	enum known remaps = line_remaps(line);

	if (remaps != KNOWN_NOT)
		host->interrupt_remapping = remaps;
	return remaps == KNOWN_YES;
}

static int read_interrupts(const struct reading *reading, struct host_facts *host)
{
	int err = sysfs_for_each_line(reading->root, "proc/interrupts", take_interrupt, host);

	if (err >= 0 || err == -ENOMEM)
		return err > 0 ? 0 : err;
	return host_facts_hide(host, "interrupt_remapping", err);
}

int read_iommus(struct reading *reading)
{
	struct host_facts *host = reading->facts->host;
	int err = read_iommu_table(reading, host);

	if (!err)
		err = read_class(reading, host);
	return err ? err : read_interrupts(reading, host);
}
