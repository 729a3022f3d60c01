/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uses.h"
#include "host.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- whose a thing is ---- */

/* Cuts the components of a path off its end, one by one, until one is a device of the facts. */
static struct device_facts *deepest_device(const struct search *search, char *path)
{
	struct device_facts *device;
	struct pci_facts pci;
	char *last;

	while ((last = strrchr(path, '/'))) {
		device = facts_device(search->facts, last + 1);
		if (device)
			return device;
		if (pci_address_parse(last + 1, &pci) == 0)
			return NULL;
		*last = '\0';
	}
	return NULL;
}

struct device_facts *device_behind(const struct search *search, const char *path)
{
	char link[64], target[PATH_MAX];
	int fd = sysfs_open(search->root, path, O_PATH);
	ssize_t length;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, target, sizeof(target) - 1);
	close(fd);
	if (length <= 0)
		return NULL;
	target[length] = '\0';
	return deepest_device(search, target);
}

/* Whoever names a mount point or a program may choose any bytes: a reason stays one line, and tells
 * a terminal nothing. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
	}
}

int add_use(struct device_facts *device, const char *kind, const char *name, const char *format,
	    ...)
{
	struct use_facts use = {.kind = strdup(kind), .name = strdup(name)}, *added;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&use.reason, format, args);
	va_end(args);
	if (length < 0)
		use.reason = NULL;
	if (!use.kind || !use.name || !use.reason || device_facts_add_use(device, &added) != 0)
		goto free_use;
	make_printable(use.name);
	make_printable(use.reason);
	*added = use;
	return 0;

free_use:
	free(use.kind);
	free(use.name);
	free(use.reason);
	return -ENOMEM;
}

/* ---- functions and consumers ---- */

static int find_virtual_functions(const struct search *search, struct device_facts *device)
{
	char path[512], text[16];
	long count;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/sriov_numvfs", device->address);
	if (sysfs_read_path(search->root, path, text, sizeof(text)) <= 0)
		return 0;
	count = strtol(text, NULL, 10);
	if (count <= 0)
		return 0;
	return add_use(device, "virtual-functions", "SR-IOV", "%ld virtual function%s enabled",
		       count, count == 1 ? " is" : "s are");
}

/* The device of the facts that "pci:0000:01:00.1" names. */
static struct device_facts *named_device(const struct search *search, const char *name)
{
	const char *address = strchr(name, ':');
	struct device_facts *device = address ? facts_device(search->facts, address + 1) : NULL;

	return device && strlen(device->bus) == (size_t)(address - name) &&
			       strncmp(device->bus, name, strlen(device->bus)) == 0
		       ? device
		       : NULL;
}

static bool is_active(const struct search *search, const char *link)
{
	char path[600], status[32];

	snprintf(path, sizeof(path), "sys/class/devlink/%s/status", link);
	return sysfs_read_path(search->root, path, status, sizeof(status)) > 0 &&
	       strcmp(status, "active") == 0;
}

/*
 * A link "pci:0000:01:00.0--pci:0000:01:00.1", of a supplier and its consumer: who unbinds the one
 * unbinds the other, if that is active. Within a group both change hands anyway.
 */
static int look_at_device_link(void *context, int links, const char *name)
{
	const struct search *search = context;
	struct device_facts *supplier, *consumer;
	char ends[512], *second, *address;

	if (strlen(name) >= sizeof(ends))
		return 0;
	strcpy(ends, name);
	second = strstr(ends, "--");
	if (!second)
		return 0;
	*second = '\0';
	second += 2;
	address = strchr(second, ':');
	supplier = named_device(search, ends);
	if (!supplier || !address)
		return 0;
	consumer = named_device(search, second);
	if (consumer && consumer->group >= 0 && consumer->group == supplier->group)
		return 0;
	if (!is_active(search, name))
		return 0;
	return add_use(supplier, "supplier", address + 1, "depends on it");
}

int find_function_uses(const struct search *search)
{
	int err = sysfs_for_each_entry(search->root, "sys/class/devlink", look_at_device_link,
				       (void *)(uintptr_t)search);

	for (size_t i = 0; i < search->facts->device_count && !err; i++) {
		if (strcmp(search->facts->devices[i].bus, "pci") == 0)
			err = find_virtual_functions(search, &search->facts->devices[i]);
	}
	return err;
}

/* ---- all of it ---- */

static void expect_uses(struct device_facts *device)
{
	device_facts_forget_uses(device);
	device->uses_known = true;
}

int host_find_uses(struct machine *machine, struct facts *facts)
{
	const struct search search = {
		.root = host_of(machine)->root, .live = host_of(machine)->live, .facts = facts};
	int err;

	for (size_t i = 0; i < facts->device_count; i++)
		expect_uses(&facts->devices[i]);
	err = find_network_uses(&search);
	if (!err)
		err = find_storage_uses(&search);
	if (!err)
		err = find_display_uses(&search);
	if (!err)
		err = find_function_uses(&search);
	if (!err)
		err = find_node_uses(&search);
	return err;
}
