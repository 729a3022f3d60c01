/* SPDX-License-Identifier: MIT */
/*
 * Tells when files of a folder come, go or change, and when the folder itself does. The folder need
 * not be there: then only the first folder above it that is there is watched.
 */
#ifndef DMAOWN_DMAOWN_FOLDER_EVENTS_H
#define DMAOWN_DMAOWN_FOLDER_EVENTS_H

struct folder_events {
	int fd;     /* inotify: can be read from (POLLIN) once something has changed */
	int parent; /* the watch of a folder above; -1: none */
	char *path;
};

/* Begins to watch the folder. -ENOMEM, -EMFILE. Undone by folder_events_release(). */
int folder_events_init(struct folder_events *events, const char *path);
void folder_events_release(struct folder_events *events);

/*
 * Drops what was told so far. Whoever looks into the folder afterwards misses nothing: later
 * changes are told again.
 */
void folder_events_drain(struct folder_events *events);

#endif
