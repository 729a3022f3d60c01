/* SPDX-License-Identifier: MIT */
/*
 * What the machine stands on: the file systems on "/" and "/usr" of the first process and of
 * ourselves, and what those are made of. What is in memory or comes over a network is on no disk.
 */
#define _GNU_SOURCE
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

enum { DEEPEST = 8 };

struct standing {
	struct storage *storage;
	bool *seen; /* each mount, once */
	bool lost;  /* a layer of an overlay is mounted nowhere any more */
	unsigned int depth;
};

static int stand_on(struct standing *standing, const struct mount *mount);

static void lose(struct standing *standing, enum root_place place)
{
	if (standing->storage->root < place)
		standing->storage->root = place;
}

/* Marks the place of a mount; false: it is a place of no block. */
static bool mark(struct standing *standing, const struct mount *mount)
{
	struct places *places = &standing->storage->places;

	for (size_t i = 0; i < places->count; i++) {
		struct place *place = &places->all[i];

		if (place->mount != mount)
			continue;
		place->vital = true;
		return major(place->number) || place->block;
	}
	return false;
}

/* A path that is a file or a folder of what is mounted, in whichever of the home views. */
static int stand_on_path(struct standing *standing, const char *path, const struct mount *but,
			 bool *nowhere)
{
	const struct mounts *mounts = standing->storage->survey->mounts;
	bool found = false;
	int err = 0;

	for (size_t view = 0; view < mounts->view_count && !err; view++) {
		const struct mount *mount =
			mounts->views[view].home ? mount_of_path(mounts, view, path, but) : NULL;

		if (!mount || (but && mount->number == but->number))
			continue;
		found = true;
		err = stand_on(standing, mount);
	}
	*nowhere = !found;
	return err;
}

/* ---- overlays ---- */

static int stand_on_layer(struct standing *standing, const char *path, const struct mount *overlay)
{
	bool nowhere;
	int err = stand_on_path(standing, path, overlay, &nowhere);

	standing->lost |= nowhere;
	return err;
}

/* Layers stand between colons; a colon of a name has a backslash before it. */
static int stand_on_layers(struct standing *standing, char *layers, const struct mount *mount)
{
	char *path = layers, *out = layers;
	int err = 0;

	for (char *at = layers; !err; at++) {
		if (*at && *at != ':') {
			if (*at == '\\' && at[1])
				at++;
			*out++ = *at;
			continue;
		}
		bool last = !*at;

		*out = '\0';
		if (*path)
			err = stand_on_layer(standing, path, mount);
		if (last)
			break;
		path = out = at + 1;
	}
	return err;
}

static int stand_on_overlay(struct standing *standing, const struct mount *mount)
{
	static const char *const names[] = {"lowerdir", "lowerdir+", "datadir+", "upperdir"};
	char *options = strdup(mount->options), *rest = options, *option;
	int err = options ? 0 : -ENOMEM;

	while (!err && (option = strsep(&rest, ","))) {
		char *value = strchr(option, '=');

		if (!value)
			continue;
		*value++ = '\0';
		proc_decode(value);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !err; i++) {
			if (strcmp(option, names[i]) == 0)
				err = stand_on_layers(standing, value, mount);
		}
	}
	free(options);
	return err;
}

/* ---- blocks that are files ---- */

static int stand_on_block(struct standing *standing, const char *block);

static int look_at_slave(void *context, int folder, const char *name)
{
	return stand_on_block(context, name);
}

/* A loop stands on its file; what stands on blocks is found from those. */
static int stand_on_block(struct standing *standing, const char *block)
{
	const struct survey *survey = standing->storage->survey;
	char file[512], path[128], below[BLOCK_NAME];
	bool nowhere = false;
	int err;

	if (standing->depth == DEEPEST || strlen(block) >= BLOCK_NAME) {
		lose(standing, ROOT_SOMEWHERE);
		return 0;
	}
	standing->depth++;
	err = block_attribute(survey, block, "loop/backing_file", file, sizeof(file));
	if (!err && *file && block_of_path(survey, file, below) == 0 && !*below)
		err = stand_on_path(standing, file, NULL, &nowhere);
	if (nowhere)
		lose(standing, ROOT_SOMEWHERE);
	snprintf(path, sizeof(path), "sys/class/block/%s/slaves", block);
	if (!err)
		err = sysfs_for_each_entry_if_any(survey->root, path, look_at_slave, standing);
	standing->depth--;
	return err;
}

