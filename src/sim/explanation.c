/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "explanation.h"

#include "acs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A device of which something is said. */
struct subject {
	const struct topology *topology;
	const struct facts *facts;
	size_t place;
	const struct device_facts *device;
	const struct placement *placed;
};

/* "no ACS", or "ACS with Request Redirect, Upstream Forwarding off". */
static void print_missing(FILE *out, const struct pci_facts *pci)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} controls[] = {
		{ACS_SOURCE_VALIDATION, "Source Validation"},
		{ACS_REQUEST_REDIRECT, "Request Redirect"},
		{ACS_COMPLETION_REDIRECT, "Completion Redirect"},
		{ACS_UPSTREAM_FORWARDING, "Upstream Forwarding"},
	};
	const char *separator = "ACS with ";
	uint16_t missing = acs_missing(pci);

	if (!pci->has_acs) {
		fputs("no ACS", out);
		return;
	}
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (missing & controls[i].bit) {
			fprintf(out, "%s%s", separator, controls[i].name);
			separator = ", ";
		}
	fputs(" off", out);
}

static void print_bridge(FILE *out, const struct device_facts *bridge)
{
	bool between =
		bridge->pci->type == PCIE_TO_PCI_BRIDGE || bridge->pci->type == PCI_TO_PCIE_BRIDGE;

	fprintf(out, "behind %s, %s: all DMA from behind it looks the same", bridge->address,
		between ? "a bridge between PCI Express and conventional PCI"
			: "a conventional PCI bridge");
}

static void print_port(FILE *out, const struct device_facts *device,
		       const struct device_facts *port)
{
	bool above = device->parent && strcmp(device->parent, port->address) == 0;

	fprintf(out, "%s, %s, has ", port->address,
		above ? "the port above it" : "a port between it and the root");
	print_missing(out, port->pci);
}

static void print_function(FILE *out, const struct device_facts *device,
			   const struct device_facts *other)
{
	fprintf(out, "one function of several that are not isolated from each other, as %s: ",
		other->address);
	if (device->pci->type == PCIE_NONE) {
		fputs("has no PCI Express capability", out);
	} else if (!acs_would_isolate(device->pci)) {
		fputs("is of a type that ACS does not isolate", out);
	} else {
		fputs("has ", out);
		print_missing(out, device->pci);
	}
}

/* Whether the rules give the device a companion, which may have to be no bridge. */
static bool is_joined(const struct subject *subject, bool bridges_count)
{
	const struct placement *placements = subject->topology->placements;

	for (size_t i = 0; i < subject->topology->device_count; i++) {
		const struct pci_facts *pci = subject->facts->devices[i].pci;

		if (i != subject->place && placements[i].group == subject->placed->group &&
		    (bridges_count || !pci || !pci->bridge))
			return true;
	}
	return false;
}

static void print_isolated(FILE *out, const struct subject *subject)
{
	const struct quirk *quirk = quirk_isolation(subject->device);

	fputs(is_joined(subject, true) ? "the others join it; nothing joins it to more"
				       : "isolated: the IOMMU sees all that it sends",
	      out);
	if (quirk && !registers_isolate(subject->device->pci))
		fprintf(out, " (%s)", quirk->name);
}

static void print_why(FILE *out, const struct subject *subject)
{
	const struct device_facts *devices = subject->facts->devices;
	const struct placement *placed = subject->placed;

	if (subject->device->group == -1) {
		fputs("in no group: no IOMMU translates for it", out);
		return;
	}
	switch (placed->company) {
	case COMPANY_NONE:
		print_isolated(out, subject);
		break;
	case COMPANY_BRIDGE:
		print_bridge(out, &devices[placed->cause]);
		break;
	case COMPANY_PORT:
		print_port(out, subject->device, &devices[placed->cause]);
		break;
	case COMPANY_ALIAS:
		fprintf(out, "its DMA carries the requester id of %s (%s)",
			devices[placed->with].address, quirk_alias(subject->device)->name);
		break;
	case COMPANY_FUNCTION:
		print_function(out, subject->device, &devices[placed->with]);
		break;
	case COMPANY_RECORDED:
		fprintf(out, "as the machine has it: bus %s has no rule", subject->device->bus);
		break;
	case COMPANY_UNKNOWN:
		fputs("not known: the registers that decide could not be read (are you root?)",
		      out);
		break;
	}
}

/*
 * "start the kernel with pci=config_acs=111x1@0000:00:02.0 (...)". The digits stand for the bits of
 * the control register, the lowest last. All that isolation needs are set, those that are on too:
 * an "x" leaves a bit as the firmware set it, which undoes what the kernel switched on by itself.
 */
