/* SPDX-License-Identifier: MIT */
/*
 * PASIDs: further address spaces of one device, as far as they guard ownership.
 *
 * While one is attached in a group the design lets nobody claim the group, lets no further native
 * driver use it, and keeps the uses that there are (mechanism.md, section 3).
 */
#include "objects.h"

#include <errno.h>

/* A PASID stands for one address space in the whole group. */
static struct pasid *find_pasid(struct dmaown_group *group, uint32_t number)
{
	struct pasid *pasid;

	group_assert_locked(group);
	list_for_each_entry (pasid, &group->pasids, on_group)
		if (pasid->number == number)
			return pasid;
	return NULL;
}

static int attach_pasid(struct dmaown_group *group, struct pasid *pasid,
			struct dmaown_domain *domain)
{
	const struct dmaown_iommu *iommu = group->iommu;
	int err;

	if (find_pasid(group, pasid->number))
		return -EBUSY;
	err = iommu->ops->attach_pasid(iommu->context, pasid->device, pasid->number,
				       domain->hardware);
	if (err)
		return err;
	domain_point(&pasid->domain, domain);
	list_add_tail(&pasid->on_group, &group->pasids);
	return 0;
}

int dmaown_device_attach_pasid(struct dmaown_device *device, uint32_t number,
			       struct dmaown_domain *domain)
{
	struct dmaown_group *group = device->group;
	struct pasid *pasid;
	int err;

	if (!group)
		return -ENODEV;
	if (number == 0 || domain->iommu != group->iommu)
		return -EINVAL;
	if (!group->iommu->ops->attach_pasid || !group->iommu->ops->detach_pasid)
		return -EOPNOTSUPP;
	pasid = core_allocate(device_core(device), sizeof(*pasid));
	if (!pasid)
		return -ENOMEM;
	pasid->device = device;
	pasid->number = number;
	group_lock(group);
	err = attach_pasid(group, pasid, domain);
	group_unlock(group);
	if (err)
		core_free(device_core(device), pasid, sizeof(*pasid));
	return err;
}

static void detach_pasid(struct dmaown_group *group, struct pasid *pasid)
{
	const struct dmaown_iommu *iommu = group->iommu;

	iommu->ops->detach_pasid(iommu->context, pasid->device, pasid->number);
	domain_point(&pasid->domain, NULL);
	list_del(&pasid->on_group);
	core_free(iommu->core, pasid, sizeof(*pasid));
}

int dmaown_device_detach_pasid(struct dmaown_device *device, uint32_t number)
{
	struct dmaown_group *group = device->group;
	struct pasid *pasid;

	if (!group)
		return -ENODEV;
	group_lock(group);
	pasid = find_pasid(group, number);
	if (pasid && pasid->device != device)
		pasid = NULL;
	if (pasid)
		detach_pasid(group, pasid);
	group_unlock(group);
	return pasid ? 0 : -ENOENT;
}

void pasid_detach_all(struct dmaown_device *device)
{
	struct dmaown_group *group = device->group;
	struct pasid *pasid, *next;

	group_assert_locked(group);
	list_for_each_entry_safe (pasid, next, &group->pasids, on_group)
		if (pasid->device == device)
			detach_pasid(group, pasid);
}
