/* SPDX-License-Identifier: MIT */
/* The simulated machine: made from facts, driven through machine.h, read back as facts. */
#define _GNU_SOURCE
#include "sim_machine.h"

#include "driver_id.h"
#include "machine_parts.h"
#include "recorded_groups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Enough for every page that drivers and users map; only what is written to takes real memory. */
#define MEMORY_SIZE (UINT64_C(64) << 30)

/* Requesters of devices that have no PCI address: a segment that no PCI host bridge has. */
#define PLATFORM_SEGMENT 0xffffu

void *sim_allocate(struct sim_machine *machine, size_t size)
{
	return machine->alloc.alloc(machine->alloc.ctx, size);
}

void sim_free(struct sim_machine *machine, void *memory)
{
	machine->alloc.free(machine->alloc.ctx, memory);
}

struct sim_device *sim_device_find(struct sim_machine *machine, const char *address)
{
	for (size_t i = 0; i < machine->facts.device_count; i++)
		if (strcmp(machine->facts.devices[i].address, address) == 0)
			return &machine->devices[i];
	return NULL;
}

struct sim_group *sim_group_find(struct sim_machine *machine, int id)
{
	for (size_t i = 0; i < machine->facts.group_count; i++)
		if (machine->facts.groups[i].id == id)
			return &machine->groups[i];
	return NULL;
}

struct dmaown_bus *sim_bus_find(struct sim_machine *machine, const char *name)
{
	for (size_t i = 0; i < SIM_BUSES; i++)
		if (machine->buses[i] && strcmp(machine->bus_types[i].name, name) == 0)
			return machine->buses[i];
	return NULL;
}

struct sim_driver *sim_driver_find(struct sim_machine *machine, const char *bus, const char *name)
{
	struct sim_driver *driver;

	list_for_each_entry (driver, &machine->drivers, on_machine)
		if (strcmp(driver->bus, bus) == 0 && strcmp(driver->type.name, name) == 0)
			return driver;
	return NULL;
}

static struct sim_device *present_device(struct sim_machine *machine, const char *address)
{
	struct sim_device *device = sim_device_find(machine, address);

	return device && device->present ? device : NULL;
}

/* ---- making a machine ---- */

static void *core_alloc(void *context, size_t size)
{
	return sim_allocate(context, size);
}

static void core_free(void *context, void *memory, size_t size)
{
	sim_free(context, memory);
}

static int create_core(struct sim_machine *machine)
{
	struct dmaown_env env;

	dmaown_pthread_env(&env);
	env.context = machine;
	env.allocate = core_alloc;
	env.free = core_free;
	return dmaown_core_create(&env, &machine->core);
}

static int create_buses(struct sim_machine *machine)
{
	static const struct dmaown_bus_type *const types[SIM_BUSES] = {
		&dmaown_bus_pci,    &dmaown_bus_platform, &dmaown_bus_amba,
		&dmaown_bus_fsl_mc, &dmaown_bus_cdx,      &dmaown_bus_host1x,
	};
	int err = 0;

	for (size_t i = 0; i < SIM_BUSES && !err; i++) {
		machine->core_types[i] = types[i];
		machine->bus_types[i] = *types[i];
		machine->bus_types[i].match = sim_match;
		machine->bus_types[i].bind_step = sim_bind_step;
		machine->bus_types[i].firmware_configure = sim_firmware_configure;
		err = dmaown_bus_create(machine->core, &machine->bus_types[i], &machine->buses[i]);
		if (!err)
			dmaown_bus_set_autoprobe(machine->buses[i], false);
	}
	return err;
}

static int create_hardware(struct sim_machine *machine)
{
	int err = memory_create(&machine->alloc, MEMORY_SIZE, &machine->memory);

	if (!err)
		err = iommu_create(&machine->alloc, machine->memory, &machine->unit);
	if (!err)
		err = create_core(machine);
	if (!err)
		err = create_buses(machine);
	if (!err)
		err = dmaown_iommu_register(machine->core, &sim_iommu_ops, machine,
					    &machine->iommu);
	return err;
}

