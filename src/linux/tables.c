/* SPDX-License-Identifier: MIT */
/*
 * What one process has open and mapped.
 *
 * Nobody's words count: a node is known by the number that its inode has, a file of sysfs by the
 * file system that it is on. One statx(2) for each descriptor tells both. It follows the link, so
 * it must not wait for whoever serves the file system: it asks for nothing and says that what is
 * known without asking will do (AT_STATX_DONT_SYNC), which FUSE answers without its server, and
 * with a mode of 0 where we are not among those whom the server serves.
 */
#define _GNU_SOURCE
#include "tables.h"
#include "array.h"
#include "mounts.h"
#include "sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { ASK_NOBODY = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, ANY_WRITE = 0222 };

/* Whether an errno says that a process or its descriptor has gone. */
static bool has_gone(int err)
{
	return err == -ESRCH || sysfs_is_absent(err);
}

void pass_over(const struct walk *walk, int err)
{
	if (!has_gone(err) && !*walk->hidden)
		*walk->hidden = err;
}

/* Numbers of memory, terminals of programs, and the like: no device is behind them. */
static bool is_virtual(unsigned int group)
{
	return group == 1 || group == 5 || (group >= 136 && group <= 143);
}

static int ask_kernel(struct descriptor *descriptor)
{
	struct statx status;

	if (statx(descriptor->folder, descriptor->link, ASK_NOBODY, 0, &status) != 0)
		return -errno;
	descriptor->mode = status.stx_mode;
	descriptor->volume = makedev(status.stx_dev_major, status.stx_dev_minor);
	descriptor->inode = status.stx_ino;
	descriptor->number = makedev(status.stx_rdev_major, status.stx_rdev_minor);
	return 0;
}

