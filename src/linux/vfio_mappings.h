/* SPDX-License-Identifier: MIT */
/*
 * What the container of a group file maps: memory of ours, which lives until the kernel has let it
 * go.
 */
#ifndef DMAOWN_LINUX_VFIO_MAPPINGS_H
#define DMAOWN_LINUX_VFIO_MAPPINGS_H

#include "vfio.h"

/* Contract of group_file_map(); *out lives until it is unmapped or the group is released. */
int vfio_map(struct vfio_file *vfio, uint64_t iova, uint64_t size, struct vfio_mapping **out);

/* Contract of group_file_unmap(). */
int vfio_unmap(struct vfio_file *vfio, uint64_t iova, uint64_t size);

/* The mapping in which that all lies, or NULL. */
struct vfio_mapping *vfio_find_mapping(struct vfio_file *vfio, uint64_t iova, uint64_t size);

/* Frees the memory of every mapping that lies within; the kernel has let it go. */
void vfio_forget_mappings(struct vfio_file *vfio, uint64_t iova, uint64_t last);

#endif
