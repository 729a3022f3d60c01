/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine: the mechanism of src/core over the hardware of memory.h and iommu.h.
 *
 * It is made from facts, a snapshot of a host or something written by hand, and then is a machine
 * as any other (machine.h): its devices, groups and bindings begin as the facts say. Recorded
 * groups win over the isolation rules (topology.h tells where the rules give others); devices
 * without one are grouped by the rules.
 */
#ifndef DMAOWN_SIM_MACHINE_H
#define DMAOWN_SIM_MACHINE_H

#include "alloc.h"
#include "machine.h"

/*
 * Builds a machine from facts, which it copies. `alloc` serves all that the hardware and the
 * mechanism allocate; NULL: the C library. -EINVAL: the facts break their invariants, name a bus
 * that is not simulated, bind a driver that the group's owner forbids, or have an id that can't be
 * read, and *why, which the caller frees, says which in one line; -ENOMEM: *why untouched. Undone
 * by machine_close().
 */
int sim_machine_open(const struct facts *facts, const struct sim_alloc *alloc, struct machine **out,
		     char **why);

/*
 * Checks the invariants of mechanism.md, section 4, and isolation: what each device's requester can
 * read and write now is exactly what the current domain of its group allows. -EINVAL, and one line
 * in *why, which the caller frees: what is broken. -ENOMEM. No operation may be running.
 */
int sim_machine_check(struct machine *machine, char **why);

#endif
