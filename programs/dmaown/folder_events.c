/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "folder_events.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	OF_FOLDER = IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF,
	OF_PARENT = IN_CREATE | IN_MOVED_TO,
};

static bool watch_folder(const struct folder_events *events)
{
	return inotify_add_watch(events->fd, events->path, OF_FOLDER | IN_ONLYDIR) >= 0;
}

/* Watches the first folder above that is there. */
static void watch_parent(struct folder_events *events)
{
	char path[PATH_MAX], *above = path;
	int parent = -1;

	if (snprintf(path, sizeof(path), "%s", events->path) >= (int)sizeof(path))
		return;
	do {
		above = dirname(above);
		parent = inotify_add_watch(events->fd, above, OF_PARENT | IN_ONLYDIR);
	} while (parent < 0 && errno == ENOENT && strcmp(above, "/") != 0 &&
		 strcmp(above, ".") != 0);
	if (events->parent >= 0 && events->parent != parent)
		inotify_rm_watch(events->fd, events->parent);
	events->parent = parent;
}

/* The folder may have come between the two looks for it, when its parent was not yet watched. */
static void watch(struct folder_events *events)
{
	if (!watch_folder(events)) {
		watch_parent(events);
		if (!watch_folder(events))
			return;
	}
	if (events->parent >= 0)
		inotify_rm_watch(events->fd, events->parent);
	events->parent = -1;
}

int folder_events_init(struct folder_events *events, const char *path)
{
	struct folder_events made = {.parent = -1, .path = strdup(path)};

	if (!made.path)
		return -ENOMEM;
	made.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (made.fd < 0) {
		int err = -errno;

		free(made.path);
		return err;
	}
	watch(&made);
	*events = made;
	return 0;
}

void folder_events_release(struct folder_events *events)
{
	close(events->fd);
	free(events->path);
}

void folder_events_drain(struct folder_events *events)
{
	char told[4096];

	watch(events);
	while (read(events->fd, told, sizeof(told)) > 0)
		;
}
