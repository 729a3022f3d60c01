/* SPDX-License-Identifier: MIT */
/*
 * How the host tells that something changed.
 *
 * The kernel's uevents, from libudev, tell of devices and their drivers. Of three things it sends
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

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct host_events {
	struct machine_events events;
	struct udev *udev;
	struct udev_monitor *monitor;
	int files; /* inotify */
	int any;   /* epoll: readable while one of them is */
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

static void host_events_drain(struct machine_events *machine_events)
{
	struct host_events *events = events_of(machine_events);
	struct udev_device *device;

	while ((device = udev_monitor_receive_device(events->monitor))) {
		watch_device(events, udev_device_get_syspath(device));
		udev_device_unref(device);
	}
	if (errno == ENOBUFS) /* the kernel had to drop some, of devices that may be new */
		watch_devices(events);
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
	udev_monitor_unref(events->monitor);
	udev_unref(events->udev);
	free(events);
}

/* Listens to the kernel itself: there need not be a udev daemon, nor are its rules waited for. */
static int open_monitor(struct host_events *events)
{
	int err = 0;

	events->udev = udev_new();
	if (!events->udev)
		return -ENOMEM;
	events->monitor = udev_monitor_new_from_netlink(events->udev, "kernel");
	if (!events->monitor) {
		err = errno ? -errno : -ENOMEM;
		goto unref_udev;
	}
	for (const struct bus *bus = host_buses; !err && bus->name; bus++)
		err = udev_monitor_filter_add_match_subsystem_devtype(events->monitor, bus->name,
								      NULL);
	if (!err)
		err = udev_monitor_enable_receiving(events->monitor);
	if (!err)
		return 0;
	udev_monitor_unref(events->monitor);
unref_udev:
	udev_unref(events->udev);
	return err;
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
	err = add_to(events->any, udev_monitor_get_fd(events->monitor));
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
	err = open_monitor(events);
	if (err)
		goto close_files;
	err = join(events);
	if (err)
		goto unref_monitor;
	watch_devices(events);
	watch_nodes(events);
	return 0;

unref_monitor:
	udev_monitor_unref(events->monitor);
	udev_unref(events->udev);
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
