/* SPDX-License-Identifier: MIT */
/*
 * Groups: their devices, and the domain that all of them are attached to.
 *
 * Invariant (I3): with the mutex free, every device's hardware is attached to the group's current
 * domain; or it is blocked, because the device is being reset or could not be attached (stranded).
 * A switch either moves every device or puts back those that it has moved.
 */
#include "ownership.h"

#include <errno.h>
#include <string.h>

static size_t group_size(const struct dmaown_group *group)
{
	return sizeof(*group) + strlen(group->name) + 1;
}

int dmaown_group_create(struct dmaown_iommu *iommu, const char *name, void *context,
			struct dmaown_group **out)
{
	struct dmaown_core *core = iommu->core;
	struct dmaown_group *group;
	size_t length;
	int err;

	if (!name)
		return -EINVAL;
	length = strlen(name) + 1;
	group = core_allocate(core, sizeof(*group) + length);
	if (!group)
		return -ENOMEM;
	err = lock_init(&core->env, &group->mutex, RANK_GROUP);
	if (err) {
		core_free(core, group, sizeof(*group) + length);
		return err;
	}
	memcpy(group->name, name, length);
	group->core = core;
	group->iommu = iommu;
	group->context = context;
	atomic_init(&group->references, 1);
	list_init(&group->devices);
	list_init(&group->pasids);
	lock_take(&core->env, &core->lists_lock);
	list_add_tail(&group->on_iommu, &iommu->groups);
	lock_drop(&core->env, &core->lists_lock);
	*out = group;
	return 0;
}

void group_free(struct dmaown_group *group)
{
	struct dmaown_core *core = group->core;

	core_require(core, list_empty(&group->devices), "a group that is freed has no devices");
	lock_take(&core->env, &core->lists_lock);
	list_del(&group->on_iommu);
	lock_drop(&core->env, &core->lists_lock);
	lock_destroy(&core->env, &group->mutex);
	core_free(core, group, group_size(group));
}

void dmaown_group_get(struct dmaown_group *group)
{
	atomic_fetch_add(&group->references, 1);
}

void dmaown_group_put(struct dmaown_group *group)
{
	if (group && atomic_fetch_sub(&group->references, 1) == 1)
		group_free(group);
}

const char *dmaown_group_name(const struct dmaown_group *group)
{
	return group->name;
}

void *dmaown_group_context(const struct dmaown_group *group)
{
	return group->context;
}

static enum dmaown_domain_kind kind_of(const struct dmaown_domain *domain)
{
	return domain ? domain->kind : DMAOWN_DOMAIN_NONE;
}

void dmaown_group_read(struct dmaown_group *group, struct dmaown_group_state *state)
{
	struct dmaown_device *device;
	struct pasid *pasid;

	group_lock(group);
	*state = (struct dmaown_group_state) {
		.owner = group->owner,
		.count = group->count,
		.default_kind = kind_of(group->default_domain),
		.current_kind = kind_of(group->current),
	};
	list_for_each_entry (device, &group->devices, on_group)
		state->devices++;
	list_for_each_entry (pasid, &group->pasids, on_group)
		state->pasids++;
	group_unlock(group);
}

/* ---- devices and domains ---- */

void device_block(struct dmaown_device *device)
{
	const struct dmaown_iommu *iommu = device->group->iommu;

	iommu->ops->block(iommu->context, device);
	domain_point(&device->attached, NULL);
}

void device_strand(struct dmaown_device *device)
{
	device_block(device);
	device->stranded = true;
	core_warn(device_core(device), DMAOWN_WARN_LEFT_BLOCKED, device->name);
}

/* A device that is being reset stays blocked; the end of its reset attaches it (section 6, 12). */
int device_attach(struct dmaown_device *device, struct dmaown_domain *domain)
{
	const struct dmaown_iommu *iommu = device->group->iommu;
	int err;

	group_assert_locked(device->group);
	if (device->direct && domain->kind == DMAOWN_DOMAIN_BLOCKED)
		return -EINVAL;
	if (device->resetting)
		return 0;
	err = iommu->ops->attach(iommu->context, device, domain->hardware);
	if (err)
		return err;
	domain_point(&device->attached, domain);
	device->stranded = false;
	return 0;
}

