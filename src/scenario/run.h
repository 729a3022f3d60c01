/* SPDX-License-Identifier: MIT */
/* Running a scenario on a machine, simulated or live, step after step in the order of the file. */
#ifndef DMAOWN_SCENARIO_RUN_H
#define DMAOWN_SCENARIO_RUN_H

#include "timeline.h"

/*
 * Looks whether the scenario can start on the machine that `facts` are of. If not, *why, which the
 * caller frees, says in one line what is missing, and the result is:
 * -ENODEV: a device, a driver that is bound, or a group as the scenario has it is not there;
 * -EOPNOTSUPP: the scenario is for the other kind of machine, or brings drivers to a live one, or
 * would have a live one wait for ever;
 * -ESTALE: a device's driver is not the one that it starts with. -ENOMEM: *why is untouched.
 */
int scenario_fits(const struct scenario *scenario, const struct facts *facts, char **why);

/*
 * Looks into a machine deeper than its interface can: -EINVAL and one line in *why, which the
 * caller frees, if an invariant is broken; -ENOMEM. sim_machine_check() is one.
 */
typedef int machine_inspection(struct machine *machine, char **why);

/*
 * Runs every step, also when one came out otherwise, sees what came of it, closes the group files
 * that are open still, and looks at what is to hold in the end. Otherwise the machine is left as
 * the steps left it; scripted drivers stay. Where the scenario asks for the invariants, `inspect`,
 * which may be NULL, is asked too. *out, which borrows the scenario, is released with
 * timeline_release(). Fails as scenario_fits() before anything was done; with what reading the
 * machine or adding a driver gave (*why says so), or -ENOMEM (*why untouched), also later: the
 * group files are closed then. *out is untouched on failure.
 */
int scenario_run(const struct scenario *scenario, struct machine *machine,
		 machine_inspection *inspect, struct timeline *out, char **why);

#endif
