/* SPDX-License-Identifier: MIT */
/* Why a device is with others. */
#include "explanation.h"

#include "errname.h"
#include "subject.h"

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
static void print_fault(FILE *out, const struct subject *subject, const struct device_facts *device)
{
	if (subject_never_isolates(subject, device)) {
		fprintf(out, "does not isolate, whatever its registers say (%s)",
			isolation_quirk(&subject->platform, device)->name);
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

static void print_port(FILE *out, const struct subject *subject, const struct device_facts *port)
{
	const char *parent = subject->device->parent;
	bool above = parent && strcmp(parent, port->address) == 0;

	fprintf(out, "%s, %s, ", port->address,
		above ? "the port above it" : "a port between it and the root");
	print_fault(out, subject, port);
}

static void print_alias(FILE *out, const struct subject *subject, const struct device_facts *other)
{
	const struct requester_quirk *quirk = requester_quirk(subject->device);

	fprintf(out,
		requester_only(quirk, subject->device->pci) >= 0
			? "its DMA carries the requester id of %s (%s)"
			: "its DMA carries requester ids of other functions, as that of %s (%s)",
		other->address, quirk->name);
}

static void print_function(FILE *out, const struct subject *subject,
			   const struct device_facts *other)
{
	const struct isolation_quirk *newer = subject_newer_quirk(subject);

	fprintf(out, "one function of several that are not isolated from each other, as %s: ",
		other->address);
	print_fault(out, subject, subject->device);
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
static void print_before(FILE *out, const struct subject *subject,
			 const struct isolation_quirk *quirk)
{
	struct platform older = subject->platform;

	if (!quirk->since)
		return;
	older.kernel = quirk->since - 1;
	for (size_t i = 0; i < subject->facts->device_count; i++) {
		const struct device_facts *other = &subject->facts->devices[i];

		if (!would_reach(&older, subject->device, other))
			continue;
		fputs("; a kernel before ", out);
		print_kernel(out, quirk->since);
		fprintf(out, " would put it with %s", other->address);
		return;
	}
}

static void print_alone(FILE *out, const struct subject *subject)
{
	const struct isolation_quirk *quirk = isolation_quirk(&subject->platform, subject->device);

	if (subject->placed->cause != subject->place) {
		fprintf(out, "alone: %s, which it would join, is in no group",
			subject->facts->devices[subject->placed->cause].address);
		return;
	}
	fputs(subject_is_joined(subject, true) ? "the others join it; nothing joins it to more"
					       : "isolated: the IOMMU sees all that it sends",
	      out);
	if (!quirk || quirk->answer != QUIRK_ISOLATES ||
	    registers_isolate(subject->device->pci) == KNOWN_YES)
		return;
	fprintf(out, " (%s", quirk->name);
	print_before(out, subject, quirk);
	fputc(')', out);
}

static void print_unknown(FILE *out, const struct subject *subject)
{
	const struct device_facts *cause = &subject->facts->devices[subject->placed->cause];

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
			subject_is_privileged(subject) ? "the kernel shows them to CAP_SYS_ADMIN"
						       : "are you root?");
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
		print_alone(out, subject);
		break;
	case COMPANY_VMD:
		print_vmd(out, &devices[placed->cause]);
		break;
	case COMPANY_BRIDGE:
		print_bridge(out, &devices[placed->cause]);
		break;
	case COMPANY_PORT:
		print_port(out, subject, &devices[placed->cause]);
		break;
	case COMPANY_ALIAS:
		print_alias(out, subject, &devices[placed->with]);
		break;
	case COMPANY_FUNCTION:
		print_function(out, subject, &devices[placed->with]);
		break;
	case COMPANY_RECORDED:
		fprintf(out, "as the machine has it: bus %s has no rule", subject->device->bus);
		break;
	case COMPANY_UNKNOWN:
		print_unknown(out, subject);
		break;
	}
}

int topology_explain(const struct topology *topology, const struct facts *facts, size_t place,
		     char **out)
{
	return subject_say(topology, facts, place, print_why, out);
}
