/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "mounts.h"
#include "array.h"
#include "number.h"
#include "sysfs.h"
#include "tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- one row ---- */

void proc_decode(char *text)
{
	char *out = text;

	for (char *at = text; *at; at++) {
		if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
		    at[3] >= '0' && at[3] <= '7') {
			*out++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 3;
		} else {
			*out++ = *at;
		}
	}
	*out = '\0';
}

/* Cuts the next field off and decodes it; NULL: there is none. Fields may be empty. */
static char *next_field(char **rest)
{
	char *field = strsep(rest, " ");

	if (field)
		proc_decode(field);
	return field;
}

static bool read_number(const char *text, dev_t *out)
{
	unsigned int high, low;
	char end;

	if (sscanf(text, "%u:%u%c", &high, &low, &end) != 2)
		return false;
	*out = makedev(high, low);
	return true;
}

/* What follows `name` in a list of options; NULL: none of them begins so. */
static const char *find_option(const char *options, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = options; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, length) == 0)
			return at + length;
	}
	return NULL;
}

static bool has_option(const char *options, const char *option)
{
	const char *rest = find_option(options, option);

	return rest && (!*rest || *rest == ',');
}

/* "36 35 98:0 /sub /mnt rw,noatime master:1 - ext4 /dev/sda1 rw": of the fields before the dash
 * the last ones may be missing. */
static bool read_row(char *row, struct mount *out)
{
	char *rest = row, *fields[6], *field;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		fields[i] = next_field(&rest);
		if (!fields[i])
			return false;
	}
	do
		field = next_field(&rest);
	while (field && strcmp(field, "-") != 0);
	out->id = number_after(fields[0], "");
	out->root = fields[3];
	out->where = fields[4];
	out->nodev = has_option(fields[5], "nodev");
	out->type = next_field(&rest);
	out->source = next_field(&rest);
	out->options = strsep(&rest, " ");
	return out->id >= 0 && read_number(fields[2], &out->number) && out->source && out->options;
}

/* Any user may make a hundred thousand mounts in a namespace of his own. */
static int keep_only_type(struct mount *mount)
{
	char *type = strdup(mount->type);

	if (!type)
		return -ENOMEM;
	free(mount->row);
	mount->row = type;
	mount->type = type;
	mount->root = mount->where = mount->source = mount->options = type + strlen(type);
	return 0;
}

/* ---- one view ---- */

void mounts_hide(struct mounts *mounts, bool home, int err)
{
	if (!mounts->hidden)
		mounts->hidden = err;
	if (home && !mounts->home_hidden)
		mounts->home_hidden = err;
}

