/* SPDX-License-Identifier: MIT */
/*
 * A thread of its own goes into each namespace: it alone is moved, and opens its sockets there. So
 * long as it is there, it uses nothing else that a namespace decides: /proc is that of a process.
 */
#define _GNU_SOURCE
#include "net_namespaces.h"
#include "array.h"
#include "links.h"
#include "mount_views.h"
#include "processes.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_TRIES = 4 };

/* From namespace to namespace. */
struct tour {
	int root;
	const struct mounts *mounts;
	int (*visit)(void *context, const struct link_elsewhere *link);
	void *context;
	int *hidden;
	int own;     /* descriptor of our namespace */
	ino_t *seen; /* the numbers of ours and of those where it was */
	size_t seen_count;
	int result;
};

/* One namespace. */
struct stop {
	const struct tour *tour;
	const char *where;
	int our_name; /* what it calls ours; -1: nothing that is known */
};

static bool has_gone(int err)
{
	return err == -ESRCH || sysfs_is_absent(err);
}

static int pass_over(const struct tour *tour, int err)
{
	if (err && !has_gone(err) && !*tour->hidden)
		*tour->hidden = err;
	return err == -ENOMEM ? err : 0;
}

/* ---- one namespace ---- */

/* Asked when the first link refers to another namespace: those that one refers to have names. */
static int ask_our_name(struct stop *stop)
{
	int links = links_open(), err;

	if (links < 0)
		return links;
	err = links_name_namespace(links, stop->tour->own, &stop->our_name);
	close(links);
	return err;
}

static int look_at_link(void *context, const struct link *link)
{
	struct stop *stop = context;
	struct link_elsewhere found = {
		.name = link->name, .parent = link->parent, .where = stop->where};
	int err = 0;

	if (link->lower_namespace >= 0 && stop->our_name < 0)
		err = ask_our_name(stop);
	if (err)
		return err;
	if (link->lower_namespace >= 0 && link->lower_namespace == stop->our_name)
		found.lower = link->lower;
	return stop->tour->visit(stop->tour->context, &found);
}

/*
 * Links that change while they are told are told again, so that some are shown twice. Whoever owns
 * the namespace can change them for ever, and keep nobody from anything by that: a link that stayed
 * is passed over by none but older kernels (before 6.9), and by those not each time.
 */
static int enter(const struct tour *tour, int namespace, const char *where)
{
	struct stop stop = {.tour = tour, .where = where, .our_name = -1};
	int err = -EINTR;

	if (setns(namespace, CLONE_NEWNET))
		return -errno;
	for (int tries = 0; err == -EINTR && tries < MOST_TRIES; tries++) {
		int links = links_open();

		if (links < 0)
			return links;
		err = links_for_each(links, look_at_link, &stop);
		close(links);
	}
	return err == -EINTR ? 0 : err;
}

/* ---- all of them ---- */

static bool was_there(const struct tour *tour, ino_t number)
{
	for (size_t i = 0; i < tour->seen_count; i++) {
		if (tour->seen[i] == number)
			return true;
	}
	return false;
}

