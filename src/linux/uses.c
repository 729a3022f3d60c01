/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uses.h"
#include "host.h"
#include "locked_reads.h"
#include "nvme_paths.h"
#include "parallel.h"
#include "proc_files.h"
#include "processes.h"
#include "sight.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- whose a thing is ---- */

struct device_facts *search_device(const struct search *search, const char *address)
{
	size_t place = device_index_find(search->devices, address);

	return place == SIZE_MAX ? NULL : &search->facts->devices[place];
}

/* Cuts the components of a path off its end, one by one, until one is a device of the facts. */
struct device_facts *device_on_path(const struct search *search, const char *whole)
{
	struct device_facts *device;
	struct pci_facts pci;
	char path[PATH_MAX], *last;

	snprintf(path, sizeof(path), "%s", whole);

	while ((last = strrchr(path, '/'))) {
		device = search_device(search, last + 1);
		if (device)
			return device;
		if (pci_address_parse(last + 1, &pci) == 0)
			return NULL;
		*last = '\0';
	}
	return NULL;
}

/* The name of what a descriptor is open on. -ENOENT is not "no": it says that /proc is missing. */
static int name_of(int fd, char *out, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, out, size - 1);
	if (length < 0)
		return errno == ENOENT ? -EIO : -errno;
	out[length] = '\0';
	return 0;
}

/* Takes the root's own path, which may go through anything, off the front of a path. */
static void cut_root(const struct search *search, char *path)
{
	size_t length = strlen(search->root_path);

	if (strcmp(path, search->root_path) == 0)
		strcpy(path, "/");
	else if (strncmp(path, search->root_path, length) == 0 && path[length] == '/')
		memmove(path, path + length, strlen(path + length) + 1);
}

static int lead(const struct search *search, const char *path, char *out, size_t size)
{
	int fd = sysfs_open(search->root, path, O_PATH), err;

	if (fd < 0)
		return fd;
	err = name_of(fd, out, size);
	close(fd);
	if (!err)
		cut_root(search, out);
	return err;
}

/* Stores where a path leads to, from the root. Where a recorded tree has a folder in place of a
 * class's link, its `device` leads to the device. */
static int resolve(const struct search *search, const char *path, char *out, size_t size)
{
	static const char classes[] = "sys/class/";
	char device[600];
	int err = lead(search, path, out, size);

	if (err || strncmp(path, classes, strlen(classes)) != 0 || strcmp(out + 1, path) != 0)
		return err;
	snprintf(device, sizeof(device), "%.512s/device", path);
	return sysfs_unless_absent(lead(search, device, out, size));
}

int device_behind(const struct search *search, const char *path, struct device_facts **out)
{
	char target[PATH_MAX];
	int err = resolve(search, path, target, sizeof(target));

	if (!err)
		*out = device_on_path(search, target);
	return err;
}

int for_each_device_behind(const struct search *search, const char *path,
			   int (*visit)(void *context, struct device_facts *device), void *context)
{
	char target[PATH_MAX];
	struct device_facts *device;
	int err = resolve(search, path, target, sizeof(target));

	if (err)
		return err;
	device = device_on_path(search, target);
	if (device)
		return visit(context, device);
	return for_each_nvme_path(search, target, visit, context);
}

/* ---- what is not known ---- */

int note_unknown(const struct search *search, struct device_facts *device, const char *about,
		 int err)
{
	int failed = 0;

	if (!err)
		return 0;
	if (device)
		return device_facts_hide(device, about, err);
	for (size_t i = 0; i < search->facts->device_count && !failed; i++)
		failed = device_facts_hide(&search->facts->devices[i], about, err);
	return failed;
}

__attribute__((format(printf, 5, 0))) static int append_use(struct device_facts *device, bool vital,
							    const char *kind, const char *name,
							    const char *format, va_list args)
{
	struct use_facts use = {.kind = strdup(kind), .name = strdup(name), .vital = vital}, *added;

	if (vasprintf(&use.reason, format, args) < 0)
		use.reason = NULL;
	if (!use.kind || !use.name || !use.reason || device_facts_add_use(device, &added) != 0)
		goto free_use;
	*added = use;
	return 0;

free_use:
	free(use.kind);
	free(use.name);
	free(use.reason);
	return -ENOMEM;
}

int say_remedy(struct device_facts *device, const char *format, ...)
{
	struct use_facts *use = &device->uses[device->use_count - 1];
	va_list args;

	va_start(args, format);
	if (vasprintf(&use->remedy, format, args) < 0)
		use->remedy = NULL;
	va_end(args);
	return use->remedy ? 0 : -ENOMEM;
}

