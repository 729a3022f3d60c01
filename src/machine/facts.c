/* SPDX-License-Identifier: MIT */
/*
 * The values of facts.h: how they grow, and how they end. Arrays grow as array.h has it.
 */
#include "facts.h"

#include "array.h"
#include "precondition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void release_strings(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

static void release_pci(struct pci_facts *pci)
{
	if (!pci)
		return;
	free(pci->physical_function);
	free(pci);
}

void device_facts_forget_uses(struct device_facts *device)
{
	for (size_t i = 0; i < device->use_count; i++) {
		free(device->uses[i].kind);
		free(device->uses[i].name);
		free(device->uses[i].reason);
		free(device->uses[i].remedy);
	}
	free(device->uses);
	device->uses = NULL;
	device->use_count = 0;
}

static int note_unknown(struct unknown_facts **list, size_t *count, const char *about, int error)
{
	struct unknown_facts *unknowns;

	for (size_t i = 0; i < *count; i++) {
		if ((*list)[i].error == error && strcmp((*list)[i].about, about) == 0)
			return 0;
	}
	unknowns = array_with_room(*list, *count, sizeof(*unknowns));
	if (!unknowns)
		return -ENOMEM;
	*list = unknowns;
	unknowns += *count;
	*unknowns = (struct unknown_facts) {.about = strdup(about), .error = error};
	if (!unknowns->about)
		return -ENOMEM;
	++*count;
	return 0;
}

int device_facts_hide(struct device_facts *device, const char *about, int error)
{
	return note_unknown(&device->unknowns, &device->unknown_count, about, error);
}

static void release_unknowns(struct unknown_facts *unknowns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(unknowns[i].about);
	free(unknowns);
}

static void release_device(struct device_facts *device)
{
	free(device->address);
	free(device->bus);
	free(device->parent);
	free(device->vendor);
	free(device->device);
	free(device->subvendor);
	free(device->subdevice);
	free(device->class);
	free(device->modalias);
	free(device->name);
	free(device->driver);
	free(device->override);
	release_pci(device->pci);
	device_facts_forget_uses(device);
	release_unknowns(device->unknowns, device->unknown_count);
}

static void release_group(struct group_facts *group)
{
	free(group->type);
	free(group->owner.name);
	free(group->domain);
}

static void release_driver(struct driver_facts *driver)
{
	free(driver->name);
	free(driver->bus);
	release_strings(driver->ids, driver->id_count);
}

static void release_host(struct host_facts *host)
{
	if (!host)
		return;
	free(host->release);
	free(host->architecture);
	free(host->cpu_vendor);
	free(host->iommu_table);
	release_strings(host->arguments, host->argument_count);
	for (size_t i = 0; i < host->iommu_count; i++) {
		free(host->iommus[i].name);
		free(host->iommus[i].kind);
	}
	for (size_t i = 0; i < host->module_count; i++)
		free(host->modules[i].name);
	free(host->iommus);
	free(host->modules);
	release_unknowns(host->blind_spots, host->blind_spot_count);
	release_unknowns(host->unknowns, host->unknown_count);
	free(host);
}

void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++)
		release_device(&facts->devices[i]);
	for (size_t i = 0; i < facts->group_count; i++)
		release_group(&facts->groups[i]);
	for (size_t i = 0; i < facts->driver_count; i++)
		release_driver(&facts->drivers[i]);
	release_host(facts->host);
	free(facts->devices);
	free(facts->groups);
	free(facts->drivers);
	free(facts->machine);
	memset(facts, 0, sizeof(*facts));
}

/* Appends a copy of the text to an array of strings. */
static int add_string(char ***array, size_t *count, const char *text)
{
	char **strings = array_with_room(*array, *count, sizeof(*strings));

	if (!strings)
		return -ENOMEM;
	*array = strings;
	strings[*count] = strdup(text);
	if (!strings[*count])
		return -ENOMEM;
	++*count;
	return 0;
}

