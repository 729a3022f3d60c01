/* SPDX-License-Identifier: MIT */
/*
 * topology_random_test [FIRST] [COUNT]: random machines, on which the rules and the kernel's way
 * (topology_model.h) must make the same groups. Prints the number of the first machine on which
 * they do not, with its devices. Every other machine has functions that are in no group, the rest
 * functions that use the requester ids of others: what those do to each other is left out.
 */
#include "array.h"
#include "explanation.h"
#include "topology_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEVICES 400

struct generator {
	struct facts facts;
	uint64_t state;
	bool aliases;
	uint8_t last_bus;
	uint32_t last_segment;
};

static unsigned int dice(struct generator *generator, unsigned int sides)
{
	generator->state ^= generator->state << 13;
	generator->state ^= generator->state >> 7;
	generator->state ^= generator->state << 17;
	return (unsigned int)(generator->state >> 33) % sides;
}

/* Ids that quirks speak of, and others. */
static void give_ids(struct generator *generator, struct device_facts *device)
{
	static const struct {
		const char *vendor, *device;
	} ids[] = {
		{"1af4", "1000"}, {"1af4", "1001"}, {"8086", "1234"}, {"8086", "1c10"},
		{"8086", "15b7"}, {"8088", "0001"}, {"1d17", "0001"}, {"14e4", "9000"},
		{"1022", "780f"}, {"1180", "e832"}, {"1b4b", "9123"}, {"10b5", "87b0"},
		{"8086", "2954"}, {"8086", "2260"}, {"9005", "0285"},
	};
	unsigned int count = COUNT(ids) - (generator->aliases ? 0 : 6);
	size_t which = dice(generator, 3) ? 0 : dice(generator, count);

	facts_set_string(&device->vendor, ids[which].vendor);
	facts_set_string(&device->device, ids[which].device);
	facts_set_string(&device->subdevice, "02bb");
}

/* A function of a type, on a bus below `above`; its place, for its address is made anew. */
static size_t add_function(struct generator *generator, const char *above, uint32_t segment,
			   uint8_t bus, unsigned int slot, unsigned int function, bool several,
			   int type)
{
	struct device_facts *device;
	char address[32];

	snprintf(address, sizeof(address), "%04x:%02x:%02x.%x", segment, bus, slot, function);
	if (facts_add_device(&generator->facts, &device))
		abort();
	facts_set_string(&device->address, address);
	facts_set_string(&device->bus, "pci");
	facts_set_string(&device->parent, above);
	give_ids(generator, device);
	device->group = generator->aliases || dice(generator, 12) ? GROUP_BY_RULES : -1;
	if (device_facts_add_pci(device))
		abort();
	device->pci->config = CONFIG_READ;
	device->pci->type = type;
	device->pci->multifunction = (generator->aliases && several) || dice(generator, 4) == 0;
	device->pci->has_acs = type != PCIE_NONE && dice(generator, 2);
	device->pci->acs_capability = dice(generator, 4) ? 0x1f : 0x13;
	device->pci->acs_control = dice(generator, 3) ? 0x1d : 0x01;
	return generator->facts.device_count - 1;
}

static void add_bus(struct generator *generator, const char *above, uint32_t segment, uint8_t bus,
		    int type, unsigned int depth);

/* What a function on the bus of this type of bridge can be. */
static int pick_type(struct generator *generator, int bridge)
{
	static const int on_root[] = {PCIE_NONE,     PCIE_ROOT_PORT, PCIE_ROOT_PORT,
				      PCIE_ENDPOINT, PCIE_NONE,      PCIE_INTEGRATED_ENDPOINT,
				      PCIE_NONE,     PCIE_ROOT_PORT, PCIE_EVENT_COLLECTOR};
	static const int on_port[] = {PCIE_ENDPOINT,        PCIE_UPSTREAM, PCIE_TO_PCI_BRIDGE,
				      PCIE_LEGACY_ENDPOINT, PCIE_NONE,     PCIE_UPSTREAM};

	if (bridge == PCIE_EVENT_COLLECTOR)
		return on_root[dice(generator, 9)];
	if (bridge == PCIE_ROOT_PORT || bridge == PCIE_DOWNSTREAM)
		return on_port[dice(generator, 6)];
	if (bridge == PCIE_UPSTREAM)
		return PCIE_DOWNSTREAM;
	return dice(generator, 6) ? PCIE_NONE : PCI_TO_PCIE_BRIDGE;
}

static bool can_bridge(struct generator *generator, int type)
{
	switch (type) {
	case PCIE_ROOT_PORT:
	case PCIE_UPSTREAM:
	case PCIE_DOWNSTREAM:
	case PCIE_TO_PCI_BRIDGE:
	case PCI_TO_PCIE_BRIDGE:
		return true;
	default:
		return type == PCIE_NONE && dice(generator, 4) == 0;
	}
}