static int create_groups(struct sim_machine *machine)
{
	char name[16];
	int err = 0;

	for (size_t i = 0; i < machine->facts.group_count && !err; i++) {
		struct sim_group *group = &machine->groups[i];

		group->facts = &machine->facts.groups[i];
		snprintf(name, sizeof(name), "%d", group->facts->id);
		err = dmaown_group_create(machine->iommu, name, group, &group->core);
	}
	return err;
}

/* A segment beyond 16 bits, of which no IOMMU knows, is VMD's. */
static uint32_t requester_of(const struct sim_machine *machine, const struct device_facts *facts)
{
	const struct pci_facts *pci = facts->pci;
	size_t index = (size_t)(facts - machine->facts.devices);

	if (pci && pci->segment < PLATFORM_SEGMENT)
		return IOMMU_REQUESTER(pci->segment, pci->bus, pci->slot, pci->function);
	return PLATFORM_SEGMENT << 16 | (uint32_t)(index & 0xffff);
}

/* QEMU's edu, which does DMA when its registers say so. */
static int create_engine(struct sim_machine *machine, struct sim_device *device)
{
	const struct device_facts *facts = device->facts;

	if (!facts->vendor || strcmp(facts->vendor, "1234") != 0 || !facts->device ||
	    strcmp(facts->device, "11e8") != 0)
		return 0;
	return edu_create(&machine->alloc, machine->unit, device->requester, EDU_DMA_MASK,
			  &device->edu);
}

static int create_device(struct sim_machine *machine, const struct device_facts *facts)
{
	struct sim_device *device = &machine->devices[facts - machine->facts.devices];
	struct dmaown_device_description description = {
		.name = facts->address, .identity = &device->identity, .context = device};
	struct dmaown_bus *bus = sim_bus_find(machine, facts->bus);
	int err;

	if (!bus)
		return -EINVAL;
	device->machine = machine;
	device->facts = facts;
	device->group = sim_group_find(machine, facts->group);
	device->requester = requester_of(machine, facts);
	device->described = true;
	err = sim_identity_parse(facts, &device->identity);
	if (!err)
		err = iommu_requester_add(machine->unit, device->requester);
	if (!err)
		err = create_engine(machine, device);
	if (!err)
		err = dmaown_device_create(bus, &description, &device->core);
	if (!err)
		err = dmaown_device_add(device->core);
	device->present = !err;
	device->instance = 1;
	if (!err && facts->override)
		err = dmaown_device_set_override(device->core, facts->override);
	return err;
}

/* An id that only such devices have. */
static char *own_id(const struct device_facts *device)
{
	char *id;

	if (device->vendor && device->device)
		return asprintf(&id, "%s:%s", device->vendor, device->device) < 0 ? NULL : id;
	if (device->modalias && driver_id_is_valid(device->bus, device->modalias))
		return strdup(device->modalias);
	return strdup(driver_id_is_valid(device->bus, device->address) ? device->address
								       : "0000:0000");
}

/* The ids that a device's own driver must have, if the facts did not know them. */
static int add_bound_ids(struct driver_facts *driver, const struct facts *facts)
{
	int err = 0;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		const struct device_facts *device = &facts->devices[i];
		char *id = NULL;

		if (!device->driver || device->override || strcmp(device->bus, driver->bus) != 0 ||
		    strcmp(device->driver, driver->name) != 0)
			continue;
		id = own_id(device);
		err = id ? driver_facts_add_id(driver, id) : -ENOMEM;
		free(id);
	}
	return err;
}

static int explain_id(const struct driver_facts *driver, char **why)
{
	for (size_t i = 0; i < driver->id_count; i++)
		if (!driver_id_is_valid(driver->bus, driver->ids[i])) {
			int length = asprintf(why,
					      "driver %s: cannot be simulated: no driver of bus %s "
					      "has an id like \"%s\"",
					      driver->name, driver->bus, driver->ids[i]);

			return length < 0 ? -ENOMEM : -EINVAL;
		}
	return 0;
}

static int create_driver(struct sim_machine *machine, struct driver_facts *facts)
{
	struct driver_script script = {.name = facts->name,
				       .bus = facts->bus,
				       .managed_dma = facts->managed_dma == KNOWN_YES,
				       .user = facts->user};
	int err = add_bound_ids(facts, &machine->facts);

	if (err)
		return err;
	script.ids = (const char *const *)facts->ids;
	script.id_count = facts->id_count;
	return sim_driver_add(machine, &script);
}

