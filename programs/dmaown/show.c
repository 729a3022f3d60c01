/* SPDX-License-Identifier: MIT */
/* dmaown show: everything that is known about a device and its group, one fact a line. */
#define _GNU_SOURCE
#include "acs_layout.h"
#include "claim_text.h"
#include "command.h"
#include "complain.h"
#include "diagnosis_facts.h"
#include "errname.h"
#include "facts_json.h"
#include "group_reasons.h"
#include "late_groups.h"
#include "open_machine.h"
#include "options.h"
#include "output.h"
#include "owner_words.h"
#include "paint.h"
#include "refusal_words.h"
#include "what.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_WIDTH = 16 };

struct sheet {
	const struct facts *facts;
	const struct group_reasons *reasons;
	const struct plan *plan; /* of a claim of the group, if there is one */
	bool color;
};

/* The bits of the ACS registers, by their short names. */
static const char *const acs_names[] = {
	"source validation",   "translation blocking", "request redirect",  "completion redirect",
	"upstream forwarding", "egress control",       "direct translated",
};

static const struct {
	int type;
	const char *name;
} express_names[] = {
	{PCIE_ENDPOINT, "endpoint"},
	{PCIE_LEGACY_ENDPOINT, "legacy endpoint"},
	{PCIE_ROOT_PORT, "root port"},
	{PCIE_UPSTREAM, "upstream port of a switch"},
	{PCIE_DOWNSTREAM, "downstream port of a switch"},
	{PCIE_TO_PCI_BRIDGE, "bridge to conventional PCI"},
	{PCI_TO_PCIE_BRIDGE, "bridge from conventional PCI"},
	{PCIE_INTEGRATED_ENDPOINT, "endpoint within the root complex"},
	{PCIE_EVENT_COLLECTOR, "event collector of the root complex"},
};

static void title(const struct sheet *sheet, const char *text, const char *more)
{
	paint(sheet->color, STYLE_BOLD, text, 0);
	if (more) {
		fputs("  ", stdout);
		paint(false, STYLE_PLAIN, more, 0);
	}
	putchar('\n');
}

/* Prints one fact; a text that there is no memory for is left out. */
__attribute__((format(printf, 3, 4))) static void line(const struct sheet *sheet, const char *label,
						       const char *format, ...)
{
	char *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	fputs("  ", stdout);
	paint(sheet->color, STYLE_DIM, label, LABEL_WIDTH);
	paint(false, STYLE_PLAIN, length < 0 ? "" : text, 0);
	putchar('\n');
	if (length >= 0)
		free(text);
}

static const char *express_name(int type)
{
	for (size_t i = 0; i < sizeof(express_names) / sizeof(*express_names); i++) {
		if (express_names[i].type == type)
			return express_names[i].name;
	}
	return type == PCIE_NONE ? "conventional PCI" : "a type of PCI Express unknown here";
}

/* Writes the names of the bits that are set, "nothing" for none. */
static void name_acs(uint16_t bits, char *out, size_t size)
{
	size_t at = 0;

	snprintf(out, size, "nothing");
	for (size_t i = 0; i < sizeof(acs_names) / sizeof(*acs_names) && at < size; i++) {
		if (bits & 1U << i)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? ", " : "",
					       acs_names[i]);
	}
}

static void show_unread(const struct sheet *sheet, const struct pci_facts *pci)
{
	if (pci->config == CONFIG_SILENT)
		line(sheet, "config space",
		     "does not answer (all ff: the device is asleep, without power, or gone)");
	else if (pci->config_errno)
		line(sheet, "config space", "not readable (%s)", errno_name(pci->config_errno));
	else
		line(sheet, "capabilities", "not readable (run as root)");
}

static void show_pci(const struct sheet *sheet, const struct device_facts *device)
{
	const struct pci_facts *pci = device->pci;
	char bits[256];

	if (pci->physical_function)
		line(sheet, "function of", "%s", pci->physical_function);
	if (pci->bridge)
		line(sheet, "bridge", "to the buses %02x to %02x", pci->secondary,
		     pci->subordinate);
	if (pci->multifunction)
		line(sheet, "multifunction", "yes");
	if (pci->config != CONFIG_READ) {
		show_unread(sheet, pci);
		return;
	}
	line(sheet, "type", "%s", express_name(pci->type));
	if (!pci->has_acs) {
		line(sheet, "ACS", "none");
		return;
	}
	name_acs(pci->acs_capability, bits, sizeof(bits));
	line(sheet, "ACS can", "%s", bits);
	name_acs(pci->acs_control, bits, sizeof(bits));
	line(sheet, "ACS does", "%s",
	     acs_control_is_unseen(device) ? "not known: its control is not where it was read"
					   : bits);
}

