/* SPDX-License-Identifier: MIT */
/*
 * Folders that another machine shares by a device of its own: 9p and virtiofs. The device has a
 * tag, and a share is mounted by that: the kernel finds the device by the source, so the source is
 * believed.
 */
#define _GNU_SOURCE
#include "share_probe.h"
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAG_SIZE = 256, MOST_MILLISECONDS = 2000 };

/* One device, as a device of the virtio bus. */
struct share {
	struct storage *storage;
	const char *name; /* "virtio3" */
	const char *type; /* of its mounts */
	char tag[TAG_SIZE];
	bool tagged; /* else the tag is not told, and each mount of the type may be its */
	struct device_facts *device;
};

/* ---- its mounts ---- */

static bool is_over_virtio(const struct mount *mount)
{
	return mount_has_option(mount, "trans=virtio") || !strstr(mount->options, "trans=");
}

static bool is_of(const struct share *share, const struct mount *mount)
{
	if (strcmp(mount->type, share->type) != 0 ||
	    (share->tagged && strcmp(mount->source, share->tag) != 0))
		return false;
	return strcmp(share->type, "9p") != 0 || is_over_virtio(mount);
}

/* Whether the machine stands on it; of several mounts of one share, on any. */
static bool is_vital(const struct share *share)
{
	const struct places *places = &share->storage->places;

	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->all[i];

		if (place->vital && place->mount && is_of(share, place->mount))
			return true;
	}
	return false;
}

/* The first mount of the share, one of the home views before others. */
static const struct mount *find_mount(const struct share *share)
{
	const struct mounts *mounts = share->storage->survey->mounts;
	const struct mount *found = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->all[i];

		if (is_of(share, mount) && (!found || (mounts->views[mount->view].home &&
						       !mounts->views[found->view].home)))
			found = mount;
	}
	return found;
}

static int add_mounted(const struct share *share, const struct mount *mount)
{
	const char *elsewhere = share->storage->survey->mounts->views[mount->view].home
					? ""
					: " in another mount namespace";

	if (is_vital(share))
		return add_vital_use(share->device, "storage", mount->source, "mounted on %.200s%s",
				     mount->where, elsewhere);
	return add_use(share->device, "storage", mount->source, "mounted on %.200s%s", mount->where,
		       elsewhere);
}

/* A namespace that is kept by a file of its own shows in no process's mountinfo. */
static int hidden_mounts(const struct mounts *mounts)
{
	unsigned long space;

	for (size_t i = 0; i < mounts->count && !mounts->hidden; i++) {
		size_t view = 0;

		if (strcmp(mounts->all[i].type, "nsfs") != 0 ||
		    sscanf(mounts->all[i].root, "mnt:[%lu]", &space) != 1)
			continue;
		while (view < mounts->view_count && mounts->views[view].space != space)
			view++;
		if (view == mounts->view_count)
			return -ENODATA;
	}
	return mounts->hidden;
}

/* ---- what only the kernel tells ---- */

static int count_mounted(void *context, int folder, const char *name)
{
	*(size_t *)context += strncmp(name, "9p-", 3) == 0;
	return 0;
}

static int count_device(void *context, int folder, const char *name)
{
	*(size_t *)context += strncmp(name, "virtio", 6) == 0;
	return 0;
}

/* Counts the file systems, not the mounts of them, that are seen; 9p goes over other wires too. */
static void count_seen(const struct mounts *mounts, size_t *all, size_t *virtio)
{
	for (size_t i = 0; i < mounts->count; i++) {
		size_t before = 0;

		if (strcmp(mounts->all[i].type, "9p") != 0)
			continue;
		while (mounts->all[before].number != mounts->all[i].number)
			before++;
		*all += before == i;
		*virtio += before == i && is_over_virtio(&mounts->all[i]);
	}
}

/*
 * Judges by numbers. Each 9p that is mounted, wherever that is, has a device for its write-back:
 * if there are no more than are seen, no share is mounted unseen; if there are as many more as
 * shares that are not seen mounted, all of them are.
 */
static struct answer count_unseen(const struct survey *survey)
{
	size_t mounted = 0, devices = 0, seen = 0, virtio = 0;
	int err = sysfs_for_each_entry(survey->root, "sys/class/bdi", count_mounted, &mounted);

	if (!err)
		err = sysfs_for_each_entry(survey->root, "sys/bus/virtio/drivers/9pnet_virtio",
					   count_device, &devices);
	if (err)
		return answer_hidden(err);
	count_seen(survey->mounts, &seen, &virtio);
	if (mounted == seen)
		return answer_of(false);
	if (mounted > seen && mounted - seen + virtio >= devices)
		return answer_of(true);
	return answer_hidden(0);
}