/* Back to where it was; what can't go back is blocked. */
static void device_put_back(struct dmaown_device *device, struct dmaown_domain *domain)
{
	if (!domain)
		device_block(device);
	else if (device_attach(device, domain))
		device_strand(device);
}

static void put_back_before(struct dmaown_group *group, const struct dmaown_device *end)
{
	struct dmaown_device *device;

	list_for_each_entry (device, &group->devices, on_group) {
		if (device == end)
			return;
		device_put_back(device, group->current);
	}
}

int group_switch(struct dmaown_group *group, struct dmaown_domain *domain)
{
	struct dmaown_device *device;
	int err;

	group_assert_locked(group);
	core_require(group->core, domain->iommu == group->iommu,
		     "a group is switched to a domain of its own IOMMU");
	list_for_each_entry (device, &group->devices, on_group) {
		err = device_attach(device, domain);
		if (err) {
			put_back_before(group, device);
			return err;
		}
	}
	domain_point(&group->current, domain);
	return 0;
}

void group_switch_nofail(struct dmaown_group *group, struct dmaown_domain *domain)
{
	struct dmaown_device *device;

	group_assert_locked(group);
	core_require(group->core, domain, "a group that goes back has a domain to go to");
	list_for_each_entry (device, &group->devices, on_group)
		if (device_attach(device, domain))
			device_strand(device);
	domain_point(&group->current, domain);
}

/* ---- firmware's 1:1 regions ---- */

static int direct_region(struct dmaown_device *device, unsigned int index,
			 struct dmaown_region *region)
{
	const struct dmaown_iommu *iommu = device->group->iommu;

	if (!iommu->ops->direct_region)
		return -ENOENT;
	return iommu->ops->direct_region(iommu->context, device, index, region);
}

/* Devices may name the same region; what is mapped 1:1 already is right. */
static int map_direct_region(struct dmaown_domain *domain, const struct dmaown_region *region)
{
	uint64_t phys;

	if (dmaown_domain_translate(domain, region->start, &phys) == 0 && phys == region->start)
		return 0;
	return dmaown_domain_map(domain, region->start, region->start, region->size,
				 DMAOWN_READ | DMAOWN_WRITE);
}

int device_map_direct(struct dmaown_device *device, struct dmaown_domain *domain)
{
	struct dmaown_region region = {0};
	int err;

	for (unsigned int index = 0;; index++) {
		err = direct_region(device, index, &region);
		if (err)
			return err == -ENOENT ? 0 : err;
		device->direct = true;
		if (domain->kind == DMAOWN_DOMAIN_IDENTITY)
			continue;
		err = map_direct_region(domain, &region);
		if (err)
			return err;
	}
}

static int map_direct_all(struct dmaown_group *group, struct dmaown_domain *domain)
{
	struct dmaown_device *device;
	int err;

	list_for_each_entry (device, &group->devices, on_group) {
		err = device_map_direct(device, domain);
		if (err)
			return err;
	}
	return 0;
}

/* ---- the default domain ---- */

static enum dmaown_domain_kind preferred_kind(struct dmaown_group *group)
{
	const struct dmaown_iommu *iommu = group->iommu;

	if (!iommu->ops->default_kind)
		return DMAOWN_DOMAIN_DMA;
	return iommu->ops->default_kind(
		iommu->context, list_first_entry(&group->devices, struct dmaown_device, on_group));
}

/* A domain that can be the group's default one; nobody is on it yet. */
static int create_default(struct dmaown_group *group, enum dmaown_domain_kind kind,
			  struct dmaown_domain **out)
{
	struct dmaown_domain *domain = NULL;
	int err = domain_create(group->iommu, kind, &domain);