static int add_mount(struct mounts *mounts, const struct mount *mount)
{
	struct mount *more = array_with_room(mounts->all, mounts->count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	mounts->all = more;
	mounts->all[mounts->count++] = *mount;
	return 0;
}

/* Adds a row to the view that was added last. */
static int look_at_row(void *context, char *line)
{
	struct mounts *mounts = context;
	const struct mount_view *view = &mounts->views[mounts->view_count - 1];
	struct mount mount = {.view = mounts->view_count - 1, .row = strdup(line)};
	int err = -ENOMEM;

	if (!mount.row)
		return err;
	if (!read_row(mount.row, &mount)) {
		mounts_hide(mounts, view->home, *line ? -EBADMSG : 0);
		free(mount.row);
		return 0;
	}
	if (view->home || mount_may_be_on_a_device(&mount) || keep_only_type(&mount) == 0)
		err = add_mount(mounts, &mount);
	if (err)
		free(mount.row);
	return err;
}

int mounts_add_view(struct mounts *mounts, int task, const struct mount_view *view)
{
	struct mount_view *more = array_with_room(mounts->views, mounts->view_count, sizeof(*more));
	int err;

	if (!more) {
		free(view->root);
		return -ENOMEM;
	}
	mounts->views = more;
	mounts->views[mounts->view_count++] = *view;
	err = sysfs_for_each_line(task, "mountinfo", look_at_row, mounts);
	if (err == -ENOMEM)
		return err;
	if (!task_has_gone(err))
		mounts_hide(mounts, view->home, err);
	return 0;
}

/* ---- all of them ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct mount *first = *(const struct mount *const *)a,
			   *second = *(const struct mount *const *)b;

	return (first->id > second->id) - (first->id < second->id);
}

int mounts_sort(struct mounts *mounts)
{
	mounts->by_id = reallocarray(NULL, mounts->count + 1, sizeof(*mounts->by_id));
	if (!mounts->by_id)
		return -ENOMEM;
	for (size_t i = 0; i < mounts->count; i++)
		mounts->by_id[i] = &mounts->all[i];
	qsort(mounts->by_id, mounts->count, sizeof(*mounts->by_id), compare_ids);
	return 0;
}

void mounts_release(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		free(mounts->all[i].row);
	for (size_t i = 0; i < mounts->view_count; i++)
		free(mounts->views[i].root);
	free(mounts->all);
	free(mounts->views);
	free(mounts->by_id);
	free(mounts->networks);
	*mounts = (struct mounts) {0};
}

/* ---- looking up ---- */

const struct mount *mount_by_id(const struct mounts *mounts, int id)
{
	const struct mount key = {.id = id}, *wanted = &key, **found;

	found = bsearch(&wanted, mounts->by_id, mounts->count, sizeof(*found), compare_ids);
	return found ? *found : NULL;
}

/* Whether `path` is `folder` or lies in it. */
static bool lies_in(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return *path == '/';
	return length && strncmp(path, folder, length) == 0 &&
	       (path[length] == '/' || !path[length]);
}

/* Of two on one folder the later one hides the other. */
const struct mount *mount_of_path(const struct mounts *mounts, size_t view, const char *path,
				  const struct mount *but)
{
	const struct mount *found = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->all[i];

		if (mount->view == view && mount != but && lies_in(path, mount->where) &&
		    (!found || strlen(mount->where) >= strlen(found->where)))
			found = mount;
	}
	return found;
}

bool mount_has_option(const struct mount *mount, const char *option)
{
	return has_option(mount->options, option);
}

bool mount_may_be_on_a_device(const struct mount *mount)
{
	static const char *const types[] = {"btrfs", "9p", "virtiofs"};

	if (major(mount->number) != 0)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(mount->type, types[i]) == 0)
			return true;
	}
	return false;
}

bool mount_is_local(const struct mount *mount)
{
	static const char *const types[] = {
		"bcachefs", "btrfs",    "cgroup",   "cgroup2",   "configfs", "cramfs",
		"devpts",   "devtmpfs", "efivarfs", "erofs",     "exfat",    "ext2",
		"ext3",     "ext4",     "f2fs",     "hugetlbfs", "iso9660",  "jffs2",
		"jfs",      "minix",    "mqueue",   "msdos",     "nilfs2",   "ntfs3",
		"proc",     "ramfs",    "romfs",    "rootfs",    "squashfs", "sysfs",
		"tmpfs",    "ubifs",    "udf",      "vfat",      "xfs",      "zfs",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(mount->type, types[i]) == 0)
			return true;
	}
	return false;
}

bool mount_tells_kinds(const struct mount *mount)
{
	static const char *const types[] = {"autofs",  "binfmt_misc", "bpf",        "debugfs",
					    "fuse",    "fuseblk",     "fusectl",    "nsfs",
					    "pstore",  "rpc_pipefs",  "securityfs", "selinuxfs",
					    "smackfs", "tracefs",     "virtiofs"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(mount->type, types[i]) == 0)
			return true;
	}
	return mount_is_local(mount) || strncmp(mount->type, "fuse.", strlen("fuse.")) == 0 ||
	       strncmp(mount->type, "fuseblk.", strlen("fuseblk.")) == 0;
}
