/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "vfio_mappings.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static void forget_mapping(struct vfio_mapping *mapping)
{
	list_del(&mapping->entry);
	munmap(mapping->memory, mapping->size);
	free(mapping);
}

/* Frees the memory of every mapping that lies within; the kernel has let it go. */
void vfio_forget_mappings(struct vfio_file *vfio, uint64_t iova, uint64_t last)
{
	struct vfio_mapping *mapping, *next;

	list_for_each_entry_safe (mapping, next, &vfio->mappings, entry) {
		if (mapping->iova >= iova && mapping->iova + (mapping->size - 1) <= last)
			forget_mapping(mapping);
	}
}

static int map_memory(struct vfio_file *vfio, struct vfio_mapping *mapping)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)mapping->memory,
		.iova = mapping->iova,
		.size = mapping->size,
	};

	return ioctl(vfio->container, VFIO_IOMMU_MAP_DMA, &map) < 0 ? -errno : 0;
}

int vfio_map(struct vfio_file *vfio, uint64_t iova, uint64_t size, struct vfio_mapping **out)
{
	struct vfio_mapping *mapping;
	int err = -ENOMEM;

	if (vfio->container < 0 || size == 0 || size % 4096 || iova % 4096)
		return -EINVAL;
	mapping = malloc(sizeof(*mapping));
	if (!mapping)
		return -ENOMEM;
	*mapping = (struct vfio_mapping) {.iova = iova, .size = size};
	mapping->memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapping->memory == MAP_FAILED)
		goto free_mapping;
	err = map_memory(vfio, mapping);
	if (err)
		goto unmap_memory;
	list_add_tail(&mapping->entry, &vfio->mappings);
	*out = mapping;
	return 0;

unmap_memory:
	munmap(mapping->memory, mapping->size);
free_mapping:
	free(mapping);
	return err;
}

int vfio_unmap(struct vfio_file *vfio, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = iova, .size = size};

	if (vfio->container < 0 || size == 0)
		return -EINVAL;
	if (ioctl(vfio->container, VFIO_IOMMU_UNMAP_DMA, &unmap) < 0)
		return -errno;
	if (unmap.size == 0)
		return -ENOENT;
	vfio_forget_mappings(vfio, iova, iova + (size - 1));
	return 0;
}

struct vfio_mapping *vfio_find_mapping(struct vfio_file *vfio, uint64_t iova, uint64_t size)
{
	struct vfio_mapping *mapping;

	list_for_each_entry (mapping, &vfio->mappings, entry) {
		if (iova >= mapping->iova && size <= mapping->size &&
		    iova - mapping->iova <= mapping->size - size)
			return mapping;
	}
	return NULL;
}
