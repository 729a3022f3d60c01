/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "folder_events.h"
#include "rows.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Commands of a shell, in a folder of their own; the folder that is watched is "state" in it. */
struct events_case {
	const char *name;
	const char *before, *change, *again; /* `again` is told too, after `change` was drained */
	bool told;
	const char *ignored; /* after `change` was drained this is not told */
};

static const struct events_case events_cases[] = {
	{"events@file-made", "mkdir state", "echo x > state/a", "echo x > state/b", true},
	{"events@file-written", "mkdir state; echo x > state/a", "echo y >> state/a", NULL, true},
	{"events@file-renamed", "mkdir state; echo x > state/a", "mv state/a state/b", NULL, true},
	{"events@file-removed", "mkdir state; echo x > state/a", "rm state/a", NULL, true},
	{"events@file-read", "mkdir state; echo x > state/a", "cat state/a > /dev/null", NULL,
	 false},
	{"events@beside-the-folder", "mkdir state", "echo x > beside", NULL, false},
	{"events@folder-made", ":", "mkdir state", "echo x > state/a", true},
	{"events@folder-made-and-its-parent-left-alone", ":", "mkdir state", NULL, true,
	 "echo x > beside"},
	{"events@folder-moved-there", "mkdir other", "mv other state", "echo x > state/a", true},
	{"events@folder-removed", "mkdir state", "rmdir state", "mkdir state", true},
	{"events@folder-replaced", "mkdir state", "mv state old; mkdir state", "echo x > state/a",
	 true},
};

static char folder[64];

static void run(const char *command)
{
	char *text;

	assert_true(asprintf(&text, "cd %s && { %s; }", folder, command) > 0);
	assert_int_equal(system(text), 0);
	free(text);
}

static bool is_told(const struct folder_events *events)
{
	struct pollfd source = {.fd = events->fd, .events = POLLIN};

	return poll(&source, 1, 0) == 1;
}

/* What the drain itself makes, the end of a watch, is taken away by the next. */
static void drain(struct folder_events *events)
{
	for (int times = 0; times < 2; times++)
		folder_events_drain(events);
	assert_false(is_told(events));
}

static void events(void **state)
{
	const struct events_case *row = *state;
	struct folder_events watched;
	char path[80];

	snprintf(path, sizeof(path), "%s/state", folder);
	run(row->before);
	assert_int_equal(folder_events_init(&watched, path), 0);
	drain(&watched);
	run(row->change);
	assert_int_equal(is_told(&watched), row->told);
	drain(&watched);
	if (row->again) {
		run(row->again);
		assert_true(is_told(&watched));
	}
	if (row->ignored) {
		run(row->ignored);
		assert_false(is_told(&watched));
	}
	folder_events_release(&watched);
}

static void without_a_parent(void **state)
{
	struct folder_events watched;

	assert_int_equal(folder_events_init(&watched, "/nowhere/at/all"), 0);
	folder_events_drain(&watched);
	assert_false(is_told(&watched));
	folder_events_release(&watched);
}

static int make_folder(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/folder-events.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "without_a_parent", without_a_parent);
	ADD_ROWS_BETWEEN(&suite, events_cases, events, make_folder, remove_folder);
	return suite_run(&suite, "folder-events");
}
