/* SPDX-License-Identifier: MIT */
/* Devices that isolate, or do not, whatever their ACS registers say. */
#ifndef DMAOWN_TOPOLOGY_ISOLATION_QUIRKS_H
#define DMAOWN_TOPOLOGY_ISOLATION_QUIRKS_H

#include "quirks.h"

enum quirk_answer { QUIRK_ISOLATES, QUIRK_NEVER_ISOLATES };

struct isolation_quirk {
	const char *name; /* for people: "Intel root-complex integrated endpoint" */
	uint16_t vendor;
	const struct id_range *devices; /* NULL: all of the vendor's */
	unsigned int types;             /* 1 << enum pcie_type, of which it is one; 0: any */
	unsigned int since; /* the first kernel that knows it, as far as is known here; 0: any */
	bool (*holds)(const struct platform *platform, const struct device_facts *device);
	enum quirk_answer answer;
};

/* The quirk that says whether the device isolates; NULL: none does, its registers do. */
const struct isolation_quirk *isolation_quirk(const struct platform *platform,
					      const struct device_facts *device);

#endif
