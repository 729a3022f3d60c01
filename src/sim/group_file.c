/* SPDX-License-Identifier: MIT */
/*
 * An open group file of VFIO, as the process sees it that has it: its claim, its mappings, its
 * devices, and their DMA.
 *
 * Invariants: a file that is claimed has a group, and is that group's owner; one with a domain is
 * claimed; a device's open_in is a file with a domain. All guarded by machine.vfio.
 */
#include "machine_parts.h"

#include <errno.h>

/* Message signalled interrupts are written here; no user may map over it. */
#define MSI_START UINT64_C(0xfee00000)
#define MSI_END UINT64_C(0xfef00000)

/* One transfer of edu: half of its buffer, since some versions of QEMU's end the guest over a
 * whole. */
#define EDU_PIECE (EDU_BUFFER_SIZE / 2)

static struct sim_file *file_of(struct group_file *base)
{
	return container_of(base, struct sim_file, base);
}

/* ---- with machine.vfio held ---- */

static void unmap(struct sim_file *file, struct sim_map *map)
{
	dmaown_domain_unmap(file->domain, map->iova, map->size);
	memory_region_free(file->machine->memory, map->phys);
	list_del(&map->on_file);
	sim_free(file->machine, map);
}

static void detach(struct sim_file *file)
{
	struct sim_map *map, *next;

	dmaown_group_detach(file->group->core, file->domain);
	list_for_each_entry_safe (map, next, &file->maps, on_file)
		unmap(file, map);
	dmaown_domain_destroy(file->domain);
	file->domain = NULL;
}

static void release(struct sim_file *file)
{
	if (file->domain)
		detach(file);
	dmaown_group_release(file->group->core, file);
	file->claimed = false;
}

static void close_devices(struct sim_file *file)
{
	struct sim_machine *machine = file->machine;

	for (size_t i = 0; i < machine->facts.device_count; i++)
		if (machine->devices[i].open_in == file)
			machine->devices[i].open_in = NULL;
}

static bool has_open_device(const struct sim_file *file)
{
	const struct sim_machine *machine = file->machine;

	for (size_t i = 0; i < machine->facts.device_count; i++)
		if (machine->devices[i].open_in == file)
			return true;
	return false;
}

/* Ends the file's hold on its group. */
void sim_file_revoke(struct sim_file *file)
{
	close_devices(file);
	if (file->claimed)
		release(file);
	file->group->file = NULL;
	file->group = NULL;
}

static int claim(struct sim_file *file)
{
	int err;

	if (file->claimed)
		return -EINVAL;
	if (!file->group)
		return -ENODEV;
	if (file->group->damaged)
		return -ENOTRECOVERABLE;
	err = dmaown_group_claim(file->group->core, file);
	file->claimed = !err;
	return err;
}

static int attach(struct sim_file *file)
{
	struct dmaown_domain *domain;
	int err;

	if (!file->claimed || file->domain)
		return -EINVAL;
	err = dmaown_domain_create(file->machine->iommu, &domain);
	if (err)
		return err;
	err = dmaown_group_attach(file->group->core, file, domain);
	if (err)
		dmaown_domain_destroy(domain);
	else
		file->domain = domain;
	return err;
}

static int map(struct sim_file *file, uint64_t iova, uint64_t size)
{
	struct sim_machine *machine = file->machine;
	struct sim_map *map;
	int err;

	if (!file->domain || size == 0 || iova + size < iova)
		return -EINVAL;
	if (iova < MSI_END && iova + size > MSI_START)
		return -EINVAL;
	map = sim_allocate(machine, sizeof(*map));
	if (!map)
		return -ENOMEM;
	map->iova = iova;
	map->size = size;
	err = memory_region_alloc(machine->memory, size, MEMORY_FRAME_SIZE, &map->phys);
	if (err)
		goto free_map;
	err = dmaown_domain_map(file->domain, iova, map->phys, size, DMAOWN_READ | DMAOWN_WRITE);
	if (err)
		goto free_region;
	list_add_tail(&map->on_file, &file->maps);
	return 0;

free_region:
	memory_region_free(machine->memory, map->phys);
free_map:
	sim_free(machine, map);
	return err;
}

static bool overlaps(const struct sim_map *map, uint64_t iova, uint64_t last)
{
	return map->iova <= last && map->iova + (map->size - 1) >= iova;
}

static bool within(const struct sim_map *map, uint64_t iova, uint64_t last)
{
	return map->iova >= iova && map->iova + (map->size - 1) <= last;
}

/* As type1v2 of VFIO: every mapping in the range goes, and none is cut. */
static int unmap_range(struct sim_file *file, uint64_t iova, uint64_t size)
{
	uint64_t last = iova + (size - 1);
	struct sim_map *map, *next;
	int err = -ENOENT;

	if (!file->domain || size == 0 || last < iova)
		return -EINVAL;
	list_for_each_entry (map, &file->maps, on_file) {
		if (overlaps(map, iova, last) && !within(map, iova, last))
			return -EINVAL;
	}
	list_for_each_entry_safe (map, next, &file->maps, on_file) {
		if (!within(map, iova, last))
			continue;
		unmap(file, map);
		err = 0;
	}
	return err;
}

static int open_device(struct sim_file *file, struct sim_device *device)
{
	if (!file->domain)
		return -EINVAL;
	if (!device || device->group != file->group || !device->user)
		return -ENODEV;
	if (device->open_in)
		return -EBUSY;
	device->open_in = file;
	return 0;
}

