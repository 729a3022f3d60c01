/* SPDX-License-Identifier: MIT */
/*
 * The modules that VFIO needs on this host: whether they are loaded, and, if not, whether the
 * running kernel has them at all, by the lists that depmod(8) and the kernel's build wrote.
 */
#define _GNU_SOURCE
#include "host_modules.h"
#include "modules.h"
#include "sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int take_list(const struct reading *reading, const char *name, bool built_in)
{
	struct host_facts *host = reading->facts->host;
	int fd = open_module_file(reading->root, name), err = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	size_t size = 0;
	char *line = NULL;

	if (!file) {
		err = fd < 0 ? fd : -ENOMEM;
		if (fd >= 0)
			close(fd);
		return err;
	}
	errno = 0;
	while (getline(&line, &size, file) > 0)
		mark_listed(host, line, built_in);
	err = ferror(file) ? -EIO : -errno;
	free(line);
	fclose(file);
	return err;
}

/* A module that is in none of the lists is not installed: if all of them could be read. What is
 * built in is loaded, though sysfs need not have it. */
static int judge_unlisted(struct host_facts *host, int err)
{
	for (size_t i = 0; i < host->module_count; i++) {
		struct module_facts *module = &host->modules[i];
		struct answer loaded = {.known = module->loaded};
		int failed;

		if (module->installed == KNOWN_YES)
			continue;
		if (err && module->loaded == KNOWN_NO)
			loaded = answer_hidden(err);
		failed = set_fact(host, module->name, &module->installed,
				  err ? answer_hidden(err) : answer_of(false));
		if (!failed)
			failed = set_fact(host, module->name, &module->loaded, loaded);
		if (failed)
			return failed;
	}
	return 0;
}

static int read_lists(const struct reading *reading)
{
	int dep = take_list(reading, "modules.dep", false);
	int builtin = take_list(reading, "modules.builtin", true);

	if (dep == -ENOMEM || builtin == -ENOMEM)
		return -ENOMEM;
	return judge_unlisted(reading->facts->host, dep ? dep : builtin);
}

static int add_module(const struct reading *reading, const char *name)
{
	struct module_facts *module;
	char path[128];
	int err = host_facts_add_module(reading->facts->host, &module);

	if (!err)
		err = facts_set_string(&module->name, name);
	if (err)
		return err;
	snprintf(path, sizeof(path), "sys/module/%s", name);
	return set_fact(reading->facts->host, name, &module->loaded,
			exists_within(reading, "sys/module", path));
}

/* The module of VFIO's driver of a bus, by the bus. */
static const struct {
	const char *bus, *module;
} bus_modules[] = {
	{"pci", "vfio_pci"},       {"platform", "vfio_platform"}, {"amba", "vfio_amba"},
	{"fsl-mc", "vfio_fsl_mc"}, {"cdx", "vfio_cdx"},
};

int read_host_modules(struct reading *reading)
{
	int err = add_module(reading, "vfio_iommu_type1");

	if (!err)
		err = add_module(reading, "iommufd");
	for (size_t i = 0; !err && i < sizeof(bus_modules) / sizeof(*bus_modules); i++) {
		if (bus_has_devices(reading->facts, bus_modules[i].bus))
			err = add_module(reading, bus_modules[i].module);
	}
	return err ? err : read_lists(reading);
}