static void print_switch_on(FILE *out, const struct device_facts *device)
{
	fputs("start the kernel with pci=config_acs=", out);
	for (unsigned int bit = ACS_UPSTREAM_FORWARDING; bit; bit >>= 1)
		fputc(ACS_ISOLATION & device->pci->acs_capability & bit ? '1' : 'x', out);
	fprintf(out, "@%s (Linux 6.11 or later)", device->address);
	if (acs_missing(device->pci) & (ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT))
		fputs(", or without pci=disable_acs_redir= where that is why", out);
}

static void print_bridge_remedy(FILE *out, const struct subject *subject)
{
	const char *bridge = subject->facts->devices[subject->placed->cause].address;

	if (!is_joined(subject, false))
		return;
	if (subject->device->pci->type == PCIE_NONE)
		fprintf(out, "use a PCI Express device in its place: nothing separates what is "
			     "behind a conventional bridge");
	else
		fprintf(out,
			"move it to a PCI Express slot that is not behind %s: nothing separates "
			"what is behind such a bridge",
			bridge);
}

static void print_port_remedy(FILE *out, const struct device_facts *port)
{
	if (port->pci->has_acs) {
		print_switch_on(out, port);
		fputs(", or move it below a port that isolates", out);
	} else {
		fprintf(out,
			"move it below a port that has ACS: %s cannot isolate, and "
			"pcie_acs_override=, a patch that Linux has not taken, would only hide it",
			port->address);
	}
}

static void print_function_remedy(FILE *out, const struct device_facts *device)
{
	if (device->pci->has_acs && acs_would_isolate(device->pci))
		print_switch_on(out, device);
	else
		fputs("take all functions of the device together: only its vendor could say that "
		      "they are apart, by a quirk in the kernel",
		      out);
}

/* Whether the machine has the device in another group than the one that the rules join it to. */
static bool is_kept_apart(const struct subject *subject)
{
	int with = subject->facts->devices[subject->placed->with].group;

	return subject->device->group >= 0 && with >= 0 && subject->device->group != with;
}

static void print_kept_apart(FILE *out, const struct device_facts *cause)
{
	fprintf(out,
		"nothing, if the kernel has it from the vendor that %s isolates; if it was started "
		"with pcie_acs_override=, a patch that isolates nothing, start it without",
		cause->address);
}

static void print_company_remedy(FILE *out, const struct subject *subject)
{
	const struct device_facts *devices = subject->facts->devices;
	const struct placement *placed = subject->placed;

	switch (placed->company) {
	case COMPANY_NONE:
		break;
	case COMPANY_BRIDGE:
		print_bridge_remedy(out, subject);
		break;
	case COMPANY_PORT:
		print_port_remedy(out, &devices[placed->cause]);
		break;
	case COMPANY_ALIAS:
		fprintf(out,
			"take it with %s, or use another model: the IOMMU takes the one for "
			"the other",
			devices[placed->with].address);
		break;
	case COMPANY_FUNCTION:
		print_function_remedy(out, subject->device);
		break;
	case COMPANY_RECORDED:
		break;
	case COMPANY_UNKNOWN:
		fputs("run dmaown, or take the snapshot, as root", out);
		break;
	}
}

static void print_unruled_remedy(FILE *out, const struct subject *subject)
{
	if (is_joined(subject, true))
		fprintf(out,
			"none is known: the board and its firmware say how the IOMMU tells "
			"devices of bus %s apart",
			subject->device->bus);
}

static void print_remedy(FILE *out, const struct subject *subject)
{
	const struct pci_facts *pci = subject->device->pci;

	if (subject->device->group == -1)
		fputs("dmaown doctor says why no IOMMU translates for it, and what to do", out);
	else if (!pci)
		print_unruled_remedy(out, subject);
	else if (pci->bridge)
		return;
	else if (is_kept_apart(subject))
		print_kept_apart(out, &subject->facts->devices[subject->placed->cause]);
	else
		print_company_remedy(out, subject);
}

/* Stores what `print` says; NULL if that is nothing. */
static int say(void (*print)(FILE *out, const struct subject *subject),
	       const struct subject *subject, char **out)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return -ENOMEM;
	print(stream, subject);
	if (fclose(stream)) {
		free(text);
		return -ENOMEM;
	}
	if (length == 0) {
		free(text);
		text = NULL;
	}
	*out = text;
	return 0;
}

static struct subject subject_at(const struct topology *topology, const struct facts *facts,
				 size_t place)
{
	return (struct subject) {.topology = topology,
				 .facts = facts,
				 .place = place,
				 .device = &facts->devices[place],
				 .placed = &topology->placements[place]};
}

int topology_explain(const struct topology *topology, const struct facts *facts, size_t place,
		     char **out)
{
	struct subject subject = subject_at(topology, facts, place);

	return say(print_why, &subject, out);
}

int topology_advise(const struct topology *topology, const struct facts *facts, size_t place,
		    char **out)
{
	struct subject subject = subject_at(topology, facts, place);

	return say(print_remedy, &subject, out);
}
