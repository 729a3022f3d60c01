/* SPDX-License-Identifier: MIT */
/* How a user names a device or a group. */
#define _GNU_SOURCE
#include "what.h"
#include "complain.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char group_prefix[] = "group:";

static bool is_group(const char *text)
{
	return strncmp(text, group_prefix, strlen(group_prefix)) == 0;
}

static int read_group_id(const char *text, int *out)
{
	const char *digits = text + strlen(group_prefix);
	char *end;
	long id = strtol(digits, &end, 10);

	if (!isdigit((unsigned char)*digits) || *end || id > INT_MAX)
		return complain(EXIT_USAGE, text,
				"is not a group (write group: and its number, such as group:8)");
	*out = (int)id;
	return EXIT_DONE;
}

static int find_group(const struct facts *facts, const char *text, struct what *out)
{
	const struct group_facts *group;
	int id = -1, code = read_group_id(text, &id);

	if (code != EXIT_DONE)
		return code;
	group = facts_group(facts, id);
	if (!group)
		return complain(EXIT_ABSENT, text, "no such group (dmaown list shows all)");
	*out = (struct what) {.group = group};
	return EXIT_DONE;
}

/* A PCI address in full and in lower case, or the text itself. */
static void spell_out(const char *text, char *address, size_t size)
{
	struct pci_facts pci;

	snprintf(address, size, "%s%s", strchr(text, ':') == strrchr(text, ':') ? "0000:" : "",
		 text);
	for (char *at = address; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (pci_address_parse(address, &pci) != 0)
		snprintf(address, size, "%s", text);
}

int find_what(const struct facts *facts, const char *text, struct what *out)
{
	const struct device_facts *device;
	char address[WHAT_SIZE];

	if (is_group(text))
		return find_group(facts, text, out);
	spell_out(text, address, sizeof(address));
	device = facts_device(facts, address);
	if (!device)
		return complain(EXIT_ABSENT, text, "no such device (dmaown list shows all)");
	*out = (struct what) {
		.device = device,
		.group = device->group < 0 ? NULL : facts_group(facts, device->group),
	};
	return EXIT_DONE;
}

int what_part(const char *text, char address[WHAT_SIZE], struct machine_part *out)
{
	*out = (struct machine_part) {.device = NULL};
	if (is_group(text))
		return read_group_id(text, &out->group);
	spell_out(text, address, WHAT_SIZE);
	out->device = address;
	return EXIT_DONE;
}
