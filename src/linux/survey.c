/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "survey.h"
#include "mount_views.h"
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

struct device_facts *survey_device(const struct survey *survey, const char *address)
{
	size_t place = device_index_find(survey->devices, address);

	return place == SIZE_MAX ? NULL : &survey->facts->devices[place];
}

/* Cuts the components of a path off its end, one by one, until one is a device of the facts. */
struct device_facts *device_on_path(const struct survey *survey, const char *whole)
{
	struct device_facts *device;
	struct pci_facts pci;
	char path[PATH_MAX], *last;

	snprintf(path, sizeof(path), "%s", whole);

	while ((last = strrchr(path, '/'))) {
		device = survey_device(survey, last + 1);
		if (device)
			return device;
		if (pci_address_parse(last + 1, &pci) == 0)
			return NULL;
		*last = '\0';
	}
	return NULL;
}

/* The name of what a descriptor is open on. -ENOENT is not "no": it says that /proc is missing. */
static int name_of(int fd, char *out, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, out, size - 1);
	if (length < 0)
		return errno == ENOENT ? -EIO : -errno;
	out[length] = '\0';
	return 0;
}

int survey_name_root(int root, char *out, size_t size)
{
	return name_of(root, out, size);
}

/* Takes the root's own path, which may go through anything, off the front of a path. */
static void cut_root(const struct survey *survey, char *path)
{
	size_t length = strlen(survey->root_path);

	if (strcmp(path, survey->root_path) == 0)
		strcpy(path, "/");
	else if (strncmp(path, survey->root_path, length) == 0 && path[length] == '/')
		memmove(path, path + length, strlen(path + length) + 1);
}

static int lead(const struct survey *survey, const char *path, char *out, size_t size)
{
	int fd = sysfs_open(survey->root, path, O_PATH), err;

	if (fd < 0)
		return fd;
	err = name_of(fd, out, size);
	close(fd);
	if (!err)
		cut_root(survey, out);
	return err;
}

/* Stores where a path leads to, from the root. Where a recorded tree has a folder in place of a
 * class's link, its `device` leads to the device. */
int survey_resolve(const struct survey *survey, const char *path, char *out, size_t size)
{
	static const char classes[] = "sys/class/";
	char device[600];
	int err = lead(survey, path, out, size);

	if (err || strncmp(path, classes, strlen(classes)) != 0 || strcmp(out + 1, path) != 0)
		return err;
	snprintf(device, sizeof(device), "%.512s/device", path);
	return sysfs_unless_absent(lead(survey, device, out, size));
}

int device_behind(const struct survey *survey, const char *path, struct device_facts **out)
{
	char target[PATH_MAX];
	int err = survey_resolve(survey, path, target, sizeof(target));

	if (!err)
		*out = device_on_path(survey, target);
	return err;
}

/* ---- what is found, and what is not known ---- */

int note_unknown(const struct survey *survey, struct device_facts *device, const char *about,
		 int err)
{
	int failed = 0;

	if (!err)
		return 0;
	if (device)
		return device_facts_hide(device, about, err);
	for (size_t i = 0; i < survey->facts->device_count && !failed; i++)
		failed = device_facts_hide(&survey->facts->devices[i], about, err);
	return failed;
}

__attribute__((format(printf, 5, 0))) static int append_use(struct device_facts *device, bool vital,
							    const char *kind, const char *name,
							    const char *format, va_list args)
{
	struct use_facts use = {.kind = strdup(kind), .name = strdup(name), .vital = vital}, *added;

	if (vasprintf(&use.reason, format, args) < 0)
		use.reason = NULL;
	if (!use.kind || !use.name || !use.reason || device_facts_add_use(device, &added) != 0)
		goto free_use;
	*added = use;
	return 0;

free_use:
	free(use.kind);
	free(use.name);
	free(use.reason);
	return -ENOMEM;
}

int say_remedy(struct device_facts *device, const char *format, ...)
{
	struct use_facts *use = &device->uses[device->use_count - 1];
	va_list args;

	va_start(args, format);
	if (vasprintf(&use->remedy, format, args) < 0)
		use->remedy = NULL;
	va_end(args);
	return use->remedy ? 0 : -ENOMEM;
}

int add_use(struct device_facts *device, const char *kind, const char *name, const char *format,
	    ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = append_use(device, false, kind, name, format, args);
	va_end(args);
	return err;
}

int add_vital_use(struct device_facts *device, const char *kind, const char *name,
		  const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = append_use(device, true, kind, name, format, args);
	va_end(args);
	return err;
}

int survey_mounts(const struct survey *survey, const struct mounts **out)
{
	int err = *survey->mounts_read ? 0 : mounts_read(survey->root, survey->mounts);

	if (err) {
		mounts_release(survey->mounts);
		return err;
	}
	*survey->mounts_read = true;
	*out = survey->mounts;
	return 0;
}
