/* SPDX-License-Identifier: MIT */
/*
 * The modules that VFIO needs on this host: whether they are loaded, and, if not, whether the
 * running kernel has them at all, by the lists that depmod(8) and the kernel's build wrote. And how
 * a driver's module is loaded.
 */
#define _GNU_SOURCE
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

int module_file_path(const struct reading *reading, const char *name, char *path, size_t size)
{
	char release[128];
	int length = sysfs_read_path(reading->root, "proc/sys/kernel/osrelease", release,
				     sizeof(release));

	if (length < 0)
		return length;
	snprintf(path, size, "lib/modules/%s/%s", release, name);
	return 0;
}

int open_module_file(const struct reading *reading, const char *name)
{
	char path[256];
	int err = module_file_path(reading, name, path, sizeof(path));

	return err ? err : sysfs_open(reading->root, path, O_RDONLY);
}

/* Whether a line, "kernel/drivers/vfio/vfio-pci.ko.xz: ...", is about the module; file names have
 * dashes or underscores. */
static bool is_about(const char *line, const char *module)
{
	const char *end = line + strcspn(line, ":\n"),
		   *slash = memrchr(line, '/', (size_t)(end - line));
	const char *at = slash ? slash + 1 : line;

	for (; *module; at++, module++) {
		if (*at != *module && !(*at == '-' && *module == '_'))
			return false;
	}
	return strncmp(at, ".ko", strlen(".ko")) == 0;
}

/* Marks the module that a line of a list is about as installed. */
static void mark_listed(struct host_facts *host, const char *line, bool built_in)
{
	for (size_t i = 0; i < host->module_count; i++) {
		struct module_facts *module = &host->modules[i];

		if (!is_about(line, module->name))
			continue;
		module->installed = KNOWN_YES;
		if (built_in)
			module->loaded = KNOWN_YES;
	}
}

static int take_list(const struct reading *reading, const char *name, bool built_in)
{
	struct host_facts *host = reading->facts->host;
	int fd = open_module_file(reading, name), err = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	size_t size = 0;
	char *line = NULL;

	if (!file) {
		err = fd < 0 ? fd : -ENOMEM;
		if (fd >= 0)
			close(fd);
		return err;
	}
	errno = 0;
	while (getline(&line, &size, file) > 0)
		mark_listed(host, line, built_in);
	err = ferror(file) ? -EIO : -errno;
	free(line);
	fclose(file);
	return err;
}

/* A module that is in none of the lists is not installed: if all of them could be read. What is
 * built in is loaded, though sysfs need not have it. */
static int judge_unlisted(struct host_facts *host, int err)
{
	for (size_t i = 0; i < host->module_count; i++) {
		struct module_facts *module = &host->modules[i];
		struct answer loaded = {.known = module->loaded};
		int failed;

		if (module->installed == KNOWN_YES)
			continue;
		if (err && module->loaded == KNOWN_NO)
			loaded = answer_hidden(err);
		failed = set_fact(host, module->name, &module->installed,
				  err ? answer_hidden(err) : answer_of(false));
		if (!failed)
			failed = set_fact(host, module->name, &module->loaded, loaded);
		if (failed)
			return failed;
	}
	return 0;
}

static int read_lists(const struct reading *reading)
{
	int dep = take_list(reading, "modules.dep", false);
	int builtin = take_list(reading, "modules.builtin", true);

	if (dep == -ENOMEM || builtin == -ENOMEM)
		return -ENOMEM;
	return judge_unlisted(reading->facts->host, dep ? dep : builtin);
}

static int add_module(const struct reading *reading, const char *name)
{
	struct module_facts *module;
	char path[128];
	int err = host_facts_add_module(reading->facts->host, &module);

	if (!err)
		err = facts_set_string(&module->name, name);
	if (err)
		return err;
	snprintf(path, sizeof(path), "sys/module/%s", name);
	return set_fact(reading->facts->host, name, &module->loaded,
			exists_within(reading, "sys/module", path));
}

static bool has_devices(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
}

/* The module of VFIO's driver of a bus, by the bus. */
static const struct {
	const char *bus, *module;
} bus_modules[] = {
	{"pci", "vfio_pci"},       {"platform", "vfio_platform"}, {"amba", "vfio_amba"},
	{"fsl-mc", "vfio_fsl_mc"}, {"cdx", "vfio_cdx"},
};

int read_modules(struct reading *reading)
{
	int err = add_module(reading, "vfio_iommu_type1");

	if (!err)
		err = add_module(reading, "iommufd");
	for (size_t i = 0; !err && i < sizeof(bus_modules) / sizeof(*bus_modules); i++) {
		if (has_devices(reading->facts, bus_modules[i].bus))
			err = add_module(reading, bus_modules[i].module);
	}
	return err ? err : read_lists(reading);
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
