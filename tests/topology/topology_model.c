/* SPDX-License-Identifier: MIT */
#include "topology_model.h"

#include "acs.h"
#include "requester_quirks.h"

#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX
#define ALONE (-1)

struct model {
	const struct facts *facts;
	struct platform platform;
	int *groups;
	bool tried[256]; /* by slot and function of the bus that is looked at */
};

static const struct device_facts *device(const struct model *model, size_t place)
{
	return &model->facts->devices[place];
}

static uint8_t devfn(const struct model *model, size_t place)
{
	return (uint8_t)(device(model, place)->pci->slot << 3 |
			 device(model, place)->pci->function);
}

static bool same_bus(const struct model *model, size_t a, size_t b)
{
	return device(model, a)->pci->segment == device(model, b)->pci->segment &&
	       device(model, a)->pci->bus == device(model, b)->pci->bus;
}

static size_t find(const struct model *model, const char *address)
{
	for (size_t i = 0; address && i < model->facts->device_count; i++)
		if (strcmp(device(model, i)->address, address) == 0)
			return i;
	return NONE;
}

/* The bridge of the bus that the device is on; none on a root bus, VMD's too. */
static size_t above(const struct model *model, size_t place)
{
	size_t parent = find(model, device(model, place)->parent);

	return parent != NONE && device(model, parent)->pci->bridge ? parent : NONE;
}

/* The VMD function that the device is below, or the device itself. */
static size_t real(const struct model *model, size_t place)
{
	for (size_t at = place; at != NONE; at = find(model, device(model, at)->parent))
		if (!device(model, at)->pci->bridge && at != place)
			return at;
	return place;
}

static bool isolated(const struct model *model, size_t place)
{
	return isolates(&model->platform, device(model, place)) == KNOWN_YES;
}

static bool path_isolated(const struct model *model, size_t place)
{
	for (; place != NONE; place = above(model, place))
		if (!isolated(model, place))
			return false;
	return true;
}

static bool carries(const struct model *model, size_t place, size_t other)
{
	const struct requester_quirk *quirk = requester_quirk(device(model, place));

	return quirk && quirk->carries(device(model, place)->pci, devfn(model, other));
}

static int find_aliases(struct model *model, size_t place);

static int find_functions(struct model *model, size_t place)
{
	int found = ALONE;

	if (!is_one_of_several(device(model, place)->pci) || isolated(model, place))
		return ALONE;
	for (size_t i = 0; i < model->facts->device_count && found == ALONE; i++)
		if (i != place && same_bus(model, i, place) &&
		    devfn(model, i) >> 3 == devfn(model, place) >> 3 && !isolated(model, i))
			found = find_aliases(model, i);
	return found;
}

static int find_aliases(struct model *model, size_t place)
{
	int found = ALONE;

	if (model->tried[devfn(model, place)])
		return ALONE;
	model->tried[devfn(model, place)] = true;
	if (model->groups[place] != ALONE)
		return model->groups[place];
	for (size_t i = 0; i < model->facts->device_count && found == ALONE; i++) {
		if (i == place || !same_bus(model, i, place) ||
		    !(carries(model, place, i) || carries(model, i, place)))
			continue;
		found = find_aliases(model, i);
		if (found == ALONE)
			found = find_functions(model, i);
	}
	return found;
}

/* Up the bridges that put their id on what they pass; stores the last one, or the device. */
static int find_requesters(const struct model *model, size_t *place)
{
	*place = real(model, *place);
	if (model->groups[*place] != ALONE)
		return model->groups[*place];
	for (size_t up = above(model, *place); up != NONE; up = above(model, up)) {
		int type = device(model, up)->pci->type;

		if (bridge_ends_requesters(device(model, up)))
			break;
		if (type == PCIE_ROOT_PORT || type == PCIE_UPSTREAM || type == PCIE_DOWNSTREAM)
			continue;
		*place = up;
		if (model->groups[up] != ALONE)
			return model->groups[up];
	}
	return ALONE;
}

static int find_group(struct model *model, size_t place)
{
	int found = find_requesters(model, &place);

	if (found != ALONE)
		return found;
	for (size_t port = above(model, place); port != NONE; port = above(model, port)) {
		if (path_isolated(model, port))
			break;
		place = port;
		if (model->groups[port] != ALONE)
			return model->groups[port];
	}
	memset(model->tried, 0, sizeof(model->tried));
	found = find_aliases(model, place);
	return found != ALONE ? found : find_functions(model, place);
}

void model_groups(const struct facts *facts, int *groups)
{
	struct model model = {
		.facts = facts, .platform = platform_of(facts->host), .groups = groups};
	int last = ALONE;

	for (size_t i = 0; i < facts->device_count; i++)
		groups[i] = ALONE;
	for (size_t i = 0; i < facts->device_count; i++) {
		int found;

		if (facts->devices[i].group == -1)
			continue;
		found = find_group(&model, i);
		groups[i] = found != ALONE ? found : ++last;
	}
}