static void add_below(struct generator *generator, size_t place, int type, unsigned int depth)
{
	struct device_facts *device = &generator->facts.devices[place];
	char address[32];

	if (depth == 0 || generator->last_bus > 200)
		return;
	snprintf(address, sizeof(address), "%s", device->address);
	if (type == PCIE_ENDPOINT && dice(generator, 10) == 0 && depth > 1) {
		add_bus(generator, address, ++generator->last_segment, 0xe0, PCIE_EVENT_COLLECTOR,
			1);
	} else if (can_bridge(generator, type)) {
		device->pci->bridge = true;
		device->pci->secondary = ++generator->last_bus;
		add_bus(generator, address, device->pci->segment, device->pci->secondary,
			type == PCI_TO_PCIE_BRIDGE ? PCIE_ROOT_PORT : type, depth - 1);
	}
}

/* Functions on a bus below a bridge of a type; PCIE_EVENT_COLLECTOR stands for a root bus. */
static void add_bus(struct generator *generator, const char *above, uint32_t segment, uint8_t bus,
		    int type, unsigned int depth)
{
	unsigned int slots = 1 + dice(generator, type == PCIE_EVENT_COLLECTOR ? 5 : 2);

	for (unsigned int slot = 0; slot < slots; slot++) {
		unsigned int functions = dice(generator, 3) ? 1 : 1 + dice(generator, 4);
		unsigned int place_of_slot = dice(generator, 4) ? slot : slot + 0x10;

		for (unsigned int function = 0; function < functions; function++) {
			int kind = pick_type(generator, type);
			size_t place;

			if (generator->facts.device_count >= MAX_DEVICES)
				return;
			if (function && dice(generator, 4) == 0)
				continue;
			place = add_function(generator, above, segment, bus, place_of_slot,
					     function, functions > 1, kind);
			add_below(generator, place, kind, depth);
		}
	}
}

/* The first two devices of which one side says that they are together, and the other not. */
static bool differ(const struct facts *facts, const struct topology *topology, const int *groups,
		   size_t *first, size_t *second)
{
	for (*first = 0; *first < facts->device_count; ++*first)
		for (*second = 0; *second < *first; ++*second) {
			bool together = topology->placements[*first].group ==
					topology->placements[*second].group;

			if (groups[*first] != -1 && groups[*second] != -1 &&
			    together != (groups[*first] == groups[*second]))
				return true;
		}
	return false;
}

static void print_device(const struct facts *facts, const struct topology *topology,
			 const int *groups, size_t place)
{
	const struct device_facts *device = &facts->devices[place];
	char *why = NULL;

	topology_explain(topology, facts, place, &why);
	printf("%s below %s, %s:%s, type %d%s%s, ACS %x of %x: group %d by the kernel's way, %zu "
	       "by the rules: %s\n",
	       device->address, device->parent ? device->parent : "none", device->vendor,
	       device->device, device->pci->type, device->pci->multifunction ? ", several" : "",
	       device->pci->bridge ? ", bridge" : "", device->pci->acs_control,
	       device->pci->has_acs ? device->pci->acs_capability : 0, groups[place],
	       topology->placements[place].group, why);
	free(why);
}

static bool compare(unsigned long number, size_t *devices)
{
	struct generator generator = {.state = (number + 1) * UINT64_C(0x9e3779b97f4a7c15),
				      .aliases = number % 2,
				      .last_segment = 0xffff};
	int groups[MAX_DEVICES];
	struct topology topology;
	size_t first, second;
	bool different;

	add_bus(&generator, NULL, 0, 0, PCIE_EVENT_COLLECTOR, 4);
	facts_sort(&generator.facts);
	if (topology_init(&topology, &generator.facts))
		abort();
	model_groups(&generator.facts, groups);
	different = differ(&generator.facts, &topology, groups, &first, &second);
	if (different) {
		printf("machine %lu differs: %s and %s\n", number,
		       generator.facts.devices[second].address,
		       generator.facts.devices[first].address);
		for (size_t i = 0; i < generator.facts.device_count; i++)
			print_device(&generator.facts, &topology, groups, i);
	}
	*devices += generator.facts.device_count;
	topology_release(&topology);
	facts_release(&generator.facts);
	return different;
}

int main(int argc, char **argv)
{
	unsigned long first = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 2000;
	size_t devices = 0;

	for (unsigned long i = first; i < first + count; i++)
		if (compare(i, &devices))
			return EXIT_FAILURE;
	printf("%lu machines, %zu devices: the same groups\n", count, devices);
	return EXIT_SUCCESS;
}
