/* SPDX-License-Identifier: MIT */
/*
 * What of the host itself handing out a group depends on: its IOMMUs, VFIO's modules and switches,
 * and what the process that looks may do.
 *
 * Nothing here fails for a file that is missing or may not be read: what it would have told is not
 * known. Where the folder around it is there, its absence tells something too.
 */
#define _GNU_SOURCE
#include "host.h"
#include "sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Whose interrupts an IOMMU of Intel's can remap: a bit of its extended capabilities. */
#define INTEL_ECAP_IR (1ULL << 3)

enum known known_exists(const struct reading *reading, const char *around, const char *path)
{
	struct answer there = sysfs_exists(reading->root, path);

	if (answer_is_no(there) && !answer_is_yes(sysfs_exists(reading->root, around)))
		return KNOWN_NOT;
	return there.known;
}

/* Takes what a line says: 0: go on; ENOUGH: the lines that follow do not matter; -ENOMEM. */
typedef int take_line(void *host, char *line);
enum { ENOUGH = 1 };

/* Stores the text of a file of one line; NULL stays where there is none. */
static int read_word(const struct reading *reading, const char *path, char **out)
{
	char text[128];

	if (sysfs_read_path(reading->root, path, text, sizeof(text)) <= 0)
		return 0;
	return facts_set_string(out, text);
}

/* What follows "NAME :" in a line of a file in /proc, or NULL. */
static const char *value_of(const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0)
		return NULL;
	line += length;
	line += strspn(line, " \t");
	return *line == ':' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

/* The flags of a processor come after its vendor, and one processor is like the others. */
static int take_cpu(void *context, char *line)
{
	struct host_facts *host = context;
	const char *vendor = value_of(line, "vendor_id"), *flags = value_of(line, "flags");

	if (flags)
		host->virtual = strstr(flags, " hypervisor") ? KNOWN_YES : KNOWN_NO;
	if (vendor)
		return facts_set_string(&host->cpu_vendor, vendor);
	return flags ? ENOUGH : 0;
}

/* The keys, or how they begin, of the kernel's arguments that concern IOMMUs and VFIO. Others may
 * hold what is nobody's business, and a snapshot is made to be shown. */
static const char *const argument_keys[] = {
	"iommu",    "intel_iommu", "amd_iommu", "intremap",     "nointremap",
	"arm_smmu", "nox2apic",    "vfio",      "virtio_iommu", "pcie_acs_override",
};

/* The kernel takes "-" and "_" in the names of its arguments for the same. */
static bool begins_with(const char *argument, const char *key)
{
	for (; *key; argument++, key++) {
		if (*argument != *key && !(*argument == '-' && *key == '_'))
			return false;
	}
	return true;
}

static int add_argument(struct host_facts *host, const char *argument)
{
	for (size_t i = 0; i < sizeof(argument_keys) / sizeof(*argument_keys); i++) {
		if (begins_with(argument, argument_keys[i]))
			return host_facts_add_argument(host, argument);
	}
	return 0;
}

/* Ends the first argument of `line`, in which quotes keep blanks, and returns what follows. */
static char *cut_argument(char *line)
{
	bool quoted = false;

	for (; *line && (quoted || !isspace((unsigned char)*line)); line++)
		quoted ^= *line == '"';
	if (*line)
		*line++ = '\0';
	return line + strspn(line, " \t\n");
}

/* What follows "--" is for the first process. */
static int read_arguments(const struct reading *reading, struct host_facts *host)
{
	char line[4096], *argument = line, *next;
	int err = 0;

	if (sysfs_read_path(reading->root, "proc/cmdline", line, sizeof(line)) < 0)
		return 0;
	host->arguments_known = true;
	for (; *argument && !err; argument = next) {
		next = cut_argument(argument);
		if (strcmp(argument, "--") == 0)
			break;
		err = add_argument(host, argument);
	}
	return err;
}

/* "none" is what all of them were looked for and not found. */
static int read_iommu_table(const struct reading *reading, struct host_facts *host)
{
	static const char *const tables[] = {"DMAR", "IVRS", "IORT", "VIOT"};
	bool none = true;
	char path[64];

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		enum known there;

		snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s", tables[i]);
		there = known_exists(reading, "sys/firmware/acpi/tables", path);
		if (there == KNOWN_YES)
			return facts_set_string(&host->iommu_table, tables[i]);
		none &= there == KNOWN_NO;
	}
	return none ? facts_set_string(&host->iommu_table, "none") : 0;
}

/* Reads what Intel's driver shows of its IOMMU's hardware. */
static enum known remaps_interrupts(const struct reading *reading, const char *name)
{
	char path[512], text[32];

	snprintf(path, sizeof(path), "sys/class/iommu/%s/intel-iommu/ecap", name);
	if (sysfs_read_path(reading->root, path, text, sizeof(text)) <= 0)
		return KNOWN_NOT;
	return strtoull(text, NULL, 16) & INTEL_ECAP_IR ? KNOWN_YES : KNOWN_NO;
}

