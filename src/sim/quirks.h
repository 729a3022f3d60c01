/* SPDX-License-Identifier: MIT */
/*
 * Devices that do not behave as their registers say, by their vendors' word.
 *
 * The kernel knows more of them; here are those of x86 machines whose effect on groups is known.
 * Where one is missing, the rules give another group than the kernel, and topology_differences()
 * shows it.
 */
#ifndef DMAOWN_SIM_QUIRKS_H
#define DMAOWN_SIM_QUIRKS_H

#include "facts.h"

enum quirk_kind {
	QUIRK_ISOLATES,        /* lets no peer-to-peer request past the IOMMU, ACS or not */
	QUIRK_USES_FUNCTION_0, /* its DMA carries the requester id of function 0 of its slot */
	QUIRK_USES_FUNCTION_1, /* the same with function 1 */
};

struct quirk {
	const char *name; /* for people: "Intel root-complex integrated endpoint" */
	enum quirk_kind kind;
	uint16_t vendor;
	const uint16_t *devices; /* by id, ending in 0; NULL: all of the vendor's */
	int type;                /* enum pcie_type that it must be, or QUIRK_ANY_TYPE */
};

#define QUIRK_ANY_TYPE (-2)

/* The device's quirk that isolates, and the one that gives it another requester id; NULL: none. */
const struct quirk *quirk_isolation(const struct device_facts *device);
const struct quirk *quirk_alias(const struct device_facts *device);

#endif
