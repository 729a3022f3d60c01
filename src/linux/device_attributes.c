/* SPDX-License-Identifier: MIT */
/*
 * Attributes of a device that wait for its lock (locked_reads.h), and what their answers say.
 *
 * What is not answered in time, or can't be read, is noted on the device as not known. A device
 * that answers that it has gone is taken out of the facts when all have been answered.
 */
#define _GNU_SOURCE
#include "device_attributes.h"
#include "buses.h"
#include "locked_reads.h"
#include "modalias.h"
#include "pci_config.h"
#include "reading.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int device_take_modalias(struct device_facts *device, const char *modalias)
{
	struct modalias_ids ids;
	int err = set_text(&device->modalias, modalias);

	if (err || !device->modalias || modalias_parse(device->modalias, NULL, &ids) != 0)
		return err;
	err = set_text(&device->vendor, ids.vendor);
	if (!err)
		err = set_text(&device->device, ids.device);
	if (!err)
		err = set_text(&device->subvendor, ids.subvendor);
	if (!err)
		err = set_text(&device->subdevice, ids.subdevice);
	if (!err && !device->class)
		err = set_text(&device->class, ids.class);
	return err;
}

/* The reading of attributes; what the answers are told. */
struct attributes {
	struct reading *reading;
	bool *gone; /* of each device whether it is */
};

/* A member of a group is left out only where it is seen to have gone. */
static int mark_gone(const struct attributes *attributes, struct device_facts *device, int err)
{
	const struct reading *reading = attributes->reading;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", device->bus, device->address);
	if (reading->part && !answer_is_no(sysfs_exists(reading->root, path)))
		return device_facts_hide(device, "what it is", err);
	attributes->gone[device - reading->facts->devices] = true;
	return 0;
}

/* ---- uevent ---- */

/* Stores the value of a line KEY=VALUE of a uevent; empty: there is none. */
static void find_uevent_value(const char *uevent, const char *key, char *out, size_t size)
{
	size_t length = strlen(key);

	*out = '\0';
	for (const char *line = uevent; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) != 0 || line[length] != '=')
			continue;
		line += length + 1;
		snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
		return;
	}
}

/* The name of the driver by its link. */
static int read_driver_link(const struct reading *reading, struct device_facts *device)
{
	char path[PATH_SIZE], name[256];
	int directory, err;

	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", device->bus, device->address);
	directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (directory < 0)
		return directory;
	err = sysfs_link_name(directory, "driver", name, sizeof(name));
	close(directory);
	return err ? err : facts_set_string(&device->driver, name);
}

/*
 * A driver that is told to let go loses its link first, and the device its driver last: a device
 * that has a driver without a link is in between. One that has got both since we looked is not.
 */
static int judge_busy(const struct reading *reading, struct device_facts *device)
{
	int err;

	if (!device->driver)
		return 0;
	err = read_driver_link(reading, device);
	device->busy = err == -ENOENT;
	return err == -ENOENT ? 0 : err;
}

/* Whoever holds the lock of a device without a link is letting go of it, or begins to take it. */
static int note_no_uevent(struct device_facts *device, int err)
{
	device->busy = err == -ETIMEDOUT && !device->driver;
	return device_facts_hide(device, "driver", err);
}

static int take_uevent(void *context, struct device_facts *device, const char *uevent, int result)
{
	const struct attributes *attributes = context;
	char value[1024];
	int err = 0;

	if (sysfs_is_absent(result))
		return mark_gone(attributes, device, result);
	if (result < 0)
		return note_no_uevent(device, result);
	if (!device->driver) {
		find_uevent_value(uevent, "DRIVER", value, sizeof(value));
		err = set_text(&device->driver, value);
		if (!err)
			err = judge_busy(attributes->reading, device);
	}
	if (err || device->modalias)
		return err;
	find_uevent_value(uevent, "MODALIAS", value, sizeof(value));
	return device_take_modalias(device, value);
}

/* ---- override ---- */

/* A bus may lack overrides; the kernel writes "(null)" where there is none. */
static int take_override(void *context, struct device_facts *device, const char *name, int result)
{
	if (sysfs_is_absent(result) || (result >= 0 && strcmp(name, "(null)") == 0))
		return 0;
	return result < 0 ? device_facts_hide(device, "driver override", result)
			  : set_text(&device->override, name);
}

/* ---- config space ---- */

/* All of it or what a plan needs: whether the device answers, and whether it is a bridge. A
 * recorded tree may go without; what else can't be read may be anything. */
static int take_config(void *context, struct device_facts *device, const char *bytes, int result)
{
	int err = pci_config_take(bytes, result, device->pci);

	if (err == -ENOENT)
		return 0;
	if (err)
		return mark_gone(context, device, err);
	if (device->pci->config != CONFIG_HIDDEN || !device->pci->config_errno)
		return 0;
	return device_facts_hide(device, "configuration space", -device->pci->config_errno);
}

/* ---- asking ---- */

static const struct locked_attribute uevent = {"uevent", ERRAND_READ, 4096, take_uevent},
				     override = {"driver_override", ERRAND_READ, 256,
						 take_override},
				     header = {"config", ERRAND_READ_ALL, PCI_HEADER_SIZE + 1,
					       take_config},
				     config = {"config", ERRAND_READ_ALL, PCI_CONFIG_SIZE + 1,
					       take_config};

static int ask(struct locked_reads *reads, bool full, size_t place)
{
	const struct device_facts *device = &reads->facts->devices[place];
	int err = 0;

	if (!device->driver || !device->modalias)
		err = locked_reads_add(reads, place, &uevent);
	if (!err)
		err = locked_reads_add(reads, place, &override);
	if (!err && device->pci)
		err = locked_reads_add(reads, place, full ? &config : &header);
	return err;
}

/* Of devices of other buses nothing is asked: what could be answered would not help. */
static bool is_ours(const struct device_facts *device)
{
	for (const struct bus *bus = host_buses; bus->name; bus++) {
		if (strcmp(bus->name, device->bus) == 0)
			return true;
	}
	return false;
}

int read_attributes(struct reading *reading)
{
	struct facts *facts = reading->facts;
	struct attributes attributes = {.reading = reading,
					.gone = calloc(facts->device_count + 1, sizeof(bool))};
	struct locked_reads reads;
	int err = 0, failed;

	if (!attributes.gone)
		return -ENOMEM;
	locked_reads_begin(&reads, reading->crew, facts, &attributes);
	for (size_t i = 0; i < facts->device_count && !err; i++) {
		if (is_ours(&facts->devices[i]))
			err = ask(&reads, reading->full, i);
	}
	failed = locked_reads_end(&reads);
	facts_drop_devices(facts, 0, attributes.gone);
	free(attributes.gone);
	return err ? err : failed;
}
