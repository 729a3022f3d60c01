/* SPDX-License-Identifier: MIT */
/*
 * Disks: in use while something on them is mounted, swapped to, or part of something larger.
 *
 * A *block* is a disk or a partition of a device. What stands on it is found by going up: its
 * holders (device-mapper, md, bcache ...), loops over it, and so on; wherever a mount or a swap is
 * met, it is told of with the way that leads there. What is held but neither mounted nor swapped to
 * is in use as well. Of several mounts of one block the first is named.
 *
 * With several paths to one NVMe disk each path's own block is hidden, and what is used is a disk
 * of no device: nvme0c1n2 stands for nvme0n2 and its partitions.
 */
#define _GNU_SOURCE
#include "array.h"
#include "sysfs.h"
#include "uses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEEPEST = 8, WAY_SIZE = 384, REASON_SIZE = 640, NUMBER_SIZE = 32 };

/* One mount or swap: where, and of which block by number ("259:1") or by name. */
struct place {
	char number[NUMBER_SIZE];
	char *source; /* as the mount names it: "/dev/nvme0n1p2" */
	char *where;  /* NULL: swap */
};

struct places {
	struct place *all;
	size_t count;
	bool read;
};

struct disks {
	const struct search *search;
	struct places places;
};

/* A block on which something may stand, and the way down from there. */
struct stack {
	struct disks *disks;
	const char *name;
	char way[WAY_SIZE]; /* " through dm-0 (vg-root)"; empty at the bottom */
	unsigned int depth;
	size_t mounts;           /* of the whole stack */
	char first[REASON_SIZE]; /* what was found first */
	char top[WAY_SIZE];      /* the last holder on the way, used or not */
};

/* ---- mounts and swaps ---- */

static int add_place(struct places *places, const char *number, const char *source,
		     const char *where)
{
	struct place *more = array_with_room(places->all, places->count, sizeof(*more));
	struct place place = {.source = source ? strdup(source) : NULL};

	if (!more)
		goto free_source;
	places->all = more;
	snprintf(place.number, sizeof(place.number), "%s", number);
	if (source && !place.source)
		return -ENOMEM;
	place.where = where ? strdup(where) : NULL;
	if (where && !place.where)
		goto free_source;
	places->all[places->count++] = place;
	return 0;

free_source:
	free(place.source);
	return -ENOMEM;
}

/* The kernel writes blanks and backslashes in names as "\040". */
static void decode(char *text)
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

/* "36 35 98:0 /sub /mnt rw,noatime master:1 - ext4 /dev/sda1 rw": number, place, and after the
 * dash type and source. */
static int look_at_mount(void *context, char *line)
{
	char *fields[5], *dash = strstr(line, " - "), *source, *rest = line;

	for (size_t i = 0; i < 5; i++) {
		fields[i] = strsep(&rest, " ");
		if (!rest)
			return 0;
	}
	if (!dash)
		return 0;
	source = strchr(dash + 3, ' ');
	if (!source)
		return 0;
	source++;
	source[strcspn(source, " ")] = '\0';
	decode(source);
	decode(fields[4]);
	return add_place(context, fields[2], source, fields[4]);
}

/* "/dev/dm-1  partition  999420  0  -2", below a line of titles. */
static int look_at_swap(void *context, char *line)
{
	line[strcspn(line, " \t")] = '\0';
	decode(line);
	return strncmp(line, "/dev/", 5) == 0 ? add_place(context, "", line, NULL) : 0;
}

static int read_places(struct disks *disks)
{
	int err;

	if (disks->places.read)
		return 0;
	disks->places.read = true;
	err = sysfs_for_each_line_if_any(disks->search->root, "proc/self/mountinfo", look_at_mount,
					 &disks->places);
	return err ? err
		   : sysfs_for_each_line_if_any(disks->search->root, "proc/swaps", look_at_swap,
						&disks->places);
}

static void forget_places(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		free(places->all[i].source);
		free(places->all[i].where);
	}
	free(places->all);
}

