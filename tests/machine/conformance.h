/* SPDX-License-Identifier: MIT */
/*
 * What every machine must answer: one table of cases, for the simulated machine and the host alike.
 *
 * The cases are written for the machine of tests/vm/topologies/testbed: a group of a bridge, two
 * e1000 and an edu without a driver, two e1000e in groups of their own, and an NVMe controller. A
 * case begins and ends with native drivers bound, no overrides and no group open.
 */
#ifndef DMAOWN_TESTS_MACHINE_CONFORMANCE_H
#define DMAOWN_TESTS_MACHINE_CONFORMANCE_H

#include "machine.h"

#include <stddef.h>

struct step;

struct conformance_case {
	const char *name;
	const struct step *steps; /* ends with one that is all zero */
};

extern const struct conformance_case conformance_cases[];
extern const size_t conformance_case_count;

/*
 * Runs the case and puts the machine back. -EINVAL, and *why, which the caller frees, says which
 * step came out otherwise, or what could not be put back; else what reading the machine gives.
 */
int conformance_run(const struct conformance_case *one, struct machine *machine, char **why);

#endif
