/* SPDX-License-Identifier: MIT */
/*
 * A scenario as a subject: the core's own code with small buses, drivers, an IOMMU and group files
 * about it, all of them in the arena.
 *
 * The stage has what the scenario names: its devices and whoever else is in their groups, the
 * drivers that it binds, one IOMMU whose hardware is a table of domains and what each device is
 * attached to. Group files are VFIO's (mechanism.md, section 3): opened by one, revoked when the
 * last user driver leaves the group, and a device that is open makes its unbind wait.
 *
 * What is looked at in every state does not ask the core who owns what, but the stage: which native
 * drivers are at work (from a probe that succeeded to the begin of its remove), which files have
 * their group claimed, and where the hardware sends each device's DMA. So other designs of the
 * ownership are judged by what they let happen. For a design that keeps the core's count and owner
 * the core's own invariants are looked at too, wherever the locks that guard them are free.
 */
#ifndef DMAOWN_EXPLORE_STAGE_H
#define DMAOWN_EXPLORE_STAGE_H

#include "designs/design.h"
#include "facts.h"
#include "scenario.h"
#include "subject.h"

struct stage;

/*
 * Makes the stage for a scenario that fits the machine of the facts (scenario_fits()); borrows all
 * three. `design` NULL: the shipped one. -EOPNOTSUPP: the scenario has what can't be explored;
 * -EINVAL: too many threads, or the design doesn't fit the scenario: *why, which the caller frees,
 * says it in one line. -ENOMEM. Undone by stage_destroy(), after whatever explores its subject.
 */
int stage_create(const struct scenario *scenario, const struct facts *facts,
		 const struct design *design, struct stage **out, char **why);
void stage_destroy(struct stage *stage);

/* What setting up failed with, in words, after an exploration that failed so; NULL: nothing. */
const char *stage_why(const struct stage *stage);

/* The stage's threads, and its checks. The stage's own. */
const struct subject *stage_subject(const struct stage *stage);

#endif
