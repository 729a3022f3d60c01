/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "changes.h"
#include "buses.h"
#include "clock.h"
#include "host.h"
#include "sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Drivers wait for their hardware more than they compute (docs/performance.md has the widths that
 * were tried). */
enum { WORKERS_PER_CPU = 4 };

/* What one change alone is given: nobody who makes one has said how long it may take. */
enum { PATIENCE = 60000 };

/* ---- writes ---- */

/* Strings are borrowed. */
struct host_write {
	char path[PATH_SIZE];
	const char *value;
	int missing;       /* the answer where there is no such path */
	const char *guard; /* as of struct change */
};

/* -ENODEV: the path is too long to be that of anything. */
static int set_path(struct host_write *write, int length)
{
	return length < 0 || length >= (int)sizeof(write->path) ? -ENODEV : 0;
}

/* An attribute of the device; `missing` is the answer where a device lacks it. */
static int to_attribute(const struct host *host, const char *device, const char *attribute,
			const char *value, int missing, struct host_write *out)
{
	const char *bus;
	int err = find_bus(host->root, device, &bus);

	if (err)
		return err;
	*out = (struct host_write) {.value = value, .missing = missing};
	return set_path(out, snprintf(out->path, sizeof(out->path), "sys/bus/%s/devices/%s/%s", bus,
				      device, attribute));
}

static int to_bind(const struct host *host, const char *device, const char *driver,
		   struct host_write *out)
{
	const char *bus;
	int err = find_bus(host->root, device, &bus);

	if (!err && !sysfs_is_entry(driver))
		err = -ENODEV;
	if (err)
		return err;
	*out = (struct host_write) {.value = device, .missing = -ENODEV};
	return set_path(out, snprintf(out->path, sizeof(out->path), "sys/bus/%s/drivers/%s/bind",
				      bus, driver));
}

static int to_unbind(const struct host *host, const char *device, struct host_write *out)
{
	return to_attribute(host, device, "driver/unbind", device, -ENODEV, out);
}

/* An empty line clears an override; an empty write would not reach the kernel. */
static int to_override(const struct host *host, const char *device, const char *driver,
		       struct host_write *out)
{
	return to_attribute(host, device, "driver_override", driver ? driver : "\n", -EOPNOTSUPP,
			    out);
}

static struct errand errand_of(struct host_write *write)
{
	return (struct errand) {.kind = ERRAND_WRITE,
				.path = write->path,
				.text = (char *)(uintptr_t)write->value,
				.guard = write->guard,
				.size = strlen(write->value)};
}

static int result_of(int result, int missing)
{
	return result == -ENOENT ? missing : result;
}

static int host_write(struct host *host, struct host_write *write)
{
	struct errand errand = errand_of(write);

	return result_of(crew_do(&host->crew, &errand, PATIENCE), write->missing);
}

/* ---- one change ---- */

int host_bind(struct machine *machine, const char *device, const char *driver)
{
	struct host_write write;
	int err = to_bind(host_of(machine), device, driver, &write);

	return err ? err : host_write(host_of(machine), &write);
}

int host_unbind(struct machine *machine, const char *device)
{
	struct host_write write;
	int err = to_unbind(host_of(machine), device, &write);

	return err ? err : host_write(host_of(machine), &write);
}

int host_set_override(struct machine *machine, const char *device, const char *driver)
{
	struct host_write write;
	int err = to_override(host_of(machine), device, driver, &write);

	return err ? err : host_write(host_of(machine), &write);
}

int host_probe(struct machine *machine, const char *device)
{
	struct host_write write = {.value = device, .missing = -ENOENT};
	const char *bus;
	int err = find_bus(host_of(machine)->root, device, &bus);

	if (err)
		return err;
	snprintf(write.path, sizeof(write.path), "sys/bus/%s/drivers_probe", bus);
	return host_write(host_of(machine), &write);
}

