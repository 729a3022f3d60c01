/* SPDX-License-Identifier: MIT */
/*
 * The groups that follow from how a machine is wired.
 *
 * Two devices belong together if one can reach the other, or pass for it, without the IOMMU seeing
 * it. The rules, of which the first that holds for a device says whom it joins:
 *
 *   VMD       What is below a function that makes a root bus of its own, Intel's VMD, does DMA with
 *             that function's requester id: a device joins it.
 *   BRIDGE    Behind a bridge to or from conventional PCI all DMA carries the bridge's requester
 *             id, or mixes with what does: a device joins the nearest such bridge above it.
 *   PORT      A request can turn round at a port or switch that does not redirect it to the root:
 *             unless everything from the port above a device up to the root isolates, the device
 *             joins that port. `cause` is the nearest one on the way that does not isolate.
 *   ALIAS     A device that is known to use other requester ids joins the functions that have them,
 *             and those that can reach it inside its device.
 *   FUNCTION  Functions of one device that do not isolate can reach each other inside it.
 *   NONE      Nothing: the device is alone, unless others join it.
 *
 * Only what is in a group can be joined. A device stands in for what it would join and is in none:
 * the next rules are asked for that.
 *
 * A device *isolates* if Source Validation, Request Redirect, Completion Redirect and Upstream
 * Forwarding of its ACS capability are on, or it has the capability without the bit (then nothing
 * can turn round there). Ports must; endpoints and upstream ports must only as one function of
 * several; conventional devices, bridges to conventional PCI and event collectors cannot. For some
 * their vendors or the kernel know better, whatever their type is (quirks.h).
 *
 * Registers that could not be read decide nothing: what depends on them is not known.
 *
 * These are the rules of Linux 6.12 to 6.18, which judge the way up only: two devices below
 * different ports of a switch whose ports do not isolate get two groups, though they can reach each
 * other. A series under review in 2026 ("Fix incorrect iommu_groups with PCIe ACS") changes this.
 *
 * Devices on other buses have no rule: they are in their recorded group, or alone.
 *
 * Time n log n in the devices. The facts must hold their invariants (facts_check()).
 */
#ifndef DMAOWN_TOPOLOGY_TOPOLOGY_H
#define DMAOWN_TOPOLOGY_TOPOLOGY_H

#include "facts.h"

enum company {
	COMPANY_NONE,
	COMPANY_VMD,
	COMPANY_BRIDGE,
	COMPANY_PORT,
	COMPANY_ALIAS,
	COMPANY_FUNCTION,
	COMPANY_RECORDED,
	COMPANY_UNKNOWN, /* the registers that decide could not be read */
};

/* A device's place: its group, from 0 and in the order of the groups' first devices, and why. */
struct placement {
	size_t group;
	enum company company;
	size_t with; /* the device that it joins; itself for NONE, RECORDED and UNKNOWN */
	/* The VMD function, bridge, port or function that is to blame; for UNKNOWN what could not
	 * be read; for NONE what it would have joined, had that a group; itself where none is. */
	size_t cause;
	uint16_t requester; /* bus << 8 | slot << 3 | function that its DMA carries at the root */
};

struct topology {
	struct placement *placements; /* one for each device, in the order of the facts */
	size_t device_count;
	size_t group_count;
};

/* The rule in one word: "bridge", "port". */
const char *company_name(enum company company);

/* Applies the rules. -ENOMEM. Undone by topology_release(). */
int topology_init(struct topology *topology, const struct facts *facts);
void topology_release(struct topology *topology);

#endif
