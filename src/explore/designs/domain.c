/* SPDX-License-Identifier: MIT */
/*
 * D5: the domain is the owner: a group is owned if and only if its current domain is not the
 * default one. Nothing else is kept, so that a claim can't see drivers that are at work on the
 * default domain. The token is kept to know whose release it is.
 */
#include "pieces.h"

#include <errno.h>

static int domain_use(struct dmaown_group *group, struct dmaown_device *device)
{
	if (!group->default_domain)
		return -DMAOWN_EPROBE_DEFER;
	if (group->current != group->default_domain)
		return -EBUSY;
	device->use = USE_COUNTED;
	return 0;
}

static void domain_unuse(struct dmaown_group *group, struct dmaown_device *device)
{
	device->use = USE_NONE;
}

static int domain_may_claim(struct dmaown_group *group, struct dmaown_device *device,
			    const void *owner)
{
	return group->current && group->current != group->default_domain ? -EPERM : 0;
}

static void domain_claim(struct dmaown_group *group, const void *owner)
{
	group->owner = owner;
}

static bool domain_release(struct dmaown_group *group)
{
	group->owner = NULL;
	return true;
}

static const struct ownership_design ownership = {
	.name = "domain",
	.use = domain_use,
	.unuse = domain_unuse,
	.leave = domain_unuse,
	.may_claim = domain_may_claim,
	.claim = domain_claim,
	.release = domain_release,
};

const struct design design_domain = {
	.name = "domain",
	.about = "owned is what is not on its default domain (D5)",
	.ownership = &ownership,
};
