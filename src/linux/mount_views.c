/* SPDX-License-Identifier: MIT */
/*
 * The walk over all tasks for the views that they have of what is mounted, and for the network
 * namespaces that they are in.
 */
#define _GNU_SOURCE
#include "mount_views.h"
#include "array.h"
#include "number.h"
#include "proc_files.h"
#include "sysfs.h"
#include "tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_known(const struct mounts *mounts, unsigned long space, const char *root)
{
	for (size_t i = 0; i < mounts->view_count; i++) {
		const struct mount_view *view = &mounts->views[i];

		if (view->space == space && view->root && strcmp(view->root, root) == 0)
			return true;
	}
	return false;
}

/* What a link in the folder of a task names; NUL at its end. */
static int read_task_link(int task, const char *name, char *out, size_t size)
{
	ssize_t length = readlinkat(task, name, out, size - 1);

	if (length < 0)
		return -errno;
	out[length] = '\0';
	return 0;
}

/* The number of the namespace that such a link names ("net:[4026531840]"). */
static int read_space(int task, const char *name, const char *kind, unsigned long *out)
{
	char text[64], *end = text;
	size_t length = strlen(kind);
	int err = read_task_link(task, name, text, sizeof(text));

	if (err)
		return err;
	if (strncmp(text, kind, length) == 0 && text[length] >= '0' && text[length] <= '9')
		*out = strtoul(text + length, &end, 10);
	return strcmp(end, "]") == 0 ? 0 : -EBADMSG;
}

/*
 * Reads what tells views apart: the namespace and the root, as the kernel writes them, which asks
 * no file system. A recorded task may go without either; so does a task of the kernel that ends.
 */
static int identify(int task, struct mount_view *view, char *root, size_t size)
{
	int err = read_space(task, "ns/mnt", "mnt:[", &view->space);

	return err ? err : read_task_link(task, "root", root, size);
}

struct walk {
	struct mounts *mounts;
	bool running; /* the root; a process has a folder of threads then */
	long pid, thread;
};

static bool is_known_network(const struct mounts *mounts, unsigned long space)
{
	for (size_t i = 0; i < mounts->network_count; i++) {
		if (mounts->networks[i].space == space)
			return true;
	}
	return false;
}

/* A kernel without network namespaces has no such link; nor has a task that has ended. */
static int note_network(const struct walk *walk, int task)
{
	struct mounts *mounts = walk->mounts;
	struct task_network network = {.pid = walk->pid, .thread = walk->thread}, *more;
	int err = read_space(task, "ns/net", "net:[", &network.space);

	if (err && !task_has_gone(err) && !mounts->networks_hidden)
		mounts->networks_hidden = err;
	if (err || is_known_network(mounts, network.space))
		return 0;
	more = array_with_room(mounts->networks, mounts->network_count, sizeof(*more));
	if (!more)
		return -ENOMEM;
	mounts->networks = more;
	more[mounts->network_count++] = network;
	return 0;
}

static int note_view(const struct walk *walk, int task)
{
	struct mounts *mounts = walk->mounts;
	struct mount_view view = {.pid = walk->pid, .home = walk->pid <= 1};
	char root[PATH_MAX] = "";
	int err = identify(task, &view, root, sizeof(root));

	if (task_has_gone(err) && walk->running && walk->pid)
		return 0;
	if (err && !task_has_gone(err)) {
		mounts_hide(mounts, view.home, err);
		return 0;
	}
	if (!err && is_known(mounts, view.space, root))
		return 0;
	if (!err) {
		view.root = strdup(root);
		if (!view.root)
			return -ENOMEM;
	}
	return mounts_add_view(mounts, task, &view);
}

static int look_at_task(struct walk *walk, int task)
{
	int err = note_network(walk, task);

	return err ? err : note_view(walk, task);
}

/* Notes the errno that hid a task, or several; of a process above 1 they see what is not home. */
static void hide(const struct walk *walk, int err)
{
	mounts_hide(walk->mounts, walk->pid <= 1, err);
	if (!walk->mounts->networks_hidden)
		walk->mounts->networks_hidden = err;
}

/* Opens a folder of /proc and looks at what is in it; one that has gone is passed over. */
static int look_into(struct walk *walk, int folder, const char *name,
		     int (*look)(struct walk *walk, int fd))
{
	int fd = openat(folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err;

	if (fd < 0) {
		err = -errno;
		if (!task_has_gone(err))
			hide(walk, err);
		return 0;
	}
	err = look(walk, fd);
	close(fd);
	return err;
}

/* Threads may have namespaces of their own. */
static int look_at_thread(void *context, int threads, const char *name)
{
	struct walk *walk = context;

	walk->thread = number_after(name, "");
	return walk->thread > 0 ? look_into(walk, threads, name, look_at_task) : 0;
}

/* A main thread may have ended before the others. */
static int look_at_process(struct walk *walk, int process)
{
	int err = sysfs_for_each_entry(process, "task", look_at_thread, walk);

	if (err == -ENOMEM)
		return err;
	if (err && !task_has_gone(err))
		hide(walk, err);
	return task_has_gone(err) && !walk->running ? look_at_task(walk, process) : 0;
}

/* Threads of the kernel see what the second process does, which is one of them, but one: the files
 * of its own namespace are all in memory. */
static int look_at_entry(void *context, int processes, const char *name)
{
	struct walk *walk = context;

	walk->pid = number_after(name, "");
	walk->thread = 0;
	if (walk->pid <= 1)
		return 0;
	if (walk->running && walk->pid != 2 && process_holds_nothing(processes, name))
		return 0;
	if (walk->running && count_threads(processes, name) == ONE_THREAD)
		return look_into(walk, processes, name, look_at_task);
	return look_into(walk, processes, name, look_at_process);
}

/* Looks at ourselves or the first process, which a running system's /proc must have. */
static int look_home(struct walk *walk, int root, const char *path, long pid)
{
	int fd = sysfs_open(root, path, O_PATH | O_DIRECTORY), err;

	walk->pid = pid;
	if (fd < 0) {
		if (walk->running || !task_has_gone(fd))
			hide(walk, task_has_gone(fd) ? -ENODATA : fd);
		return 0;
	}
	err = pid ? look_at_process(walk, fd) : look_at_task(walk, fd);
	close(fd);
	return err;
}

static int look_everywhere(struct walk *walk, int root)
{
	int err = proc_absence(root);

	if (err)
		hide(walk, err);
	err = look_home(walk, root, "proc/self", 0);
	if (!err)
		err = look_home(walk, root, "proc/1", 1);
	if (!err)
		err = sysfs_for_each_entry(root, "proc", look_at_entry, walk);
	if (!err || err == -ENOMEM)
		return err;
	walk->pid = 0;
	hide(walk, err);
	return 0;
}

int mounts_read(int root, struct mounts *out)
{
	struct answer running = root_is_running(root);
	struct walk walk = {.mounts = out, .running = !answer_is_no(running)};
	int err = look_everywhere(&walk, root);

	return err ? err : mounts_sort(out);
}
