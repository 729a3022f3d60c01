/* SPDX-License-Identifier: MIT */
#include "invariants.h"
#include "objects.h"

#include <errno.h>
#include <string.h>

/* What is looked at, and where the first broken invariant is written; `broken` stops at it. */
struct inspection {
	char *why;
	size_t size;
	bool broken;
	bool counts;
	bool (*is_free)(const void *lock); /* NULL: all are */
};

static bool at_rest(const struct inspection *inspection, const struct lock *lock)
{
	return !inspection->is_free || inspection->is_free(lock);
}

static void require(struct inspection *inspection, bool holds, const char *invariant,
		    const char *object)
{
	if (holds || inspection->broken)
		return;
	inspection->broken = true;
	inspection->why[0] = '\0';
	strncat(inspection->why, invariant, inspection->size - 1);
	strncat(inspection->why, ": ", inspection->size - strlen(inspection->why) - 1);
	strncat(inspection->why, object, inspection->size - strlen(inspection->why) - 1);
}

static bool is_live_domain(const struct dmaown_group *group, const struct dmaown_domain *wanted)
{
	const struct dmaown_domain *domain;

	if (wanted == group->default_domain || wanted == group->blocking_domain)
		return true;
	list_for_each_entry (domain, &group->iommu->domains, on_iommu)
		if (domain == wanted)
			return true;
	return false;
}

/* Both the device's lock and its group's mutex are free. */
static void check_member(struct inspection *inspection, const struct dmaown_device *device,
			 bool native)
{
	const struct dmaown_group *group = device->group;

	require(inspection, !inspection->counts || (device->use == USE_COUNTED) == native,
		"I1 a native device is counted", device->name);
	require(inspection,
		device->resetting || device->stranded ? !device->attached
						      : device->attached == group->current,
		"I3 attached to the current domain, or blocked", device->name);
	require(inspection, !device->attached || is_live_domain(group, device->attached),
		"I4 attached to a domain that exists", device->name);
}

static void check_device(struct inspection *inspection, const struct dmaown_device *device)
{
	bool native = device->configured && device->native;
	const struct dmaown_group *group = device->group;

	if (!at_rest(inspection, &device->lock))
		return;
	require(inspection, !device->driver == !device->configured,
		"I5 a bound device is configured, an unbound one is not", device->name);
	require(inspection, device->added || (!device->driver && !group),
		"I6 a device off its bus has no driver and no group", device->name);
	require(inspection, list_empty(&device->mappings) || native,
		"I11 mappings live between configure and cleanup", device->name);
	if (group && at_rest(inspection, &group->mutex))
		check_member(inspection, device, native);
}

/* What the count must be: claims if there is an owner, else uses. */
static unsigned int expected_count(const struct dmaown_group *group)
{
	const struct dmaown_device *device;
	unsigned int count = group->claimed_whole ? 1 : 0;

	list_for_each_entry (device, &group->devices, on_group)
		count += group->owner ? device->claims : device->use != USE_NONE;
	return count;
}

static unsigned int pointers_to(const struct dmaown_group *group,
				const struct dmaown_domain *domain)
{
	const struct dmaown_device *device;
	const struct pasid *pasid;
	unsigned int count = group->current == domain;

	list_for_each_entry (device, &group->devices, on_group)
		count += device->attached == domain;
	list_for_each_entry (pasid, &group->pasids, on_group)
		count += pasid->domain == domain;
	return count;
}

static void check_ownership(struct inspection *inspection, const struct dmaown_group *group)
{
	const struct dmaown_domain *current = group->current;

	require(inspection, group->count == expected_count(group),
		"I1 the count is of devices or claims", group->name);
	require(inspection, !group->owner || (current && current != group->default_domain),
		"I2 an owned group is off its default domain", group->name);
	require(inspection, group->owner || group->count == 0 || current == group->default_domain,
		"I2 a used group is on its default domain", group->name);
	require(inspection, group->owner || group->count == 0 || group->default_domain,
		"I12 a used group has a default domain", group->name);
	require(inspection,
		!list_empty(&group->devices) ||
			(group->count == 0 && !group->owner && !current && !group->default_domain),
		"I6 an empty group is nobody's", group->name);
}

static void check_group(struct inspection *inspection, const struct dmaown_group *group)
{
	const struct dmaown_domain *current = group->current;

	if (!at_rest(inspection, &group->mutex))
		return;
	if (inspection->counts)
		check_ownership(inspection, group);
	require(inspection, !current || is_live_domain(group, current),
		"I4 the current domain exists", group->name);
}

/* A user's domain may be attached to several groups. */
static void check_user_domains(struct inspection *inspection, const struct dmaown_iommu *iommu)
{
	const struct dmaown_domain *domain;
	const struct dmaown_group *group;

	list_for_each_entry (domain, &iommu->domains, on_iommu) {
		unsigned int users = 0;

		list_for_each_entry (group, &iommu->groups, on_iommu) {
			if (!at_rest(inspection, &group->mutex))
				return;
			users += pointers_to(group, domain);
		}
		require(inspection, users == atomic_load(&domain->users),
			"I4 every pointer to a domain is counted", "a user's domain");
	}
}

int core_check_invariants(struct dmaown_core *core, char *why, size_t size)
{
	return core_check_invariants_at(core, true, NULL, why, size);
}

int core_check_invariants_at(struct dmaown_core *core, bool counts,
			     bool (*is_free)(const void *lock), char *why, size_t size)
{
	struct inspection inspection = {
		.why = why, .size = size, .counts = counts, .is_free = is_free};
	const struct dmaown_bus *bus;
	const struct dmaown_device *device;
	const struct dmaown_iommu *iommu;
	const struct dmaown_group *group;

	list_for_each_entry (bus, &core->buses, on_core)
		list_for_each_entry (device, &bus->devices, on_bus)
			check_device(&inspection, device);
	list_for_each_entry (iommu, &core->iommus, on_core) {
		list_for_each_entry (group, &iommu->groups, on_iommu)
			check_group(&inspection, group);
		check_user_domains(&inspection, iommu);
	}
	return inspection.broken ? -EINVAL : 0;
}
