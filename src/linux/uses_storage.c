/* SPDX-License-Identifier: MIT */
/*
 * Disks: in use while something on them is mounted, swapped to, exported, or part of something
 * larger.
 *
 * The kernel is asked first: a disk that it gives to us for a moment, for ourselves, has no file
 * system, swap or holder on it or on any partition, whatever /proc shows. What stands on a disk
 * that it does not give, or of a system that was recorded, is found by going up from it
 * (storage_stack.c), and so is what shares it with anybody.
 */
#define _GNU_SOURCE
#include "devices_behind.h"
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One whole disk, and the device that it is looked at for. */
struct disk {
	struct storage *storage;
	const char *name;
	struct device_facts *device;
	struct answer taken; /* not known, for no errno: nobody can be asked */
	bool told;           /* a use was added */
};

static bool may_be_roots(const struct storage *storage, const struct burden *burden)
{
	if (storage->root == ROOT_SOMEWHERE)
		return true;
	return storage->root == ROOT_UNSEEN && burden->unseen;
}

static int add_burden(struct disk *disk, const char *block, const struct burden *burden)
{
	static const char doubt[] = " (nothing tells that the root file system is elsewhere)";
	bool doubted = !burden->vital && may_be_roots(disk->storage, burden);

	disk->told = true;
	if (burden->vital || doubted)
		return add_vital_use(disk->device, "storage", block, "%s%s", burden->words,
				     doubted ? doubt : "");
	return add_use(disk->device, "storage", block, "%s", burden->words);
}

/* ---- what only the kernel tells ---- */

/* Another dmaown that asks at the same moment has the block for some microseconds. */
static struct answer ask_often(struct storage *storage, const char *block)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	struct answer taken = ask_for_block(storage, block);

	for (int tries = 0; answer_is_yes(taken) && tries < 4; tries++) {
		nanosleep(&pause, NULL);
		taken = ask_for_block(storage, block);
	}
	return taken;
}

/* Who has disks and leaves no trace that leads to them. */
static void suspect(const struct survey *survey, char *out, size_t size)
{
	static const struct {
		const char *path, *name;
	} all[] = {{"proc/spl/kstat/zfs", "ZFS"}, {"sys/module/drbd", "DRBD"}};

	*out = '\0';
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		size_t length = strlen(out);

		if (answer_is_yes(sysfs_exists(survey->root, all[i].path)))
			snprintf(out + length, size - length, "; %s is at work here", all[i].name);
	}
}

/* Tells whether something has a block on which nothing was seen. */
static int look_at_unseen(struct disk *disk, const char *block)
{
	struct answer taken = ask_often(disk->storage, block);
	struct burden burden = {.unseen = true};
	char suspects[64];
	int err;

	if (!answer_is_yes(taken))
		return note_unknown(disk->storage->survey, disk->device, block, taken.hidden_by);
	suspect(disk->storage->survey, suspects, sizeof(suspects));
	snprintf(burden.words, sizeof(burden.words),
		 "taken by something that the kernel does not show%s", suspects);
	err = read_places(disk->storage);
	return err ? err : add_burden(disk, block, &burden);
}

/* ---- a disk ---- */

/* The disk or a partition of it; `doubted`: something has the disk, and this may be what. */
static int look_at_part(struct disk *disk, const char *block, bool doubted)
{
	struct burden burden;
	int err = find_stack(disk->storage, block, answer_is_no(disk->taken), &burden), failed = 0;

	if (*burden.words)
		failed = add_burden(disk, block, &burden);
	else if (doubted)
		failed = look_at_unseen(disk, block);
	return failed ? failed : note_unknown(disk->storage->survey, disk->device, block, err);
}

