/* SPDX-License-Identifier: MIT */
/*
 * Isolation, checked on the hardware: what each requester can reach is what its group's current
 * domain allows, no more and no less.
 *
 * What is allowed is worked out from what drivers and users did, not from page tables: nothing
 * while blocked, every address at itself under identity, else the pages that the group's native
 * drivers hold and firmware's 1:1 regions, or what its user has mapped.
 */
#define _GNU_SOURCE
#include "sim_machine.h"

#include "invariants.h"
#include "machine_parts.h"
#include "objects.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One requester's reach, compared while it is enumerated. */
struct reach {
	const struct sim_machine *machine;
	const struct sim_group *group;
	enum dmaown_domain_kind kind; /* of the domain that the device is on; NONE: blocked */
	uint64_t bytes;               /* found, stale ones apart */
	bool outside;                 /* something was found that is not allowed */
};

static bool is_native_page(const struct reach *reach, uint64_t iova, uint64_t phys)
{
	for (size_t i = 0; i < reach->machine->facts.device_count; i++) {
		const struct sim_device *device = &reach->machine->devices[i];

		if (device->group == reach->group && device->mapped && device->page == iova)
			return phys == iova;
	}
	return reach->group->facts->direct_regions == KNOWN_YES && iova >= SIM_DIRECT_START &&
	       iova - SIM_DIRECT_START < SIM_DIRECT_SIZE && phys == iova;
}

static bool is_user_page(const struct reach *reach, uint64_t iova, uint64_t phys)
{
	const struct sim_map *map;

	if (!reach->group->file)
		return false;
	list_for_each_entry (map, &reach->group->file->maps, on_file)
		if (iova >= map->iova && iova - map->iova < map->size)
			return phys == map->phys + (iova - map->iova);
	return false;
}

static bool is_allowed(const struct reach *reach, uint64_t iova, uint64_t phys)
{
	switch (reach->kind) {
	case DMAOWN_DOMAIN_DMA:
	case DMAOWN_DOMAIN_DMA_FQ:
		return is_native_page(reach, iova, phys);
	case DMAOWN_DOMAIN_UNMANAGED:
		return is_user_page(reach, iova, phys);
	case DMAOWN_DOMAIN_IDENTITY:
		return iova == phys;
	case DMAOWN_DOMAIN_NONE:
	case DMAOWN_DOMAIN_BLOCKED:
		break;
	}
	return false;
}

static void compare(void *context, const struct iommu_range *range)
{
	struct reach *reach = context;
	uint64_t step = reach->kind == DMAOWN_DOMAIN_IDENTITY ? range->size : IOMMU_PAGE_SIZE;

	if (range->pasid != IOMMU_NO_PASID)
		return;
	if (range->stale) {
		reach->outside |= reach->kind != DMAOWN_DOMAIN_DMA_FQ;
		return;
	}
	reach->bytes += range->size;
	for (uint64_t offset = 0; offset < range->size && !reach->outside; offset += step)
		reach->outside = !is_allowed(reach, range->iova + offset, range->phys + offset);
}

static uint64_t native_bytes(const struct reach *reach)
{
	uint64_t bytes = reach->group->facts->direct_regions == KNOWN_YES ? SIM_DIRECT_SIZE : 0;

	for (size_t i = 0; i < reach->machine->facts.device_count; i++) {
		const struct sim_device *device = &reach->machine->devices[i];

		if (device->group == reach->group && device->mapped)
			bytes += IOMMU_PAGE_SIZE;
	}
	return bytes;
}

static uint64_t user_bytes(const struct reach *reach)
{
	const struct sim_map *map;
	uint64_t bytes = 0;

	if (reach->group->file)
		list_for_each_entry (map, &reach->group->file->maps, on_file)
			bytes += map->size;
	return bytes;
}

static uint64_t allowed_bytes(const struct reach *reach)
{
	switch (reach->kind) {
	case DMAOWN_DOMAIN_DMA:
	case DMAOWN_DOMAIN_DMA_FQ:
		return native_bytes(reach);
	case DMAOWN_DOMAIN_UNMANAGED:
		return user_bytes(reach);
	case DMAOWN_DOMAIN_IDENTITY:
		return memory_size(reach->machine->memory);
	case DMAOWN_DOMAIN_NONE:
	case DMAOWN_DOMAIN_BLOCKED:
		break;
	}
	return 0;
}

/* What is wrong with the device's DMA, in words; NULL: nothing. */
static const char *check_device(const struct sim_machine *machine, const struct sim_device *device)
{
	struct reach reach = {.machine = machine, .group = device->group};

	if (device->stray)
		return "its DMA reached memory after its driver was removed";
	if (!device->present || !device->core->group)
		return NULL;
	if (device->core->attached)
		reach.kind = device->core->attached->kind;
	iommu_reach(machine->unit, device->requester, compare, &reach);
	if (reach.outside)
		return "it can reach memory that its group's domain does not allow";
	if (reach.bytes != allowed_bytes(&reach))
		return "it cannot reach all memory that its group's domain allows";
	return NULL;
}

int sim_machine_check(struct machine *base, char **why)
{
	struct sim_machine *machine = sim_machine_of(base);
	char broken[128];

	if (core_check_invariants(machine->core, broken, sizeof(broken)))
		return asprintf(why, "%s", broken) < 0 ? -ENOMEM : -EINVAL;
	for (size_t i = 0; i < machine->facts.device_count; i++) {
		const char *wrong = check_device(machine, &machine->devices[i]);

		if (!wrong)
			continue;
		return asprintf(why, "isolation: %s: %s", machine->devices[i].facts->address,
				wrong) < 0
			       ? -ENOMEM
			       : -EINVAL;
	}
	return 0;
}
