/* SPDX-License-Identifier: MIT */
/* Copies of facts, entry by entry, so that one picture of a machine can outlive another. */
#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int facts_set_string(char **to, const char *from)
{
	char *copy = NULL;

	if (from) {
		copy = strdup(from);
		if (!copy)
			return -ENOMEM;
	}
	free(*to);
	*to = copy;
	return 0;
}

struct string_copy {
	char **to;
	const char *from;
};

static int copy_strings(const struct string_copy *copies, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = facts_set_string(copies[i].to, copies[i].from);
	return err;
}

static int copy_pci(struct device_facts *to, const struct pci_facts *from)
{
	char *physical_function = NULL;

	if (!from)
		return 0;
	if (facts_set_string(&physical_function, from->physical_function))
		return -ENOMEM;
	to->pci = malloc(sizeof(*to->pci));
	if (!to->pci) {
		free(physical_function);
		return -ENOMEM;
	}
	*to->pci = *from;
	to->pci->physical_function = physical_function;
	return 0;
}

static int copy_use(struct device_facts *to, const struct use_facts *from)
{
	struct use_facts *use;
	int err = device_facts_add_use(to, &use);

	if (err)
		return err;
	use->vital = from->vital;
	return copy_strings((struct string_copy[]) {{&use->kind, from->kind},
						    {&use->name, from->name},
						    {&use->reason, from->reason},
						    {&use->remedy, from->remedy}},
			    4);
}

int facts_copy_device(struct facts *facts, const struct device_facts *from)
{
	struct device_facts *to;
	int err = facts_add_device(facts, &to);

	if (err)
		return err;
	to->group = from->group;
	to->uses_known = from->uses_known;
	to->busy = from->busy;
	to->instance = from->instance;
	err = copy_strings((struct string_copy[]) {{&to->address, from->address},
						   {&to->bus, from->bus},
						   {&to->parent, from->parent},
						   {&to->vendor, from->vendor},
						   {&to->device, from->device},
						   {&to->subvendor, from->subvendor},
						   {&to->subdevice, from->subdevice},
						   {&to->class, from->class},
						   {&to->modalias, from->modalias},
						   {&to->name, from->name},
						   {&to->driver, from->driver},
						   {&to->override, from->override}},
			   12);
	if (!err)
		err = copy_pci(to, from->pci);
	for (size_t i = 0; i < from->use_count && !err; i++)
		err = copy_use(to, &from->uses[i]);
	for (size_t i = 0; i < from->unknown_count && !err; i++)
		err = device_facts_hide(to, from->unknowns[i].about, from->unknowns[i].error);
	return err;
}

int facts_copy_group(struct facts *facts, const struct group_facts *from)
{
	struct group_facts *to;
	int err = facts_add_group(facts, &to);

	if (err)
		return err;
	to->id = from->id;
	to->owner.kind = from->owner.kind;
	to->owner.hidden_by = from->owner.hidden_by;
	to->owner.pid = from->owner.pid;
	to->owner.uid = from->owner.uid;
	to->noiommu = from->noiommu;
	to->direct_regions = from->direct_regions;
	to->count = from->count;
	return copy_strings((struct string_copy[]) {{&to->type, from->type},
						    {&to->owner.name, from->owner.name},
						    {&to->domain, from->domain}},
			    3);
}

int facts_copy_driver(struct facts *facts, const struct driver_facts *from)
{
	struct driver_facts *to;
	int err = facts_add_driver(facts, &to);

	if (err)
		return err;
	to->managed_dma = from->managed_dma;
	to->user = from->user;
	err = copy_strings((struct string_copy[]) {{&to->name, from->name}, {&to->bus, from->bus}},
			   2);
	for (size_t i = 0; i < from->id_count && !err; i++)
		err = driver_facts_add_id(to, from->ids[i]);
	return err;
}

static int copy_iommu(struct host_facts *host, const struct iommu_facts *from)
{
	struct iommu_facts *to;
	int err = host_facts_add_iommu(host, &to);

	if (err)
		return err;
	to->remaps_interrupts = from->remaps_interrupts;
	return copy_strings(
		(struct string_copy[]) {{&to->name, from->name}, {&to->kind, from->kind}}, 2);
}

static int copy_module(struct host_facts *host, const struct module_facts *from)
{
	struct module_facts *to;
	int err = host_facts_add_module(host, &to);

	if (err)
		return err;
	to->loaded = from->loaded;
	to->installed = from->installed;
	return facts_set_string(&to->name, from->name);
}

/* All but what is allocated. */
static void copy_host_values(struct host_facts *to, const struct host_facts *from)
{
	to->virtual = from->virtual;
	to->xen_first = from->xen_first;
	to->arguments_known = from->arguments_known;
	to->iommus_known = from->iommus_known;
	to->interrupt_remapping = from->interrupt_remapping;
	to->unsafe_interrupts = from->unsafe_interrupts;
	to->noiommu = from->noiommu;
	to->vfio_node = from->vfio_node;
	to->vfio_node_open = from->vfio_node_open;
	to->sys_read_only = from->sys_read_only;
	to->privileged = from->privileged;
	to->memlock = from->memlock;
	to->sees_all = from->sees_all;
}

int facts_copy_host(struct facts *facts, const struct host_facts *from)
{
	struct host_facts *to;
	int err = facts_add_host(facts);

	if (err)
		return err;
	to = facts->host;
	copy_host_values(to, from);
	err = copy_strings((struct string_copy[]) {{&to->release, from->release},
						   {&to->architecture, from->architecture},
						   {&to->cpu_vendor, from->cpu_vendor},
						   {&to->iommu_table, from->iommu_table}},
			   4);
	for (size_t i = 0; i < from->argument_count && !err; i++)
		err = host_facts_add_argument(to, from->arguments[i]);
	for (size_t i = 0; i < from->iommu_count && !err; i++)
		err = copy_iommu(to, &from->iommus[i]);
	for (size_t i = 0; i < from->module_count && !err; i++)
		err = copy_module(to, &from->modules[i]);
	for (size_t i = 0; i < from->blind_spot_count && !err; i++)
		err = host_facts_add_blind_spot(to, from->blind_spots[i].about,
						from->blind_spots[i].error);
	for (size_t i = 0; i < from->unknown_count && !err; i++)
		err = host_facts_hide(to, from->unknowns[i].about, from->unknowns[i].error);
	return err;
}

int facts_copy(struct facts *to, const struct facts *from)
{
	struct facts copy = {0};
	int err = facts_set_string(&copy.machine, from->machine);

	for (size_t i = 0; i < from->device_count && !err; i++)
		err = facts_copy_device(&copy, &from->devices[i]);
	for (size_t i = 0; i < from->group_count && !err; i++)
		err = facts_copy_group(&copy, &from->groups[i]);
	for (size_t i = 0; i < from->driver_count && !err; i++)
		err = facts_copy_driver(&copy, &from->drivers[i]);
	if (from->host && !err)
		err = facts_copy_host(&copy, from->host);
	if (err)
		facts_release(&copy);
	else
		*to = copy;
	return err;
}