static const char *driver_nature(const struct facts *facts, const struct device_facts *device)
{
	const struct driver_facts *driver = facts_driver(facts, device->bus, device->driver);

	if (!driver || driver->managed_dma == KNOWN_NOT)
		return "not known whether it manages DMA itself";
	if (driver->managed_dma == KNOWN_NO)
		return "native: the group is the kernel's";
	return driver->user ? "gives the device to a user" : "takes no ownership of the group";
}

static void show_uses(const struct sheet *sheet, const struct device_facts *device)
{
	for (size_t i = 0; i < device->use_count; i++)
		line(sheet, "in use", "%s: %s", device->uses[i].name, device->uses[i].reason);
	for (size_t i = 0; i < device->unknown_count; i++)
		line(sheet, "not known", "%s: %s", device->unknowns[i].about,
		     hidden_words(device->unknowns[i].error));
	if (!device->uses_known)
		line(sheet, "in use", "not known: nobody looked");
	else if (device->use_count == 0 && device->pci && device->pci->config == CONFIG_SILENT)
		line(sheet, "in use", "not known: it does not answer");
	else if (device->use_count == 0 && device->unknown_count == 0)
		line(sheet, "in use", "no");
}

static void show_ids(const struct sheet *sheet, const struct device_facts *device)
{
	if (device->vendor && device->device)
		line(sheet, "ids", "%s:%s", device->vendor, device->device);
	if (device->subvendor && device->subdevice)
		line(sheet, "subsystem", "%s:%s", device->subvendor, device->subdevice);
	if (device->class)
		line(sheet, "class", "%s", device->class);
	if (device->modalias)
		line(sheet, "modalias", "%s", device->modalias);
}

static size_t place_of(const struct facts *facts, const struct device_facts *device)
{
	return (size_t)(device - facts->devices);
}

static void show_no_group(const struct sheet *sheet, const struct device_facts *device)
{
	struct device_reasons said;

	if (group_may_come_late(sheet->facts, device)) {
		line(sheet, "group",
		     "none yet: this kernel looks for its IOMMU when a driver is bound");
		line(sheet, "remedy",
		     "echo vfio-pci > /sys/bus/%s/devices/%s/driver_override; echo %s > "
		     "/sys/bus/%s/drivers_probe",
		     device->bus, device->address, device->address, device->bus);
		return;
	}
	line(sheet, "group", "none: no IOMMU translates for it");
	if (group_reasons_of_device(sheet->reasons, place_of(sheet->facts, device), &said))
		return;
	line(sheet, "remedy", "%s", said.remedy);
	device_reasons_release(&said);
}

static void show_device(const struct sheet *sheet, const struct device_facts *device)
{
	title(sheet, device->address, device->name);
	line(sheet, "bus", "%s", device->bus);
	if (device->parent)
		line(sheet, "below", "%s", device->parent);
	show_ids(sheet, device);
	if (device->driver)
		line(sheet, "driver", "%s (%s)", device->driver,
		     driver_nature(sheet->facts, device));
	else
		line(sheet, "driver", device_facts_hides(device, "driver") ? "not known" : "none");
	if (device->busy && device->driver)
		line(sheet, "busy", "%s was told to let go of it and has not yet", device->driver);
	if (device->override)
		line(sheet, "driver override", "%s", device->override);
	if (device->pci)
		show_pci(sheet, device);
	show_uses(sheet, device);
	if (device->group < 0)
		show_no_group(sheet, device);
	else
		line(sheet, "group", "%d", device->group);
}

static void show_members(const struct sheet *sheet, const struct group_facts *group)
{
	const struct facts *facts = sheet->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (device->group != group->id)
			continue;
		line(sheet, "device", "%s %s%s%s%s", device->address,
		     device->driver                         ? device->driver
		     : device_facts_hides(device, "driver") ? "with a driver that is not known"
							    : "without a driver",
		     facts_native(facts, device) ? " (native)" : "", device->name ? ", " : "",
		     device->name ? device->name : "");
	}
}

/* Devices that the rules put together may be apart because the kernel was told so. */
static void show_override(const struct sheet *sheet)
{
	const char *words = kernel_words(sheet->facts, "pcie_acs_override");

	if (words)
		line(sheet, "override",
		     "the kernel was told to take them for isolated (pcie_acs_override=%s); the "
		     "hardware does not isolate them",
		     words);
}

/* Why each device is in the group, what would change it, and where the rules would put it if not
 * there. What there is no memory for is left out. */
static void show_reasons(const struct sheet *sheet, const struct group_facts *group)
{
	const struct facts *facts = sheet->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		struct device_reasons said;

		if (device->group != group->id || group_reasons_of_device(sheet->reasons, i, &said))
			continue;
		line(sheet, "why", "%s: %s", device->address, said.why);
		if (said.remedy)
			line(sheet, "remedy", "%s: %s", device->address, said.remedy);
		if (said.otherwise) {
			line(sheet, "otherwise", "%s: %s", device->address, said.otherwise);
			show_override(sheet);
		}
		device_reasons_release(&said);
	}
}