/* A partition has a folder in its disk's. */
static int look_at_partition(void *context, int folder, const char *name)
{
	struct disk *disk = context;
	struct answer there;
	char path[300];

	if (strncmp(name, disk->name, strlen(disk->name)) != 0)
		return 0;
	snprintf(path, sizeof(path), "sys/class/block/%.255s", name);
	there = sysfs_exists(disk->storage->survey->root, path);
	if (!answer_is_yes(there))
		return note_unknown(disk->storage->survey, disk->device, name, there.hidden_by);
	return look_at_part(disk, name, answer_is_yes(disk->taken));
}

static int look_at_parts(struct disk *disk)
{
	const struct survey *survey = disk->storage->survey;
	char path[128];
	int err = look_at_part(disk, disk->name, false);

	if (err)
		return err;
	snprintf(path, sizeof(path), "sys/class/block/%s", disk->name);
	err = sysfs_for_each_entry_if_any(survey->root, path, look_at_partition, disk);
	return err == -ENOMEM ? err : note_unknown(survey, disk->device, disk->name, err);
}

/* What could not be seen matters where the kernel did not say that there is nothing; of a disk that
 * is taken, only whether it is the root's. */
static int note_hidden(const struct disk *disk)
{
	const struct storage *storage = disk->storage;
	const struct survey *survey = storage->survey;
	int err = note_unknown(survey, disk->device, "what exports disks", storage->ties.hidden);

	if (err || !storage->places.read)
		return err;
	if (answer_is_yes(disk->taken))
		return note_unknown(survey, disk->device, "where the root file system is",
				    survey->mounts->home_hidden);
	if (answer_is_no(disk->taken))
		return 0;
	return note_unknown(survey, disk->device, "mounts and swaps", storage->places.hidden);
}

static int look_at_disk(struct disk *disk)
{
	int err;

	disk->taken = ask_for_block(disk->storage, disk->name);
	err = note_unknown(disk->storage->survey, disk->device, disk->name, disk->taken.hidden_by);
	if (!err)
		err = look_at_parts(disk);
	if (!err && answer_is_yes(disk->taken) && !disk->told)
		err = look_at_unseen(disk, disk->name);
	return err ? err : note_hidden(disk);
}

struct visit {
	struct storage *storage;
	const char *name;
};

static int look_for_device(void *context, struct device_facts *device)
{
	const struct visit *visit = context;
	struct disk disk = {.storage = visit->storage, .name = visit->name, .device = device};

	return look_at_disk(&disk);
}

/* ---- all disks ---- */

/*
 * Whether a block need not be looked at, by where its link in class/block leads: a partition comes
 * with its disk; a virtual block has no device, but for an NVMe disk with several paths.
 */
static bool is_passed_over(const struct survey *survey, int folder, const char *name)
{
	char target[512], path[300], *last;
	ssize_t length = readlinkat(folder, name, target, sizeof(target) - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	if (strstr(target, "/virtual/") && !strstr(target, "/nvme-subsystem/"))
		return true;
	last = strrchr(target, '/');
	if (!last)
		return false;
	*last = '\0';
	last = strrchr(target, '/');
	snprintf(path, sizeof(path), "sys/class/block/%.255s", last ? last + 1 : target);
	return answer_is_yes(sysfs_exists(survey->root, path));
}

static int look_at_block(void *context, int folder, const char *name)
{
	struct storage *storage = context;
	struct visit visit = {.storage = storage, .name = name};
	char path[300];
	int err;

	if (is_passed_over(storage->survey, folder, name))
		return 0;
	snprintf(path, sizeof(path), "sys/class/block/%.255s", name);
	err = for_each_device_behind(storage->survey, path, look_for_device, &visit);
	if (err == -ENOMEM)
		return err;
	return note_unknown(storage->survey, NULL, name, sysfs_unless_absent(err));
}

int find_storage_uses(const struct survey *survey)
{
	struct storage storage = {.survey = survey, .nodes.folder = -1, .config = -1};
	int err = sysfs_for_each_entry_if_any(survey->root, "sys/class/block", look_at_block,
					      &storage);

	if (!err)
		err = find_exported_controllers(&storage);
	if (!err)
		err = find_shares(&storage);
	storage_release(&storage);
	return err;
}
