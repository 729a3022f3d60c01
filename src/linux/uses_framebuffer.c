/* SPDX-License-Identifier: MIT */
/*
 * Framebuffers that firmware left: platform devices, below no other device. In /proc/iomem their
 * memory lies in a BAR of the card that shows them; who may not see the addresses sees how lines
 * are indented. VFIO can't give the card to anybody while that is so.
 */
#define _GNU_SOURCE
#include "uses_framebuffer.h"
#include "proc_files.h"
#include "sysfs.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the memory is called, and the platform driver that has it. */
static const struct {
	const char *memory, *driver;
} kinds[] = {
	{"efifb", "efi-framebuffer"},
	{"efi-framebuffer", "efi-framebuffer"},
	{"vesafb", "vesa-framebuffer"},
	{"vesa-framebuffer", "vesa-framebuffer"},
	{"simplefb", "simple-framebuffer"},
	{"simpledrm", "simple-framebuffer"},
	{"simple-framebuffer", "simple-framebuffer"},
	{"BOOTFB", "simple-framebuffer"},
	{"efidrm", "efi-framebuffer"},
	{"vesadrm", "vesa-framebuffer"},
};

static const char *driver_of(const char *memory)
{
	size_t length = strcspn(memory, ".");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strncmp(kinds[i].memory, memory, length) == 0 && !kinds[i].memory[length])
			return kinds[i].driver;
	}
	return NULL;
}

/* ---- the platform device ---- */

struct platform {
	const char *driver;
	char device[64];
	bool there;
};

static int look_at_platform_device(void *context, int folder, const char *name)
{
	struct platform *platform = context;
	size_t length = strlen(platform->driver);

	if (strncmp(name, platform->driver, length) != 0 || name[length] != '.')
		return 0;
	snprintf(platform->device, sizeof(platform->device), "%.63s", name);
	platform->there = true;
	return 1;
}

/* Stores the first device of the driver; the kernel makes one. */
static int find_platform_device(const struct survey *survey, struct platform *platform)
{
	char path[96];
	int err;

	snprintf(platform->device, sizeof(platform->device), "%s.0", platform->driver);
	snprintf(path, sizeof(path), "sys/bus/platform/drivers/%s", platform->driver);
	err = sysfs_for_each_entry_if_any(survey->root, path, look_at_platform_device, platform);
	return err < 0 ? err : 0;
}

static int add_framebuffer(const struct drawn *drawn, struct device_facts *device,
			   const char *driver)
{
	struct platform platform = {.driver = driver};
	int err = find_platform_device(drawn->survey, &platform);
	char unbind[192];

	if (err)
		return err;
	snprintf(unbind, sizeof(unbind), "echo %s > /sys/bus/platform/drivers/%s/unbind",
		 platform.device, driver);
	if (!*drawn->on_framebuffers)
		return add_use(device, "display", platform.device,
			       "the firmware's framebuffer holds its memory: %s", unbind);
	err = add_vital_use(device, "display", platform.device,
			    "the console is on it, the firmware's framebuffer");
	return err ? err
		   : say_remedy(device, "echo 0 > /sys/class/vtconsole/%s/bind, and %s",
				drawn->on_framebuffers, unbind);
}

/* ---- whose memory it is ---- */

struct memory {
	const struct drawn *drawn;
	struct device_facts *device; /* in whose BAR the lines are; NULL: in none's */
	size_t depth;                /* of the BAR's line */
	bool told;                   /* of this BAR */
	bool any;
};

/* "  7800000000-78007fffff : efifb" */
static int look_at_memory(void *context, char *line)
{
	struct memory *memory = context;
	size_t depth = strspn(line, " ");
	const char *name = strstr(line, " : "), *driver;
	struct device_facts *device;

	if (!name)
		return 0;
	name += strlen(" : ");
	if (memory->device && depth <= memory->depth)
		memory->device = NULL;
	device = survey_device(memory->drawn->survey, name);
	if (device) {
		memory->device = device;
		memory->depth = depth;
		memory->told = false;
		return 0;
	}
	driver = memory->device && !memory->told ? driver_of(name) : NULL;
	if (!driver)
		return 0;
	memory->told = true;
	memory->any = true;
	return add_framebuffer(memory->drawn, memory->device, driver);
}

/* ---- where the memory does not tell ---- */

static int add_to_first_card(const struct drawn *drawn, const char *driver)
{
	struct facts *facts = drawn->survey->facts;
	char path[320], text[8];
	int err = 0;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		struct device_facts *device = &facts->devices[i];
		int length;

		if (strcmp(device->bus, "pci") != 0)
			continue;
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%.255s/boot_vga",
			 device->address);
		length = sysfs_read_path(drawn->survey->root, path, text, sizeof(text));
		if (length < 0)
			err = note_unknown(drawn->survey, device, "displays",
					   sysfs_unless_absent(length));
		else if (strcmp(text, "1") == 0)
			err = add_framebuffer(drawn, device, driver);
	}
	return err;
}

static int find_without_memory(const struct drawn *drawn)
{
	static const char *const drivers[] = {"efi-framebuffer", "vesa-framebuffer",
					      "simple-framebuffer"};
	int err = 0;

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers) && !err; i++) {
		struct platform platform = {.driver = drivers[i]};

		err = find_platform_device(drawn->survey, &platform);
		if (!err && platform.there)
			err = add_to_first_card(drawn, drivers[i]);
	}
	return err;
}

int find_firmware_framebuffers(const struct drawn *drawn)
{
	struct memory memory = {.drawn = drawn};
	int err = proc_for_each_line(drawn->survey->root, "proc/iomem", look_at_memory, &memory);

	return err || memory.any ? err : find_without_memory(drawn);
}
