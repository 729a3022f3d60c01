/* SPDX-License-Identifier: MIT */
/*
 * How the host tells that something changed.
 *
 * The kernel's uevents, from netlink, tell of devices and their drivers. Of three things it sends
 * none, but inotify sees whoever writes or opens: a device's driver_override, its group's type, and
 * the nodes in /dev/vfio. A user may have a node of his own elsewhere, which nobody is told of.
 *
 * Watched files come with their devices, so every uevent of a device is a reason to watch its files
 * (again; that changes nothing). This happens in drain(), before the caller looks: what was written
 * before the watch is in the look, what is written after it is told.
 */
#define _GNU_SOURCE
#include "events.h"
#include "buses.h"
#include "host.h"
#include "uevents.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct host_events {
	struct machine_events events;
	int uevents; /* netlink */
	int files;   /* inotify */
	int any;     /* epoll: readable while one of them is */
};

static struct host_events *events_of(struct machine_events *events)
{
	return container_of(events, struct host_events, events);
}

/* Watches the files of the device whose directory that is; what it lacks is not watched. */
static void watch_device(const struct host_events *events, const char *directory)
{
	static const char *const names[] = {"driver_override", "iommu_group/type"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (snprintf(path, sizeof(path), "%s/%s", directory, names[i]) < (int)sizeof(path))
			inotify_add_watch(events->files, path, IN_MODIFY);
}

static void watch_bus(const struct host_events *events, const struct bus *bus)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *devices;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices", bus->name);
	devices = opendir(path);
	if (!devices)
		return;
	while ((entry = readdir(devices))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", bus->name, entry->d_name);
		watch_device(events, path);
	}
	closedir(devices);
}

static void watch_devices(const struct host_events *events)
{
	for (const struct bus *bus = host_buses; bus->name; bus++)
		watch_bus(events, bus);
}

/* The folder is there only while it has nodes. */
static void watch_nodes(const struct host_events *events)
{
	static const char *const folders[] = {"/dev/vfio", "/dev/vfio/devices"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		inotify_add_watch(events->files, folders[i], IN_OPEN | IN_CLOSE);
}

static void drain_files(const struct host_events *events)
{
	char told[4096];

	while (read(events->files, told, sizeof(told)) > 0)
		;
}

static bool is_of_our_buses(const struct uevent *uevent)
{
	for (const struct bus *bus = host_buses; bus->name; bus++)
		if (strcmp(bus->name, uevent->subsystem) == 0)
			return true;
	return false;
}

/* What the kernel had to drop may be of devices that are new; so may what can't be received. */
static void drain_uevents(const struct host_events *events)
{
	struct uevent uevent;
	int err;

	while ((err = uevents_next(events->uevents, &uevent)) == 0)
		if (is_of_our_buses(&uevent))
			watch_device(events, uevent.syspath);
	if (err != -EAGAIN)
		watch_devices(events);
}

static void host_events_drain(struct machine_events *machine_events)
{
	const struct host_events *events = events_of(machine_events);

	drain_uevents(events);
	watch_nodes(events);
	drain_files(events);
}

static int host_events_fd(const struct machine_events *machine_events)
{
	return container_of(machine_events, const struct host_events, events)->any;
}

static void host_events_close(struct machine_events *machine_events)
{
	struct host_events *events = events_of(machine_events);

	close(events->any);
	close(events->files);
	close(events->uevents);
	free(events);
}

static int add_to(int any, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(any, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

/* Makes one descriptor of both. */
static int join(struct host_events *events)
{
	int err;

	events->any = epoll_create1(EPOLL_CLOEXEC);
	if (events->any < 0)
		return -errno;
	err = add_to(events->any, events->uevents);
	if (!err)
		err = add_to(events->any, events->files);
	if (err)
		close(events->any);
	return err;
}

static int host_events_init(struct host_events *events)
{
	int err;

	events->files = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (events->files < 0)
		return -errno;
	err = events->uevents = uevents_open();
	if (err < 0)
		goto close_files;
	err = join(events);
	if (err)
		goto close_uevents;
	watch_devices(events);
	watch_nodes(events);
	return 0;

close_uevents:
	close(events->uevents);
close_files:
	close(events->files);
	return err;
}

int host_watch(struct machine *machine, struct machine_events **out)
{
	static const struct machine_events_ops ops = {
		.close = host_events_close, .fd = host_events_fd, .drain = host_events_drain};
	struct host_events *events;
	int err;

	if (!host_of(machine)->live)
		return -EOPNOTSUPP;
	events = malloc(sizeof(*events));
	if (!events)
		return -ENOMEM;
	events->events.ops = &ops;
	err = host_events_init(events);
	if (err)
		free(events);
	else
		*out = &events->events;
	return err;
}
