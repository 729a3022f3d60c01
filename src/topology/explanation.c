/* SPDX-License-Identifier: MIT */
#include "explanation.h"

#include "errname.h"
#include "isolation_quirks.h"
#include "placed_device.h"
#include "requester_quirks.h"

#include <string.h>

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

/* What keeps a function from isolating. */
static void print_fault(FILE *out, const struct placed_device *it,
			const struct device_facts *device)
{
	if (device_never_isolates(it, device)) {
		fprintf(out, "does not isolate, whatever its registers say (%s)",
			isolation_quirk(&it->platform, device)->name);
	} else if (device->pci->type == PCIE_NONE) {
		fputs("has no PCI Express capability", out);
	} else if (!acs_would_isolate(device->pci)) {
		fputs("is of a type that ACS does not isolate", out);
	} else {
		fputs("has ", out);
		print_missing(out, device->pci);
	}
}

static void print_vmd(FILE *out, const struct device_facts *vmd)
{
	fprintf(out, "below %s, a VMD function: its DMA carries the requester id of that",
		vmd->address);
}

static void print_bridge(FILE *out, const struct device_facts *bridge)
{
	bool between =
		bridge->pci->type == PCIE_TO_PCI_BRIDGE || bridge->pci->type == PCI_TO_PCIE_BRIDGE;

	fprintf(out, "behind %s, %s: all DMA from behind it looks the same", bridge->address,
		between ? "a bridge between PCI Express and conventional PCI"
			: "a conventional PCI bridge");
}

static void print_port(FILE *out, const struct placed_device *it, const struct device_facts *port)
{
	const char *parent = it->device->parent;
	bool above = parent && strcmp(parent, port->address) == 0;

	fprintf(out, "%s, %s, ", port->address,
		above ? "the port above it" : "a port between it and the root");
	print_fault(out, it, port);
}

static void print_alias(FILE *out, const struct placed_device *it, const struct device_facts *other)
{
	const struct requester_quirk *quirk = requester_quirk(it->device);

	fprintf(out,
		requester_only(quirk, it->device->pci) >= 0
			? "its DMA carries the requester id of %s (%s)"
			: "its DMA carries requester ids of other functions, as that of %s (%s)",
		other->address, quirk->name);
}

static void print_function(FILE *out, const struct placed_device *it,
			   const struct device_facts *other)
{
	const struct isolation_quirk *newer = device_newer_quirk(it);

	fprintf(out, "one function of several that are not isolated from each other, as %s: ",
		other->address);
	print_fault(out, it, it->device);
	if (!newer)
		return;
	fputs("; a kernel from ", out);
	print_kernel(out, newer->since);
	fprintf(out, " on knows that it isolates (%s)", newer->name);
}

/* Whether two functions of one device would reach each other on a machine of this kind. */
static bool would_reach(const struct platform *platform, const struct device_facts *a,
			const struct device_facts *b)
{
	return a != b && b->pci && b->group != -1 && a->pci->segment == b->pci->segment &&
	       a->pci->bus == b->pci->bus && a->pci->slot == b->pci->slot &&
	       isolates(platform, a) == KNOWN_NO && isolates(platform, b) == KNOWN_NO;
}

/* What the kernel's word has saved the device from, where kernels before some version lack it. */
static void print_before(FILE *out, const struct placed_device *it,
			 const struct isolation_quirk *quirk)
{
	struct platform older = it->platform;

	if (!quirk->since)
		return;
	older.kernel = quirk->since - 1;
	for (size_t i = 0; i < it->facts->device_count; i++) {
		const struct device_facts *other = &it->facts->devices[i];

		if (!would_reach(&older, it->device, other))
			continue;
		fputs("; a kernel before ", out);
		print_kernel(out, quirk->since);
		fprintf(out, " would put it with %s", other->address);
		return;
	}
}

static void print_alone(FILE *out, const struct placed_device *it)
{
	const struct isolation_quirk *quirk = isolation_quirk(&it->platform, it->device);

	if (it->placed->cause != it->place) {
		fprintf(out, "alone: %s, which it would join, is in no group",
			it->facts->devices[it->placed->cause].address);
		return;
	}
	fputs(device_is_joined(it, true) ? "the others join it; nothing joins it to more"
					 : "isolated: the IOMMU sees all that it sends",
	      out);
	if (!quirk || quirk->answer != QUIRK_ISOLATES ||
	    registers_isolate(it->device->pci) == KNOWN_YES)
		return;
	fprintf(out, " (%s", quirk->name);
	print_before(out, it, quirk);
	fputc(')', out);
}

static void print_unknown(FILE *out, const struct placed_device *it)
{
	const struct device_facts *cause = &it->facts->devices[it->placed->cause];

	fputs("not known: ", out);
	if (cause->pci->config == CONFIG_SILENT)
		fprintf(out, "%s does not answer (its config space is all ff)", cause->address);
	else if (cause->pci->config == CONFIG_READ)
		fprintf(out,
			"which requester ids its DMA carries stands in registers of its own (%s)",
			requester_quirk(cause)->name);
	else if (cause->pci->config_errno)
		fprintf(out, "the config space of %s could not be read (%s)", cause->address,
			errno_name(cause->pci->config_errno));
	else
		fprintf(out, "the registers that decide could not be read (%s)",
			reader_is_privileged(it) ? "the kernel shows them to CAP_SYS_ADMIN"
						 : "are you root?");
}

static void print_why(FILE *out, const struct placed_device *it)
{
	const struct device_facts *devices = it->facts->devices;
	const struct placement *placed = it->placed;

	if (it->device->group == -1) {
		fputs("in no group: no IOMMU translates for it", out);
		return;
	}
	switch (placed->company) {
	case COMPANY_NONE:
		print_alone(out, it);
		break;
	case COMPANY_VMD:
		print_vmd(out, &devices[placed->cause]);
		break;
	case COMPANY_BRIDGE:
		print_bridge(out, &devices[placed->cause]);
		break;
	case COMPANY_PORT:
		print_port(out, it, &devices[placed->cause]);
		break;
	case COMPANY_ALIAS:
		print_alias(out, it, &devices[placed->with]);
		break;
	case COMPANY_FUNCTION:
		print_function(out, it, &devices[placed->with]);
		break;
	case COMPANY_RECORDED:
		fprintf(out, "as the machine has it: bus %s has no rule", it->device->bus);
		break;
	case COMPANY_UNKNOWN:
		print_unknown(out, it);
		break;
	}
}

int topology_explain(const struct topology *topology, const struct facts *facts, size_t place,
		     char **out)
{
	return say_of_device(topology, facts, place, print_why, out);
}