/* ---- what stands on a block ---- */

static void read_block(const struct search *search, const char *name, const char *attribute,
		       char *out, size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), "sys/class/block/%s/%s", name, attribute);
	if (sysfs_read_path(search->root, path, out, size) < 0)
		*out = '\0';
}

/* "dm-0 (vg-root)" for what device-mapper has a name of. */
static void describe_block(const struct search *search, const char *name, char *out, size_t size)
{
	char mapped[128];

	read_block(search, name, "dm/name", mapped, sizeof(mapped));
	if (*mapped)
		snprintf(out, size, "%s (%s)", name, mapped);
	else
		snprintf(out, size, "%s", name);
}

/* Mapped blocks are mounted by the name that device-mapper gives them. */
static bool is_source(const struct search *search, const char *name, const char *source)
{
	static const char mapper[] = "/dev/mapper/", plain[] = "/dev/";
	char mapped[128];

	if (!source || strncmp(source, plain, strlen(plain)) != 0)
		return false;
	if (strcmp(source + strlen(plain), name) == 0)
		return true;
	if (strncmp(source, mapper, strlen(mapper)) != 0)
		return false;
	read_block(search, name, "dm/name", mapped, sizeof(mapped));
	return *mapped && strcmp(source + strlen(mapper), mapped) == 0;
}

static void note(struct stack *stack, const struct place *place)
{
	if (stack->mounts++ > 0)
		return;
	if (place->where)
		snprintf(stack->first, sizeof(stack->first), "mounted on %.200s%s", place->where,
			 stack->way);
	else
		snprintf(stack->first, sizeof(stack->first), "swap%s", stack->way);
}

static void note_places(struct stack *stack, const char *name)
{
	const struct places *places = &stack->disks->places;
	char number[NUMBER_SIZE];

	read_block(stack->disks->search, name, "dev", number, sizeof(number));
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->all[i];

		if ((*number && strcmp(place->number, number) == 0) ||
		    is_source(stack->disks->search, name, place->source))
			note(stack, place);
	}
}

static int climb(struct stack *stack, const char *name);

/* Goes up to what stands on the block, and comes back with the way as it was. */
static int climb_to(void *context, int folder, const char *name)
{
	struct stack *stack = context;
	size_t length = strlen(stack->way);
	char description[192];
	int err;

	if (stack->depth == DEEPEST)
		return 0;
	describe_block(stack->disks->search, name, description, sizeof(description));
	snprintf(stack->way + length, sizeof(stack->way) - length, "%s%s",
		 length ? ", " : " through ", description);
	snprintf(stack->top, sizeof(stack->top), "%s", description);
	stack->depth++;
	err = climb(stack, name);
	stack->depth--;
	stack->way[length] = '\0';
	return err;
}

struct loops {
	struct stack *stack;
	const char *below;
};

static int look_at_loop(void *context, int folder, const char *name)
{
	const struct loops *loops = context;
	char path[512], file[512];
	int length;

	if (strncmp(name, "loop", 4) != 0)
		return 0;
	snprintf(path, sizeof(path), "sys/class/block/%s/loop/backing_file", name);
	length = sysfs_read_path(loops->stack->disks->search->root, path, file, sizeof(file));
	if (length < 0)
		return sysfs_unless_absent(length);
	return is_source(loops->stack->disks->search, loops->below, file)
		       ? climb_to(loops->stack, folder, name)
		       : 0;
}

static int climb(struct stack *stack, const char *name)
{
	struct loops loops = {.stack = stack, .below = name};
	char path[512];
	int err;

	note_places(stack, name);
	snprintf(path, sizeof(path), "sys/class/block/%s/holders", name);
	err = sysfs_for_each_entry_if_any(stack->disks->search->root, path, climb_to, stack);
	return err ? err
		   : sysfs_for_each_entry_if_any(stack->disks->search->root, "sys/class/block",
						 look_at_loop, &loops);
}

