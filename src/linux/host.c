/* SPDX-License-Identifier: MIT */
/* The host as a machine: its operations are writes to sysfs, and the kernel's answers. */
#define _GNU_SOURCE
#include "host.h"
#include "buses.h"
#include "changes.h"
#include "device_state.h"
#include "devices.h"
#include "drivers.h"
#include "events.h"
#include "group_nodes.h"
#include "groups.h"
#include "host_facts.h"
#include "modules.h"
#include "udev.h"
#include "uses.h"
#include "vfio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void host_close(struct machine *machine)
{
	struct host *host = host_of(machine);

	crew_end(&host->crew);
	close(host->root);
	free(host->name);
	free(host);
}

/* Ends a reading: what was read goes to *out, or is freed. */
static int finish(struct reading *reading, int err, struct facts *out)
{
	if (!err)
		err = read_drivers(reading);
	if (!err)
		err = read_groups(reading);
	if (!err && reading->full)
		err = read_host_facts(reading);
	pci_ids_release(&reading->ids);
	if (err) {
		facts_release(reading->facts);
		return err;
	}
	facts_sort(reading->facts);
	*out = *reading->facts;
	return 0;
}

static int read_host(struct machine *machine, bool full, struct facts *out)
{
	struct host *host = host_of(machine);
	struct facts facts = {.machine = strdup(host->name)};
	struct reading reading = {.root = host->root,
				  .crew = &host->crew,
				  .full = full,
				  .regions = full,
				  .names = true,
				  .facts = &facts};

	return finish(&reading, facts.machine ? read_devices(&reading) : -ENOMEM, out);
}

static int host_read_part(struct machine *machine, const struct machine_part *parts, size_t count,
			  struct facts *out)
{
	struct host *host = host_of(machine);
	struct facts facts = {.machine = strdup(host->name)};
	struct reading reading = {.root = host->root,
				  .crew = &host->crew,
				  .part = true,
				  .regions = true,
				  .facts = &facts};

	return finish(&reading, facts.machine ? read_devices_of(&reading, parts, count) : -ENOMEM,
		      out);
}

static int host_read_driver(struct machine *machine, const char *bus, const char *driver,
			    struct facts *facts)
{
	struct reading reading = {
		.root = host_of(machine)->root, .crew = &host_of(machine)->crew, .facts = facts};

	return read_driver(&reading, bus, driver);
}

static int host_read(struct machine *machine, struct facts *out)
{
	return read_host(machine, true, out);
}

static int host_glance(struct machine *machine, struct facts *out)
{
	return read_host(machine, false, out);
}

static int host_open(struct machine *machine, int group, struct group_file **out)
{
	return vfio_open(host_of(machine), group, out);
}

static const struct machine_ops host_ops = {
	.close = host_close,
	.read = host_read,
	.glance = host_glance,
	.find_group = host_find_group,
	.read_part = host_read_part,
	.read_driver = host_read_driver,
	.find_users = host_find_users,
	.find_uses = host_find_uses,
	.instance = host_instance,
	.driver = host_driver,
	.override = host_override,
	.load_driver = host_load_driver,
	.change_all = host_change_all,
	.bind = host_bind,
	.unbind = host_unbind,
	.probe = host_probe,
	.set_override = host_set_override,
	.remove = host_remove,
	.rescan = host_rescan,
	.watch = host_watch,
	.set_type = host_set_type,
	.node = host_node,
	.set_node = host_set_node,
	.await_node = host_await_node,
	.open = host_open,
};

int linux_machine_open(const char *sysroot, struct machine **out)
{
	struct host *host = malloc(sizeof(*host));
	int err = -ENOMEM;

	if (!host)
		return -ENOMEM;
	host->machine.ops = &host_ops;
	host->live = !sysroot;
	host->name = strdup(sysroot ? sysroot : "live");
	if (!host->name)
		goto free_host;
	host->root = open(sysroot ? sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host->root < 0) {
		err = -errno;
		goto free_name;
	}
	crew_init(&host->crew, host->root);
	*out = &host->machine;
	return 0;

free_name:
	free(host->name);
free_host:
	free(host);
	return err;
}
