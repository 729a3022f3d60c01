/* SPDX-License-Identifier: MIT */
/*
 * Group files, as VFIO gives them to a process (mechanism.md, section 3, "VFIO").
 *
 * Invariants, under the files lock: a group has one opener at most; a file that is claimed is not
 * revoked, one with a domain is claimed. When the last device with a user driver leaves it the
 * group's open file is revoked, and what it had claimed released: nobody waits for an idle file
 * (I10). A device that is open itself is waited for.
 */
#include "stage_parts.h"

#include <errno.h>

static void lock(struct stage *stage)
{
	explored_lock(&stage->now->files_lock);
}

static void unlock(struct stage *stage)
{
	explored_unlock(&stage->now->files_lock);
}

struct file_now *stage_file(struct stage *stage, unsigned int thread, size_t group)
{
	return &stage->files[thread * stage->group_count + group];
}

static struct file_now *file_of(struct stage_group *group, unsigned int thread)
{
	return stage_file(group->stage, thread, group->number);
}

/* ---- with the files lock held ---- */

static void detach(struct stage_group *group, struct file_now *file)
{
	dmaown_group_detach(group->core, file->domain);
	dmaown_domain_destroy(file->domain);
	file->domain = NULL;
}

static void release(struct stage_group *group, struct file_now *file)
{
	if (file->domain)
		detach(group, file);
	dmaown_group_release(group->core, file);
	file->claimed = false;
}

static void close_devices(struct stage_group *group, unsigned int thread)
{
	struct stage *stage = group->stage;
	bool closed = false;

	for (size_t i = 0; i < stage->device_count; i++)
		if (stage->devices[i].group == group &&
		    stage->devices[i].now->open_by == thread + 1) {
			stage->devices[i].now->open_by = 0;
			closed = true;
		}
	if (closed)
		explored_broadcast(&group->now->device_closed);
}

static bool has_open_device(struct stage_group *group, unsigned int thread)
{
	struct stage *stage = group->stage;

	for (size_t i = 0; i < stage->device_count; i++)
		if (stage->devices[i].group == group &&
		    stage->devices[i].now->open_by == thread + 1)
			return true;
	return false;
}

static void revoke(struct stage_group *group)
{
	unsigned int thread = group->now->opener - 1u;
	struct file_now *file = file_of(group, thread);

	close_devices(group, thread);
	if (file->claimed)
		release(group, file);
	file->revoked = true;
	group->now->opener = 0;
}

/* Whose file was revoked and is open still may open the group again, and closes that at once. */
static int open_group(struct stage_group *group, struct file_now *file, unsigned int thread)
{
	if (group->now->user_devices == 0)
		return -ENOENT;
	if (group->now->opener)
		return -EBUSY;
	if (file->open)
		return 0;
	group->now->opener = (uint8_t)(thread + 1);
	file->open = true;
	return 0;
}

static int claim(struct stage_group *group, struct file_now *file)
{
	int err;

	if (file->claimed && !group->stage->design->claims_again)
		return -EINVAL;
	if (file->revoked)
		return -ENODEV;
	err = dmaown_group_claim(group->core, file);
	file->claimed |= !err;
	return err;
}

static int attach(struct stage_group *group, struct file_now *file)
{
	struct dmaown_domain *domain;
	int err;

	if (!file->claimed || file->domain)
		return -EINVAL;
	err = dmaown_domain_create(group->stage->iommu, &domain);
	if (err)
		return err;
	err = dmaown_group_attach(group->core, file, domain);
	if (err)
		dmaown_domain_destroy(domain);
	else
		file->domain = domain;
	return err;
}

static int open_device(struct stage_group *group, struct file_now *file,
		       struct stage_device *device, unsigned int thread)
{
	if (!file->domain)
		return -EINVAL;
	if (device->group != group || !device->now->user)
		return -ENODEV;
	if (device->now->open_by)
		return -EBUSY;
	device->now->open_by = (uint8_t)(thread + 1);
	return 0;
}

/* ---- a thread's calls ---- */

int stage_file_open(struct stage_group *group, unsigned int thread)
{
	struct file_now *file = file_of(group, thread);
	int err;

	lock(group->stage);
	err = open_group(group, file, thread);
	unlock(group->stage);
	return err;
}

int stage_file_close(struct stage_group *group, unsigned int thread)
{
	struct file_now *file = file_of(group, thread);

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	if (!file->revoked)
		revoke(group);
	*file = (struct file_now) {0};
	unlock(group->stage);
	return 0;
}

int stage_file_viable(struct stage_group *group, unsigned int thread, bool *viable)
{
	struct file_now *file = file_of(group, thread);
	struct dmaown_group_state state;
	int err = 0;

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	if (file->revoked) {
		err = -ENODEV;
	} else {
		dmaown_group_read(group->core, &state);
		*viable = file->claimed || state.count == 0;
	}
	unlock(group->stage);
	return err;
}

int stage_file_claim(struct stage_group *group, unsigned int thread)
{
	struct file_now *file = file_of(group, thread);
	int err;

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	err = claim(group, file);
	unlock(group->stage);
	return err;
}

int stage_file_release(struct stage_group *group, unsigned int thread)
{
	struct file_now *file = file_of(group, thread);
	int err = 0;

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	if (!file->claimed)
		err = -EINVAL;
	else if (has_open_device(group, thread))
		err = -EBUSY;
	else
		release(group, file);
	unlock(group->stage);
	return err;
}

int stage_file_attach(struct stage_group *group, unsigned int thread)
{
	struct file_now *file = file_of(group, thread);
	int err;

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	err = attach(group, file);
	unlock(group->stage);
	return err;
}

int stage_file_detach(struct stage_group *group, unsigned int thread)
{
	struct file_now *file = file_of(group, thread);
	int err = 0;

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	if (!file->domain)
		err = -EINVAL;
	else if (has_open_device(group, thread))
		err = -EBUSY;
	else
		detach(group, file);
	unlock(group->stage);
	return err;
}

int stage_file_open_device(struct stage_group *group, struct stage_device *device,
			   unsigned int thread)
{
	struct file_now *file = file_of(group, thread);
	int err;

	if (!file->open)
		return -EBADF;
	lock(group->stage);
	err = open_device(group, file, device, thread);
	unlock(group->stage);
	return err;
}

int stage_file_close_device(struct stage_group *group, struct stage_device *device,
			    unsigned int thread)
{
	int err = -EINVAL;

	if (!file_of(group, thread)->open)
		return -EBADF;
	lock(group->stage);
	if (device->now->open_by == thread + 1) {
		device->now->open_by = 0;
		explored_broadcast(&group->now->device_closed);
		err = 0;
	}
	unlock(group->stage);
	return err;
}

/* ---- what user drivers tell ---- */

void stage_files_bound(struct stage_device *device)
{
	lock(device->stage);
	device->now->user = true;
	device->group->now->user_devices++;
	unlock(device->stage);
}

void stage_files_unbound(struct stage_device *device)
{
	struct group_now *now = device->group->now;

	lock(device->stage);
	device->now->user = false;
	while (device->now->open_by)
		explored_wait(&now->device_closed, &device->stage->now->files_lock);
	if (--now->user_devices == 0 && now->opener)
		revoke(device->group);
	unlock(device->stage);
}

void stage_close_files(struct stage *stage)
{
	for (unsigned int thread = 0; thread < stage->scenario->thread_count; thread++)
		for (size_t i = 0; i < stage->group_count; i++)
			stage_file_close(&stage->groups[i], thread);
}
