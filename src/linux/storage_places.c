/* SPDX-License-Identifier: MIT */
/*
 * Where file systems and swap on blocks are used.
 *
 * The kernel says by number which block a file system is on, and a source that somebody chose is
 * believed only where the kernel would not have mounted another: btrfs has a number of its own, and
 * its source is one of its disks, as the kernel knows it.
 */
#define _GNU_SOURCE
#include "array.h"
#include "proc_files.h"
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- sets ---- */

struct membership {
	const struct survey *survey;
	const char *block;
	char *set;
	size_t size;
};

static int look_at_btrfs(void *context, int folder, const char *uuid)
{
	const struct membership *membership = context;
	struct answer there;
	char path[512];

	snprintf(path, sizeof(path), "sys/fs/btrfs/%.255s/devices/%s", uuid, membership->block);
	there = sysfs_exists(membership->survey->root, path);
	if (!answer_is_yes(there))
		return there.hidden_by;
	snprintf(membership->set, membership->size, "btrfs %s", uuid);
	return 1;
}

struct bcachefs {
	const struct membership *membership;
	const char *uuid;
};

/* Each of its disks has a folder dev-N, with a link to the block. */
static int look_at_bcachefs_disk(void *context, int folder, const char *name)
{
	const struct bcachefs *bcachefs = context;
	const struct membership *membership = bcachefs->membership;
	char link[300], block[BLOCK_NAME];
	int err;

	if (strncmp(name, "dev-", 4) != 0)
		return 0;
	snprintf(link, sizeof(link), "%.255s/block", name);
	err = sysfs_link_name(folder, link, block, sizeof(block));
	if (err || strcmp(block, membership->block) != 0)
		return sysfs_unless_absent(err);
	snprintf(membership->set, membership->size, "bcachefs %s", bcachefs->uuid);
	return 1;
}

static int look_at_bcachefs(void *context, int folder, const char *uuid)
{
	struct bcachefs bcachefs = {.membership = context, .uuid = uuid};
	char path[300];

	snprintf(path, sizeof(path), "sys/fs/bcachefs/%.255s", uuid);
	return sysfs_for_each_entry_if_any(bcachefs.membership->survey->root, path,
					   look_at_bcachefs_disk, &bcachefs);
}

int find_set(const struct survey *survey, const char *block, char *set, size_t size)
{
	struct membership membership = {.survey = survey, .block = block, .set = set, .size = size};
	int err;

	*set = '\0';
	err = sysfs_for_each_entry_if_any(survey->root, "sys/fs/btrfs", look_at_btrfs, &membership);
	if (!err)
		err = sysfs_for_each_entry_if_any(survey->root, "sys/fs/bcachefs", look_at_bcachefs,
						  &membership);
	return err < 0 ? err : 0;
}

/* ---- places ---- */

static void hide(struct places *places, int err)
{
	if (!places->hidden)
		places->hidden = err;
}

/* Adds a place, which takes its strings over also where it fails. */
static int add_place(struct places *places, const struct place *place)
{
	struct place *more = array_with_room(places->all, places->count, sizeof(*more));

	if (!more) {
		free(place->block);
		free(place->set);
		return -ENOMEM;
	}
	places->all = more;
	places->all[places->count++] = *place;
	return 0;
}

static int copy_unless_empty(const char *text, char **out)
{
	*out = *text ? strdup(text) : NULL;
	return *text && !*out ? -ENOMEM : 0;
}

/* Stores by which block a file system is known that may be on several. */
static int identify(const struct survey *survey, const struct mount *mount, struct place *place)
{
	char block[BLOCK_NAME] = "", set[SET_NAME] = "";
	int err = major(mount->number) ? block_of_number(survey, mount->number, block)
				       : block_of_path(survey, mount->source, block);

	if (!err && *block)
		err = find_set(survey, block, set, sizeof(set));
	if (err)
		return err;
	err = copy_unless_empty(block, &place->block);
	return err ? err : copy_unless_empty(set, &place->set);
}

/* Many mounts follow each other that are of one file system. */
static const struct place *alike(const struct places *places, const struct mount *mount)
{
	const struct place *last = places->count ? &places->all[places->count - 1] : NULL;

	return last && last->mount && last->mount->number == mount->number &&
			       strcmp(last->mount->source, mount->source) == 0
		       ? last
		       : NULL;
}

/* What is on several blocks, and its source not one of them, is a place of none. */
static int add_mount(struct storage *storage, const struct mount *mount)
{
	bool several = strcmp(mount->type, "btrfs") == 0 || strcmp(mount->type, "bcachefs") == 0;
	struct place place = {.mount = mount, .number = mount->number};
	const struct place *last;
	int err = 0;

	if (!mount_may_be_on_a_device(mount))
		return 0;
	last = several ? alike(&storage->places, mount) : NULL;
	if (last) {
		err = copy_unless_empty(last->block ? last->block : "", &place.block);
		if (!err)
			err = copy_unless_empty(last->set ? last->set : "", &place.set);
	} else if (several) {
		err = identify(storage->survey, mount, &place);
	}
	if (err && err != -ENOMEM)
		hide(&storage->places, err);
	if (err == -ENOMEM) {
		free(place.block);
		free(place.set);
		return err;
	}
	return add_place(&storage->places, &place);
}

/* "/dev/dm-1  partition  999420  0  -2", below a line of titles. A file is on what is mounted. */
static int look_at_swap(void *context, char *line)
{
	struct storage *storage = context;
	struct place place = {0};
	char *rest = line + strcspn(line, " \t"), block[BLOCK_NAME];
	int err;

	if (*line != '/')
		return 0;
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");
	if (strncmp(rest, "file", strlen("file")) == 0)
		return 0;
	proc_decode(line);
	err = block_of_path(storage->survey, line, block);
	if (!err && !*block)
		err = -ENOENT;
	if (err) {
		hide(&storage->places, err);
		return err == -ENOMEM ? err : 0;
	}
	err = copy_unless_empty(block, &place.block);
	return err ? err : add_place(&storage->places, &place);
}

static void forget_places(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		free(places->all[i].block);
		free(places->all[i].set);
	}
	free(places->all);
	*places = (struct places) {0};
}

static int fill_places(struct storage *storage)
{
	const struct mounts *mounts;
	int err = survey_mounts(storage->survey, &mounts);

	for (size_t i = 0; !err && i < mounts->count; i++)
		err = add_mount(storage, &mounts->all[i]);
	if (err)
		return err;
	err = proc_for_each_line(storage->survey->root, "proc/swaps", look_at_swap, storage);
	if (err == -ENOMEM)
		return err;
	hide(&storage->places, err);
	hide(&storage->places, mounts->hidden);
	return find_root_place(storage);
}

int read_places(struct storage *storage)
{
	int err = storage->places.read ? 0 : fill_places(storage);

	if (err)
		forget_places(&storage->places);
	else
		storage->places.read = true;
	return err;
}

void storage_release(struct storage *storage)
{
	forget_places(&storage->places);
	for (size_t i = 0; i < storage->ties.count; i++)
		free(storage->ties.all[i].words);
	free(storage->ties.all);
	if (storage->config >= 0)
		close(storage->config);
	own_nodes_release(&storage->nodes);
}
