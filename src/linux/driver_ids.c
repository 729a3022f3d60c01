/* SPDX-License-Identifier: MIT */
/*
 * What each driver binds without an override, from the aliases that depmod(8) collects: the kernel
 * shows a driver's module but not its table of ids. Ids added by `new_id` are not seen.
 */
#define _GNU_SOURCE
#include "driver_ids.h"
#include "modalias.h"
#include "modules.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A driver and the module it is in, by which its aliases are found. */
struct module_driver {
	char module[64];
	size_t driver; /* in facts->drivers */
};

static int compare_modules(const void *first, const void *second)
{
	const struct module_driver *a = first, *b = second;

	return strcmp(a->module, b->module);
}

/* A compatible string has two aliases, one after the other: alone and in front of others. */
static int add_id(struct driver_facts *driver, const char *id)
{
	if (driver->id_count && strcmp(driver->ids[driver->id_count - 1], id) == 0)
		return 0;
	return driver_facts_add_id(driver, id);
}

/* Gives the id that an alias stands for to every driver of the module; `drivers` is sorted. */
static int add_alias(struct facts *facts, const struct module_driver *drivers, const char *alias,
		     const char *alias_end, const char *module, const char *module_end)
{
	size_t length = (size_t)(module_end - module), at = 0;
	int err = 0;

	while (at < facts->driver_count && strncmp(drivers[at].module, module, length) < 0)
		at++;
	for (; !err && at < facts->driver_count; at++) {
		struct driver_facts *driver = &facts->drivers[drivers[at].driver];
		char *id;

		if (strncmp(drivers[at].module, module, length) != 0)
			break;
		if (drivers[at].module[length] != '\0')
			continue;
		err = modalias_driver_id(driver->bus, alias, alias_end, &id);
		if (!err) {
			err = add_id(driver, id);
			free(id);
		}
		err = err == -EINVAL ? 0 : err;
	}
	return err;
}

/* modules.alias: lines "alias PATTERN MODULE". */
static int add_line(struct facts *facts, const struct module_driver *drivers, const char *line,
		    const char *end)
{
	const char *alias = line + strlen("alias "), *space;

	if (end - line <= (ptrdiff_t)strlen("alias ") || memcmp(line, "alias ", 6) != 0)
		return 0;
	space = memchr(alias, ' ', (size_t)(end - alias));
	return space ? add_alias(facts, drivers, alias, space, space + 1, end) : 0;
}

/* modules.builtin.modinfo: "MODULE.alias=PATTERN". */
static int add_modinfo(struct facts *facts, const struct module_driver *drivers, const char *line,
		       const char *end)
{
	static const char mark[] = ".alias=";
	const char *at = memmem(line, (size_t)(end - line), mark, strlen(mark));

	return at ? add_alias(facts, drivers, at + strlen(mark), end, line, at) : 0;
}

typedef int record_fn(struct facts *facts, const struct module_driver *drivers, const char *record,
		      const char *end);

/* Hands on every record of the file; a host without that file has nothing to say. */
static int for_each_record(struct reading *reading, const char *name, char separator,
			   const struct module_driver *drivers, record_fn *record)
{
	struct stat status;
	int fd = open_module_file(reading->root, name), err = 0;
	char *text = MAP_FAILED;
	size_t size = 0;

	if (fd < 0)
		return 0;
	if (fstat(fd, &status) == 0 && status.st_size > 0) {
		size = (size_t)status.st_size;
		text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (text == MAP_FAILED)
		return 0;
	for (const char *at = text, *end; !err && at < text + size; at = end + 1) {
		end = memchr(at, separator, (size_t)(text + size - at));
		end = end ? end : text + size;
		err = record(reading->facts, drivers, at, end);
	}
	munmap(text, size);
	return err;
}

int read_driver_ids(struct reading *reading)
{
	struct facts *facts = reading->facts;
	struct module_driver *drivers = calloc(facts->driver_count + 1, sizeof(*drivers));
	int err;

	if (!drivers)
		return -ENOMEM;
	for (size_t i = 0; i < facts->driver_count; i++) {
		drivers[i].driver = i;
		if (driver_module(reading, &facts->drivers[i], drivers[i].module,
				  sizeof(drivers[i].module)) != 0)
			*drivers[i].module = '\0';
	}
	qsort(drivers, facts->driver_count, sizeof(*drivers), compare_modules);
	err = for_each_record(reading, "modules.alias", '\n', drivers, add_line);
	if (!err)
		err = for_each_record(reading, "modules.builtin.modinfo", '\0', drivers,
				      add_modinfo);
	free(drivers);
	return err;
}