/* Whether the kernel has the share mounted somewhere; it tells of 9p alone. */
static struct answer ask(const struct share *share)
{
	const struct survey *survey = share->storage->survey;
	struct answer counted;

	if (!survey->live || strcmp(share->type, "9p") != 0)
		return answer_hidden(0);
	counted = count_unseen(survey);
	return counted.known == KNOWN_NOT ? share_is_taken(share->tag, MOST_MILLISECONDS) : counted;
}

/* ---- a share ---- */

/* Nobody was seen to have mounted the share. */
static int look_at_unseen(const struct share *share)
{
	const struct survey *survey = share->storage->survey;
	struct answer taken = ask(share);
	int err;

	if (answer_is_no(taken))
		return 0;
	if (answer_is_yes(taken) && share->storage->root == ROOT_TOLD)
		return add_use(share->device, "storage", share->tag,
			       "mounted where the kernel does not show it");
	if (answer_is_yes(taken))
		return add_vital_use(share->device, "storage", share->tag,
				     "mounted where the kernel does not show it (nothing tells "
				     "that the root file system is elsewhere)");
	err = note_unknown(survey, share->device, "whether it is mounted", taken.hidden_by);
	if (!err && share->storage->root != ROOT_TOLD)
		err = note_unknown(survey, share->device, "where the root file system is",
				   -ENODATA);
	return err ? err
		   : note_unknown(survey, share->device, "mounts", hidden_mounts(survey->mounts));
}

static int look_at_share(const struct share *share)
{
	const struct mount *mount;
	int err = read_places(share->storage);

	if (err)
		return err;
	mount = find_mount(share);
	if (!mount)
		return look_at_unseen(share);
	if (share->tagged)
		return add_mounted(share, mount);
	return note_unknown(share->storage->survey, share->device, "which share is mounted",
			    -ENODATA);
}

/* ---- its tag ---- */

/* sys/fs/virtiofs/N, of kernels from 6.9 on. */
static int look_at_tag(void *context, int folder, const char *name)
{
	struct share *share = context;
	char path[300], device[64];
	int err;

	snprintf(path, sizeof(path), "%.255s/device", name);
	err = sysfs_link_name(folder, path, device, sizeof(device));
	if (err || strcmp(device, share->name) != 0)
		return sysfs_unless_absent(err);
	snprintf(path, sizeof(path), "%.255s/tag", name);
	err = sysfs_read(folder, path, share->tag, sizeof(share->tag));
	share->tagged = err >= 0;
	return share->tagged ? 1 : sysfs_unless_absent(err);
}

static int read_tag_of_virtiofs(struct share *share)
{
	int err = sysfs_for_each_entry_if_any(share->storage->survey->root, "sys/fs/virtiofs",
					      look_at_tag, share);

	return err < 0 ? err : 0;
}

/* Tells by its driver what a virtio device is; 0 with no type: something else. */
static int read_share(struct share *share, int folder)
{
	char path[300], driver[64];
	int err;

	snprintf(path, sizeof(path), "%.255s/driver", share->name);
	err = sysfs_link_name(folder, path, driver, sizeof(driver));
	if (err)
		return sysfs_unless_absent(err);
	if (strcmp(driver, "virtiofs") == 0) {
		share->type = "virtiofs";
		return read_tag_of_virtiofs(share);
	}
	if (strcmp(driver, "9pnet_virtio") != 0)
		return 0;
	share->type = "9p";
	snprintf(path, sizeof(path), "%.255s/mount_tag", share->name);
	err = sysfs_read(folder, path, share->tag, sizeof(share->tag));
	share->tagged = err >= 0;
	return err < 0 ? err : 0;
}

static int look_at_virtio(void *context, int folder, const char *name)
{
	struct storage *storage = context;
	struct share share = {.storage = storage, .name = name};
	char path[300];
	int err;

	snprintf(path, sizeof(path), "sys/bus/virtio/devices/%.255s", name);
	err = device_behind(storage->survey, path, &share.device);
	if (err || !share.device)
		return note_unknown(storage->survey, NULL, name, sysfs_unless_absent(err));
	err = read_share(&share, folder);
	if (err)
		err = note_unknown(storage->survey, share.device, name, err);
	return err || !share.type ? err : look_at_share(&share);
}

int find_shares(struct storage *storage)
{
	return sysfs_for_each_entry_if_any(storage->survey->root, "sys/bus/virtio/devices",
					   look_at_virtio, storage);
}
