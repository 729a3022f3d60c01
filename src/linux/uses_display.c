/* SPDX-License-Identifier: MIT */
/* Displays that show something, and consoles of the kernel. */
#define _GNU_SOURCE
#include "sysfs.h"
#include "uses.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* An attribute that is not there has no value. */
static struct answer attribute_is(const struct search *search, const char *path,
				  const char *attribute, const char *value)
{
	char name[1024], text[64];
	int length;

	snprintf(name, sizeof(name), "%s/%s", path, attribute);
	length = sysfs_read_path(search->root, name, text, sizeof(text));
	if (length >= 0 || sysfs_is_absent(length))
		return answer_of(length > 0 && strcmp(text, value) == 0);
	return answer_hidden(length);
}

/* A connector, card0-HDMI-A-1; card0 itself has neither attribute. */
static int look_at_connector(void *context, int folder, const char *name)
{
	const struct search *search = context;
	struct device_facts *device = NULL;
	struct answer connected, enabled;
	char path[512];
	int err;

	snprintf(path, sizeof(path), "sys/class/drm/%s", name);
	connected = attribute_is(search, path, "status", "connected");
	enabled = attribute_is(search, path, "enabled", "enabled");
	if (answer_is_no(connected) || answer_is_no(enabled))
		return 0;
	err = device_behind(search, path, &device);
	if (err || !device)
		return note_unknown(search, NULL, name, sysfs_unless_absent(err));
	if (!answer_is_yes(connected) || !answer_is_yes(enabled))
		return note_unknown(search, device, name,
				    connected.hidden_by ? connected.hidden_by : enabled.hidden_by);
	return add_use(device, "display", name, "a display shows a picture");
}

/* Whether one of the console's drivers draws on framebuffers. */
static int look_at_console_driver(void *context, int folder, const char *name)
{
	const struct search *search = context;
	char path[512], attribute[600], text[128];
	struct answer bound;
	int length;

	snprintf(path, sizeof(path), "sys/class/vtconsole/%s", name);
	snprintf(attribute, sizeof(attribute), "%s/name", path);
	length = sysfs_read_path(search->root, attribute, text, sizeof(text));
	if (length < 0)
		return sysfs_unless_absent(length);
	if (!strstr(text, "frame buffer"))
		return 0;
	bound = attribute_is(search, path, "bind", "1");
	return bound.hidden_by ? bound.hidden_by : answer_is_yes(bound);
}

static int look_at_framebuffer(void *context, int folder, const char *name)
{
	const struct search *search = context;
	struct device_facts *device = NULL;
	char path[512];
	int err;

	if (strncmp(name, "fb", 2) != 0 || name[2] < '0' || name[2] > '9')
		return 0;
	snprintf(path, sizeof(path), "sys/class/graphics/%s", name);
	err = device_behind(search, path, &device);
	if (err || !device)
		return note_unknown(search, NULL, name, sysfs_unless_absent(err));
	return add_vital_use(device, "display", name, "the console is on it");
}

/* "ttyS0  -W- (EC p  )  4:64": what stands last is its number; E says that it is enabled. */
static int look_at_console(void *context, char *line)
{
	const struct search *search = context;
	struct device_facts *device = NULL;
	int err;
	char path[128], *last = strrchr(line, ' '), *flags = strchr(line, '(');

	if (!last || !flags || flags[1] != 'E' || strchr(last + 1, '/'))
		return 0;
	snprintf(path, sizeof(path), "sys/dev/char/%s", last + 1);
	err = device_behind(search, path, &device);
	line[strcspn(line, " ")] = '\0';
	if (err || !device)
		return note_unknown(search, NULL, line, sysfs_unless_absent(err));
	return add_vital_use(device, "console", line, "the kernel's messages go there");
}

int find_display_uses(const struct search *search)
{
	void *context = (void *)(uintptr_t)search;
	int err = sysfs_for_each_entry_if_any(search->root, "sys/class/drm", look_at_connector,
					      context);

	if (!err)
		err = sysfs_for_each_entry_if_any(search->root, "sys/class/vtconsole",
						  look_at_console_driver, context);
	if (err > 0)
		err = sysfs_for_each_entry_if_any(search->root, "sys/class/graphics",
						  look_at_framebuffer, context);
	return err ? err
		   : sysfs_for_each_line_if_any(search->root, "proc/consoles", look_at_console,
						context);
}
