/* SPDX-License-Identifier: MIT */
/* A group file of the host, and DMA with the device that QEMU has for teaching. */
#ifndef DMAOWN_LINUX_VFIO_H
#define DMAOWN_LINUX_VFIO_H

#include "list.h"
#include "machine.h"

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

/* Contract of group_file_map(); *out lives until it is unmapped or the group is released. */
int vfio_map(struct vfio_file *vfio, uint64_t iova, uint64_t size, struct vfio_mapping **out);

/* The device if it is open, or NULL. */
struct vfio_device *vfio_find_device(struct vfio_file *vfio, const char *address);

/*
 * Contract of group_file_dma(). Needs the page at EDU_SCRATCH of the group's address space, which
 * is mapped with the first call and stays; -EEXIST: it is taken. -EIO: the device does not end what
 * it was told to do.
 */
#define EDU_SCRATCH 0x0ffff000UL
int edu_dma(struct vfio_file *vfio, struct vfio_device *device, enum dma_direction direction,
	    uint64_t iova, uint64_t size, bool *reached);

#endif