static int bind_recorded(struct sim_machine *machine, struct sim_device *device)
{
	struct sim_driver *driver;

	if (!device->facts->driver)
		return 0;
	driver = sim_driver_find(machine, device->facts->bus, device->facts->driver);
	return driver ? dmaown_device_bind(device->core, driver->core) : -EINVAL;
}

/* A user who has a group in the facts has it here too, until the machine is closed. */
static int claim_recorded(struct sim_machine *machine, struct sim_group *group)
{
	if (group->facts->owner.kind != OWNER_USER)
		return 0;
	return dmaown_group_claim(group->core, machine);
}

/* One line on what the facts have that could not be made. */
static int explain(int err, char **why, const char *what, const char *which)
{
	if (err == -ENOMEM)
		return err;
	if (asprintf(why, "%s %s: cannot be simulated: %s", what, which, strerror(-err)) < 0)
		return -ENOMEM;
	return -EINVAL;
}

static int populate(struct sim_machine *machine, char **why)
{
	struct facts *facts = &machine->facts;
	int err = create_groups(machine);

	if (err)
		return err;
	for (size_t i = 0; i < facts->driver_count; i++) {
		err = explain_id(&facts->drivers[i], why);
		if (err)
			return err;
		err = create_driver(machine, &facts->drivers[i]);
		if (err)
			return explain(err, why, "driver", facts->drivers[i].name);
	}
	for (size_t i = 0; i < facts->device_count; i++) {
		err = create_device(machine, &facts->devices[i]);
		if (err)
			return explain(err, why, "device", facts->devices[i].address);
	}
	for (size_t i = 0; i < facts->device_count; i++) {
		err = bind_recorded(machine, &machine->devices[i]);
		if (err)
			return explain(err, why, "device", facts->devices[i].address);
	}
	for (size_t i = 0; i < facts->group_count; i++) {
		err = claim_recorded(machine, &machine->groups[i]);
		if (err)
			return explain(err, why, "the owner of group",
				       dmaown_group_name(machine->groups[i].core));
	}
	for (size_t i = 0; i < SIM_BUSES; i++)
		dmaown_bus_set_autoprobe(machine->buses[i], true);
	return 0;
}

static void sim_close(struct machine *base)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_alloc alloc = machine->alloc;

	while (!list_empty(&machine->drivers))
		sim_driver_remove(
			list_first_entry(&machine->drivers, struct sim_driver, on_machine));
	dmaown_core_destroy(machine->core);
	for (size_t i = 0; machine->devices && i < machine->facts.device_count; i++)
		edu_destroy(machine->devices[i].edu);
	if (machine->unit)
		iommu_destroy(machine->unit);
	memory_destroy(machine->memory);
	facts_release(&machine->facts);
	sim_free(machine, machine->devices);
	sim_free(machine, machine->groups);
	pthread_mutex_destroy(&machine->vfio);
	pthread_mutex_destroy(&machine->host);
	alloc.free(alloc.ctx, machine);
}

/* ---- what an administrator does ---- */

static int bind_named(struct sim_machine *machine, const char *address, const char *name)
{
	struct sim_device *device = present_device(machine, address);
	struct sim_driver *driver =
		device ? sim_driver_find(machine, device->facts->bus, name) : NULL;

	return driver ? dmaown_device_bind(device->core, driver->core) : -ENODEV;
}

static int sim_bind(struct machine *base, const char *address, const char *driver)
{
	struct sim_machine *machine = sim_machine_of(base);
	int err;

	lock_host(machine);
	err = bind_named(machine, address, driver);
	unlock_host(machine);
	return err;
}

static int sim_unbind(struct machine *base, const char *address)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = present_device(machine, address);
	if (device)
		err = sim_vfio_is_open(device) ? -EWOULDBLOCK : dmaown_device_unbind(device->core);
	unlock_host(machine);
	return err;
}

/* sysfs tells apart only that nothing failed from that something did. */
static int sim_probe(struct machine *base, const char *address)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = present_device(machine, address);
	if (device)
		err = dmaown_device_probe(device->core) ? -EINVAL : 0;
	unlock_host(machine);
	return err;
}

