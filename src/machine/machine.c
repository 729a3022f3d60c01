/* SPDX-License-Identifier: MIT */
/* Operations of a machine, each sent to the implementation, or answered -EOPNOTSUPP. */
#include "machine.h"

#include "precondition.h"

#include <errno.h>

void machine_close(struct machine *machine)
{
	if (machine)
		machine->ops->close(machine);
}

void group_file_close(struct group_file *file)
{
	if (file)
		file->ops->close(file);
}

int machine_read(struct machine *machine, struct facts *out)
{
	return machine->ops->read ? machine->ops->read(machine, out) : -EOPNOTSUPP;
}

int machine_glance(struct machine *machine, struct facts *out)
{
	return machine->ops->glance ? machine->ops->glance(machine, out)
				    : machine_read(machine, out);
}

static int find_in_facts(const struct facts *facts, const struct machine_part *part, int *out)
{
	const struct device_facts *device;

	if (!part->device) {
		*out = part->group;
		return facts_group(facts, part->group) ? 0 : -ENOENT;
	}
	device = facts_device(facts, part->device);
	if (!device)
		return -ENODEV;
	*out = device->group;
	return 0;
}

int machine_find_group(struct machine *machine, const struct machine_part *part, int *out)
{
	struct facts facts;
	int err;

	if (machine->ops->find_group)
		return machine->ops->find_group(machine, part, out);
	err = machine_read(machine, &facts);
	if (err)
		return err;
	err = find_in_facts(&facts, part, out);
	facts_release(&facts);
	return err;
}

int machine_read_part(struct machine *machine, const struct machine_part *parts, size_t count,
		      struct facts *out)
{
	return machine->ops->read_part ? machine->ops->read_part(machine, parts, count, out)
				       : machine_read(machine, out);
}

int machine_read_driver(struct machine *machine, const char *bus, const char *driver,
			struct facts *facts)
{
	if (facts_driver(facts, bus, driver))
		return 0;
	return machine->ops->read_driver ? machine->ops->read_driver(machine, bus, driver, facts)
					 : -ENODEV;
}

int machine_find_users(struct machine *machine, struct facts *facts)
{
	return machine->ops->find_users ? machine->ops->find_users(machine, facts) : 0;
}

int machine_find_uses(struct machine *machine, struct facts *facts)
{
	return machine->ops->find_uses ? machine->ops->find_uses(machine, facts) : 0;
}

int machine_instance(struct machine *machine, const char *device, uint64_t *out)
{
	struct driver_name driver;
	int err;

	if (machine->ops->instance)
		return machine->ops->instance(machine, device, out);
	err = machine_driver(machine, device, &driver);
	if (!err)
		*out = 0;
	return err;
}

int machine_driver(struct machine *machine, const char *device, struct driver_name *out)
{
	return machine->ops->driver ? machine->ops->driver(machine, device, out) : -EOPNOTSUPP;
}

int machine_override(struct machine *machine, const char *device, struct driver_name *out)
{
	return machine->ops->override ? machine->ops->override(machine, device, out) : -EOPNOTSUPP;
}

int machine_load_driver(struct machine *machine, const char *driver)
{
	return machine->ops->load_driver ? machine->ops->load_driver(machine, driver) : -ENOENT;
}

static int make_change(struct machine *machine, const struct change *change)
{
	switch (change->kind) {
	case CHANGE_OVERRIDE:
		return machine_set_override(machine, change->device, change->driver);
	case CHANGE_UNBIND:
		return machine_unbind(machine, change->device);
	case CHANGE_BIND:
		break;
	}
	return machine_bind(machine, change->device, change->driver);
}

/* One after the other; what would block is what a worker would be left alone with. */
static void change_in_turn(struct machine *machine, struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		changes[i].result = make_change(machine, &changes[i]);
		if (changes[i].result == -EWOULDBLOCK)
			changes[i].result = -ETIMEDOUT;
	}
}

static bool overrides_are_alone(const struct change *changes, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if ((changes[i].kind == CHANGE_OVERRIDE) != (changes[0].kind == CHANGE_OVERRIDE))
			return false;
	return true;
}

void machine_change_all(struct machine *machine, struct change *changes, size_t count,
			unsigned int milliseconds)
{
	precondition(overrides_are_alone(changes, count));
	if (machine->ops->change_all)
		machine->ops->change_all(machine, changes, count, milliseconds);
	else
		change_in_turn(machine, changes, count);
}

int machine_bind(struct machine *machine, const char *device, const char *driver)
{
	return machine->ops->bind ? machine->ops->bind(machine, device, driver) : -EOPNOTSUPP;
}

