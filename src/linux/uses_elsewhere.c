/* SPDX-License-Identifier: MIT */
/*
 * Interfaces of devices that are in other network namespaces, and what stands there on interfaces
 * of ours.
 *
 * The kernel keeps the interfaces of a device in a folder "net" below it, its wireless cards in
 * "ieee80211", its RDMA devices in "infiniband". It shows what is in our namespace, but makes the
 * folder with the first and removes it with the last of whatever namespace, and counts all of them
 * as links of it. Where the folder lies varies: below the function, its virtio or auxiliary device,
 * an interface of USB; so the device's part of sysfs is walked. What is another PCI device's is
 * not.
 */
#define _GNU_SOURCE
#include "uses_elsewhere.h"
#include "array.h"
#include "folder.h"
#include "net_namespaces.h"
#include "parallel.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A stick behind five hubs, and the end of a chain of Thunderbolt, are about ten folders down. */
enum { MOST_DEPTH = 24 };

struct folder_kind {
	const char *name, *one, *several;
};

static const struct folder_kind folder_kinds[] = {
	{"net", "an interface", "interfaces"},
	{"ieee80211", "a wireless card", "wireless cards"},
	{"infiniband", "an RDMA device", "RDMA devices"},
};

/* What one folder does not show. */
struct absence {
	struct device_facts *device;
	const struct folder_kind *kind;
	char owner[NAME_MAX + 1]; /* the device whose folder it is, by its name */
	unsigned int count;
	char *name, *found; /* one of them, and where it is; owned; NULL: not known */
};

struct absences {
	struct networks *networks;
	pthread_mutex_t lock; /* guards what follows while devices are walked */
	struct absence *all;
	size_t count;
};

/* The walk below one device. */
struct walk {
	struct absences *absences;
	struct device_facts *device;
	unsigned int depth;
	char path[PATH_MAX]; /* of the folder that it is in */
};

/* ---- one folder ---- */

/* A file system that does not tell which entries are folders is asked for each. */
static int is_folder(int folder, const struct dirent64 *entry, bool *out)
{
	struct stat status;

	*out = entry->d_type == DT_DIR;
	if (entry->d_type != DT_UNKNOWN)
		return 0;
	if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW))
		return sysfs_unless_absent(-errno);
	*out = S_ISDIR(status.st_mode);
	return 0;
}

/* Shows each entry of a folder. Takes the descriptor over. */
static int for_each_in(int fd,
		       int (*visit)(void *context, int folder, const struct dirent64 *entry),
		       void *context)
{
	const struct dirent64 *entry;
	struct folder folder;
	int err;

	folder_begin(&folder, fd);
	do {
		err = folder_next(&folder, &entry);
		if (!err && entry)
			err = visit(context, fd, entry);
	} while (!err && entry);
	close(fd);
	return err;
}

struct content {
	unsigned int entries, folders; /* that are shown */
};

static int count_entry(void *context, int folder, const struct dirent64 *entry)
{
	struct content *content = context;
	bool found;
	int err = is_folder(folder, entry, &found);

	content->entries++;
	content->folders += !err && found;
	return err;
}

/* Each namespace has its own entry for an RDMA device that all share. */
static int counts_mean_absence(const struct walk *walk, const struct folder_kind *kind, bool *out)
{
	char mode[8];
	int length;

	*out = true;
	if (strcmp(kind->name, "infiniband") != 0)
		return 0;
	length = sysfs_read_path(walk->absences->networks->survey->root,
				 "sys/module/ib_core/parameters/netns_mode", mode, sizeof(mode));
	if (length < 0)
		return sysfs_unless_absent(length);
	*out = *mode != 'Y';
	return 0;
}

/* Takes the descriptor over. A file system that counts no links has 1 for all folders. */
static int count_absent(const struct walk *walk, int fd, const struct folder_kind *kind,
			unsigned int *out)
{
	struct content content = {0};
	struct stat status;
	bool counts = true;
	int err = fstat(fd, &status) ? -errno : counts_mean_absence(walk, kind, &counts);

	if (err) {
		close(fd);
		return err;
	}
	err = for_each_in(fd, count_entry, &content);
	*out = content.entries == 0;
	if (counts && status.st_nlink > 2 + content.folders)
		*out = (unsigned int)status.st_nlink - 2 - content.folders;
	return err;
}

