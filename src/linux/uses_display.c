/* SPDX-License-Identifier: MIT */
/* Displays that show something, and consoles of the kernel. */
#define _GNU_SOURCE
#include "sysfs.h"
#include "uses.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool attribute_is(const struct search *search, const char *path, const char *attribute,
			 const char *value)
{
	char name[1024], text[64];

	snprintf(name, sizeof(name), "%s/%s", path, attribute);
	return sysfs_read_path(search->root, name, text, sizeof(text)) > 0 &&
	       strcmp(text, value) == 0;
}

/* A connector, card0-HDMI-A-1; card0 itself has neither attribute. */
static int look_at_connector(void *context, int folder, const char *name)
{
	const struct search *search = context;
	struct device_facts *device;
	char path[512];

	snprintf(path, sizeof(path), "sys/class/drm/%s", name);
	if (!attribute_is(search, path, "status", "connected") ||
	    !attribute_is(search, path, "enabled", "enabled"))
		return 0;
	device = device_behind(search, path);
	return device ? add_use(device, "display", name, "a display shows a picture") : 0;
}

/* Whether one of the console's drivers draws on framebuffers. */
static int look_at_console_driver(void *context, int folder, const char *name)
{
	const struct search *search = context;
	char path[512], attribute[600], text[128];

	snprintf(path, sizeof(path), "sys/class/vtconsole/%s", name);
	snprintf(attribute, sizeof(attribute), "%s/name", path);
	return sysfs_read_path(search->root, attribute, text, sizeof(text)) > 0 &&
	       strstr(text, "frame buffer") && attribute_is(search, path, "bind", "1");
}

static int look_at_framebuffer(void *context, int folder, const char *name)
{
	const struct search *search = context;
	struct device_facts *device;
	char path[512];

	snprintf(path, sizeof(path), "sys/class/graphics/%s", name);
	device = strncmp(name, "fb", 2) == 0 && name[2] >= '0' && name[2] <= '9'
			 ? device_behind(search, path)
			 : NULL;
	return device ? add_use(device, "display", name, "the console is on it") : 0;
}

/* "ttyS0  -W- (EC p  )  4:64": what stands last is its number; E says that it is enabled. */
static int look_at_console(void *context, char *line)
{
	const struct search *search = context;
	struct device_facts *device;
	char path[128], *last = strrchr(line, ' '), *flags = strchr(line, '(');

	if (!last || !flags || flags[1] != 'E' || strchr(last + 1, '/'))
		return 0;
	snprintf(path, sizeof(path), "sys/dev/char/%s", last + 1);
	device = device_behind(search, path);
	line[strcspn(line, " ")] = '\0';
	return device ? add_use(device, "console", line, "the kernel's messages go there") : 0;
}

int find_display_uses(const struct search *search)
{
	void *context = (void *)(uintptr_t)search;
	int err = sysfs_for_each_entry(search->root, "sys/class/drm", look_at_connector, context);

	if (!err)
		err = sysfs_for_each_entry(search->root, "sys/class/vtconsole",
					   look_at_console_driver, context);
	if (err > 0)
		err = sysfs_for_each_entry(search->root, "sys/class/graphics", look_at_framebuffer,
					   context);
	return err ? err
		   : sysfs_for_each_line(search->root, "proc/consoles", look_at_console, context);
}
