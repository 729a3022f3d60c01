/* SPDX-License-Identifier: MIT */
/*
 * What every machine must answer: one table of cases, for the simulated machine and the host alike.
 *
 * The cases are written for the machine of tests/vm/topologies/testbed: a group of a bridge, two
 * e1000 and an edu without a driver, two e1000e in groups of their own, and an NVMe controller. A
 * case puts the machine into the state that it begins with, and leaves it as it ends.
 */
#ifndef DMAOWN_TESTS_MACHINE_CONFORMANCE_H
#define DMAOWN_TESTS_MACHINE_CONFORMANCE_H

#include "machine.h"

#include <stddef.h>

struct step;

/* Native drivers everywhere, or the group of three ready to be opened by a user. */
enum beginning { BEGIN_NATIVE, BEGIN_USER, BEGINNINGS };

/* The kernels that a case is for, where their answers differ, or where an old one does not survive
 * it (kernel_answers.h); a kernel of which the machine does not tell the release is taken for a new
 * one. */
enum kernels { ALL_KERNELS, BEFORE_6_4, SINCE_6_4 };

struct conformance_case {
	const char *name;
	enum beginning begin;
	const struct step *steps; /* ends with one that is all zero */
	enum kernels kernels;
};

extern const struct conformance_case conformance_cases[];
extern const size_t conformance_case_count;

/* Stores which kernels' cases are for this machine, by the release that it tells; errnos of
 * machine_read(). */
int conformance_kernels(struct machine *machine, enum kernels *out);

/* Runs the case and closes what it opened. -EINVAL, and *why, which the caller frees, says which
 * step came out otherwise, or that the machine can't be put into the state to begin with. */
int conformance_run(const struct conformance_case *one, struct machine *machine, char **why);

/* Puts the machine back to native drivers. -EINVAL as above. */
int conformance_end(struct machine *machine, char **why);

#endif
