/* SPDX-License-Identifier: MIT */
/*
 * What one process has open and mapped.
 *
 * Nobody's words count: a node is known by the number that its inode has, a file of sysfs by the
 * file system that it is on (file_kinds.h).
 */
#define _GNU_SOURCE
#include "tables.h"
#include "array.h"
#include "file_kinds.h"
#include "folder.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { ANY_WRITE = 0222 };

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
	int err = find_file_kind(walk, descriptor);

	if (err)
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
	const struct dirent64 *entry;
	struct folder folder;
	int err, result = 0;

	if (fd < 0) {
		pass_over(walk, -errno);
		return 0;
	}
	descriptor->mapped = false;
	descriptor->table = path;
	descriptor->folder = fd;
	folder_begin(&folder, fd);
	do {
		err = folder_next(&folder, &entry);
		descriptor->link = !err && entry ? entry->d_name : NULL;
		if (descriptor->link)
			result = walk->running ? show_link(walk, descriptor)
					       : show_recorded(walk, descriptor);
	} while (descriptor->link && !result);
	pass_over(walk, err);
	close(fd);
	return result;
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
