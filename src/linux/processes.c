/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "processes.h"
#include "sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
	const char *prefix;
	const char *mapped;  /* NULL: mapped files are not asked for */
	bool programs_known; /* that a process has no program means something */
	int (*visit)(void *context, const struct descriptor *descriptor);
	void *context;
	int *hidden;
};

/* Whether an errno says that a process or its descriptor has gone. */
static bool has_gone(int err)
{
	return err == -ESRCH || sysfs_is_absent(err);
}

/* Notes why something could not be inspected. */
static int pass_over(const struct walk *walk, int err)
{
	if (!has_gone(err) && !*walk->hidden)
		*walk->hidden = err;
	return 0;
}

int number_after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;
	long number;

	if (strncmp(text, prefix, length) != 0 || !isdigit((unsigned char)text[length]))
		return -1;
	number = strtol(text + length, &end, 10);
	return *end || number > INT32_MAX ? -1 : (int)number;
}

void process_name(const struct descriptor *descriptor, char *out, size_t size)
{
	if (sysfs_read(descriptor->process, "comm", out, size) <= 0)
		snprintf(out, size, "?");
}

static int visit_descriptor(const struct walk *walk, struct descriptor *descriptor)
{
	char target[512];
	ssize_t length =
		readlinkat(descriptor->descriptors, descriptor->name, target, sizeof(target) - 1);

	if (length < 0)
		return pass_over(walk, -errno);
	target[length] = '\0';
	if (strncmp(target, walk->prefix, strlen(walk->prefix)) != 0)
		return 0;
	descriptor->target = target;
	return walk->visit(walk->context, descriptor);
}

static int show_descriptors(const struct walk *walk, struct descriptor *descriptor)
{
	struct dirent *entry;
	int fd = openat(descriptor->process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
	    err = 0;
	DIR *descriptors;

	if (fd < 0)
		return pass_over(walk, -errno);
	descriptors = fdopendir(fd);
	if (!descriptors) {
		close(fd);
		return -ENOMEM;
	}
	descriptor->descriptors = fd;
	while (!err && (errno = 0, entry = readdir(descriptors))) {
		descriptor->name = entry->d_name;
		if (entry->d_name[0] != '.')
			err = visit_descriptor(walk, descriptor);
	}
	if (!err && errno)
		pass_over(walk, -errno);
	closedir(descriptors);
	return err;
}

struct mappings {
	const struct walk *walk;
	struct descriptor *descriptor;
};

/* "7f0a-7f0b rw-s 00000000 00:16 9 /sys/devices/...": only a path has slashes, and it comes last.
 */
static int visit_mapping(void *context, char *line)
{
	const struct mappings *mappings = context;
	const char *target = strchr(line, '/');

	if (!target || strncmp(target, mappings->walk->mapped, strlen(mappings->walk->mapped)) != 0)
		return 0;
	mappings->descriptor->target = target;
	return mappings->walk->visit(mappings->walk->context, mappings->descriptor);
}

static int show_mappings(const struct walk *walk, struct descriptor *descriptor)
{
	struct mappings mappings = {.walk = walk, .descriptor = descriptor};

	int err = sysfs_for_each_line(descriptor->process, "maps", visit_mapping, &mappings);

	return err < 0 && err != -ENOMEM ? pass_over(walk, err) : err;
}

/* Threads of the kernel have nothing open and no program, which a look at one link tells. */
static bool is_of_kernel(int processes, const char *name)
{
	char path[32], target[1];

	snprintf(path, sizeof(path), "%.20s/exe", name);
	return readlinkat(processes, path, target, sizeof(target)) < 0 && errno == ENOENT;
}

static int visit_process(void *context, int processes, const char *name)
{
	const struct walk *walk = context;
	struct descriptor descriptor = {.descriptors = -1, .pid = number_after(name, "")};
	int err;

	if (descriptor.pid <= 0 || (walk->programs_known && is_of_kernel(processes, name)))
		return 0;
	descriptor.process = openat(processes, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (descriptor.process < 0)
		return pass_over(walk, -errno);
	err = walk->mapped ? show_mappings(walk, &descriptor) : 0;
	if (!err)
		err = show_descriptors(walk, &descriptor);
	close(descriptor.process);
	return err;
}

/* Whether the links to programs are there: a recorded /proc may go without. Where that can't be
 * told, no process is taken for the kernel's. */
static bool tells_programs(int root)
{
	char target[1];
	int processes = sysfs_open(root, "proc", O_PATH | O_DIRECTORY);
	bool tells =
		processes >= 0 && readlinkat(processes, "self/exe", target, sizeof(target)) >= 0;

	if (processes >= 0)
		close(processes);
	return tells;
}

int for_each_descriptor(int root, const char *prefix, const char *mapped,
			int (*visit)(void *context, const struct descriptor *descriptor),
			void *context, int *hidden)
{
	struct walk walk = {.prefix = prefix,
			    .mapped = mapped,
			    .programs_known = tells_programs(root),
			    .visit = visit,
			    .context = context,
			    .hidden = hidden};

	*hidden = 0;
	return sysfs_for_each_entry(root, "proc", visit_process, &walk);
}