int add_use(struct device_facts *device, const char *kind, const char *name, const char *format,
	    ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = append_use(device, false, kind, name, format, args);
	va_end(args);
	return err;
}

int add_vital_use(struct device_facts *device, const char *kind, const char *name,
		  const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = append_use(device, true, kind, name, format, args);
	va_end(args);
	return err;
}

/* ---- what several searches need ---- */

int search_mounts(const struct search *search, const struct mounts **out)
{
	int err = *search->mounts_read ? 0 : mounts_read(search->root, search->mounts);

	if (err) {
		mounts_release(search->mounts);
		return err;
	}
	*search->mounts_read = true;
	*out = search->mounts;
	return 0;
}

/* ---- functions and consumers ---- */

static int take_virtual_functions(void *context, struct device_facts *device, const char *text,
				  int result)
{
	int count;

	if (result < 0)
		return note_unknown(context, device, "virtual functions",
				    sysfs_unless_absent(result));
	count = number_after(text, "");
	if (count <= 0)
		return note_unknown(context, device, "virtual functions", count ? -EBADMSG : 0);
	return add_use(device, "virtual-functions", "SR-IOV", "%d virtual function%s enabled",
		       count, count == 1 ? " is" : "s are");
}

/* Who can have some; what looking gives. */
struct physical {
	const struct search *search;
	struct answer *answers; /* one for each device */
};

static int look_for_number(void *context, size_t place)
{
	const struct physical *physical = context;
	const struct device_facts *device = &physical->search->facts->devices[place];
	char path[512];

	physical->answers[place] = answer_of(device->physical == KNOWN_YES);
	if (strcmp(device->bus, "pci") != 0 || device->physical != KNOWN_NOT)
		return 0;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/sriov_numvfs", device->address);
	physical->answers[place] = sysfs_exists(physical->search->root, path);
	return 0;
}

/* The number waits for the device's lock; whether it is there does not. */
static int read_numbers(const struct physical *physical)
{
	static const struct locked_attribute number = {"sriov_numvfs", ERRAND_READ, 16,
						       take_virtual_functions};
	const struct search *search = physical->search;
	struct locked_reads reads;
	int err = 0, failed;

	locked_reads_begin(&reads, search->crew, search->facts, (void *)(uintptr_t)search);
	for (size_t i = 0; i < search->facts->device_count && !err; i++) {
		if (answer_is_yes(physical->answers[i]))
			err = locked_reads_add(&reads, i, &number);
		else
			err = note_unknown(search, &search->facts->devices[i], "virtual functions",
					   physical->answers[i].hidden_by);
	}
	failed = locked_reads_end(&reads);
	return err ? err : failed;
}

static int find_virtual_functions(const struct search *search)
{
	size_t count = search->facts->device_count;
	struct physical physical = {.search = search,
				    .answers = calloc(count + 1, sizeof(struct answer))};
	int err;

	if (!physical.answers)
		return -ENOMEM;
	err = parallel_for(count, look_for_number, &physical);
	if (!err)
		err = read_numbers(&physical);
	free(physical.answers);
	return err;
}

/* The device of the facts that "pci:0000:01:00.1" names. */
static struct device_facts *named_device(const struct search *search, const char *name)
{
	const char *address = strchr(name, ':');
	struct device_facts *device = address ? search_device(search, address + 1) : NULL;

	return device && strlen(device->bus) == (size_t)(address - name) &&
			       strncmp(device->bus, name, strlen(device->bus)) == 0
		       ? device
		       : NULL;
}

/* Stores the device that an end of a link is, or is below. A recorded link may have its name only.
 */
static int find_end(const struct search *search, const char *link, const char *end,
		    const char *name, struct device_facts **out)
{
	char path[600];
	int err;

	snprintf(path, sizeof(path), "sys/class/devlink/%s/%s", link, end);
	err = device_behind(search, path, out);
	if (sysfs_is_absent(err))
		*out = named_device(search, name);
	return sysfs_unless_absent(err);
}

/* The kernel's words for a link that does not hold its supplier: the consumer has no driver, or is
 * not unbound with it. */
static bool holds_nothing(const char *status)
{
	return strcmp(status, "dormant") == 0 || strcmp(status, "available") == 0 ||
	       strcmp(status, "not tracked") == 0;
}

/* Adds the consumer as a use of its supplier while their link holds. */
static int look_at_consumer(const struct search *search, const char *link,
			    struct device_facts *supplier, const char *consumer)
{
	static const char about[] = "devices that depend on it";
	char path[600], status[32];
	int length;