static int add_absence(struct walk *walk, const struct folder_kind *kind, unsigned int count)
{
	struct absence added = {.device = walk->device, .kind = kind, .count = count};
	struct absences *absences = walk->absences;
	struct absence *more;

	snprintf(added.owner, sizeof(added.owner), "%s", strrchr(walk->path, '/') + 1);
	pthread_mutex_lock(&absences->lock);
	more = array_with_room(absences->all, absences->count, sizeof(*more));
	if (more) {
		absences->all = more;
		more[absences->count++] = added;
	}
	pthread_mutex_unlock(&absences->lock);
	return more ? 0 : -ENOMEM;
}

/* What is in it belongs to the deepest device of the facts. */
static int look_at_folder(struct walk *walk, int parent, const struct folder_kind *kind)
{
	int fd = openat(parent, kind->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err;
	struct device_facts *device = NULL;
	unsigned int count;

	if (fd < 0)
		return sysfs_unless_absent(-errno);
	err = count_absent(walk, fd, kind, &count);
	if (err || !count)
		return sysfs_unless_absent(err);
	err = device_behind(walk->absences->networks->survey, walk->path, &device);
	if (err || device != walk->device)
		return sysfs_unless_absent(err);
	return add_absence(walk, kind, count);
}

/* ---- below a device ---- */

static const struct folder_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(folder_kinds) / sizeof(*folder_kinds); i++) {
		if (strcmp(folder_kinds[i].name, name) == 0)
			return &folder_kinds[i];
	}
	return NULL;
}

/* Folders that most devices have or that have many: of their attributes, and of disks. */
static bool has_no_interface(const char *name)
{
	struct pci_facts pci;

	return strcmp(name, "power") == 0 || strcmp(name, "msi_irqs") == 0 ||
	       strcmp(name, "block") == 0 || pci_address_parse(name, &pci) == 0;
}

static int look_at_entry(void *context, int folder, const struct dirent64 *entry);

/* Shows the entries unless all are files. Takes the descriptor over. */
static int look_below(struct walk *walk, int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && status.st_nlink == 2) {
		close(fd);
		return 0;
	}
	return for_each_in(fd, look_at_entry, walk);
}

static int descend(struct walk *walk, int parent, const char *name)
{
	size_t length = strlen(walk->path);
	int fd, err;

	if (walk->depth == MOST_DEPTH || length + strlen(name) + 2 > sizeof(walk->path))
		return -ELOOP;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return sysfs_unless_absent(-errno);
	snprintf(walk->path + length, sizeof(walk->path) - length, "/%s", name);
	walk->depth++;
	err = look_below(walk, fd);
	walk->depth--;
	walk->path[length] = '\0';
	return sysfs_unless_absent(err);
}

static int look_at_entry(void *context, int folder, const struct dirent64 *entry)
{
	struct walk *walk = context;
	const struct folder_kind *kind = kind_of(entry->d_name);
	bool found;
	int err = is_folder(folder, entry, &found);

	if (err || !found || has_no_interface(entry->d_name))
		return err;
	return kind ? look_at_folder(walk, folder, kind) : descend(walk, folder, entry->d_name);
}

/* Without a driver, a device has no interface anywhere; with a port's, only what is below other
 * devices. */
static bool may_have_interfaces(const struct device_facts *device)
{
	if (device->driver)
		return strcmp(device->driver, "pcieport") != 0;
	return device->busy || device->unknown_count > 0;
}

static int walk_device(struct absences *absences, struct device_facts *device)
{
	const struct survey *survey = absences->networks->survey;
	struct walk walk = {.absences = absences, .device = device};
	int fd, err;

	if (!may_have_interfaces(device))
		return 0;
	snprintf(walk.path, sizeof(walk.path), "sys/bus/%s/devices/%s", device->bus,
		 device->address);
	fd = sysfs_open(survey->root, walk.path, O_RDONLY | O_DIRECTORY);
	err = fd < 0 ? fd : look_below(&walk, fd);
	return note_unknown(survey, device, "network interfaces", sysfs_unless_absent(err));
}