/* Tells an IOMMU by the folder that its driver gives it, or by its name. */
static const char *iommu_kind(const struct reading *reading, const char *name)
{
	static const char *const kinds[] = {"intel", "amd"};
	char path[512];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(path, sizeof(path), "sys/class/iommu/%s/%s-iommu", name, kinds[i]);
		if (answer_is_yes(sysfs_exists(reading->root, path)))
			return kinds[i];
	}
	return strncmp(name, "smmu", strlen("smmu")) == 0 ? "smmu" : NULL;
}

static int add_iommu(const struct reading *reading, struct host_facts *host, const char *name)
{
	struct iommu_facts *iommu;
	int err = host_facts_add_iommu(host, &iommu);

	if (err)
		return err;
	iommu->remaps_interrupts = remaps_interrupts(reading, name);
	err = facts_set_string(&iommu->name, name);
	return err ? err : facts_set_string(&iommu->kind, iommu_kind(reading, name));
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
static int read_iommus(const struct reading *reading, struct host_facts *host)
{
	struct iommu_reading iommus = {.reading = reading, .host = host};
	int err = sysfs_for_each_entry(reading->root, "sys/class/iommu", take_iommu, &iommus);

	host->iommus_known = !err;
	if (sysfs_is_absent(err))
		host->iommus_known = answer_is_yes(sysfs_exists(reading->root, "sys/class"));
	if (err != -ENOMEM)
		err = 0;
	if (host->iommu_count)
		qsort(host->iommus, host->iommu_count, sizeof(*host->iommus), compare_iommus);
	return err;
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
	return remaps == KNOWN_YES ? ENOUGH : 0;
}

/* A switch of a module that is not there is off. */
static enum known read_switch(const struct reading *reading, const char *path)
{
	char text[16];

	if (sysfs_read_path(reading->root, path, text, sizeof(text)) > 0)
		return *text == 'Y' || *text == '1' ? KNOWN_YES : KNOWN_NO;
	return known_exists(reading, "sys/module", path) == KNOWN_NO ? KNOWN_NO : KNOWN_NOT;
}

/* "Uid:" has the real, effective, saved and file system user. */
static int take_user(void *context, char *line)
{
	struct host_facts *host = context;
	unsigned int effective;

	if (sscanf(line, "Uid: %*u %u", &effective) != 1)
		return 0;
	host->privileged = effective == 0 ? KNOWN_YES : KNOWN_NO;
	return ENOUGH;
}

/* The first users of a user namespace and whom they stand for outside; root of another namespace
 * than the first is none. */
static int take_user_map(void *context, char *line)
{
	struct host_facts *host = context;
	unsigned int inside, outside;

	if (sscanf(line, "%u %u", &inside, &outside) == 2 && (inside != 0 || outside != 0))
		host->privileged = KNOWN_NO;
	return ENOUGH;
}

/* "Max locked memory" has the soft limit first, a number of bytes or "unlimited". */
static int take_limit(void *context, char *line)
{
	struct host_facts *host = context;
	static const char name[] = "Max locked memory";
	const char *limit = line + strlen(name);

	if (strncmp(line, name, strlen(name)) != 0)
		return 0;
	limit += strspn(limit, " ");
	host->memlock =
		isdigit((unsigned char)*limit) ? strtoll(limit, NULL, 10) : MEMLOCK_UNLIMITED;
	return ENOUGH;
}

static enum known read_only(const struct reading *reading, const char *path)
{
	int fd = sysfs_open(reading->root, path, O_PATH);
	enum known result = KNOWN_NOT;
	struct statvfs status;

	if (fd < 0)
		return result;
	if (fstatvfs(fd, &status) == 0)
		result = status.f_flag & ST_RDONLY ? KNOWN_YES : KNOWN_NO;
	close(fd);
	return result;
}

static void read_vfio(const struct reading *reading, struct host_facts *host)
{
	host->unsafe_interrupts = read_switch(
		reading, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts");
	host->noiommu =
		read_switch(reading, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
	host->vfio_node = known_exists(reading, "dev", "dev/vfio/vfio");
}

/* Files that are read line by line, in this order. */
static const struct {
	const char *path;
	take_line *take;
} line_files[] = {
	{"proc/cpuinfo", take_cpu},       {"proc/interrupts", take_interrupt},
	{"proc/self/status", take_user},  {"proc/self/uid_map", take_user_map},
	{"proc/self/limits", take_limit},
};

int read_host_facts(struct reading *reading)
{
	struct host_facts *host;
	int err = facts_add_host(reading->facts);

	if (err)
		return err;
	host = reading->facts->host;
	host->sys_read_only = read_only(reading, "sys");
	read_vfio(reading, host);
	for (size_t i = 0; !err && i < sizeof(line_files) / sizeof(*line_files); i++) {
		err = sysfs_for_each_line(reading->root, line_files[i].path, line_files[i].take,
					  host);
		if (err != -ENOMEM)
			err = 0;
	}
	if (!err)
		err = read_word(reading, "proc/sys/kernel/osrelease", &host->release);
	if (!err)
		err = read_word(reading, "proc/sys/kernel/arch", &host->architecture);
	if (!err)
		err = read_arguments(reading, host);
	if (!err)
		err = read_iommu_table(reading, host);
	if (!err)
		err = read_iommus(reading, host);
	return err ? err : read_modules(reading);
}
