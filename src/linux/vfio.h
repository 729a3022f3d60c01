/* SPDX-License-Identifier: MIT */
/* A group file of the host: a user's hold on a group. */
#ifndef DMAOWN_LINUX_VFIO_H
#define DMAOWN_LINUX_VFIO_H

#include "host.h"
#include "list.h"

#include <stdint.h>

/* Memory that the group's devices reach at `iova`. */
struct vfio_mapping {
	struct list entry;
	uint64_t iova, size;
	void *memory;
};

struct vfio_device {
	struct list entry;
	char *address;
	int fd;
};

/* Used by one thread at a time. */
struct vfio_file {
	struct group_file file;
	int root;      /* the machine's, which outlives the file */
	int group;     /* /dev/vfio/GROUP */
	int container; /* /dev/vfio/vfio; -1: never claimed */
	struct list mappings;
	struct list devices;
};

/* Contract of machine_open(). */
int vfio_open(const struct host *host, int group, struct group_file **out);

#endif
