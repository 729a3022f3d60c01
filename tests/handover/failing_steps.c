/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "failing_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	bool counting;
	enum fate fate;
	unsigned int count, at;
	int error;
	const char *hidden; /* a device that can't be looked at; NULL: none */
	int hidden_by;
} steps = {.error = EIO};

void steps_fail_with(int error)
{
	steps.error = error;
}

void steps_hide(const char *device, int error)
{
	steps.hidden = device;
	steps.hidden_by = error;
}

void steps_begin(enum fate fate, unsigned int step)
{
	steps.counting = true;
	steps.fate = fate;
	steps.count = 0;
	steps.at = step;
}

unsigned int steps_end(void)
{
	steps.counting = false;
	return steps.count;
}

static bool fails(void)
{
	if (!steps.counting)
		return false;
	steps.count++;
	if (steps.fate == FATE_FAIL)
		return steps.count == steps.at;
	return steps.fate == FATE_DIE && steps.count > steps.at;
}

/* ---- the journal ---- */

#define WRAP(function, parameters, arguments)                                                      \
	int __real_##function parameters;                                                          \
	int __wrap_##function parameters;                                                          \
	int __wrap_##function parameters                                                           \
	{                                                                                          \
		if (!fails())                                                                      \
			return __real_##function arguments;                                        \
		errno = steps.error;                                                               \
		return -1;                                                                         \
	}

WRAP(mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(fsync, (int fd), (fd))
WRAP(fdatasync, (int fd), (fd))
WRAP(fallocate, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length))
WRAP(fallocate64, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length))
WRAP(renameat2, (int from, const char *old, int to, const char *new, unsigned int flags),
     (from, old, to, new, flags))
WRAP(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	if (!fails())
		return __real_write(fd, bytes, size);
	errno = steps.error;
	return -1;
}

/* ---- the machine ---- */

struct wrapped {
	struct machine machine;
	struct machine *inner;
};

static struct machine *inner(struct machine *machine)
{
	return ((struct wrapped *)machine)->inner;
}

static int read_all(struct machine *machine, struct facts *out)
{
	return fails() ? -steps.error : machine_read(inner(machine), out);
}

static int find_uses(struct machine *machine, struct facts *facts)
{
	return fails() ? -steps.error : machine_find_uses(inner(machine), facts);
}

static int instance(struct machine *machine, const char *device, uint64_t *out)
{
	if (steps.hidden && strcmp(steps.hidden, device) == 0)
		return -steps.hidden_by;
	return fails() ? -steps.error : machine_instance(inner(machine), device, out);
}

static int driver(struct machine *machine, const char *device, struct driver_name *out)
{
	return fails() ? -steps.error : machine_driver(inner(machine), device, out);
}

static int override(struct machine *machine, const char *device, struct driver_name *out)
{
	return fails() ? -steps.error : machine_override(inner(machine), device, out);
}

static int probe(struct machine *machine, const char *device)
{
	return fails() ? -EIO : machine_probe(inner(machine), device);
}

static int bind(struct machine *machine, const char *device, const char *name)
{
	return fails() ? -steps.error : machine_bind(inner(machine), device, name);
}

static int unbind(struct machine *machine, const char *device)
{
	return fails() ? -steps.error : machine_unbind(inner(machine), device);
}

static int set_override(struct machine *machine, const char *device, const char *name)
{
	return fails() ? -steps.error : machine_set_override(inner(machine), device, name);
}

static int node(struct machine *machine, int group, struct group_node *out)
{
	return fails() ? -steps.error : machine_node(inner(machine), group, out);
}

static int set_node(struct machine *machine, int group, const struct group_node *to)
{
	return fails() ? -steps.error : machine_set_node(inner(machine), group, to);
}

static int await_node(struct machine *machine, int group, unsigned int milliseconds)
{
	return fails() ? -steps.error : machine_await_node(inner(machine), group, milliseconds);
}

/* What is opened is a file of the inner machine, whose claim is a step too: the last of `open`. */
static int open_group(struct machine *machine, int group, struct group_file **out)
{
	return fails() ? -steps.error : machine_open(inner(machine), group, out);
}

static const struct machine_ops ops = {
	.read = read_all,
	.find_uses = find_uses,
	.instance = instance,
	.driver = driver,
	.override = override,
	.bind = bind,
	.probe = probe,
	.unbind = unbind,
	.set_override = set_override,
	.node = node,
	.set_node = set_node,
	.await_node = await_node,
	.open = open_group,
};

struct machine *failing_machine(struct machine *machine)
{
	struct wrapped *wrapped = calloc(1, sizeof(*wrapped));

	if (!wrapped)
		abort();
	*wrapped = (struct wrapped) {.machine.ops = &ops, .inner = machine};
	return &wrapped->machine;
}

void failing_machine_free(struct machine *machine)
{
	free(machine);
}
