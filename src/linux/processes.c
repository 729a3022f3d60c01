/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "processes.h"
#include "sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
	const char *prefix;
	int (*visit)(void *context, const struct descriptor *descriptor);
	void *context;
};

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

	if (length <= 0)
		return 0;
	target[length] = '\0';
	if (strncmp(target, walk->prefix, strlen(walk->prefix)) != 0)
		return 0;
	descriptor->target = target;
	return walk->visit(walk->context, descriptor);
}

static int visit_process(const struct walk *walk, int process, long pid)
{
	struct descriptor descriptor = {.process = process, .pid = pid};
	struct dirent *entry;
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err = 0;
	DIR *descriptors;

	if (fd < 0)
		return 0;
	descriptors = fdopendir(fd);
	if (!descriptors) {
		close(fd);
		return -ENOMEM;
	}
	descriptor.descriptors = fd;
	while (!err && (entry = readdir(descriptors))) {
		descriptor.name = entry->d_name;
		if (entry->d_name[0] != '.')
			err = visit_descriptor(walk, &descriptor);
	}
	closedir(descriptors);
	return err;
}

static int visit_entry(void *context, int processes, const char *name)
{
	int pid = number_after(name, ""), process, err;

	if (pid <= 0)
		return 0;
	process = openat(processes, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (process < 0)
		return 0;
	err = visit_process(context, process, pid);
	close(process);
	return err;
}

int for_each_descriptor(int root, const char *prefix,
			int (*visit)(void *context, const struct descriptor *descriptor),
			void *context)
{
	struct walk walk = {.prefix = prefix, .visit = visit, .context = context};

	return sysfs_for_each_entry(root, "proc", visit_entry, &walk);
}