int machine_unbind(struct machine *machine, const char *device)
{
	return machine->ops->unbind ? machine->ops->unbind(machine, device) : -EOPNOTSUPP;
}

int machine_probe(struct machine *machine, const char *device)
{
	return machine->ops->probe ? machine->ops->probe(machine, device) : -EOPNOTSUPP;
}

int machine_set_override(struct machine *machine, const char *device, const char *driver)
{
	return machine->ops->set_override ? machine->ops->set_override(machine, device, driver)
					  : -EOPNOTSUPP;
}

int machine_remove(struct machine *machine, const char *device)
{
	return machine->ops->remove ? machine->ops->remove(machine, device) : -EOPNOTSUPP;
}

int machine_rescan(struct machine *machine)
{
	return machine->ops->rescan ? machine->ops->rescan(machine) : -EOPNOTSUPP;
}

int machine_watch(struct machine *machine, struct machine_events **out)
{
	return machine->ops->watch ? machine->ops->watch(machine, out) : -EOPNOTSUPP;
}

int machine_events_fd(const struct machine_events *events)
{
	return events->ops->fd(events);
}

void machine_events_drain(struct machine_events *events)
{
	events->ops->drain(events);
}

void machine_events_close(struct machine_events *events)
{
	if (events)
		events->ops->close(events);
}

int machine_set_type(struct machine *machine, int group, const char *type)
{
	return machine->ops->set_type ? machine->ops->set_type(machine, group, type) : -EOPNOTSUPP;
}

int machine_add_driver(struct machine *machine, const struct driver_script *script)
{
	return machine->ops->add_driver ? machine->ops->add_driver(machine, script) : -EOPNOTSUPP;
}

int machine_remove_driver(struct machine *machine, const char *bus, const char *driver)
{
	return machine->ops->remove_driver ? machine->ops->remove_driver(machine, bus, driver)
					   : -EOPNOTSUPP;
}

int machine_reset(struct machine *machine, const char *device, bool begin)
{
	return machine->ops->reset ? machine->ops->reset(machine, device, begin) : -EOPNOTSUPP;
}

int machine_node(struct machine *machine, int group, struct group_node *out)
{
	return machine->ops->node ? machine->ops->node(machine, group, out) : -EOPNOTSUPP;
}

int machine_set_node(struct machine *machine, int group, const struct group_node *node)
{
	return machine->ops->set_node ? machine->ops->set_node(machine, group, node) : -EOPNOTSUPP;
}

int machine_await_node(struct machine *machine, int group, unsigned int milliseconds)
{
	return machine->ops->await_node ? machine->ops->await_node(machine, group, milliseconds)
					: 0;
}

int machine_open(struct machine *machine, int group, struct group_file **out)
{
	return machine->ops->open ? machine->ops->open(machine, group, out) : -EOPNOTSUPP;
}

int group_file_viable(struct group_file *file, bool *viable)
{
	return file->ops->viable ? file->ops->viable(file, viable) : -EOPNOTSUPP;
}

int group_file_claim(struct group_file *file)
{
	return file->ops->claim ? file->ops->claim(file) : -EOPNOTSUPP;
}

int group_file_release(struct group_file *file)
{
	return file->ops->release ? file->ops->release(file) : -EOPNOTSUPP;
}

int group_file_attach(struct group_file *file)
{
	return file->ops->attach ? file->ops->attach(file) : -EOPNOTSUPP;
}

int group_file_detach(struct group_file *file)
{
	return file->ops->detach ? file->ops->detach(file) : -EOPNOTSUPP;
}

int group_file_map(struct group_file *file, uint64_t iova, uint64_t size)
{
	return file->ops->map ? file->ops->map(file, iova, size) : -EOPNOTSUPP;
}

int group_file_unmap(struct group_file *file, uint64_t iova, uint64_t size)
{
	return file->ops->unmap ? file->ops->unmap(file, iova, size) : -EOPNOTSUPP;
}

int group_file_open_device(struct group_file *file, const char *device)
{
	return file->ops->open_device ? file->ops->open_device(file, device) : -EOPNOTSUPP;
}

int group_file_close_device(struct group_file *file, const char *device)
{
	return file->ops->close_device ? file->ops->close_device(file, device) : -EOPNOTSUPP;
}

int group_file_dma(struct group_file *file, const char *device, enum dma_direction direction,
		   uint64_t iova, uint64_t size, bool *reached)
{
	return file->ops->dma ? file->ops->dma(file, device, direction, iova, size, reached)
			      : -EOPNOTSUPP;
}