	if (err)
		return err;
	err = map_direct_all(group, domain);
	if (err)
		domain_free(domain);
	else
		*out = domain;
	return err;
}

/* Creates a default domain of this kind and puts the group on it. A failure changes nothing. */
static int replace_default(struct dmaown_group *group, enum dmaown_domain_kind kind)
{
	struct dmaown_domain *domain = NULL;
	int err = create_default(group, kind, &domain);

	if (err)
		return err;
	err = group_switch(group, domain);
	if (err) {
		domain_free(domain);
		return err;
	}
	domain_free(group->default_domain);
	group->default_domain = domain;
	return 0;
}

int group_set_up_default(struct dmaown_group *group)
{
	group_assert_locked(group);
	return replace_default(group, preferred_kind(group));
}

int group_switch_away(struct dmaown_group *group, struct dmaown_domain *domain)
{
	struct dmaown_domain *fresh = NULL;
	int err = 0;

	group_assert_locked(group);
	if (!group->default_domain)
		err = create_default(group, preferred_kind(group), &fresh);
	if (err)
		return err;
	err = group_switch(group, domain);
	if (err)
		domain_free(fresh);
	else if (fresh)
		group->default_domain = fresh;
	return err;
}

static bool is_default_kind(enum dmaown_domain_kind kind)
{
	return kind == DMAOWN_DOMAIN_DMA || kind == DMAOWN_DOMAIN_DMA_FQ ||
	       kind == DMAOWN_DOMAIN_IDENTITY;
}

static int enable_flush_queue(struct dmaown_domain *domain)
{
	const struct dmaown_iommu *iommu = domain->iommu;
	int err;

	if (!iommu->ops->enable_flush_queue)
		return -EOPNOTSUPP;
	err = iommu->ops->enable_flush_queue(iommu->context, domain->hardware);
	if (!err)
		domain->kind = DMAOWN_DOMAIN_DMA_FQ;
	return err;
}

static int set_default_kind(struct dmaown_group *group, enum dmaown_domain_kind kind)
{
	if (!group->default_domain)
		return list_empty(&group->devices) ? -EPERM : -EINVAL;
	if (kind == DMAOWN_DOMAIN_DMA_FQ && group->default_domain->kind == DMAOWN_DOMAIN_DMA)
		return enable_flush_queue(group->default_domain);
	if (group->count > 0)
		return -EPERM;
	if (group->current != group->default_domain)
		return -EBUSY;
	if (kind == DMAOWN_DOMAIN_NONE)
		kind = preferred_kind(group);
	return replace_default(group, kind);
}

int dmaown_group_set_default_kind(struct dmaown_group *group, enum dmaown_domain_kind kind)
{
	int err;

	if (kind != DMAOWN_DOMAIN_NONE && !is_default_kind(kind))
		return -EINVAL;
	group_lock(group);
	err = set_default_kind(group, kind);
	group_unlock(group);
	return err;
}

/* ---- the user's own domain ---- */

static int attach_domain(struct dmaown_group *group, const void *owner,
			 struct dmaown_domain *domain)
{
	if (group->owner != owner)
		return -EPERM;
	if (domain->iommu != group->iommu)
		return -EINVAL;
	if (!owner && group->count > 0)
		return -EBUSY;
	if (group->current && group->current != group->default_domain &&
	    group->current != group->blocking_domain)
		return -EBUSY;
	if (list_empty(&group->devices))
		return -ENODEV;
	return group_switch_away(group, domain);
}

int dmaown_group_attach(struct dmaown_group *group, const void *owner, struct dmaown_domain *domain)
{
	int err;

	group_lock(group);
	err = attach_domain(group, owner, domain);
	group_unlock(group);
	return err;
}

int dmaown_group_detach(struct dmaown_group *group, struct dmaown_domain *domain)
{
	int err = -EINVAL;

	group_lock(group);
	if (domain && group->current == domain) {
		group_switch_nofail(group,
				    group->owner ? group->blocking_domain : group->default_domain);
		err = 0;
	}
	group_unlock(group);
	return err;
}