/* ---- in the other namespaces ---- */

static int note_where(struct absences *absences, const struct link_elsewhere *link)
{
	for (size_t i = 0; i < absences->count; i++) {
		struct absence *absence = &absences->all[i];

		if (absence->found || strcmp(absence->kind->name, "net") != 0 ||
		    strcmp(absence->owner, link->parent) != 0)
			continue;
		free(absence->name);
		absence->name = strdup(link->name);
		if (!absence->name)
			return -ENOMEM;
		if (asprintf(&absence->found, "in the network namespace %s", link->where) < 0) {
			absence->found = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

static int add_lower_use(struct networks *networks, const struct link_elsewhere *link)
{
	int err = 0;

	for (size_t i = 0; i < networks->quiet_count && !err; i++) {
		struct quiet_interface *quiet = &networks->quiet[i];

		if (quiet->used || quiet->index != link->lower)
			continue;
		quiet->used = true;
		err = add_use(quiet->device, "network", quiet->name,
			      "below %s in the network namespace %s", link->name, link->where);
	}
	return err;
}

static int look_at_link(void *context, const struct link_elsewhere *link)
{
	struct absences *absences = context;
	int err = link->parent ? note_where(absences, link) : 0;

	return err || !link->lower ? err : add_lower_use(absences->networks, link);
}

/* What could not be seen there may stand on any interface that is quiet here. */
static int look_at_namespaces(struct absences *absences)
{
	struct networks *networks = absences->networks;
	const struct survey *survey = networks->survey;
	const struct mounts *mounts;
	int hidden = 0, err = survey_mounts(survey, &mounts);

	if (!err)
		err = for_each_link_elsewhere(survey->root, mounts, look_at_link, absences,
					      &hidden);
	if (!err)
		err = hidden ? hidden : mounts->home_hidden;
	for (size_t i = 0; err && i < networks->quiet_count; i++) {
		const struct quiet_interface *quiet = &networks->quiet[i];
		int failed = quiet->used ? 0
					 : note_unknown(survey, quiet->device,
							"other network namespaces", err);

		if (failed)
			return failed;
	}
	return 0;
}

/* ---- what came of it ---- */

/* A take names one use: what has the name of an interface is that interface alone. */
static int add_absence_use(const struct absence *absence)
{
	const struct folder_kind *kind = absence->kind;

	if (absence->found && absence->count > 1)
		return add_use(absence->device, "network", kind->name,
			       "%s is %s, and %u more elsewhere", absence->name, absence->found,
			       absence->count - 1);
	if (absence->found)
		return add_use(absence->device, "network", absence->name, "%s", absence->found);
	if (absence->count > 1)
		return add_use(absence->device, "network", kind->name,
			       "%u %s of it are in other network namespaces", absence->count,
			       kind->several);
	return add_use(absence->device, "network", kind->name,
		       "%s of it is in another network namespace", kind->one);
}

static void release(struct absences *absences)
{
	for (size_t i = 0; i < absences->count; i++) {
		free(absences->all[i].name);
		free(absences->all[i].found);
	}
	free(absences->all);
}

static int walk_place(void *context, size_t place)
{
	struct absences *absences = context;

	return walk_device(absences, &absences->networks->survey->facts->devices[place]);
}

int find_uses_elsewhere(struct networks *networks)
{
	const struct survey *survey = networks->survey;
	struct absences absences = {.networks = networks, .lock = PTHREAD_MUTEX_INITIALIZER};
	int err = parallel_for(survey->facts->device_count, walk_place, &absences);

	if (!err && survey->live && (absences.count > 0 || networks->quiet_count > 0))
		err = look_at_namespaces(&absences);
	for (size_t i = 0; i < absences.count && !err; i++)
		err = add_absence_use(&absences.all[i]);
	release(&absences);
	return err;
}
