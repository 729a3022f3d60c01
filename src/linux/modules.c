/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "modules.h"
#include "clock.h"
#include "host.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Milliseconds: a module is loaded when its driver has probed its devices, which may never be; and
 * what a program is given to end when it was killed. */
enum { LOADING_PATIENCE = 60000, DYING_PATIENCE = 1000 };

int module_file_path(int root, const char *name, char *path, size_t size)
{
	char release[128];
	int length = sysfs_read_path(root, "proc/sys/kernel/osrelease", release, sizeof(release));

	if (length < 0)
		return length;
	snprintf(path, size, "lib/modules/%s/%s", release, name);
	return 0;
}

int open_module_file(int root, const char *name)
{
	char path[256];
	int err = module_file_path(root, name, path, sizeof(path));

	return err ? err : sysfs_open(root, path, O_RDONLY);
}

/* ---- whose a driver is ---- */

/* What is built in has no link to a module. */
static int module_link(const struct reading *reading, const struct driver_facts *driver,
		       char *module, size_t size)
{
	char path[512];
	int directory, err;

	snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s", driver->bus, driver->name);
	directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (directory < 0)
		return directory;
	err = sysfs_link_name(directory, "module", module, size);
	close(directory);
	return err;
}

int driver_module(const struct reading *reading, const struct driver_facts *driver, char *module,
		  size_t size)
{
	int err = module_link(reading, driver, module, size);

	if (err && !sysfs_is_absent(err))
		return err;
	if (err)
		snprintf(module, size, "%s", driver->name);
	for (char *at = module; (at = strchr(at, '-')); at++)
		*at = '_';
	return 0;
}

/* ---- loading ---- */

/* The program that the kernel itself takes. */
static void find_modprobe(int root, char *out, size_t size)
{
	if (sysfs_read_path(root, "proc/sys/kernel/modprobe", out, size) <= 0 || *out != '/')
		snprintf(out, size, "/sbin/modprobe");
}

static int prepare_descriptors(posix_spawn_file_actions_t *actions)
{
	int err = 0;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !err; fd++)
		err = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	return err;
}

/* With the dispositions of signals that a new session has. */
static int prepare_signals(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int err;

	sigfillset(&all);
	sigemptyset(&none);
	err = posix_spawnattr_setsigdefault(attributes, &all);
	if (!err)
		err = posix_spawnattr_setsigmask(attributes, &none);
	return err ? err
		   : posix_spawnattr_setflags(attributes,
					      POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn(char *const *arguments, char *const *environment, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawnattr_init(&attributes);
	if (err)
		goto destroy_actions;
	err = prepare_descriptors(&actions);
	if (!err)
		err = prepare_signals(&attributes);
	if (!err)
		err = posix_spawn(pid, arguments[0], &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
destroy_actions:
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* modprobe's own rules say what may be loaded; its words go nowhere. Nothing of our environment,
 * which may be another's, comes to it: it has what the kernel gives it. */
static int spawn_modprobe(int root, const char *module, pid_t *pid)
{
	char program[256], quiet[] = "-q", end[] = "--", *name = strdup(module);
	char home[] = "HOME=/", path[] = "PATH=/sbin:/usr/sbin:/bin:/usr/bin";
	char *const arguments[] = {program, quiet, end, name, NULL};
	char *const environment[] = {home, path, NULL};
	int err;

	if (!name)
		return -ENOMEM;
	find_modprobe(root, program, sizeof(program));
	err = spawn(arguments, environment, pid);
	free(name);
	return -err;
}

/* Whether a process ends within that time. */
static bool ends_within(int pidfd, long milliseconds)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	long limit = clock_now() + milliseconds, left = milliseconds;
	int ready;

	do {
		ready = poll(&end, 1, (int)left);
		left = limit - clock_now();
	} while (ready < 0 && errno == EINTR && left > 0);
	return ready > 0;
}

/*
 * Stores how it ended. One that does not end in time is killed, which ends it unless the kernel is
 * at it. Where SIGCHLD is ignored nobody is told how it ended, and *status stays: who asks looks
 * for the driver anyway.
 */
static int await_modprobe(pid_t pid, int *status)
{
	int pidfd = pidfd_open(pid, 0);
	bool in_time;

	if (pidfd < 0)
		return errno == ESRCH ? 0 : -errno;
	in_time = ends_within(pidfd, LOADING_PATIENCE);
	if (!in_time) {
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		ends_within(pidfd, DYING_PATIENCE);
	}
	close(pidfd);
	if (waitpid(pid, status, in_time ? 0 : WNOHANG) < 0 && errno != ECHILD)
		return -errno;
	return in_time ? 0 : -ETIMEDOUT;
}

int host_load_driver(struct machine *machine, const char *driver)
{
	int status = 0, err = host_of(machine)->live ? 0 : -ENOENT;
	pid_t pid = 0;

	if (!err)
		err = spawn_modprobe(host_of(machine)->root, driver, &pid);
	if (!err)
		err = await_modprobe(pid, &status);
	if (err)
		return err == -ETIMEDOUT ? err : -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}