/* ---- what is mounted ---- */

static bool is_one_of(const char *type, const char *const *types)
{
	for (; *types; types++) {
		if (strcmp(type, *types) == 0)
			return true;
	}
	return false;
}

static int stand_on_marked(struct standing *standing, const struct mount *mount)
{
	char block[BLOCK_NAME];
	int err = block_of_number(standing->storage->survey, mount->number, block);

	return err || !*block ? err : stand_on_block(standing, block);
}

static int stand_on(struct standing *standing, const struct mount *mount)
{
	static const char *const no_disk[] = {"rootfs",   "ramfs", "tmpfs", "devtmpfs", "9p",
					      "virtiofs", "nfs",   "nfs4",  "cifs",     "smb3",
					      "ceph",     "afs",   NULL},
				 *const unseen[] = {"zfs", "btrfs", "bcachefs", NULL};
	bool *seen = &standing->seen[mount - standing->storage->survey->mounts->all];
	int err = 0;

	if (*seen)
		return 0;
	*seen = true;
	if (standing->depth == DEEPEST) {
		lose(standing, ROOT_SOMEWHERE);
		return 0;
	}
	standing->depth++;
	if (mark(standing, mount))
		err = major(mount->number) ? stand_on_marked(standing, mount) : 0;
	else if (strcmp(mount->type, "overlay") == 0)
		err = stand_on_overlay(standing, mount);
	else if (is_one_of(mount->type, unseen))
		lose(standing, ROOT_UNSEEN);
	else if (!is_one_of(mount->type, no_disk))
		lose(standing, ROOT_SOMEWHERE);
	standing->depth--;
	return err;
}

/* Looks at what is mounted on a folder of a view, if anything is. */
static int look_at_folder(struct standing *standing, size_t view, const char *folder, bool *found)
{
	const struct mount *mount =
		mount_of_path(standing->storage->survey->mounts, view, folder, NULL);

	if (!mount || strcmp(mount->where, folder) != 0)
		return 0;
	*found = true;
	return stand_on(standing, mount);
}

static int look_at_home(struct standing *standing)
{
	const struct survey *survey = standing->storage->survey;
	bool found = !survey->live;
	int err = 0;

	for (size_t view = 0; view < survey->mounts->view_count && !err; view++) {
		if (!survey->mounts->views[view].home)
			continue;
		err = look_at_folder(standing, view, "/", &found);
		if (!err)
			err = look_at_folder(standing, view, "/usr", &found);
	}
	if (!found)
		lose(standing, ROOT_SOMEWHERE);
	return err;
}

static int look_at_loop(void *context, int folder, const char *name)
{
	return strncmp(name, "loop", 4) == 0 ? stand_on_block(context, name) : 0;
}

/*
 * An overlay keeps its layers when nobody has them mounted any more: a live system does that to
 * what it booted from. A disk of them is still held, and nothing shows what for; most often they
 * are loops, whose files still have a path.
 */
static int look_for_layers(struct standing *standing)
{
	if (!standing->lost)
		return 0;
	lose(standing, ROOT_UNSEEN);
	return sysfs_for_each_entry_if_any(standing->storage->survey->root, "sys/class/block",
					   look_at_loop, standing);
}

/* A recorded system without a root was recorded for something else. */
int find_root_place(struct storage *storage)
{
	struct standing standing = {.storage = storage};
	int err;

	standing.seen = calloc(storage->survey->mounts->count + 1, sizeof(*standing.seen));
	if (!standing.seen)
		return -ENOMEM;
	err = look_at_home(&standing);
	if (!err)
		err = look_for_layers(&standing);
	free(standing.seen);
	if (!err || err == -ENOMEM)
		return err;
	storage->root = ROOT_SOMEWHERE;
	return 0;
}
