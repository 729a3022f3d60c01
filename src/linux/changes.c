/* SPDX-License-Identifier: MIT */
/*
 * Changes that run beside each other and can't hang their caller.
 *
 * A write to `unbind` or `bind` ends when the driver has ended, and a driver may never end. No
 * signal reaches a thread that waits in there, and a process is not gone before all of its threads
 * are: so changes are made by *workers*, processes of their own that are told what to do, and tell
 * what came of it, through a socket. They are kept for the next changes; one that is not done in
 * time is left alone, and ends when it can. A worker has none of our descriptors, so that nobody
 * who waits for the end of a pipe or of a lock waits for it.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Drivers wait for their hardware more than they compute (docs/performance.md has the widths that
 * were tried). */
enum { WORKERS_PER_CPU = 4 };

extern char **environ;

/* What a worker is told. */
struct order {
	enum change_kind kind;
	bool has_driver;
	char device[256], driver[256];
};

/* ---- a worker ---- */

static int make_change(struct machine *machine, const struct order *order)
{
	const char *driver = order->has_driver ? order->driver : NULL;

	switch (order->kind) {
	case CHANGE_OVERRIDE:
		return host_set_override(machine, order->device, driver);
	case CHANGE_UNBIND:
		return host_unbind(machine, order->device);
	case CHANGE_BIND:
		break;
	}
	return host_bind(machine, order->device, driver);
}

static void close_between(unsigned int first, unsigned int end)
{
	if (first < end)
		close_range(first, end - 1, 0);
}

/* Keeps the root and the socket alone, and no terminal whose signals would end a change halfway. */
_Noreturn static void work(struct machine *machine, int socket)
{
	unsigned int root = (unsigned int)host_of(machine)->root, own = (unsigned int)socket;
	unsigned int low = root < own ? root : own, high = root < own ? own : root;
	struct order order;

	setsid();
	close_between(0, low);
	close_between(low + 1, high);
	close_range(high + 1, ~0U, 0);
	while (recv(socket, &order, sizeof(order), 0) == sizeof(order)) {
		int result = make_change(machine, &order);

		if (send(socket, &result, sizeof(result), MSG_NOSIGNAL) != sizeof(result))
			break;
	}
	_exit(0);
}

/* ---- the crew ---- */

/* -EAGAIN: there is no room for another process. */
static int hire(struct machine *machine)
{
	struct crew *crew = &host_of(machine)->crew;
	int sockets[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return -EAGAIN;
	pid = fork();
	if (pid == 0)
		work(machine, sockets[1]);
	close(sockets[1]);
	if (pid < 0) {
		close(sockets[0]);
		return -EAGAIN;
	}
	crew->workers[crew->count++] = (struct worker) {.pid = pid, .socket = sockets[0]};
	return 0;
}

/* Lets a worker go. One that has ended, or has nothing to do and will, is waited for. */
static void dismiss(struct crew *crew, size_t place)
{
	struct worker *worker = &crew->workers[place];

	close(worker->socket);
	if (!worker->change)
		waitpid(worker->pid, NULL, 0);
	*worker = crew->workers[--crew->count];
}

void host_dismiss_workers(struct host *host)
{
	while (host->crew.count > 0)
		dismiss(&host->crew, host->crew.count - 1);
}

/* An idle worker, hired if there is none; NULL: all that may be are at work, or -EAGAIN. */
static struct worker *find_idle(struct machine *machine, size_t width, int *err)
{
	struct crew *crew = &host_of(machine)->crew;

	*err = 0;
	for (size_t i = 0; i < crew->count; i++) {
		if (!crew->workers[i].change)
			return &crew->workers[i];
	}
	if (crew->count >= width)
		return NULL;
	*err = hire(machine);
	return *err ? NULL : &crew->workers[crew->count - 1];
}

static int copy_name(char *out, size_t size, const char *name)
{
	return snprintf(out, size, "%s", name) < (int)size ? 0 : -ENODEV;
}

/* Names that are longer than any directory's are nobody's. */
static int give_order(struct worker *worker, struct change *change)
{
	struct order order = {.kind = change->kind, .has_driver = change->driver != NULL};
	int err = copy_name(order.device, sizeof(order.device), change->device);

	if (!err && change->driver)
		err = copy_name(order.driver, sizeof(order.driver), change->driver);
	if (err)
		return err;
	if (send(worker->socket, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order))
		return -EIO;
	worker->change = change;
	return -ETIMEDOUT;
}

/* Begins changes while workers are idle, and gives the place of the first that is not begun. */
static size_t give_orders(struct machine *machine, struct change *changes, size_t next,
			  size_t count, size_t width)
{
	for (; next < count; next++) {
		int err;
		struct worker *worker = find_idle(machine, width, &err);

		if (!worker && !err)
			break;
		changes[next].result = worker ? give_order(worker, &changes[next]) : err;
	}
	return next;
}

/* Takes a result; a worker that was killed tells nothing. */
static void collect(struct crew *crew, size_t place)
{
	struct worker *worker = &crew->workers[place];
	struct change *change = worker->change;
	int result;

	worker->change = NULL;
	if (recv(worker->socket, &result, sizeof(result), 0) == sizeof(result)) {
		change->result = result;
		return;
	}
	change->result = -EIO;
	dismiss(crew, place);
}

/* Waits for results; false: the time is over, or nobody is at work. */
static bool await(struct crew *crew, long milliseconds)
{
	struct pollfd ends[MOST_WORKERS];
	size_t working = 0;
	int ready;

	for (size_t i = 0; i < crew->count; i++) {
		bool works = crew->workers[i].change;

		ends[i] = (struct pollfd) {.fd = works ? crew->workers[i].socket : -1,
					   .events = POLLIN};
		working += works;
	}
	if (working == 0 || milliseconds < 0)
		return false;
	ready = poll(ends, crew->count, (int)milliseconds);
	if (ready <= 0)
		return ready < 0 && errno == EINTR;
	for (size_t i = crew->count; i-- > 0;) {
		if (crew->workers[i].change && ends[i].revents)
			collect(crew, i);
	}
	return true;
}

static size_t width(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = cpus < 1 ? 1 : (size_t)cpus * WORKERS_PER_CPU;

	return most < MOST_WORKERS ? most : MOST_WORKERS;
}

void host_change_all(struct machine *machine, struct change *changes, size_t count,
		     unsigned int milliseconds)
{
	struct crew *crew = &host_of(machine)->crew;
	long end = clock_now() + milliseconds;
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		changes[i].result = -ECANCELED;
	do {
		next = give_orders(machine, changes, next, count, width());
	} while (await(crew, end - clock_now()));
	for (size_t i = crew->count; i-- > 0;) {
		if (crew->workers[i].change)
			dismiss(crew, i);
	}
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