static int sim_set_override(struct machine *base, const char *address, const char *driver)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = present_device(machine, address);
	if (device)
		err = dmaown_device_set_override(device->core, driver);
	unlock_host(machine);
	return err;
}

/* Copies a name; NULL is none. */
static void store_name(const char *name, struct driver_name *out)
{
	snprintf(out->text, sizeof(out->text), "%s", name ? name : "");
}

static int sim_instance(struct machine *base, const char *address, uint64_t *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;

	lock_host(machine);
	device = present_device(machine, address);
	if (device)
		*out = device->instance;
	unlock_host(machine);
	return device ? 0 : -ENODEV;
}

static int sim_driver(struct machine *base, const char *address, struct driver_name *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct dmaown_driver *driver;
	struct sim_device *device;

	lock_host(machine);
	device = present_device(machine, address);
	if (device) {
		dmaown_device_lock(device->core);
		driver = dmaown_device_driver(device->core);
		store_name(driver ? dmaown_driver_type(driver)->name : NULL, out);
		dmaown_device_unlock(device->core);
	}
	unlock_host(machine);
	return device ? 0 : -ENODEV;
}

static int sim_override(struct machine *base, const char *address, struct driver_name *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;

	lock_host(machine);
	device = present_device(machine, address);
	if (device) {
		dmaown_device_lock(device->core);
		store_name(dmaown_device_override(device->core), out);
		dmaown_device_unlock(device->core);
	}
	unlock_host(machine);
	return device ? 0 : -ENODEV;
}

static bool is_below(const struct sim_machine *machine, const struct sim_device *device,
		     const struct sim_device *top)
{
	const struct device_facts *facts = device->facts;

	while (facts && facts != top->facts)
		facts = facts->parent ? facts_device(&machine->facts, facts->parent) : NULL;
	return facts;
}

static bool has_open_below(struct sim_machine *machine, const struct sim_device *top)
{
	for (size_t i = 0; i < machine->facts.device_count; i++)
		if (is_below(machine, &machine->devices[i], top) &&
		    sim_vfio_is_open(&machine->devices[i]))
			return true;
	return false;
}

/* Whether a user has the group of a device that would go. */
static bool has_owned_below(struct sim_machine *machine, const struct sim_device *top)
{
	for (size_t i = 0; i < machine->facts.device_count; i++) {
		const struct sim_device *device = &machine->devices[i];
		struct dmaown_group_state state;

		if (!device->present || !device->group || !is_below(machine, device, top))
			continue;
		dmaown_group_read(device->group->core, &state);
		if (state.owner)
			return true;
	}
	return false;
}

/*
 * PCI devices are known by where they are. What is not is described by firmware, and looked up
 * there when a driver is bound: until then a device that has come back is in no group.
 */
static bool is_found_by_address(const struct sim_device *device)
{
	return strcmp(device->facts->bus, "pci") == 0;
}

/* With its last device a group goes, and the damage with it. */
static void note_damage(struct sim_group *group)
{
	struct dmaown_group_state state;

	dmaown_group_read(group->core, &state);
	group->damaged = state.devices > 0;
}

/* A bridge takes everything behind it along, the deepest first. */
static void remove_below(struct sim_machine *machine, const struct sim_device *top)
{
	for (size_t i = machine->facts.device_count; i-- > 0;) {
		struct sim_device *device = &machine->devices[i];

		if (!device->present || !is_below(machine, device, top))
			continue;
		dmaown_device_remove(device->core);
		dmaown_device_set_override(device->core, NULL);
		device->resetting = false;
		device->present = false;
		if (device->group && machine->answers.removal_damages)
			note_damage(device->group);
		device->described = is_found_by_address(device);
	}
}

static int sim_remove(struct machine *base, const char *address)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = 0;

	lock_host(machine);
	device = present_device(machine, address);
	if (!device)
		err = -ENODEV;
	else if (has_open_below(machine, device))
		err = -EWOULDBLOCK;
	else if (machine->answers.removal_damages && has_owned_below(machine, device))
		err = -ENOTRECOVERABLE;
	else
		remove_below(machine, device);
	unlock_host(machine);
	return err;
}

