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

struct requester_quirk {
	const char *name;
	uint16_t vendor;
	const struct id_range *devices, *subdevices; /* NULL: all */
	uint16_t class; /* base and sub-class that it must be; 0: any */
	/* Whether its DMA may carry the id of this slot and function of its bus. */
	bool (*carries)(const struct pci_facts *pci, uint8_t devfn);
};

/* The device's quirk by which its DMA carries other ids than its own, or NULL. */
const struct requester_quirk *requester_quirk(const struct device_facts *device);

/* Which other ids it carries stands in registers of its own, beyond its config space. */
bool requester_is_hidden(const struct requester_quirk *quirk);

/* The only id that its DMA carries, if there is only one; -1: there are several, or it is hidden.
 */
int requester_only(const struct requester_quirk *quirk, const struct pci_facts *pci);

/* A conventional bridge whose DMA carries the id secondary:00.0, as that of one from PCI Express to
 * PCI does; `above` is the bridge that it is below, NULL on a root bus. */
bool bridge_carries_secondary(const struct device_facts *bridge, const struct device_facts *above);

/* A root port above which no requester id changes any more: the IOMMU sees what arrives at it. */
bool bridge_ends_requesters(const struct device_facts *bridge);

#endif
