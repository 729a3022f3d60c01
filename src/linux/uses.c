/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uses.h"
#include "host.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
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

int add_use(struct device_facts *device, const char *kind, const char *name, const char *format,
	    ...)
{
	struct use_facts *use;
	va_list args;
	int length, err = device_facts_add_use(device, &use);

	if (err)
		return err;
	va_start(args, format);
	length = vasprintf(&use->reason, format, args);
	va_end(args);
	if (length < 0) {
		use->reason = NULL;
		return -ENOMEM;
	}
	err = facts_set_string(&use->kind, kind);
	return err ? err : facts_set_string(&use->name, name);
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

struct consumers {
	const struct search *search;
	struct device_facts *device;
};

/* A link "consumer:pci:0000:01:00.1"; unbinding its supplier unbinds an active consumer. */
static int look_at_consumer(void *context, int folder, const char *name)
{
	static const char prefix[] = "consumer:";
	const struct consumers *consumers = context;
	const struct device_facts *other;
	char path[1024], status[32];
	const char *consumer;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return 0;
	consumer = strchr(name + strlen(prefix), ':');
	if (!consumer)
		return 0;
	other = facts_device(consumers->search->facts, consumer + 1);
	if (other && other->group == consumers->device->group)
		return 0;
	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s/%s/status", consumers->device->bus,
		 consumers->device->address, name);
	if (sysfs_read_path(consumers->search->root, path, status, sizeof(status)) <= 0 ||
	    strcmp(status, "active") != 0)
		return 0;
	return add_use(consumers->device, "supplier", consumer + 1, "depends on it");
}

static int find_consumers(const struct search *search, struct device_facts *device)
{
	struct consumers consumers = {.search = search, .device = device};
	char path[512];

	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", device->bus, device->address);
	return sysfs_for_each_entry(search->root, path, look_at_consumer, &consumers);
}

int find_function_uses(const struct search *search)
{
	int err = 0;

	for (size_t i = 0; i < search->facts->device_count && !err; i++) {
		struct device_facts *device = &search->facts->devices[i];

		if (strcmp(device->bus, "pci") == 0)
			err = find_virtual_functions(search, device);
		if (!err && device->driver)
			err = find_consumers(search, device);
	}
	return err;
}

/* ---- all of it ---- */

static void forget_uses(struct device_facts *device)
{
	for (size_t i = 0; i < device->use_count; i++) {
		free(device->uses[i].kind);
		free(device->uses[i].name);
		free(device->uses[i].reason);
	}
	free(device->uses);
	device->uses = NULL;
	device->use_count = 0;
	device->uses_known = true;
}

int host_find_uses(struct machine *machine, struct facts *facts)
{
	const struct search search = {
		.root = host_of(machine)->root, .live = host_of(machine)->live, .facts = facts};
	int err;

	for (size_t i = 0; i < facts->device_count; i++)
		forget_uses(&facts->devices[i]);
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