static int sim_rescan(struct machine *base)
{
	struct sim_machine *machine = sim_machine_of(base);
	int err = 0;

	lock_host(machine);
	for (size_t i = 0; i < machine->facts.device_count && !err; i++) {
		struct sim_device *device = &machine->devices[i];

		if (device->present)
			continue;
		err = dmaown_device_add(device->core);
		device->present = !err;
		device->instance++;
	}
	unlock_host(machine);
	return err;
}

static int sim_add_driver(struct machine *base, const struct driver_script *script)
{
	struct sim_machine *machine = sim_machine_of(base);
	int err;

	lock_host(machine);
	err = sim_driver_add(machine, script);
	unlock_host(machine);
	return err;
}

static int sim_remove_driver(struct machine *base, const char *bus, const char *name)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_driver *driver;

	lock_host(machine);
	driver = sim_driver_find(machine, bus, name);
	if (driver)
		sim_driver_remove(driver);
	unlock_host(machine);
	return driver ? 0 : -ENODEV;
}

/* A reset that blocks nothing is known to nobody but the one who makes it. */
static int note_reset(struct sim_device *device, bool begin)
{
	if (device->resetting == begin)
		return -EINVAL;
	device->resetting = begin;
	return 0;
}

static int sim_reset(struct machine *base, const char *address, bool begin)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = present_device(machine, address);
	if (device)
		err = machine->answers.resets_do_not_block ? note_reset(device, begin)
		      : begin                              ? dmaown_device_reset_begin(device->core)
							   : dmaown_device_reset_end(device->core);
	unlock_host(machine);
	return err;
}

static int sim_open(struct machine *base, int group, struct group_file **out)
{
	struct sim_file *file;
	int err = sim_vfio_open(sim_machine_of(base), group, &file);

	if (!err)
		*out = &file->base;
	return err;
}

/* ---- reading it back ---- */

static int read_device(struct sim_device *device, struct facts *out)
{
	struct dmaown_driver *driver;
	struct device_facts *copy;
	int err = facts_copy_device(out, device->facts);

	if (err)
		return err;
	copy = &out->devices[out->device_count - 1];
	copy->instance = device->instance;
	dmaown_device_lock(device->core);
	driver = dmaown_device_driver(device->core);
	if (!dmaown_device_group(device->core))
		copy->group = -1;
	err = facts_set_string(&copy->driver, driver ? dmaown_driver_type(driver)->name : NULL);
	if (!err)
		err = facts_set_string(&copy->override, dmaown_device_override(device->core));
	dmaown_device_unlock(device->core);
	return err;
}

static int read_group(const struct sim_group *group, struct facts *out)
{
	struct dmaown_group_state state;
	struct group_facts *copy;
	int err;

	dmaown_group_read(group->core, &state);
	if (state.devices == 0)
		return 0;
	err = facts_copy_group(out, group->facts);
	if (err)
		return err;
	copy = &out->groups[out->group_count - 1];
	copy->count = (int)state.count;
	if (group->facts->owner.kind != OWNER_NOT_KNOWN &&
	    (!state.owner || group->facts->owner.kind != OWNER_USER)) {
		free(copy->owner.name);
		copy->owner = (struct owner_facts) {.kind = OWNER_NONE, .uid = -1};
	}
	if (state.owner)
		copy->owner.kind = OWNER_USER;
	else if (state.count > 0 && group->facts->owner.kind != OWNER_NOT_KNOWN)
		copy->owner.kind = OWNER_KERNEL;
	err = facts_set_string(&copy->type, dmaown_domain_kind_name(state.default_kind));
	if (!err)
		err = facts_set_string(&copy->domain, dmaown_domain_kind_name(state.current_kind));
	return err;
}

static int read_driver(const struct sim_machine *machine, const struct sim_driver *driver,
		       struct facts *out)
{
	const struct driver_facts *known =
		facts_driver(&machine->facts, driver->bus, driver->type.name);
	struct driver_facts *copy;
	int err;

	if (known)
		return facts_copy_driver(out, known);
	err = facts_add_driver(out, &copy);
	if (err)
		return err;
	copy->managed_dma = driver->type.managed_dma ? KNOWN_YES : KNOWN_NO;
	copy->user = driver->user;
	err = facts_set_string(&copy->name, driver->type.name);
	return err ? err : facts_set_string(&copy->bus, driver->bus);
}

