/* SPDX-License-Identifier: MIT */
/*
 * Consoles that the kernel's messages go to, and the machine's keyboards.
 *
 * /proc/consoles has the number of each; the list in sysfs and the kernel's command line have
 * names. The terminals of a virtual machine's console (hvc0) are below no device: they may be of
 * any device that has such.
 */
#define _GNU_SOURCE
#include "uses_console.h"
#include "number.h"
#include "proc_files.h"
#include "sysfs.h"
#include "uses.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MOST_CONSOLES = 16, NAME_SIZE = 32 };

struct consoles {
	const struct survey *survey;
	char names[MOST_CONSOLES][NAME_SIZE]; /* that were told of */
	size_t count;
};

/* ---- consoles of virtual machines ---- */

struct virtio_consoles {
	const struct survey *survey;
	int (*visit)(void *context, struct device_facts *device);
	void *context;
};

static int look_at_virtio_console(void *context, int folder, const char *name)
{
	const struct virtio_consoles *consoles = context;
	struct device_facts *device = NULL;
	char path[320];
	int err;

	if (number_after(name, "virtio") < 0)
		return 0;
	snprintf(path, sizeof(path), "sys/bus/virtio/devices/%.255s", name);
	err = device_behind(consoles->survey, path, &device);
	if (err || !device)
		return sysfs_unless_absent(err);
	return consoles->visit(consoles->context, device);
}

int for_each_virtio_console(const struct survey *survey,
			    int (*visit)(void *context, struct device_facts *device), void *context)
{
	struct virtio_consoles consoles = {.survey = survey, .visit = visit, .context = context};

	return sysfs_for_each_entry_if_any(survey->root, "sys/bus/virtio/drivers/virtio_console",
					   look_at_virtio_console, &consoles);
}

/* ---- one console ---- */

static bool was_told(const struct consoles *consoles, const char *name)
{
	for (size_t i = 0; i < consoles->count; i++) {
		if (strcmp(consoles->names[i], name) == 0)
			return true;
	}
	return false;
}

static int add_console(void *name, struct device_facts *device)
{
	return add_vital_use(device, "console", name, "the kernel's messages go there");
}

static int look_at_terminal(struct consoles *consoles, const char *name, const char *path)
{
	struct device_facts *device = NULL;
	void *borrowed = (void *)(uintptr_t)name;
	int err;

	if (was_told(consoles, name))
		return 0;
	if (consoles->count < MOST_CONSOLES)
		snprintf(consoles->names[consoles->count++], NAME_SIZE, "%.31s", name);
	if (number_after(name, "hvc") >= 0)
		return for_each_virtio_console(consoles->survey, add_console, borrowed);
	err = device_behind(consoles->survey, path, &device);
	if (err || !device)
		return note_unknown(consoles->survey, NULL, name, sysfs_unless_absent(err));
	return add_console(borrowed, device);
}

static int look_at_name(struct consoles *consoles, const char *name)
{
	char path[96];

	if (!sysfs_is_entry(name) || strlen(name) >= NAME_SIZE)
		return 0;
	snprintf(path, sizeof(path), "sys/class/tty/%s", name);
	return look_at_terminal(consoles, name, path);
}

/* ---- where they are listed ---- */

/* "ttyS0  -W- (EC p  )  4:64": what stands last is its number; E says that it is enabled. */
static int look_at_console(void *context, char *line)
{
	struct consoles *consoles = context;
	char path[128], *last = strrchr(line, ' '), *flags = strchr(line, '(');

	if (!last || !flags || flags[1] != 'E' || strchr(last + 1, '/'))
		return 0;
	snprintf(path, sizeof(path), "sys/dev/char/%.100s", last + 1);
	line[strcspn(line, " ")] = '\0';
	return look_at_terminal(consoles, line, path);
}

/* "tty0 ttyS0" */
static int look_at_active(struct consoles *consoles)
{
	char text[256], *rest = text, *name;
	int err = sysfs_read_path(consoles->survey->root, "sys/class/tty/console/active", text,
				  sizeof(text));

	if (err < 0)
		return sysfs_unless_absent(err);
	for (err = 0; !err && (name = strsep(&rest, " "));)
		err = look_at_name(consoles, name);
	return err;
}

/* "... console=ttyS0,115200n8 ..." */
static int look_at_arguments(void *context, char *line)
{
	struct consoles *consoles = context;
	char *rest = line, *argument;
	int err = 0;

	while (!err && (argument = strsep(&rest, " "))) {
		if (strncmp(argument, "console=", strlen("console=")) != 0)
			continue;
		argument += strlen("console=");
		argument[strcspn(argument, ",")] = '\0';
		err = look_at_name(consoles, argument);
	}
	return err;
}

int find_console_uses(const struct survey *survey)
{
	struct consoles consoles = {.survey = survey};
	int err = proc_for_each_line(survey->root, "proc/consoles", look_at_console, &consoles);

	if (!err)
		err = look_at_active(&consoles);
	return err ? err
		   : proc_for_each_line(survey->root, "proc/cmdline", look_at_arguments, &consoles);
}

/* ---- keyboards ---- */

/* One entry of the list, of which the last line that matters has the handlers. */
struct input {
	const struct survey *survey;
	char name[96], path[512];
};

static bool has_handler(const char *handlers, const char *handler)
{
	size_t length = strlen(handler);

	for (const char *at = handlers; (at = strstr(at, handler)); at += length) {
		if ((at == handlers || at[-1] == ' ' || at[-1] == '=') &&
		    (at[length] == ' ' || !at[length]))
			return true;
	}
	return false;
}

static int add_keyboard(const struct input *input)
{
	struct device_facts *device = NULL;
	const char *last = strrchr(input->path, '/');
	int err = device_behind(input->survey, input->path, &device);

	if (err || !device)
		return note_unknown(input->survey, NULL, "keyboards", sysfs_unless_absent(err));
	return add_use(device, "input", last ? last + 1 : input->path,
		       "a keyboard of this machine (%s)", input->name);
}

/* "N: Name="…"", "S: Sysfs=/devices/…/input/input3", "H: Handlers=sysrq kbd event3 leds" */
static int look_at_input(void *context, char *line)
{
	struct input *input = context;
	size_t length = strlen(line);

	if (strncmp(line, "I:", 2) == 0) {
		*input->name = *input->path = '\0';
	} else if (strncmp(line, "N: Name=\"", 9) == 0 && length > 9) {
		line[length - 1] = '\0';
		snprintf(input->name, sizeof(input->name), "%.95s", line + 9);
	} else if (strncmp(line, "S: Sysfs=/", 10) == 0) {
		snprintf(input->path, sizeof(input->path), "sys/%.500s", line + 10);
	} else if (strncmp(line, "H: Handlers=", 12) == 0 && *input->path &&
		   has_handler(line, "kbd")) {
		return add_keyboard(input);
	}
	return 0;
}

int find_keyboard_uses(const struct survey *survey)
{
	struct input input = {.survey = survey};

	return proc_for_each_line(survey->root, "proc/bus/input/devices", look_at_input, &input);
}
