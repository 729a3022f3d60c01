/* SPDX-License-Identifier: MIT */
#include "facts_equal.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool pci_equal(const struct pci_facts *a, const struct pci_facts *b)
{
	if (!a || !b)
		return a == b;
	return a->segment == b->segment && a->bus == b->bus && a->slot == b->slot &&
	       a->function == b->function && a->multifunction == b->multifunction &&
	       a->bridge == b->bridge && a->secondary == b->secondary &&
	       a->subordinate == b->subordinate && a->type == b->type && a->has_acs == b->has_acs &&
	       a->acs_capability == b->acs_capability && a->acs_control == b->acs_control &&
	       a->acs_wide == b->acs_wide && a->config == b->config &&
	       a->config_errno == b->config_errno &&
	       same(a->physical_function, b->physical_function);
}

static bool uses_equal(const struct device_facts *a, const struct device_facts *b)
{
	if (a->uses_known != b->uses_known || a->use_count != b->use_count)
		return false;
	for (size_t i = 0; i < a->use_count; i++)
		if (!same(a->uses[i].kind, b->uses[i].kind) ||
		    !same(a->uses[i].name, b->uses[i].name) ||
		    !same(a->uses[i].reason, b->uses[i].reason) ||
		    a->uses[i].vital != b->uses[i].vital ||
		    !same(a->uses[i].remedy, b->uses[i].remedy))
			return false;
	if (a->unknown_count != b->unknown_count)
		return false;
	for (size_t i = 0; i < a->unknown_count; i++)
		if (!same(a->unknowns[i].about, b->unknowns[i].about) ||
		    a->unknowns[i].error != b->unknowns[i].error)
			return false;
	return true;
}

static bool device_equal(const struct device_facts *a, const struct device_facts *b)
{
	return same(a->address, b->address) && same(a->bus, b->bus) && same(a->parent, b->parent) &&
	       a->group == b->group && same(a->vendor, b->vendor) && same(a->device, b->device) &&
	       same(a->subvendor, b->subvendor) && same(a->subdevice, b->subdevice) &&
	       same(a->class, b->class) && same(a->modalias, b->modalias) &&
	       same(a->name, b->name) && same(a->driver, b->driver) &&
	       same(a->override, b->override) && pci_equal(a->pci, b->pci) && uses_equal(a, b);
}

static bool group_equal(const struct group_facts *a, const struct group_facts *b)
{
	return a->id == b->id && same(a->type, b->type) && a->owner.kind == b->owner.kind &&
	       same(a->owner.name, b->owner.name) && a->owner.pid == b->owner.pid &&
	       a->owner.uid == b->owner.uid && a->owner.hidden_by == b->owner.hidden_by &&
	       a->noiommu == b->noiommu && a->direct_regions == b->direct_regions &&
	       a->count == b->count && same(a->domain, b->domain);
}

static bool driver_equal(const struct driver_facts *a, const struct driver_facts *b)
{
	if (!same(a->name, b->name) || !same(a->bus, b->bus) || a->managed_dma != b->managed_dma ||
	    a->user != b->user || a->id_count != b->id_count)
		return false;
	for (size_t i = 0; i < a->id_count; i++)
		if (!same(a->ids[i], b->ids[i]))
			return false;
	return true;
}

static bool modules_equal(const struct host_facts *a, const struct host_facts *b)
{
	if (a->module_count != b->module_count)
		return false;
	for (size_t i = 0; i < a->module_count; i++)
		if (!same(a->modules[i].name, b->modules[i].name) ||
		    a->modules[i].loaded != b->modules[i].loaded ||
		    a->modules[i].installed != b->modules[i].installed)
			return false;
	return true;
}

static bool iommus_equal(const struct host_facts *a, const struct host_facts *b)
{
	if (a->iommus_known != b->iommus_known || a->iommu_count != b->iommu_count)
		return false;
	for (size_t i = 0; i < a->iommu_count; i++)
		if (!same(a->iommus[i].name, b->iommus[i].name) ||
		    !same(a->iommus[i].kind, b->iommus[i].kind) ||
		    a->iommus[i].remaps_interrupts != b->iommus[i].remaps_interrupts)
			return false;
	return true;
}

static bool arguments_equal(const struct host_facts *a, const struct host_facts *b)
{
	if (a->arguments_known != b->arguments_known || a->argument_count != b->argument_count)
		return false;
	for (size_t i = 0; i < a->argument_count; i++)
		if (!same(a->arguments[i], b->arguments[i]))
			return false;
	return true;
}

static bool unknowns_equal(const struct unknown_facts *a, size_t a_count,
			   const struct unknown_facts *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!same(a[i].about, b[i].about) || a[i].error != b[i].error)
			return false;
	return true;
}

static bool host_equal(const struct host_facts *a, const struct host_facts *b)
{
	if (!a || !b)
		return a == b;
	return same(a->release, b->release) && same(a->architecture, b->architecture) &&
	       same(a->cpu_vendor, b->cpu_vendor) && a->virtual == b->virtual &&
	       arguments_equal(a, b) && same(a->iommu_table, b->iommu_table) &&
	       iommus_equal(a, b) && a->interrupt_remapping == b->interrupt_remapping &&
	       modules_equal(a, b) && a->unsafe_interrupts == b->unsafe_interrupts &&
	       a->noiommu == b->noiommu && a->vfio_node == b->vfio_node &&
	       a->sys_read_only == b->sys_read_only && a->privileged == b->privileged &&
	       a->memlock == b->memlock && a->xen_first == b->xen_first &&
	       a->vfio_node_open == b->vfio_node_open && a->sees_all == b->sees_all &&
	       unknowns_equal(a->blind_spots, a->blind_spot_count, b->blind_spots,
			      b->blind_spot_count) &&
	       unknowns_equal(a->unknowns, a->unknown_count, b->unknowns, b->unknown_count);
}

bool facts_equal(const struct facts *a, const struct facts *b)
{
	if (a->device_count != b->device_count || a->group_count != b->group_count ||
	    a->driver_count != b->driver_count)
		return false;
	for (size_t i = 0; i < a->device_count; i++)
		if (!device_equal(&a->devices[i], &b->devices[i]))
			return false;
	for (size_t i = 0; i < a->group_count; i++)
		if (!group_equal(&a->groups[i], &b->groups[i]))
			return false;
	for (size_t i = 0; i < a->driver_count; i++)
		if (!driver_equal(&a->drivers[i], &b->drivers[i]))
			return false;
	return host_equal(a->host, b->host);
}
