/* SPDX-License-Identifier: MIT */
/*
 * Fibers: stacks that take turns on one thread.
 *
 * A fiber that is not running is known by its stack pointer alone: all registers that a call keeps
 * lie on its stack, so that the bytes from there to the stack's top are all of it, and can be
 * copied away and put back at the same place. Where this is not written for a processor, ucontext
 * serves, which keeps its registers on the same stack.
 */
#ifndef DMAOWN_EXPLORE_FIBER_H
#define DMAOWN_EXPLORE_FIBER_H

#include <stddef.h>

/*
 * Prepares a stack, which ends at `top` (16-byte aligned), to run `entry` when it is switched to
 * first; entry never returns. Gives the stack pointer.
 */
void *fiber_prepare(void *top, void (*entry)(void));

/* Leaves this stack, storing its pointer, and goes on with the other. */
void fiber_switch(void **leave, void *enter);

#endif
