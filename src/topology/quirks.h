/* SPDX-License-Identifier: MIT */
/*
 * Devices that do not behave as their registers say, by their vendors' word or by the kernel's:
 * what Linux 6.18 knows of. Where one is missing, the rules give another group than the kernel, and
 * topology_differences() shows it.
 *
 * There are two kinds. Some devices isolate, or do not, whatever their ACS registers say
 * (isolation_quirks.c). Others do DMA with another requester id than their own
 * (requester_quirks.c). A row of either table is chosen by ids first; one without further
 * conditions holds for a device whose config space could not be read, too.
 */
#ifndef DMAOWN_TOPOLOGY_QUIRKS_H
#define DMAOWN_TOPOLOGY_QUIRKS_H

#include "facts.h"

/* Every `step`th id from the first to the last; a table of them ends with step 0. */
struct id_range {
	uint16_t first, last, step;
};

#define ID(id)                                                                                     \
	{                                                                                          \
		(id), (id), 1                                                                      \
	}
#define IDS(first, last)                                                                           \
	{                                                                                          \
		(first), (last), 1                                                                 \
	}
#define STEPS(first, last, by)                                                                     \
	{                                                                                          \
		(first), (last), (by)                                                              \
	}
#define END_OF_IDS                                                                                 \
	{                                                                                          \
		0, 0, 0                                                                            \
	}

/* The ids of a device, as numbers. */
struct device_ids {
	uint16_t vendor, device;
	uint16_t subvendor, subdevice; /* 0: none, or not known */
	uint32_t class;                /* 0 likewise */
};

/* Reads them from a PCI function's facts. False: it is none, or vendor and device are not known. */
bool device_ids_read(const struct device_facts *device, struct device_ids *out);

/* Whether an id is in the table; NULL holds every id. */
bool id_is_among(uint16_t id, const struct id_range *ranges);

/* A kernel's version, to be compared; 0 is "not known". */
#define KERNEL(major, minor) ((unsigned int)(major) << 16 | (minor))

/* What of the whole machine quirks depend on. */
struct platform {
	unsigned int kernel; /* KERNEL(6, 12) */
	enum known ivrs;     /* AMD's table describes its IOMMUs */
};

/* Reads it from the facts; `host` may be NULL. */
struct platform platform_of(const struct host_facts *host);

#endif