	snprintf(path, sizeof(path), "sys/class/devlink/%s/status", link);
	length = sysfs_read_path(search->root, path, status, sizeof(status));
	if (length <= 0)
		return note_unknown(search, supplier, about,
				    length ? sysfs_unless_absent(length) : -EBADMSG);
	return holds_nothing(status) ? 0 : add_use(supplier, "supplier", consumer, "depends on it");
}

static int look_at_ends(const struct search *search, const char *link, const char *supplier_name,
			const char *consumer_name)
{
	static const char about[] = "devices that depend on it";
	const char *name = strchr(consumer_name, ':');
	struct device_facts *supplier = NULL, *consumer = NULL;
	int err = find_end(search, link, "supplier", supplier_name, &supplier);

	if (err || !supplier || !name)
		return note_unknown(search, NULL, about, err);
	err = find_end(search, link, "consumer", consumer_name, &consumer);
	if (err)
		return note_unknown(search, supplier, about, err);
	if (consumer == supplier ||
	    (consumer && consumer->group >= 0 && consumer->group == supplier->group))
		return 0;
	return look_at_consumer(search, link, supplier, name + 1);
}

/*
 * A link "pci:0000:01:00.0--pci:0000:01:00.1", of a supplier and its consumer: who unbinds the one
 * unbinds the other, if it holds. What is below a device goes with it. Within a group both change
 * hands anyway.
 */
static int look_at_device_link(void *context, int links, const char *name)
{
	char ends[NAME_MAX + 1], *second;

	snprintf(ends, sizeof(ends), "%s", name);
	second = strstr(ends, "--");
	if (!second)
		return 0;
	*second = '\0';
	return look_at_ends(context, name, ends, second + 2);
}

int find_function_uses(const struct search *search)
{
	int err = sysfs_for_each_entry_if_any(search->root, "sys/class/devlink",
					      look_at_device_link, (void *)(uintptr_t)search);

	return err ? err : find_virtual_functions(search);
}

/* ---- all of it ---- */

/* Every search is made, whatever became of the ones before: all reasons are told. */
static const struct {
	int (*find)(const struct search *search);
	const char *about;
} searches[] = {
	{find_network_uses, "network interfaces"},
	{find_storage_uses, "disks"},
	{find_display_uses, "displays"},
	{find_console_uses, "consoles"},
	{find_keyboard_uses, "keyboards"},
	{find_engine_uses, "what the kernel uses it for"},
	{find_function_uses, "virtual functions"},
	{find_mediated_uses, "mediated devices"},
	{find_node_uses, "open descriptors"},
};

static void expect_uses(struct device_facts *device)
{
	device_facts_forget_uses(device);
	device->uses_known = true;
}

static int note_blind_spot(void *context, const char *about, int err)
{
	return note_unknown(context, NULL, about, err);
}

/* Runs one search, with what it needs. */
static int search_host(struct machine *machine, struct facts *facts,
		       int (*look)(const struct search *search))
{
	struct answer running = root_is_running(host_of(machine)->root);
	struct mounts mounts = {0};
	bool mounts_read = false;
	char root_path[PATH_MAX] = "";
	int unnamed = name_of(host_of(machine)->root, root_path, sizeof(root_path));
	struct device_index index;
	const struct search search = {.root = host_of(machine)->root,
				      .root_path = strcmp(root_path, "/") == 0 ? "" : root_path,
				      .crew = &host_of(machine)->crew,
				      .live = answer_is_yes(running),
				      .facts = facts,
				      .devices = &index,
				      .mounts = &mounts,
				      .mounts_read = &mounts_read};
	int err = device_index_init(&index, facts);

	if (err)
		return err;
	err = note_unknown(&search, NULL, "whether this is the running system", running.hidden_by);
	if (!err)
		err = note_unknown(&search, NULL, "where the root is", unnamed);
	if (!err)
		err = look(&search);
	mounts_release(&mounts);
	device_index_release(&index);
	return err;
}

int host_find_users(struct machine *machine, struct facts *facts)
{
	return search_host(machine, facts, find_users);
}

static int find_all(const struct search *search)
{
	int err = 0;

	if (search->live)
		err = for_each_blind_spot(search->root, note_blind_spot, (void *)(uintptr_t)search);
	for (size_t i = 0; i < sizeof(searches) / sizeof(*searches) && !err; i++) {
		int failed = searches[i].find(search);

		err = note_unknown(search, NULL, searches[i].about, failed);
	}
	return err;
}

int host_find_uses(struct machine *machine, struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++)
		expect_uses(&facts->devices[i]);
	return search_host(machine, facts, find_all);
}