/* Whether the unit's log, which this empties, has a fault of the requester. */
static bool has_faulted(struct iommu_unit *unit, uint32_t requester)
{
	struct iommu_fault fault;
	bool found = iommu_faults_lost(unit);

	while (iommu_fault_next(unit, &fault))
		found |= fault.requester == requester;
	return found;
}

static void run_edu(struct edu *edu, enum dma_direction direction, uint64_t iova, uint64_t size)
{
	bool to_memory = direction == DMA_TO_MEMORY;

	edu_write(edu, EDU_REG_DMA_SOURCE, to_memory ? EDU_BUFFER : iova, 8);
	edu_write(edu, EDU_REG_DMA_DESTINATION, to_memory ? iova : EDU_BUFFER, 8);
	edu_write(edu, EDU_REG_DMA_COUNT, size, 8);
	edu_write(edu, EDU_REG_DMA_COMMAND,
		  EDU_COMMAND_RUN | (to_memory ? EDU_COMMAND_TO_MEMORY : 0), 8);
	edu_step(edu);
}

static int do_dma(struct sim_file *file, struct sim_device *device, enum dma_direction direction,
		  uint64_t iova, uint64_t size, bool *reached)
{
	struct iommu_unit *unit = file->machine->unit;

	if (!device || device->open_in != file || size == 0 || size > EDU_BUFFER_SIZE)
		return -EINVAL;
	if (!device->edu)
		return -EOPNOTSUPP;
	has_faulted(unit, device->requester);
	for (uint64_t done = 0; done < size; done += EDU_PIECE)
		run_edu(device->edu, direction, iova + done,
			size - done < EDU_PIECE ? size - done : EDU_PIECE);
	*reached = !has_faulted(unit, device->requester);
	return 0;
}

/* ---- the operations of a group file ---- */

static void file_close(struct group_file *base)
{
	struct sim_file *file = file_of(base);
	struct sim_machine *machine = file->machine;

	lock_vfio(machine);
	if (file->group)
		sim_file_revoke(file);
	unlock_vfio(machine);
	sim_free(machine, file);
}

static int file_viable(struct group_file *base, bool *viable)
{
	struct sim_file *file = file_of(base);
	struct dmaown_group_state state;
	int err = 0;

	lock_vfio(file->machine);
	if (file->group) {
		dmaown_group_read(file->group->core, &state);
		*viable = file->claimed || state.count == 0;
	} else {
		err = -ENODEV;
	}
	unlock_vfio(file->machine);
	return err;
}

static int file_claim(struct group_file *base)
{
	struct sim_file *file = file_of(base);
	int err;

	lock_vfio(file->machine);
	err = claim(file);
	unlock_vfio(file->machine);
	return err;
}

static int file_release(struct group_file *base)
{
	struct sim_file *file = file_of(base);
	int err = 0;

	lock_vfio(file->machine);
	if (!file->claimed)
		err = -EINVAL;
	else if (has_open_device(file))
		err = -EBUSY;
	else
		release(file);
	unlock_vfio(file->machine);
	return err;
}

static int file_attach(struct group_file *base)
{
	struct sim_file *file = file_of(base);
	int err;

	lock_vfio(file->machine);
	err = attach(file);
	unlock_vfio(file->machine);
	return err;
}

static int file_detach(struct group_file *base)
{
	struct sim_file *file = file_of(base);
	int err = 0;

	lock_vfio(file->machine);
	if (!file->domain)
		err = -EINVAL;
	else if (has_open_device(file))
		err = -EBUSY;
	else
		detach(file);
	unlock_vfio(file->machine);
	return err;
}

static int file_map(struct group_file *base, uint64_t iova, uint64_t size)
{
	struct sim_file *file = file_of(base);
	int err;

	lock_vfio(file->machine);
	err = map(file, iova, size);
	unlock_vfio(file->machine);
	return err;
}

static int file_unmap(struct group_file *base, uint64_t iova, uint64_t size)
{
	struct sim_file *file = file_of(base);
	int err;

	lock_vfio(file->machine);
	err = unmap_range(file, iova, size);
	unlock_vfio(file->machine);
	return err;
}

static int file_open_device(struct group_file *base, const char *address)
{
	struct sim_file *file = file_of(base);
	int err;

	lock_vfio(file->machine);
	err = open_device(file, sim_device_find(file->machine, address));
	unlock_vfio(file->machine);
	return err;
}

static int file_close_device(struct group_file *base, const char *address)
{
	struct sim_file *file = file_of(base);
	struct sim_device *device = sim_device_find(file->machine, address);
	int err = -EINVAL;

	lock_vfio(file->machine);
	if (device && device->open_in == file) {
		device->open_in = NULL;
		err = 0;
	}
	unlock_vfio(file->machine);
	return err;
}

static int file_dma(struct group_file *base, const char *address, enum dma_direction direction,
		    uint64_t iova, uint64_t size, bool *reached)
{
	struct sim_file *file = file_of(base);
	int err;

	lock_vfio(file->machine);
	err = do_dma(file, sim_device_find(file->machine, address), direction, iova, size, reached);
	unlock_vfio(file->machine);
	return err;
}

const struct group_file_ops sim_file_ops = {
	.close = file_close,
	.viable = file_viable,
	.claim = file_claim,
	.release = file_release,
	.attach = file_attach,
	.detach = file_detach,
	.map = file_map,
	.unmap = file_unmap,
	.open_device = file_open_device,
	.close_device = file_close_device,
	.dma = file_dma,
};