int facts_add_device(struct facts *facts, struct device_facts **out)
{
	struct device_facts *devices =
		array_with_room(facts->devices, facts->device_count, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	facts->devices = devices;
	*out = &devices[facts->device_count++];
	**out = (struct device_facts) {.group = -1};
	return 0;
}

void facts_drop_devices(struct facts *facts, size_t first, const bool *drop)
{
	size_t kept = first;

	for (size_t i = first; i < facts->device_count; i++) {
		if (drop[i - first])
			release_device(&facts->devices[i]);
		else
			facts->devices[kept++] = facts->devices[i];
	}
	facts->device_count = kept;
}

int facts_add_group(struct facts *facts, struct group_facts **out)
{
	struct group_facts *groups =
		array_with_room(facts->groups, facts->group_count, sizeof(*groups));

	if (!groups)
		return -ENOMEM;
	facts->groups = groups;
	*out = &groups[facts->group_count++];
	**out = (struct group_facts) {.id = -1, .owner.uid = -1, .count = -1};
	return 0;
}

int facts_add_driver(struct facts *facts, struct driver_facts **out)
{
	struct driver_facts *drivers =
		array_with_room(facts->drivers, facts->driver_count, sizeof(*drivers));

	if (!drivers)
		return -ENOMEM;
	facts->drivers = drivers;
	*out = &drivers[facts->driver_count++];
	**out = (struct driver_facts) {0};
	return 0;
}

int facts_add_host(struct facts *facts)
{
	struct host_facts *host = malloc(sizeof(*host));

	precondition(!facts->host);
	if (!host)
		return -ENOMEM;
	*host = (struct host_facts)HOST_NOT_KNOWN;
	facts->host = host;
	return 0;
}

int host_facts_add_argument(struct host_facts *host, const char *argument)
{
	return add_string(&host->arguments, &host->argument_count, argument);
}

int host_facts_add_iommu(struct host_facts *host, struct iommu_facts **out)
{
	struct iommu_facts *iommus =
		array_with_room(host->iommus, host->iommu_count, sizeof(*iommus));

	if (!iommus)
		return -ENOMEM;
	host->iommus = iommus;
	*out = &iommus[host->iommu_count++];
	**out = (struct iommu_facts) {0};
	return 0;
}

int host_facts_add_module(struct host_facts *host, struct module_facts **out)
{
	struct module_facts *modules =
		array_with_room(host->modules, host->module_count, sizeof(*modules));

	if (!modules)
		return -ENOMEM;
	host->modules = modules;
	*out = &modules[host->module_count++];
	**out = (struct module_facts) {0};
	return 0;
}

int host_facts_add_blind_spot(struct host_facts *host, const char *about, int error)
{
	return note_unknown(&host->blind_spots, &host->blind_spot_count, about, error);
}

int host_facts_hide(struct host_facts *host, const char *about, int error)
{
	return note_unknown(&host->unknowns, &host->unknown_count, about, error);
}

int device_facts_add_pci(struct device_facts *device)
{
	struct pci_facts pci = {.type = PCIE_NONE, .config = CONFIG_HIDDEN};
	int err = pci_address_parse(device->address, &pci);

	precondition(!device->pci);
	if (err)
		return err;
	device->pci = malloc(sizeof(*device->pci));
	if (!device->pci)
		return -ENOMEM;
	*device->pci = pci;
	return 0;
}

int device_facts_add_use(struct device_facts *device, struct use_facts **out)
{
	struct use_facts *uses = array_with_room(device->uses, device->use_count, sizeof(*uses));

	if (!uses)
		return -ENOMEM;
	device->uses = uses;
	*out = &uses[device->use_count++];
	**out = (struct use_facts) {0};
	return 0;
}

int driver_facts_add_id(struct driver_facts *driver, const char *id)
{
	return add_string(&driver->ids, &driver->id_count, id);
}