static int note(struct tour *tour, ino_t number)
{
	ino_t *more = array_with_room(tour->seen, tour->seen_count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	tour->seen = more;
	tour->seen[tour->seen_count++] = number;
	return 0;
}

/* Takes the descriptor over. */
static int visit_namespace(struct tour *tour, int namespace, const char *where)
{
	struct stat status;
	int err = fstat(namespace, &status) ? -errno : 0;

	if (!err && !was_there(tour, status.st_ino)) {
		err = note(tour, status.st_ino);
		if (!err)
			err = enter(tour, namespace, where);
	}
	close(namespace);
	return err > 0 ? err : pass_over(tour, err);
}

/* Stores the path below /proc of the folder of a task that is in the namespace. */
static void name_task(const struct task_network *network, char *out, size_t size)
{
	if (network->thread)
		snprintf(out, size, "%ld/task/%ld", network->pid, network->thread);
	else
		snprintf(out, size, "%ld", network->pid);
}

/* -ESRCH: the task is not in it any more; another may be. */
static int visit_network(struct tour *tour, int processes, const struct task_network *network)
{
	char task[64], path[80], program[32], where[96];
	struct stat status;
	int namespace;

	if (was_there(tour, network->space))
		return 0;
	name_task(network, task, sizeof(task));
	snprintf(path, sizeof(path), "%s/ns/net", task);
	namespace = openat(processes, path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		return has_gone(-errno) ? -ESRCH : pass_over(tour, -errno);
	if (fstat(namespace, &status) == 0 && status.st_ino != network->space) {
		close(namespace);
		return -ESRCH;
	}
	snprintf(path, sizeof(path), "%s/comm", task);
	if (sysfs_read_path(processes, path, program, sizeof(program)) <= 0)
		snprintf(program, sizeof(program), "?");
	snprintf(where, sizeof(where), "of %s (process %ld)", program, network->pid);
	return visit_namespace(tour, namespace, where);
}

/* -ESRCH: of a namespace the task has gone by which it was known. */
static int visit_networks(struct tour *tour, const struct mounts *mounts)
{
	int processes = sysfs_open(tour->root, "proc", O_PATH | O_DIRECTORY), err;
	bool left = false;

	if (processes < 0)
		return processes;
	err = pass_over(tour, mounts->networks_hidden);
	for (size_t i = 0; i < mounts->network_count && !err; i++) {
		err = visit_network(tour, processes, &mounts->networks[i]);
		left |= err == -ESRCH;
		if (err == -ESRCH)
			err = 0;
	}
	close(processes);
	return !err && left ? -ESRCH : err;
}

static int visit_tasks(struct tour *tour)
{
	int err = visit_networks(tour, tour->mounts);

	for (int tries = 0; err == -ESRCH && tries < MOST_TRIES; tries++) {
		struct mounts now = {0};

		err = mounts_read(tour->root, &now);
		if (!err)
			err = visit_networks(tour, &now);
		mounts_release(&now);
	}
	return err == -ESRCH ? pass_over(tour, -EAGAIN) : err;
}

/* "/run/netns/blue": a file of nsfs that is mounted somewhere keeps its namespace. */
static bool is_namespace(const struct mount *mount)
{
	return strcmp(mount->type, "nsfs") == 0 && strncmp(mount->root, "net:", 4) == 0;
}

static int visit_mount(struct tour *tour, const struct mount *mount)
{
	int namespace;

	if (!is_namespace(mount))
		return 0;
	namespace = sysfs_open(tour->root, mount->where, O_RDONLY);
	if (namespace < 0)
		return pass_over(tour, namespace);
	return visit_namespace(tour, namespace, mount->where);
}

static void *travel(void *context)
{
	struct tour *tour = context;

	tour->result = visit_tasks(tour);
	for (size_t i = 0; i < tour->mounts->count && !tour->result; i++)
		tour->result = visit_mount(tour, &tour->mounts->all[i]);
	return NULL;
}

static int open_own(struct tour *tour)
{
	int processes = sysfs_open(tour->root, "proc", O_PATH | O_DIRECTORY), err;
	struct stat status;

	if (processes < 0)
		return processes;
	tour->own = openat(processes, "self/ns/net", O_RDONLY | O_CLOEXEC);
	err = tour->own < 0 ? -errno : 0;
	close(processes);
	if (err)
		return err;
	err = fstat(tour->own, &status) ? -errno : note(tour, status.st_ino);
	if (err)
		close(tour->own);
	return err;
}

/* Most machines have one namespace: no thread is needed then. */
static bool has_others(const struct tour *tour)
{
	const struct mounts *mounts = tour->mounts;

	for (size_t i = 0; i < mounts->network_count; i++) {
		if (!was_there(tour, mounts->networks[i].space))
			return true;
	}
	for (size_t i = 0; i < mounts->count; i++) {
		if (is_namespace(&mounts->all[i]))
			return true;
	}
	return mounts->networks_hidden;
}

int for_each_link_elsewhere(int root, const struct mounts *mounts,
			    int (*visit)(void *context, const struct link_elsewhere *link),
			    void *context, int *hidden)
{
	struct tour tour = {.root = root,
			    .mounts = mounts,
			    .visit = visit,
			    .context = context,
			    .hidden = hidden};
	pthread_t thread;
	int err;

	*hidden = 0;
	err = open_own(&tour);
	if (err)
		return err;
	if (has_others(&tour)) {
		err = -pthread_create(&thread, NULL, travel, &tour);
		if (!err)
			err = -pthread_join(thread, NULL);
	}
	close(tour.own);
	free(tour.seen);
	return err ? err : tour.result;
}
