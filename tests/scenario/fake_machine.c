/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fake_machine.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fake_file {
	struct group_file file;
	struct fake_machine *fake;
};

static struct fake_machine *fake_of(struct machine *machine)
{
	return (struct fake_machine *)machine;
}

/* Writes down "OPERATION ARGUMENTS" and gives the errno that was set for the operation. */
__attribute__((format(printf, 3, 4))) static int
asked(struct fake_machine *fake, const char *operation, const char *format, ...)
{
	char *arguments, *log;
	va_list args;

	va_start(args, format);
	assert_true(vasprintf(&arguments, format, args) >= 0);
	va_end(args);
	assert_true(asprintf(&log, "%s%s%s\n", fake->log, operation, arguments) >= 0);
	free(arguments);
	free(fake->log);
	fake->log = log;
	return fake->failing && strcmp(fake->failing, operation) == 0 ? fake->error : 0;
}

static struct device_facts *device_of(struct machine *machine, const char *address)
{
	return facts_device(&fake_of(machine)->facts, address);
}

static int fake_read(struct machine *machine, struct facts *out)
{
	struct fake_machine *fake = fake_of(machine);

	if (fake->failing && strcmp(fake->failing, "read") == 0)
		return fake->error;
	return facts_copy(out, &fake->facts);
}

static int fake_bind(struct machine *machine, const char *device, const char *driver)
{
	int err = asked(fake_of(machine), "bind", " %s %s", device, driver);

	return err ? err : facts_set_string(&device_of(machine, device)->driver, driver);
}

static int fake_unbind(struct machine *machine, const char *device)
{
	int err = asked(fake_of(machine), "unbind", " %s", device);

	return err ? err : facts_set_string(&device_of(machine, device)->driver, NULL);
}

static int fake_probe(struct machine *machine, const char *device)
{
	return asked(fake_of(machine), "probe", " %s", device);
}

static int fake_set_override(struct machine *machine, const char *device, const char *driver)
{
	int err = asked(fake_of(machine), "override", " %s %s", device, driver ? driver : "-");

	return err ? err : facts_set_string(&device_of(machine, device)->override, driver);
}

/* Moves the one device at `index` out of `from`, by copying all others. */
static void move_device(struct facts *from, struct facts *to, const char *address)
{
	struct facts rest = {0};

	for (size_t i = 0; i < from->device_count; i++) {
		bool moves = strcmp(from->devices[i].address, address) == 0;

		assert_int_equal(facts_copy_device(moves ? to : &rest, &from->devices[i]), 0);
	}
	for (size_t i = 0; i < from->group_count; i++)
		assert_int_equal(facts_copy_group(&rest, &from->groups[i]), 0);
	for (size_t i = 0; i < from->driver_count; i++)
		assert_int_equal(facts_copy_driver(&rest, &from->drivers[i]), 0);
	facts_release(from);
	*from = rest;
}

static int fake_remove(struct machine *machine, const char *device)
{
	struct fake_machine *fake = fake_of(machine);
	int err = asked(fake, "remove", " %s", device);

	if (!err)
		move_device(&fake->facts, &fake->removed, device);
	return err;
}

static int fake_rescan(struct machine *machine)
{
	struct fake_machine *fake = fake_of(machine);
	int err = asked(fake, "rescan", "%s", "");

	for (size_t i = 0; !err && i < fake->removed.device_count; i++)
		err = facts_copy_device(&fake->facts, &fake->removed.devices[i]);
	facts_release(&fake->removed);
	return err;
}

static int fake_set_type(struct machine *machine, int group, const char *type)
{
	return asked(fake_of(machine), "type", " %d %s", group, type);
}

static int fake_add_driver(struct machine *machine, const struct driver_script *script)
{
	return asked(fake_of(machine), "driver-add", " %s %s", script->bus, script->name);
}

static int fake_remove_driver(struct machine *machine, const char *bus, const char *driver)
{
	return asked(fake_of(machine), "driver-remove", " %s %s", bus, driver);
}

static int fake_reset(struct machine *machine, const char *device, bool begin)
{
	return asked(fake_of(machine), begin ? "reset-begin" : "reset-end", " %s", device);
}

static struct fake_machine *fake_of_file(struct group_file *file)
{
	return ((struct fake_file *)file)->fake;
}

static void file_close(struct group_file *file)
{
	asked(fake_of_file(file), "close", "%s", "");
	fake_of_file(file)->open_files--;
	free(file);
}