static int read_all(struct sim_machine *machine, struct facts *out)
{
	struct sim_driver *driver;
	int err = facts_set_string(&out->machine, machine->facts.machine);

	for (size_t i = 0; i < machine->facts.device_count && !err; i++)
		if (machine->devices[i].present)
			err = read_device(&machine->devices[i], out);
	for (size_t i = 0; i < machine->facts.group_count && !err; i++)
		err = read_group(&machine->groups[i], out);
	list_for_each_entry (driver, &machine->drivers, on_machine)
		if (!err)
			err = read_driver(machine, driver, out);
	if (!err && machine->facts.host)
		err = facts_copy_host(out, machine->facts.host);
	return err;
}

static int sim_read(struct machine *base, struct facts *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct facts facts = {0};
	int err;

	lock_host(machine);
	err = read_all(machine, &facts);
	unlock_host(machine);
	if (err)
		facts_release(&facts);
	else
		*out = facts;
	return err;
}

/* What a device was used for went with its driver: all that the facts tell is of that one. */
static int sim_find_uses(struct machine *base, struct facts *facts)
{
	struct sim_machine *machine = sim_machine_of(base);

	for (size_t i = 0; i < facts->device_count; i++) {
		struct device_facts *device = &facts->devices[i];
		const struct device_facts *recorded =
			facts_device(&machine->facts, device->address);
		struct driver_name now;

		if (!recorded || sim_driver(base, device->address, &now) != 0 ||
		    strcmp(now.text, recorded->driver ? recorded->driver : "") != 0)
			device_facts_forget_uses(device);
	}
	return 0;
}

static const struct machine_ops sim_ops = {
	.close = sim_close,
	.read = sim_read,
	.bind = sim_bind,
	.find_uses = sim_find_uses,
	.unbind = sim_unbind,
	.probe = sim_probe,
	.set_override = sim_set_override,
	.remove = sim_remove,
	.rescan = sim_rescan,
	.set_type = sim_set_type,
	.add_driver = sim_add_driver,
	.remove_driver = sim_remove_driver,
	.instance = sim_instance,
	.driver = sim_driver,
	.override = sim_override,
	.reset = sim_reset,
	.node = sim_vfio_node,
	.set_node = sim_vfio_set_node,
	.open = sim_open,
};

static struct sim_machine *allocate_machine(const struct sim_alloc *alloc)
{
	struct sim_machine *machine = alloc->alloc(alloc->ctx, sizeof(*machine));

	if (!machine)
		return NULL;
	machine->base.ops = &sim_ops;
	machine->alloc = *alloc;
	list_init(&machine->drivers);
	pthread_mutex_init(&machine->host, NULL);
	pthread_mutex_init(&machine->vfio, NULL);
	return machine;
}

static int make_machine(struct sim_machine *machine, const struct facts *facts, char **why)
{
	int err = facts_copy(&machine->facts, facts);

	if (err)
		return err;
	err = topology_assign(&machine->facts);
	if (err)
		return explain(err, why, "devices", "whose group follows from the wiring");
	facts_sort(&machine->facts);
	machine->answers = kernel_answers_of(machine->facts.host);
	machine->devices = sim_allocate(machine, (machine->facts.device_count + 1) *
							 sizeof(*machine->devices));
	machine->groups =
		sim_allocate(machine, (machine->facts.group_count + 1) * sizeof(*machine->groups));
	if (!machine->devices || !machine->groups)
		return -ENOMEM;
	err = create_hardware(machine);
	return err ? err : populate(machine, why);
}

int sim_machine_open(const struct facts *facts, const struct sim_alloc *alloc, struct machine **out,
		     char **why)
{
	struct sim_machine *machine;
	int err = facts_check(facts, why);

	if (err)
		return err;
	machine = allocate_machine(alloc ? alloc : &sim_alloc_libc);
	if (!machine)
		return -ENOMEM;
	err = make_machine(machine, facts, why);
	if (err)
		machine_close(&machine->base);
	else
		*out = &machine->base;
	return err;
}
