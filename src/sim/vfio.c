/* SPDX-License-Identifier: MIT */
/*
 * VFIO's groups (mechanism.md, section 3, "VFIO"): which of them can be opened, and by whom.
 *
 * A group can be opened while one of its devices has a user driver, and by one opener at a time.
 * When the last of those devices loses its user driver, the open file is revoked: what it had
 * claimed is released, and the group can be opened anew. So the removal of a device never waits for
 * an idle file (I10); it is only a device that is open itself that its user must close first.
 */
#include "machine_parts.h"
#include "precondition.h"

#include <errno.h>
#include <stdio.h>

void sim_vfio_bound(struct sim_device *device)
{
	struct sim_group *group = device->group;

	precondition(group);
	lock_vfio(device->machine);
	device->user = true;
	if (group->user_devices++ == 0)
		group->node = group_node_of_user(0);
	unlock_vfio(device->machine);
}

void sim_vfio_unbound(struct sim_device *device)
{
	struct sim_group *group = device->group;

	lock_vfio(device->machine);
	precondition(device->user && group->user_devices > 0);
	device->user = false;
	device->open_in = NULL;
	if (--group->user_devices == 0 && group->file)
		sim_file_revoke(group->file);
	unlock_vfio(device->machine);
}

bool sim_vfio_is_open(struct sim_device *device)
{
	bool open;

	lock_vfio(device->machine);
	open = device->open_in;
	unlock_vfio(device->machine);
	return open;
}

static int open_group(struct sim_group *group, struct sim_file *file)
{
	if (!group || group->user_devices == 0)
		return -ENOENT;
	if (group->file)
		return -EBUSY;
	file->group = group;
	group->file = file;
	return 0;
}

int sim_vfio_open(struct sim_machine *machine, int id, struct sim_file **out)
{
	struct sim_file *file = sim_allocate(machine, sizeof(*file));
	int err;

	if (!file)
		return -ENOMEM;
	file->base.ops = &sim_file_ops;
	file->machine = machine;
	list_init(&file->maps);
	lock_vfio(machine);
	err = open_group(sim_group_find(machine, id), file);
	unlock_vfio(machine);
	if (err)
		sim_free(machine, file);
	else
		*out = file;
	return err;
}

int sim_vfio_node(struct machine *base, int id, struct group_node *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_group *group = sim_group_find(machine, id);
	int err = -ENOENT;

	lock_vfio(machine);
	if (group && group->user_devices > 0) {
		*out = group->node;
		snprintf(out->path, sizeof(out->path), "/dev/vfio/%d", id);
		err = 0;
	}
	unlock_vfio(machine);
	return err;
}

int sim_vfio_set_node(struct machine *base, int id, const struct group_node *node)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_group *group = sim_group_find(machine, id);
	int err = -ENOENT;

	lock_vfio(machine);
	if (group && group->user_devices > 0) {
		group->node = *node;
		err = 0;
	}
	unlock_vfio(machine);
	return err;
}
