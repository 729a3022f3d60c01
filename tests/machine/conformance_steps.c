/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance_steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int group_of(struct machine *machine, const char *device)
{
	struct device_facts *found;
	struct facts facts;
	int group, err = machine_glance(machine, &facts);

	if (err)
		return err;
	found = facts_device(&facts, device);
	group = found && found->group >= 0 ? found->group : -ENODEV;
	facts_release(&facts);
	return group;
}

int bind_driver(struct run *run, const struct step *step)
{
	return machine_bind(run->machine, step->device, step->text);
}

int unbind_driver(struct run *run, const struct step *step)
{
	return machine_unbind(run->machine, step->device);
}

int probe(struct run *run, const struct step *step)
{
	return machine_probe(run->machine, step->device);
}

int override(struct run *run, const struct step *step)
{
	return machine_set_override(run->machine, step->device, step->text);
}

int take_off(struct run *run, const struct step *step)
{
	return machine_remove(run->machine, step->device);
}

int rescan(struct run *run, const struct step *step)
{
	return machine_rescan(run->machine);
}

int set_type(struct run *run, const struct step *step)
{
	int group = group_of(run->machine, step->device);

	return group < 0 ? group : machine_set_type(run->machine, group, step->text);
}

int set_type_of_no_group(struct run *run, const struct step *step)
{
	return machine_set_type(run->machine, 9999, step->text);
}

int open_group(struct run *run, const struct step *step)
{
	int group = group_of(run->machine, step->device);

	return group < 0 ? group : machine_open(run->machine, group, &run->files[step->user]);
}

int open_no_group(struct run *run, const struct step *step)
{
	return machine_open(run->machine, 9999, &run->files[step->user]);
}

int close_group(struct run *run, const struct step *step)
{
	group_file_close(run->files[step->user]);
	run->files[step->user] = NULL;
	return 0;
}

int viable(struct run *run, const struct step *step)
{
	bool is_viable;
	int err = group_file_viable(run->files[step->user], &is_viable);

	return err ? err : is_viable;
}

int claim(struct run *run, const struct step *step)
{
	return group_file_claim(run->files[step->user]);
}

int release(struct run *run, const struct step *step)
{
	return group_file_release(run->files[step->user]);
}

int attach(struct run *run, const struct step *step)
{
	return group_file_attach(run->files[step->user]);
}

int map(struct run *run, const struct step *step)
{
	return group_file_map(run->files[step->user], step->iova, step->size);
}

int unmap(struct run *run, const struct step *step)
{
	return group_file_unmap(run->files[step->user], step->iova, step->size);
}

int open_device(struct run *run, const struct step *step)
{
	return group_file_open_device(run->files[step->user], step->device);
}

int close_device(struct run *run, const struct step *step)
{
	return group_file_close_device(run->files[step->user], step->device);
}

/* Tells 1 if the DMA reached memory, 0 if not. */
static int dma(struct run *run, const struct step *step, enum dma_direction direction)
{
	bool reached;
	int err = group_file_dma(run->files[step->user], step->device, direction, step->iova,
				 step->size, &reached);

	return err ? err : reached;
}

int dma_to(struct run *run, const struct step *step)
{
	return dma(run, step, DMA_TO_MEMORY);
}

int dma_from(struct run *run, const struct step *step)
{
	return dma(run, step, DMA_FROM_MEMORY);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

enum fact { FACT_DRIVER, FACT_OVERRIDE, FACT_COMPANY, FACT_PRESENT };

/* Tells 1 if the device is as the text says, 0 if it is not. */
static int look(struct run *run, const struct step *step, enum fact fact)
{
	const struct device_facts *device, *company;
	struct facts facts;
	int found, err = machine_glance(run->machine, &facts);

	if (err)
		return err;
	device = facts_device(&facts, step->device);
	company = facts_device(&facts, A);
	if (fact == FACT_PRESENT)
		found = device != NULL;
	else if (!device)
		found = -ENODEV;
	else if (fact == FACT_COMPANY)
		found = company && device->group == company->group;
	else
		found = same(fact == FACT_DRIVER ? device->driver : device->override, step->text);
	facts_release(&facts);
	return found;
}

int has_driver(struct run *run, const struct step *step)
{
	return look(run, step, FACT_DRIVER);
}

int has_override(struct run *run, const struct step *step)
{
	return look(run, step, FACT_OVERRIDE);
}

int is_with_a(struct run *run, const struct step *step)
{
	return look(run, step, FACT_COMPANY);
}

int is_there(struct run *run, const struct step *step)
{
	return look(run, step, FACT_PRESENT);
}

int owner(struct run *run, const struct step *step)
{
	int group = group_of(run->machine, step->device);
	struct facts facts;
	int kind, err;

	if (group < 0)
		return group;
	err = machine_glance(run->machine, &facts);
	if (err)
		return err;
	err = machine_find_users(run->machine, &facts);
	kind = (int)facts_group(&facts, group)->owner.kind;
	facts_release(&facts);
	return err ? err : kind;
}
