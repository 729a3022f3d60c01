/* SPDX-License-Identifier: MIT */
/* DMA with the device that QEMU has for teaching. */
#ifndef DMAOWN_LINUX_EDU_H
#define DMAOWN_LINUX_EDU_H

#include "vfio.h"

/*
 * Contract of group_file_dma(). Needs the page at EDU_SCRATCH of the group's address space, which
 * is mapped with the first call and stays; -EEXIST: it is taken. -EIO: the device does not end what
 * it was told to do.
 */
#define EDU_SCRATCH 0x0ffff000UL
int edu_dma(struct vfio_file *vfio, struct vfio_device *device, enum dma_direction direction,
	    uint64_t iova, uint64_t size, bool *reached);

#endif
