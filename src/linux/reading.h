/* SPDX-License-Identifier: MIT */
/* One reading of the host, and what those who add to it say with. */
#ifndef DMAOWN_LINUX_READING_H
#define DMAOWN_LINUX_READING_H

#include "answer.h"
#include "facts.h"
#include "pci_ids.h"
#include "workers.h"

#include <stdbool.h>

/* One reading of the machine; lives as long as the call. */
struct reading {
	int root;
	struct crew *crew;
	bool full;    /* machine_read(); else machine_glance() */
	bool part;    /* machine_read_part(): what a plan needs of each device */
	bool names;   /* look up what people call the devices */
	bool regions; /* read which groups firmware reserves regions for */
	struct facts *facts;
	struct pci_ids ids;
};

/* Whether `path` is there; where the folder `around` it is not, or can't be looked at, that is not
 * known. */
struct answer exists_within(const struct reading *reading, const char *around, const char *path);

/* Stores an answer as the fact of that key, and notes what hid it. -ENOMEM. */
int set_fact(struct host_facts *host, const char *key, enum known *fact, struct answer answer);

/* Stores a copy of a text; an empty one stores nothing. -ENOMEM. */
int set_text(char **out, const char *text);

/* Whether any of the devices is on that bus. */
bool bus_has_devices(const struct facts *facts, const char *bus);

#endif