/* What a claim of the group would be refused for, device by device. */
static void show_hindrances(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->plan->refusal_count; i++) {
		const struct refusal *refusal = &sheet->plan->refusals[i];
		char *words = refusal_words(refusal);

		line(sheet, "hindrance", "%s%s%s", refusal->device ? refusal->device : "",
		     refusal->device ? ": " : "", words ? words : refusal->reason);
		free(words);
	}
	if (sheet->plan->refusal_count == 0)
		line(sheet, "hindrance", "none: it can be claimed");
}

static void show_group(const struct sheet *sheet, const struct group_facts *group)
{
	char name[32], owner[256];

	snprintf(name, sizeof(name), "group %d", group->id);
	title(sheet, name, NULL);
	line(sheet, "type", "%s", group->type ? group->type : "not known");
	owner_words(&group->owner, owner, sizeof(owner));
	line(sheet, "owner", "%s", owner);
	line(sheet, "viable", "%s",
	     facts_viable(sheet->facts, group->id) ? "yes" : "no: a native driver is bound");
	if (group->direct_regions == KNOWN_YES)
		line(sheet, "direct regions",
		     "yes: the firmware needs its memory, no user may have it");
	else if (group->direct_regions == KNOWN_NOT)
		line(sheet, "direct regions", "not known");
	if (group->count >= 0)
		line(sheet, "count", "%d", group->count);
	if (group->domain)
		line(sheet, "domain", "%s", group->domain);
	show_members(sheet, group);
	if (group->noiommu == KNOWN_YES)
		line(sheet, "why",
		     "nothing isolates it: VFIO made the group, and no IOMMU is there");
	else
		show_reasons(sheet, group);
	show_hindrances(sheet);
}

static int print_text(const struct context *context, const struct group_reasons *reasons,
		      const struct what *what, const struct plan *plan)
{
	struct sheet sheet = {.facts = reasons->facts,
			      .reasons = reasons,
			      .plan = plan,
			      .color = colored(context)};

	if (what->device)
		show_device(&sheet, what->device);
	if (what->device && what->group)
		putchar('\n');
	if (what->group)
		show_group(&sheet, what->group);
	return finish_output();
}

static json_t *what_reasons_to_json(const struct group_reasons *reasons, const struct what *what)
{
	if (what->group)
		return group_reasons_to_json(reasons, what->group->id);
	return json_pack("[o]",
			 device_reasons_to_json(reasons, place_of(reasons->facts, what->device)));
}

static int print_all(const struct group_reasons *reasons, const struct what *what,
		     const struct plan *plan)
{
	const struct facts *facts = reasons->facts;
	json_t *json = json_pack(
		"{s:o, s:o, s:o, s:o, s:o}", "machine", text_to_json(facts->machine), "device",
		what->device ? device_to_json(facts, what->device) : json_null(), "group",
		what->group ? group_to_json(facts, what->group) : json_null(), "isolation",
		what_reasons_to_json(reasons, what), "hindrances", refusals_to_json(plan));

	return print_json(json);
}

/* The plan of a claim of the group, or of the device that has none. */
static int plan_for(const struct facts *facts, const struct what *what, struct plan *out)
{
	const char *const named[] = {what->device ? what->device->address : NULL};
	const struct claim_request request = {
		.groups = what->group ? &what->group->id : NULL,
		.group_count = what->group ? 1 : 0,
		.named = named,
		.named_count = what->device ? 1 : 0,
	};

	return plan_make(facts, &request, out);
}

static int show_what(const struct context *context, const struct facts *facts,
		     const struct what *what)
{
	struct group_reasons reasons;
	struct plan plan;
	int err = plan_for(facts, what, &plan);
	int code;

	if (err)
		return complain_memory();
	err = group_reasons_init(&reasons, facts);
	if (err) {
		plan_release(&plan);
		return complain_memory();
	}
	code = context->json ? print_all(&reasons, what, &plan)
			     : print_text(context, &reasons, what, &plan);
	group_reasons_release(&reasons);
	plan_release(&plan);
	return code;
}

int command_show(struct context *context, int argc, char **argv)
{
	struct facts facts;
	struct what what;
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (argc - optind != 1)
		return complain(EXIT_USAGE, "show", "takes one device or group (%d given)",
				argc - optind);
	code = read_machine(context, true, &facts);
	if (code != EXIT_DONE)
		return code;
	code = find_what(&facts, argv[optind], &what);
	if (code == EXIT_DONE)
		code = show_what(context, &facts, &what);
	facts_release(&facts);
	return code;
}