int host_remove(struct machine *machine, const char *device)
{
	struct host_write write;
	int err = to_attribute(host_of(machine), device, "remove", "1", -EOPNOTSUPP, &write);

	return err ? err : host_write(host_of(machine), &write);
}

/* Every bus that can find devices by itself does. */
int host_rescan(struct machine *machine)
{
	struct host_write write = {.value = "1", .missing = -ENOENT};
	int err, first = -EOPNOTSUPP;

	for (size_t i = 0; host_buses[i].name; i++) {
		snprintf(write.path, sizeof(write.path), "sys/bus/%s/rescan", host_buses[i].name);
		err = host_write(host_of(machine), &write);
		if (err != -ENOENT && (first == -EOPNOTSUPP || first == 0))
			first = err;
	}
	return first;
}

int host_set_type(struct machine *machine, int group, const char *type)
{
	struct host_write write = {.value = type, .missing = -ENODEV};

	snprintf(write.path, sizeof(write.path), "sys/kernel/iommu_groups/%d/type", group);
	return host_write(host_of(machine), &write);
}

/* ---- several at once ---- */

/* The changes under way, each with its worker. */
struct making {
	struct crew *crew;
	struct worker *workers[MOST_WORKERS];
	struct change *changes[MOST_WORKERS];
	int missing[MOST_WORKERS];
	size_t count;
	unsigned int lost; /* workers that were killed before they began */
};

static int prepare(const struct host *host, const struct change *change, struct host_write *out)
{
	switch (change->kind) {
	case CHANGE_OVERRIDE:
		return to_override(host, change->device, change->driver, out);
	case CHANGE_UNBIND:
		return to_unbind(host, change->device, out);
	case CHANGE_BIND:
		break;
	}
	return to_bind(host, change->device, change->driver, out);
}

/* Begins a change, whose result is -ETIMEDOUT until it is done; else the result is there. */
static int begin(struct making *making, const struct host *host, struct change *change)
{
	struct host_write write;
	struct worker *worker;
	struct errand errand;
	int err = prepare(host, change, &write);

	if (err)
		return err;
	write.guard = change->guard;
	worker = crew_take_own(making->crew);
	if (!worker)
		return -EAGAIN;
	errand = errand_of(&write);
	err = worker_add(worker, &errand);
	if (err) {
		crew_give_back(making->crew, worker);
		return -ENODEV;
	}
	worker_begin(worker);
	making->missing[making->count] = write.missing;
	making->workers[making->count] = worker;
	making->changes[making->count++] = change;
	return -ETIMEDOUT;
}

/* Takes the result of one, and begins it again where nobody had begun. */
static void take_result(struct making *making, const struct host *host, size_t place)
{
	struct worker *worker = making->workers[place];
	struct change *change = making->changes[place];
	bool again = worker_was_lost(worker) && making->lost++ < MOST_WORKERS;
	char *text;

	change->result = result_of(worker_answer(worker, 0, &text), making->missing[place]);
	crew_give_back(making->crew, worker);
	making->count--;
	making->workers[place] = making->workers[making->count];
	making->changes[place] = making->changes[making->count];
	making->missing[place] = making->missing[making->count];
	if (again)
		change->result = begin(making, host, change);
}

/* Takes the results of those that are done. */
static void collect(struct making *making, const struct host *host)
{
	for (size_t i = making->count; i-- > 0;) {
		if (!worker_is_at_work(making->workers[i]))
			take_result(making, host, i);
	}
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
	struct making making = {.crew = &host_of(machine)->crew};
	long end = clock_now() + milliseconds;
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		changes[i].result = -ECANCELED;
	do {
		for (; next < count && making.count < width(); next++)
			changes[next].result = begin(&making, host_of(machine), &changes[next]);
		if (making.count > 0)
			workers_wait(making.workers, making.count, end - clock_now());
		collect(&making, host_of(machine));
	} while ((making.count > 0 || next < count) && clock_now() < end);
	for (size_t i = 0; i < making.count; i++)
		crew_give_back(making.crew, making.workers[i]);
}
