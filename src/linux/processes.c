/* SPDX-License-Identifier: MIT */
/*
 * Processes and their threads. Threads that share their process's table of descriptors, as nearly
 * all do, cost one kcmp(2) each. Of threads of the kernel and of what has ended nothing is looked
 * at: they hold nothing.
 */
#define _GNU_SOURCE
#include "processes.h"
#include "file_kinds.h"
#include "mounts.h"
#include "number.h"
#include "sysfs.h"
#include "tables.h"
#include "tasks.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { MOST_TABLES = 8 };

void process_name(const struct descriptor *descriptor, char *out, size_t size)
{
	if (sysfs_read(descriptor->process, "comm", out, size) <= 0)
		snprintf(out, size, "?");
}

void descriptor_target(const struct descriptor *descriptor, char *out, size_t size)
{
	ssize_t length = -1;

	if (descriptor->target) {
		snprintf(out, size, "%s", descriptor->target);
		return;
	}
	if (descriptor->link)
		length = readlinkat(descriptor->folder, descriptor->link, out, size - 1);
	if (length < 0)
		length = snprintf(out, size, "?");
	out[length] = '\0';
}

/* ---- threads ---- */

/* The threads of one process; the tables that were looked at, each by a thread that has it. */
struct threads {
	const struct walk *walk;
	struct descriptor *descriptor;
	int tables[MOST_TABLES];
	size_t count;
	bool mapped; /* what they have mapped, all together, has been looked at */
};

/* Where the kernel can't tell, each thread is taken to have a table of its own. */
static bool was_looked_at(const struct threads *threads, int thread)
{
	for (size_t i = 0; threads->walk->same_pids && i < threads->count; i++) {
		if (syscall(SYS_kcmp, threads->tables[i], thread, KCMP_FILES, 0, 0) == 0)
			return true;
	}
	return false;
}

static int visit_thread(void *context, int folder, const char *name)
{
	struct threads *threads = context;
	int thread = number_after(name, ""), err = 0;
	char path[64];

	if (thread <= 0)
		return 0;
	if (!threads->mapped) {
		snprintf(path, sizeof(path), "task/%d/maps", thread);
		err = show_mappings(threads->walk, threads->descriptor, path, &threads->mapped);
	}
	if (err || was_looked_at(threads, thread))
		return err;
	if (threads->count < MOST_TABLES)
		threads->tables[threads->count++] = thread;
	snprintf(path, sizeof(path), "task/%d/fd", thread);
	return show_table(threads->walk, threads->descriptor, path);
}

static int show_threads(const struct walk *walk, struct descriptor *descriptor)
{
	struct threads threads = {
		.walk = walk, .descriptor = descriptor, .mapped = !walk->asked->mappings};
	int err = sysfs_for_each_entry(descriptor->process, "task", visit_thread, &threads);

	if (err < 0 && err != -ENOMEM) {
		pass_over(walk, err);
		return 0;
	}
	return err;
}

/* ---- processes ---- */

static int show_whole_process(const struct walk *walk, struct descriptor *descriptor)
{
	bool any;
	int err = show_table(walk, descriptor, "fd");

	if (err || !walk->asked->mappings)
		return err;
	return show_mappings(walk, descriptor, "maps", &any);
}

/* A recorded process may have its descriptors in either place. */
static int show_process(const struct walk *walk, struct descriptor *descriptor, bool threads)
{
	int err = 0;

	if (!threads || !walk->running)
		err = show_whole_process(walk, descriptor);
	return err || !threads ? err : show_threads(walk, descriptor);
}

static int visit_process(void *context, int processes, const char *name)
{
	const struct walk *walk = context;
	struct descriptor descriptor = {.pid = number_after(name, "")};
	enum holder holder = MAY_HOLD;
	bool threads;
	int err;

	if (descriptor.pid <= 0)
		return 0;
	if (walk->running)
		holder = look_at_program(processes, name);
	if (holder == IS_HIDDEN)
		pass_over(walk, -EACCES);
	if (holder != MAY_HOLD)
		return 0;
	descriptor.own = descriptor.pid == walk->self;
	descriptor.process = openat(processes, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (descriptor.process < 0) {
		pass_over(walk, -errno);
		return 0;
	}
	threads = walk->running ? count_threads(processes, name) == MORE_THREADS
				: !answer_is_no(sysfs_exists(descriptor.process, "task"));
	err = show_process(walk, &descriptor, threads);
	close(descriptor.process);
	return err;
}

/* ---- all of them ---- */

static int volume_of(int root, const char *path, dev_t *out)
{
	int fd = sysfs_open(root, path, O_PATH), err;
	struct stat status;

	if (fd < 0)
		return fd;
	err = fstat(fd, &status) ? -errno : 0;
	close(fd);
	if (!err)
		*out = status.st_dev;
	return err;
}

/* Whether /proc numbers processes as system calls of ours do: then we have one number there. */
static bool has_our_numbers(int root, long self)
{
	char text[4096];
	const char *at;

	if (self != getpid() || sysfs_read_path(root, "proc/self/status", text, sizeof(text)) <= 0)
		return false;
	at = strstr(text, "\nNSpid:\t");
	if (!at)
		return false;
	at += strlen("\nNSpid:\t");
	return at[strspn(at, "0123456789")] == '\n';
}

/* What the mounts tell: where sysfs is. */
static int prepare_by_mounts(struct walk *walk)
{
	const struct mounts *mounts = walk->asked->mounts;
	dev_t sysfs;
	int err = volume_of(walk->asked->root, "sys", &sysfs);

	if (!err)
		err = add_sysfs(walk, sysfs);
	for (size_t i = 0; i < mounts->count && !err; i++) {
		const struct mount *mount = &mounts->all[i];

		if (mount->number != sysfs && strcmp(mount->type, "sysfs") == 0)
			err = add_sysfs(walk, mount->number);
	}
	if (!err)
		sort_sysfs(walk);
	return err;
}

static int prepare(struct walk *walk)
{
	int root = walk->asked->root, fd = sysfs_open(root, "proc", O_RDONLY | O_DIRECTORY), err;
	struct statfs status;
	char self[16];

	if (fd < 0)
		return fd;
	err = fstatfs(fd, &status) ? -errno : 0;
	walk->running = !err && status.f_type == PROC_SUPER_MAGIC;
	if (walk->running && sysfs_link_name(fd, "self", self, sizeof(self)) == 0)
		walk->self = number_after(self, "");
	close(fd);
	walk->same_pids = walk->running && has_our_numbers(root, walk->self);
	walk->waits = walk->running && !answer_is_no(looks_may_wait(root));
	if (!err)
		err = prepare_by_mounts(walk);
	return err ? err : sysfs_unless_absent(volume_of(root, "dev", &walk->nodes));
}

int for_each_descriptor(const struct descriptor_walk *asked, int *hidden)
{
	long patience = PATIENCE_WITH_SERVERS;
	struct walk walk = {.asked = asked, .hidden = hidden, .patience = &patience};
	int err;

	*hidden = 0;
	err = prepare(&walk);
	if (!err)
		err = sysfs_for_each_entry(asked->root, "proc", visit_process, &walk);
	free(walk.sysfs);
	return err;
}