static int compare_volumes(const void *a, const void *b)
{
	const dev_t *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

int add_sysfs(struct walk *walk, dev_t volume)
{
	dev_t *more = array_with_room(walk->sysfs, walk->sysfs_count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	walk->sysfs = more;
	more[walk->sysfs_count++] = volume;
	return 0;
}

void sort_sysfs(struct walk *walk)
{
	qsort(walk->sysfs, walk->sysfs_count, sizeof(*walk->sysfs), compare_volumes);
}

static bool is_sysfs(const struct walk *walk, dev_t volume)
{
	return bsearch(&volume, walk->sysfs, walk->sysfs_count, sizeof(*walk->sysfs),
		       compare_volumes);
}

static bool is_of_interest(const struct walk *walk, const struct descriptor *descriptor)
{
	if (S_ISREG(descriptor->mode))
		return descriptor->mode & ANY_WRITE && is_sysfs(walk, descriptor->volume);
	if (S_ISCHR(descriptor->mode))
		return !is_virtual(major(descriptor->number));
	return S_ISBLK(descriptor->mode);
}

/* ---- where to ask may wait ---- */

static int look_at_information(void *context, char *line)
{
	int *id = context;

	return sscanf(line, "mnt_id: %d", id) == 1;
}

/* The mount that a descriptor's file is on, or any of a mapped file's file system, asking neither.
 * NULL: in no namespace of any process (it was detached). */
static int find_mount(const struct walk *walk, const struct descriptor *descriptor,
		      const struct mount **out)
{
	const struct mounts *mounts = walk->asked->mounts;
	char path[96];
	int id, found;

	*out = NULL;
	if (!descriptor->table) {
		for (size_t i = 0; i < mounts->count && !*out; i++)
			*out = mounts->all[i].number == descriptor->volume ? &mounts->all[i] : NULL;
		return 0;
	}
	snprintf(path, sizeof(path), "%sinfo/%s", descriptor->table, descriptor->link);
	found = sysfs_for_each_line(descriptor->process, path, look_at_information, &id);
	if (found > 0)
		*out = mount_by_id(mounts, id);
	return found > 0 ? 0 : found < 0 ? found : -EBADMSG;
}

/* Whether what a link leads to lies where to look at it may wait, which its name may rule out:
 * nobody but root mounts what waits, and none of it below /dev. */
static bool may_be_kept_waiting(const struct walk *walk, const struct descriptor *descriptor)
{
	char target[8];
	ssize_t length;

	if (!walk->waits)
		return false;
	length = readlinkat(descriptor->folder, descriptor->link, target, sizeof(target));
	return length < 0 || (*target == '/' && (length < 5 || memcmp(target, "/dev/", 5) != 0));
}

/*
 * Looks at a file on a mount where that may wait. On one without nodes it is none; on another the
 * kernel is asked all the same, to answer with what it knows.
 */
static int ask_carefully(const struct walk *walk, struct descriptor *descriptor)
{
	const struct mount *mount;
	int err = find_mount(walk, descriptor, &mount);

	if (err)
		return err;
	if (mount && !mount_tells_kinds(mount) && mount->nodev)
		return 0;
	return ask_kernel(descriptor);
}

/*
 * Whether a file of which the kernel could not say what it is can't be a node: of FUSE and network
 * file systems that fail, or of one that has been detached, what is open is a file. A local one
 * does not fail.
 */
static bool can_be_no_node(const struct walk *walk, const struct descriptor *descriptor, int err)
{
	const struct mount *mount;

	if (err != -EIO && err != -ESTALE && err != -ENOTCONN)
		return false;
	if (find_mount(walk, descriptor, &mount) != 0)
		return false;
	return !mount || mount->nodev || !mount_is_local(mount);
}

/* "flags:\t012000000", in octal */
static int look_at_flags(void *context, char *line)
{
	unsigned int *flags = context;

	return sscanf(line, "flags: %o", flags) == 1;
}

/* Whether a descriptor merely names its file (O_PATH): anybody may name any node, and uses none. */
static bool only_names(const struct descriptor *descriptor)
{
	unsigned int flags = 0;
	char path[96];

	if (!descriptor->table)
		return false;
	snprintf(path, sizeof(path), "%sinfo/%s", descriptor->table, descriptor->link);
	return sysfs_for_each_line(descriptor->process, path, look_at_flags, &flags) > 0 &&
	       flags & O_PATH;
}

/* Shows what the link of a descriptor or a mapping leads to, if it is of interest. */
static int show_link(const struct walk *walk, struct descriptor *descriptor)
{
	int err;

	descriptor->mode = 0;
	err = may_be_kept_waiting(walk, descriptor) ? ask_carefully(walk, descriptor)
						    : ask_kernel(descriptor);
	if (err && !can_be_no_node(walk, descriptor, err))
		pass_over(walk, err);
	if (err || !is_of_interest(walk, descriptor) || only_names(descriptor))
		return 0;
	return walk->asked->visit(walk->asked->context, descriptor);
}

/* ---- what is open ---- */

static int show_recorded(const struct walk *walk, struct descriptor *descriptor)
{
	char target[512];
	ssize_t length =
		readlinkat(descriptor->folder, descriptor->link, target, sizeof(target) - 1);
	int err;

	if (length < 0) {
		pass_over(walk, -errno);
		return 0;
	}
	target[length] = '\0';
	descriptor->target = target;
	err = *target == '/' ? walk->asked->visit(walk->asked->context, descriptor) : 0;
	descriptor->target = NULL;
	return err;
}

int show_table(const struct walk *walk, struct descriptor *descriptor, const char *path)
{
	int fd = openat(descriptor->process, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	const struct dirent *entry;
	DIR *folder;
	int err = 0;

	if (fd < 0) {
		pass_over(walk, -errno);
		return 0;
	}
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	descriptor->mapped = false;
	descriptor->table = path;
	descriptor->folder = fd;
	while (!err && (errno = 0, entry = readdir(folder))) {
		descriptor->link = entry->d_name;
		if (*entry->d_name != '.')
			err = walk->running ? show_link(walk, descriptor)
					    : show_recorded(walk, descriptor);
	}
	if (!err && errno)
		pass_over(walk, -errno);
	closedir(folder);
	return err;
}

/* ---- what is mapped ---- */

struct mappings {
	const struct walk *walk;
	struct descriptor *descriptor;
	bool any;
};

/* "7f0a0000-7f0b0000 rw-s 00001000 00:16 9   /sys/devices/...": a line of a file. */
struct mapping {
	unsigned long begin, end;
	bool shared;
	dev_t volume;
	ino_t inode;
	const char *target;
};

static bool parse_mapping(const char *line, struct mapping *out)
{
	char *at;
	unsigned int group, number;

	out->target = strchr(line, '/');
	if (!out->target)
		return false;
	out->begin = strtoul(line, &at, 16);
	if (*at != '-')
		return false;
	out->end = strtoul(at + 1, &at, 16);
	if (strlen(at) < 6 || *at != ' ' || at[5] != ' ')
		return false;
	out->shared = at[4] == 's';
	strtoul(at + 6, &at, 16);
	group = (unsigned int)strtoul(at, &at, 16);
	if (*at != ':')
		return false;
	number = (unsigned int)strtoul(at + 1, &at, 16);
	out->volume = makedev(group, number);
	out->inode = strtoul(at, &at, 10);
	return *at == ' ';
}

/* A node that is mapped; the line tells its inode, and only the link its number. */
static int show_mapped_node(const struct walk *walk, struct descriptor *descriptor,
			    const struct mapping *mapping)
{
	char link[64];
	int err;

	snprintf(link, sizeof(link), "map_files/%lx-%lx", mapping->begin, mapping->end);
	descriptor->folder = descriptor->process;
	descriptor->link = link;
	err = show_link(walk, descriptor);
	descriptor->link = NULL;
	return err;
}

/* Programs map hundreds of files; those of devices are shared, or on the file system at /dev. */
static int show_mapping(const struct walk *walk, struct descriptor *descriptor,
			const struct mapping *mapping)
{
	if (walk->running && descriptor->volume == mapping->volume &&
	    descriptor->inode == mapping->inode)
		return 0; /* a further piece */
	*descriptor = (struct descriptor) {.process = descriptor->process,
					   .pid = descriptor->pid,
					   .own = descriptor->own,
					   .mapped = true,
					   .volume = mapping->volume,
					   .inode = mapping->inode};
	if (!walk->running) {
		descriptor->target = mapping->target;
		return walk->asked->visit(walk->asked->context, descriptor);
	}
	if (is_sysfs(walk, mapping->volume))
		return walk->asked->visit(walk->asked->context, descriptor);
	if (mapping->shared || mapping->volume == walk->nodes)
		return show_mapped_node(walk, descriptor, mapping);
	return 0;
}

static int visit_mapping(void *context, char *line)
{
	struct mappings *mappings = context;
	struct mapping mapping;

	mappings->any = true;
	if (!parse_mapping(line, &mapping))
		return 0;
	return show_mapping(mappings->walk, mappings->descriptor, &mapping);
}

int show_mappings(const struct walk *walk, struct descriptor *descriptor, const char *path,
		  bool *any)
{
	struct mappings mappings = {.walk = walk, .descriptor = descriptor};
	int err;

	descriptor->volume = 0;
	descriptor->inode = 0;
	err = sysfs_for_each_line(descriptor->process, path, visit_mapping, &mappings);
	*any = mappings.any;
	if (err < 0 && err != -ENOMEM) {
		pass_over(walk, err);
		return 0;
	}
	return err;
}