/* btrfs mounts under a number of its own, and names one of its disks only. */
static int look_at_btrfs(void *context, int folder, const char *name)
{
	const struct stack *stack = context;
	struct answer there;
	char path[512];

	snprintf(path, sizeof(path), "sys/fs/btrfs/%.64s/devices/%.128s", name, stack->name);
	there = sysfs_exists(stack->disks->search->root, path);
	return there.hidden_by ? there.hidden_by : answer_is_yes(there);
}

/* Tells whether something that shows nowhere has the block for itself, such as a file system that
 * is mounted elsewhere: only the kernel's answer to an exclusive open does. */
static int probe(const struct search *search, struct device_facts *device, const char *name)
{
	char path[300];
	int fd;

	if (!search->live)
		return 0;
	snprintf(path, sizeof(path), "dev/%.256s", name);
	fd = sysfs_open(search->root, path, O_RDONLY | O_EXCL | O_NONBLOCK);
	if (fd == -EBUSY)
		return add_use(device, "storage", name,
			       "taken by something that the kernel does not show");
	if (fd < 0)
		return note_unknown(search, device, name, fd);
	close(fd);
	return 0;
}

/* ---- blocks of devices ---- */

static int has_partition(void *context, int folder, const char *name)
{
	const char *disk = context;

	return strncmp(name, disk, strlen(disk)) == 0;
}

/* A disk is taken with each of its partitions; those are asked themselves. */
static bool is_whole(const struct search *search, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	return sysfs_for_each_entry(search->root, path, has_partition, (void *)(uintptr_t)name) ==
	       0;
}

static int add_block_uses(struct disks *disks, struct device_facts *device, const char *name)
{
	struct stack stack = {.disks = disks, .name = name};
	int err = read_places(disks);

	if (!err)
		err = climb(&stack, name);
	if (err)
		return err;
	if (stack.mounts > 1)
		return add_use(device, "storage", name, "%s, and %zu more", stack.first,
			       stack.mounts - 1);
	if (stack.mounts == 1)
		return add_use(device, "storage", name, "%s", stack.first);
	if (*stack.top)
		return add_use(device, "storage", name, "part of %s", stack.top);
	err = sysfs_for_each_entry_if_any(disks->search->root, "sys/fs/btrfs", look_at_btrfs,
					  &stack);
	if (err < 0)
		return note_unknown(disks->search, device, name, err);
	if (err > 0)
		return add_use(device, "storage", name, "part of a btrfs");
	return is_whole(disks->search, name) ? probe(disks->search, device, name) : 0;
}

struct hidden {
	struct disks *disks;
	struct device_facts *device;
	char head[64];
};

/* The head itself, nvme0n2, or a partition of it, nvme0n2p1. */
static int look_at_head(void *context, int folder, const char *name)
{
	const struct hidden *hidden = context;
	size_t length = strlen(hidden->head);

	if (strncmp(name, hidden->head, length) != 0 ||
	    (name[length] != '\0' && name[length] != 'p'))
		return 0;
	return add_block_uses(hidden->disks, hidden->device, name);
}

static int look_at_block(void *context, int folder, const char *name)
{
	struct disks *disks = context;
	unsigned int subsystem, controller, number;
	struct hidden hidden = {.disks = disks};
	char path[512];

	int err;

	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	err = device_behind(disks->search, path, &hidden.device);
	if (err || !hidden.device)
		return note_unknown(disks->search, NULL, name, sysfs_unless_absent(err));
	if (sscanf(name, "nvme%uc%un%u", &subsystem, &controller, &number) != 3)
		return add_block_uses(disks, hidden.device, name);
	snprintf(hidden.head, sizeof(hidden.head), "nvme%un%u", subsystem, number);
	return sysfs_for_each_entry_if_any(disks->search->root, "sys/class/block", look_at_head,
					   &hidden);
}

int find_storage_uses(const struct search *search)
{
	struct disks disks = {.search = search};
	int err =
		sysfs_for_each_entry_if_any(search->root, "sys/class/block", look_at_block, &disks);

	forget_places(&disks.places);
	return err;
}
