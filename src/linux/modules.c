/* SPDX-License-Identifier: MIT */
/*
 * The modules that VFIO needs on this host: whether they are loaded, and, if not, whether the
 * running kernel has them at all, by the lists that depmod(8) and the kernel's build wrote.
 */
#define _GNU_SOURCE
#include "host.h"
#include "sysfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int module_file_path(const struct reading *reading, const char *name, char *path, size_t size)
{
	char release[128];
	int length = sysfs_read_path(reading->root, "proc/sys/kernel/osrelease", release,
				     sizeof(release));

	if (length < 0)
		return length;
	snprintf(path, size, "lib/modules/%s/%s", release, name);
	return 0;
}

int open_module_file(const struct reading *reading, const char *name)
{
	char path[256];
	int err = module_file_path(reading, name, path, sizeof(path));

	return err ? err : sysfs_open(reading->root, path, O_RDONLY);
}

/* Whether a line, "kernel/drivers/vfio/vfio-pci.ko.xz: ...", is about the module; file names have
 * dashes or underscores. */
static bool is_about(const char *line, const char *module)
{
	const char *end = line + strcspn(line, ":\n"),
		   *slash = memrchr(line, '/', (size_t)(end - line));
	const char *at = slash ? slash + 1 : line;

	for (; *module; at++, module++) {
		if (*at != *module && !(*at == '-' && *module == '_'))
			return false;
	}
	return strncmp(at, ".ko", strlen(".ko")) == 0;
}

/* Marks the module that a line of a list is about as installed. */
static void mark_listed(struct host_facts *host, const char *line, bool built_in)
{
	for (size_t i = 0; i < host->module_count; i++) {
		struct module_facts *module = &host->modules[i];

		if (!is_about(line, module->name))
			continue;
		module->installed = KNOWN_YES;
		if (built_in)
			module->loaded = KNOWN_YES;
	}
}

/* Of the modules that a list does not have it is then known that they are not installed, unless
 * another has them. A missing list tells nothing. */
static void read_list(const struct reading *reading, const char *name, bool built_in)
{
	struct host_facts *host = reading->facts->host;
	int fd = open_module_file(reading, name);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	size_t size = 0;
	char *line = NULL;

	for (size_t i = 0; file && i < host->module_count; i++) {
		if (host->modules[i].installed == KNOWN_NOT)
			host->modules[i].installed = KNOWN_NO;
	}
	while (file && getline(&line, &size, file) > 0)
		mark_listed(host, line, built_in);
	free(line);
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
}

static int add_module(const struct reading *reading, const char *name)
{
	struct module_facts *module;
	char path[128];
	int err = host_facts_add_module(reading->facts->host, &module);

	if (err)
		return err;
	snprintf(path, sizeof(path), "sys/module/%s", name);
	module->loaded = known_exists(reading, "sys/module", path);
	return facts_set_string(&module->name, name);
}

static bool has_devices(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
}

/* The module of VFIO's driver of a bus, by the bus. */
static const struct {
	const char *bus, *module;
} bus_modules[] = {
	{"pci", "vfio_pci"},       {"platform", "vfio_platform"}, {"amba", "vfio_amba"},
	{"fsl-mc", "vfio_fsl_mc"}, {"cdx", "vfio_cdx"},
};

int read_modules(struct reading *reading)
{
	int err = add_module(reading, "vfio_iommu_type1");

	if (!err)
		err = add_module(reading, "iommufd");
	for (size_t i = 0; !err && i < sizeof(bus_modules) / sizeof(*bus_modules); i++) {
		if (has_devices(reading->facts, bus_modules[i].bus))
			err = add_module(reading, bus_modules[i].module);
	}
	if (err)
		return err;
	read_list(reading, "modules.dep", false);
	read_list(reading, "modules.builtin", true);
	return 0;
}
