/* SPDX-License-Identifier: MIT */
/*
 * Uses of a device by other devices: its virtual functions, and consumers that the kernel unbinds
 * with it.
 */
#define _GNU_SOURCE
#include "locked_reads.h"
#include "number.h"
#include "parallel.h"
#include "sysfs.h"
#include "uses.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	const struct survey *survey;
	struct answer *answers; /* one for each device */
};

static int look_for_number(void *context, size_t place)
{
	const struct physical *physical = context;
	const struct device_facts *device = &physical->survey->facts->devices[place];
	char path[512];

	physical->answers[place] = answer_of(device->physical == KNOWN_YES);
	if (strcmp(device->bus, "pci") != 0 || device->physical != KNOWN_NOT)
		return 0;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/sriov_numvfs", device->address);
	physical->answers[place] = sysfs_exists(physical->survey->root, path);
	return 0;
}

/* The number waits for the device's lock; whether it is there does not. */
static int read_numbers(const struct physical *physical)
{
	static const struct locked_attribute number = {"sriov_numvfs", ERRAND_READ, 16,
						       take_virtual_functions};
	const struct survey *survey = physical->survey;
	struct locked_reads reads;
	int err = 0, failed;

	locked_reads_begin(&reads, survey->crew, survey->facts, (void *)(uintptr_t)survey);
	for (size_t i = 0; i < survey->facts->device_count && !err; i++) {
		if (answer_is_yes(physical->answers[i]))
			err = locked_reads_add(&reads, i, &number);
		else
			err = note_unknown(survey, &survey->facts->devices[i], "virtual functions",
					   physical->answers[i].hidden_by);
	}
	failed = locked_reads_end(&reads);
	return err ? err : failed;
}

static int find_virtual_functions(const struct survey *survey)
{
	size_t count = survey->facts->device_count;
	struct physical physical = {.survey = survey,
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
static struct device_facts *named_device(const struct survey *survey, const char *name)
{
	const char *address = strchr(name, ':');
	struct device_facts *device = address ? survey_device(survey, address + 1) : NULL;

	return device && strlen(device->bus) == (size_t)(address - name) &&
			       strncmp(device->bus, name, strlen(device->bus)) == 0
		       ? device
		       : NULL;
}

/* Stores the device that an end of a link is, or is below. A recorded link may have its name only.
 */
static int find_end(const struct survey *survey, const char *link, const char *end,
		    const char *name, struct device_facts **out)
{
	char path[600];
	int err;

	snprintf(path, sizeof(path), "sys/class/devlink/%s/%s", link, end);
	err = device_behind(survey, path, out);
	if (sysfs_is_absent(err))
		*out = named_device(survey, name);
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
static int look_at_consumer(const struct survey *survey, const char *link,
			    struct device_facts *supplier, const char *consumer)
{
	static const char about[] = "devices that depend on it";
	char path[600], status[32];
	int length;

	snprintf(path, sizeof(path), "sys/class/devlink/%s/status", link);
	length = sysfs_read_path(survey->root, path, status, sizeof(status));
	if (length <= 0)
		return note_unknown(survey, supplier, about,
				    length ? sysfs_unless_absent(length) : -EBADMSG);
	return holds_nothing(status) ? 0 : add_use(supplier, "supplier", consumer, "depends on it");
}

static int look_at_ends(const struct survey *survey, const char *link, const char *supplier_name,
			const char *consumer_name)
{
	static const char about[] = "devices that depend on it";
	const char *name = strchr(consumer_name, ':');
	struct device_facts *supplier = NULL, *consumer = NULL;
	int err = find_end(survey, link, "supplier", supplier_name, &supplier);

	if (err || !supplier || !name)
		return note_unknown(survey, NULL, about, err);
	err = find_end(survey, link, "consumer", consumer_name, &consumer);
	if (err)
		return note_unknown(survey, supplier, about, err);
	if (consumer == supplier ||
	    (consumer && consumer->group >= 0 && consumer->group == supplier->group))
		return 0;
	return look_at_consumer(survey, link, supplier, name + 1);
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

int find_function_uses(const struct survey *survey)
{
	int err = sysfs_for_each_entry_if_any(survey->root, "sys/class/devlink",
					      look_at_device_link, (void *)(uintptr_t)survey);

	return err ? err : find_virtual_functions(survey);
}
