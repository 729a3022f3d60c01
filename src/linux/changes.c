/* SPDX-License-Identifier: MIT */
/*
 * Changes that run beside each other and can't hang their caller.
 *
 * A write to `unbind` or `bind` ends when the driver has ended, and a driver may never end. No
 * signal reaches a thread that waits in there, and a process is not gone before all of its threads
 * are: so each change is made by a *worker*, a process of its own, whose exit status is the errno
 * of the change. A worker that is not done in time is left alone. It holds none of our descriptors,
 * so that nobody who waits for the end of a pipe or of a lock waits for it.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Drivers wait for their hardware more than they compute (docs/performance.md has the widths that
 * were tried). */
enum { WORKERS_PER_CPU = 4, MOST_WORKERS = 64 };

extern char **environ;

struct worker {
	struct change *change;
	pid_t pid;
};

/* Workers are the first `count` entries; a descriptor that becomes readable has ended. */
struct crew {
	struct worker workers[MOST_WORKERS];
	struct pollfd ends[MOST_WORKERS];
	size_t count, width;
};

static int make_change(struct machine *machine, const struct change *change)
{
	switch (change->kind) {
	case CHANGE_OVERRIDE:
		return host_set_override(machine, change->device, change->driver);
	case CHANGE_UNBIND:
		return host_unbind(machine, change->device);
	case CHANGE_BIND:
		break;
	}
	return host_bind(machine, change->device, change->driver);
}

/* Keeps the root alone, and no terminal whose signals would end a change halfway. */
_Noreturn static void work(struct machine *machine, const struct change *change)
{
	unsigned int root = (unsigned int)host_of(machine)->root;

	setsid();
	if (root > 0)
		close_range(0, root - 1, 0);
	close_range(root + 1, ~0U, 0);
	_exit(-make_change(machine, change));
}

/* -EAGAIN: there is no room for another process. */
static int hire(struct crew *crew, struct machine *machine, struct change *change)
{
	pid_t pid = fork();
	int end;

	if (pid < 0)
		return -EAGAIN;
	if (pid == 0)
		work(machine, change);
	end = pidfd_open(pid, 0);
	if (end < 0) {
		/* Without a descriptor there is no time limit, but what has begun must end. */
		int status;

		return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? -WEXITSTATUS(status)
									    : -EIO;
	}
	change->result = -ETIMEDOUT;
	crew->workers[crew->count] = (struct worker) {.change = change, .pid = pid};
	crew->ends[crew->count++] = (struct pollfd) {.fd = end, .events = POLLIN};
	return -ETIMEDOUT;
}

static void dismiss(struct crew *crew, size_t place)
{
	close(crew->ends[place].fd);
	crew->count--;
	crew->workers[place] = crew->workers[crew->count];
	crew->ends[place] = crew->ends[crew->count];
}

/* Takes the results of those that have ended; a worker that was killed tells nothing. */
static void collect(struct crew *crew)
{
	for (size_t i = crew->count; i-- > 0;) {
		struct worker *worker = &crew->workers[i];
		int status;

		if (!crew->ends[i].revents)
			continue;
		if (waitpid(worker->pid, &status, 0) == worker->pid && WIFEXITED(status))
			worker->change->result = -WEXITSTATUS(status);
		else
			worker->change->result = -EIO;
		dismiss(crew, i);
	}
}

static size_t width(size_t count)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = cpus < 1 ? 1 : (size_t)cpus * WORKERS_PER_CPU;

	if (most > MOST_WORKERS)
		most = MOST_WORKERS;
	return count < most ? count : most;
}

void host_change_all(struct machine *machine, struct change *changes, size_t count,
		     unsigned int milliseconds)
{
	long end = clock_now() + milliseconds, left = milliseconds;
	struct crew crew = {.width = width(count)};
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		changes[i].result = -ECANCELED;
	while (left >= 0 && (next < count || crew.count > 0)) {
		for (; next < count && crew.count < crew.width; next++)
			changes[next].result = hire(&crew, machine, &changes[next]);
		if (crew.count > 0 && poll(crew.ends, crew.count, (int)left) > 0)
			collect(&crew);
		left = end - clock_now();
	}
	while (crew.count > 0)
		dismiss(&crew, crew.count - 1);
}

/* modprobe's own rules say what may be loaded; its words go nowhere. */
int host_load_driver(struct machine *machine, const char *driver)
{
	char program[] = "modprobe", quiet[] = "-q", end[] = "--", *name = strdup(driver);
	char *const arguments[] = {program, quiet, end, name, NULL};
	posix_spawn_file_actions_t actions;
	int status, err;
	pid_t pid;

	if (!name || !host_of(machine)->live || posix_spawn_file_actions_init(&actions) != 0) {
		free(name);
		return -ENOENT;
	}
	err = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(&pid, program, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	free(name);
	if (err || waitpid(pid, &status, 0) != pid)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}