static int file_viable(struct group_file *file, bool *viable)
{
	*viable = fake_of_file(file)->answer;
	return asked(fake_of_file(file), "viable", "%s", "");
}

static int file_claim(struct group_file *file)
{
	return asked(fake_of_file(file), "claim", "%s", "");
}

static int file_release(struct group_file *file)
{
	return asked(fake_of_file(file), "release", "%s", "");
}

static int file_attach(struct group_file *file)
{
	return asked(fake_of_file(file), "attach", "%s", "");
}

static int file_detach(struct group_file *file)
{
	return asked(fake_of_file(file), "detach", "%s", "");
}

static int file_map(struct group_file *file, uint64_t iova, uint64_t size)
{
	return asked(fake_of_file(file), "map", " %" PRIx64 " %" PRIx64, iova, size);
}

static int file_unmap(struct group_file *file, uint64_t iova, uint64_t size)
{
	return asked(fake_of_file(file), "unmap", " %" PRIx64 " %" PRIx64, iova, size);
}

static int file_open_device(struct group_file *file, const char *device)
{
	return asked(fake_of_file(file), "open-device", " %s", device);
}

static int file_close_device(struct group_file *file, const char *device)
{
	return asked(fake_of_file(file), "close-device", " %s", device);
}

static int file_dma(struct group_file *file, const char *device, enum dma_direction direction,
		    uint64_t iova, uint64_t size, bool *reached)
{
	*reached = fake_of_file(file)->answer;
	return asked(fake_of_file(file), "dma", " %s %s %" PRIx64 " %" PRIx64, device,
		     direction == DMA_TO_MEMORY ? "to" : "from", iova, size);
}

static const struct group_file_ops file_ops = {
	.close = file_close,
	.viable = file_viable,
	.claim = file_claim,
	.release = file_release,
	.attach = file_attach,
	.detach = file_detach,
	.map = file_map,
	.unmap = file_unmap,
	.open_device = file_open_device,
	.close_device = file_close_device,
	.dma = file_dma,
};

static int fake_open(struct machine *machine, int group, struct group_file **out)
{
	struct fake_machine *fake = fake_of(machine);
	int err = asked(fake, "open", " %d", group);
	struct fake_file *file;

	if (err)
		return err;
	file = calloc(1, sizeof(*file));
	assert_non_null(file);
	file->file.ops = &file_ops;
	file->fake = fake;
	fake->open_files++;
	*out = &file->file;
	return 0;
}

static const struct machine_ops fake_ops = {
	.read = fake_read,
	.bind = fake_bind,
	.unbind = fake_unbind,
	.probe = fake_probe,
	.set_override = fake_set_override,
	.remove = fake_remove,
	.rescan = fake_rescan,
	.set_type = fake_set_type,
	.add_driver = fake_add_driver,
	.remove_driver = fake_remove_driver,
	.reset = fake_reset,
	.open = fake_open,
};

static void add_device(struct facts *facts, const char *address, const char *driver)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	device->group = 8;
	assert_int_equal(facts_set_string(&device->address, address), 0);
	assert_int_equal(facts_set_string(&device->bus, "pci"), 0);
	assert_int_equal(facts_set_string(&device->driver, driver), 0);
}

static void add_driver(struct facts *facts, const char *name, enum known managed)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	driver->managed_dma = managed;
	assert_int_equal(facts_set_string(&driver->name, name), 0);
	assert_int_equal(facts_set_string(&driver->bus, "pci"), 0);
}

void fake_machine_init(struct fake_machine *fake)
{
	struct group_facts *group;

	*fake = (struct fake_machine) {.machine.ops = &fake_ops, .log = strdup("")};
	assert_non_null(fake->log);
	assert_int_equal(facts_set_string(&fake->facts.machine, "fake"), 0);
	assert_int_equal(facts_add_group(&fake->facts, &group), 0);
	group->id = 8;
	group->owner.kind = OWNER_NONE;
	add_driver(&fake->facts, "e1000", KNOWN_NO);
	add_driver(&fake->facts, "vfio-pci", KNOWN_YES);
	add_device(&fake->facts, "0000:02:01.0", "e1000");
	add_device(&fake->facts, "0000:02:02.0", NULL);
	add_device(&fake->facts, "0000:02:03.0", "e1000");
}

void fake_machine_release(struct fake_machine *fake)
{
	assert_int_equal(fake->open_files, 0);
	facts_release(&fake->facts);
	facts_release(&fake->removed);
	free(fake->log);
}
