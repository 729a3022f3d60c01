/* SPDX-License-Identifier: MIT */
/*
 * Steps that fail on demand: every operation of a machine, and every system call by which the
 * journal is written (a program with the dependency `failing_steps` has its own sent here by the
 * linker). A sweep counts the steps of something that works, and then has each of them fail.
 */
#ifndef DMAOWN_TESTS_HANDOVER_FAILING_STEPS_H
#define DMAOWN_TESTS_HANDOVER_FAILING_STEPS_H

#include "machine.h"

enum fate {
	FATE_WORK,
	FATE_FAIL, /* the step is not done and fails, once */
	FATE_DIE,  /* it is the last that is done: as if the process were killed after it */
};

/* Steps are counted from 1 from now on; `step` is the one with that fate. */
void steps_begin(enum fate fate, unsigned int step);

/* The errno with which a step fails, from now on: EIO unless another is given. */
void steps_fail_with(int error);

/* Ends it, and tells how many steps there were. */
unsigned int steps_end(void);

/* From now on the device, borrowed, can't be looked at, with that errno; NULL: all can. */
void steps_hide(const char *device, int error);

/* The machine, with steps that can fail; `inner` stays the caller's. */
struct machine *failing_machine(struct machine *inner);
void failing_machine_free(struct machine *machine);

#endif
