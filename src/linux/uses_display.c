/* SPDX-License-Identifier: MIT */
/* Displays that show something, and the console that is drawn on one. */
#define _GNU_SOURCE
#include "proc_files.h"
#include "sysfs.h"
#include "uses.h"
#include "uses_framebuffer.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* An attribute that is not there has no value. */
static struct answer attribute_is(const struct survey *survey, const char *path,
				  const char *attribute, const char *value)
{
	char name[1024], text[64];
	int length;

	snprintf(name, sizeof(name), "%s/%s", path, attribute);
	length = sysfs_read_path(survey->root, name, text, sizeof(text));
	if (length >= 0 || sysfs_is_absent(length))
		return answer_of(length > 0 && strcmp(text, value) == 0);
	return answer_hidden(length);
}

/* A connector, card0-HDMI-A-1; card0 itself has neither attribute. */
static int look_at_connector(void *context, int folder, const char *name)
{
	const struct survey *survey = context;
	struct device_facts *device = NULL;
	struct answer connected, enabled;
	char path[512];
	int err;

	snprintf(path, sizeof(path), "sys/class/drm/%s", name);
	connected = attribute_is(survey, path, "status", "connected");
	enabled = attribute_is(survey, path, "enabled", "enabled");
	if (answer_is_no(connected) || answer_is_no(enabled))
		return 0;
	err = device_behind(survey, path, &device);
	if (err || !device)
		return note_unknown(survey, NULL, name, sysfs_unless_absent(err));
	if (!answer_is_yes(connected) || !answer_is_yes(enabled))
		return note_unknown(survey, device, name,
				    connected.hidden_by ? connected.hidden_by : enabled.hidden_by);
	return add_use(device, "display", name, "a display shows a picture");
}

/* ---- what the console is drawn on ---- */

/* One of the console's drivers: "(M) frame buffer device", or "(S) VGA+", which is text. */
static int look_at_console_driver(void *context, int folder, const char *name)
{
	struct drawn *drawn = context;
	char path[512], attribute[600], text[128];
	struct answer bound;
	int length;

	snprintf(path, sizeof(path), "sys/class/vtconsole/%s", name);
	snprintf(attribute, sizeof(attribute), "%s/name", path);
	length = sysfs_read_path(drawn->survey->root, attribute, text, sizeof(text));
	if (length < 0)
		return sysfs_unless_absent(length);
	bound = attribute_is(drawn->survey, path, "bind", "1");
	if (!answer_is_yes(bound))
		return bound.hidden_by;
	if (strstr(text, "frame buffer"))
		snprintf(drawn->on_framebuffers, sizeof(drawn->on_framebuffers), "%.31s", name);
	else if (strstr(text, "VGA") || strstr(text, "EGA"))
		drawn->as_text = true;
	return 0;
}

/* Framebuffers of devices; others are the firmware's (uses_framebuffer.c). */
static int look_at_framebuffer(void *context, int folder, const char *name)
{
	struct drawn *drawn = context;
	struct device_facts *device = NULL;
	char path[512];
	int err;

	if (strncmp(name, "fb", 2) != 0 || !isdigit((unsigned char)name[2]))
		return 0;
	snprintf(path, sizeof(path), "sys/class/graphics/%s", name);
	err = device_behind(drawn->survey, path, &device);
	if (err)
		return note_unknown(drawn->survey, NULL, name, sysfs_unless_absent(err));
	if (!device || !*drawn->on_framebuffers)
		return 0;
	err = add_vital_use(device, "display", name, "the console is on it");
	return err ? err
		   : say_remedy(device, "echo 0 > /sys/class/vtconsole/%s/bind",
				drawn->on_framebuffers);
}

/* The card that shows text is the one that the firmware began with. Where the kernel's messages go
 * elsewhere the text is a picture like others. */
static int find_text(const struct drawn *drawn)
{
	struct facts *facts = drawn->survey->facts;
	int err = 0;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		struct device_facts *device = &facts->devices[i];
		struct answer first;
		char path[320];

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%.255s", device->address);
		first = strcmp(device->bus, "pci") == 0
				? attribute_is(drawn->survey, path, "boot_vga", "1")
				: answer_of(false);
		if (answer_is_no(first))
			continue;
		if (!answer_is_yes(first))
			err = note_unknown(drawn->survey, device, "displays", first.hidden_by);
		else if (drawn->is_console)
			err = add_vital_use(device, "display", "vga", "the console is on it");
		else
			err = add_use(device, "display", "vga", "it shows the terminals' text");
	}
	return err;
}

/* A terminal of the screen is among the consoles: "tty0". */
static int look_at_console(void *context, char *line)
{
	struct drawn *drawn = context;
	const char *flags = strchr(line, '(');

	drawn->is_console |= flags && flags[1] == 'E' && strncmp(line, "tty", 3) == 0 &&
			     isdigit((unsigned char)line[3]);
	return 0;
}

static int find_drawn(struct drawn *drawn)
{
	int root = drawn->survey->root, err;

	err = proc_for_each_line(root, "proc/consoles", look_at_console, drawn);
	if (!err)
		err = sysfs_for_each_entry_if_any(root, "sys/class/vtconsole",
						  look_at_console_driver, drawn);
	if (!err)
		err = sysfs_for_each_entry_if_any(root, "sys/class/graphics", look_at_framebuffer,
						  drawn);
	if (!err && drawn->as_text)
		err = find_text(drawn);
	return err ? err : find_firmware_framebuffers(drawn);
}

int find_display_uses(const struct survey *survey)
{
	struct drawn drawn = {.survey = survey};
	int err = sysfs_for_each_entry_if_any(survey->root, "sys/class/drm", look_at_connector,
					      (void *)(uintptr_t)survey);

	return err ? err : find_drawn(&drawn);
}
