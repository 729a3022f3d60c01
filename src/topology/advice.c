/* SPDX-License-Identifier: MIT */
#include "advice.h"
#include "isolation_quirks.h"
#include "placed_device.h"

#include <errno.h>

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

static void print_vmd_remedy(FILE *out, const struct device_facts *vmd)
{
	fprintf(out,
		"take it with %s, or switch VMD off in the firmware's settings: the devices below "
		"it are then on the machine's own buses",
		vmd->address);
}

static void print_bridge_remedy(FILE *out, const struct placed_device *it)
{
	const char *bridge = it->facts->devices[it->placed->cause].address;

	if (!device_is_joined(it, false))
		return;
	if (it->device->pci->type == PCIE_NONE)
		fprintf(out, "use a PCI Express device in its place: nothing separates what is "
			     "behind a conventional bridge");
	else
		fprintf(out,
			"move it to a PCI Express slot that is not behind %s: nothing separates "
			"what is behind such a bridge",
			bridge);
}

static void print_port_remedy(FILE *out, const struct placed_device *it,
			      const struct device_facts *port)
{
	bool never = device_never_isolates(it, port);

	if (port->pci->has_acs && !never) {
		print_switch_on(out, port);
		fputs(", or move it below a port that isolates", out);
	} else {
		fprintf(out,
			"move it below a port that %s: %s cannot isolate, and "
			"pcie_acs_override=, a patch that Linux has not taken, would only hide it",
			never ? "isolates" : "has ACS", port->address);
	}
}

static void print_function_remedy(FILE *out, const struct placed_device *it)
{
	const struct device_facts *device = it->device;
	const struct isolation_quirk *newer = device_newer_quirk(it);

	if (newer) {
		fputs("start a kernel from ", out);
		print_kernel(out, newer->since);
		fputs(" on, which knows that it isolates", out);
	} else if (device_never_isolates(it, device)) {
		fputs("take all functions of the device together: they are not apart", out);
	} else if (device->pci->has_acs && acs_would_isolate(device->pci)) {
		print_switch_on(out, device);
	} else {
		fputs("take all functions of the device together: only its vendor could say that "
		      "they are apart, by a quirk in the kernel",
		      out);
	}
}

/* Whether the machine has the device in another group than the one that the rules join it to. */
static bool is_kept_apart(const struct placed_device *it)
{
	int with = it->facts->devices[it->placed->with].group;

	return it->device->group >= 0 && with >= 0 && it->device->group != with;
}

static void print_kept_apart(FILE *out, const struct device_facts *cause)
{
	fprintf(out,
		"nothing, if the kernel has it from the vendor that %s isolates; if it was started "
		"with pcie_acs_override=, a patch that isolates nothing, start it without",
		cause->address);
}

static void print_unknown_remedy(FILE *out, const struct placed_device *it)
{
	const struct device_facts *cause = &it->facts->devices[it->placed->cause];

	if (cause->pci->config == CONFIG_SILENT)
		fprintf(out,
			"wake %s (on in its power/control) and look again; if it still does not "
			"answer, it is without power or gone",
			cause->address);
	else if (cause->pci->config == CONFIG_READ)
		fputs("none is known: only the kernel's own groups tell", out);
	else if (cause->pci->config_errno && cause->pci->config_errno != EACCES &&
		 cause->pci->config_errno != EPERM)
		fputs("look again; the kernel's log may say why it can't be read", out);
	else if (reader_is_privileged(it))
		fputs("run dmaown, or take the snapshot, with CAP_SYS_ADMIN", out);
	else
		fputs("run dmaown, or take the snapshot, as root", out);
}

static void print_company_remedy(FILE *out, const struct placed_device *it)
{
	const struct device_facts *devices = it->facts->devices;
	const struct placement *placed = it->placed;

	switch (placed->company) {
	case COMPANY_NONE:
		break;
	case COMPANY_VMD:
		print_vmd_remedy(out, &devices[placed->with]);
		break;
	case COMPANY_BRIDGE:
		print_bridge_remedy(out, it);
		break;
	case COMPANY_PORT:
		print_port_remedy(out, it, &devices[placed->cause]);
		break;
	case COMPANY_ALIAS:
		fprintf(out,
			"take it with %s, or use another model: the IOMMU takes the one for "
			"the other",
			devices[placed->with].address);
		break;
	case COMPANY_FUNCTION:
		print_function_remedy(out, it);
		break;
	case COMPANY_RECORDED:
		break;
	case COMPANY_UNKNOWN:
		print_unknown_remedy(out, it);
		break;
	}
}

static void print_unruled_remedy(FILE *out, const struct placed_device *it)
{
	if (device_is_joined(it, true))
		fprintf(out,
			"none is known: the board and its firmware say how the IOMMU tells "
			"devices of bus %s apart",
			it->device->bus);
}

static void print_remedy(FILE *out, const struct placed_device *it)
{
	const struct pci_facts *pci = it->device->pci;

	if (it->device->group == -1)
		fputs("dmaown doctor says why no IOMMU translates for it, and what to do", out);
	else if (!pci)
		print_unruled_remedy(out, it);
	else if (pci->bridge)
		return;
	else if (is_kept_apart(it))
		print_kept_apart(out, &it->facts->devices[it->placed->cause]);
	else
		print_company_remedy(out, it);
}

int topology_advise(const struct topology *topology, const struct facts *facts, size_t place,
		    char **out)
{
	return say_of_device(topology, facts, place, print_remedy, out);
}
