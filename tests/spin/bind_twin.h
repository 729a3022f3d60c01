/* SPDX-License-Identifier: MIT */
/*
 * The program of bind: the core itself, with one group and for each binding thread a device and a
 * native driver.
 */
#ifndef DMAOWN_TESTS_SPIN_BIND_TWIN_H
#define DMAOWN_TESTS_SPIN_BIND_TWIN_H

/* The threads that bind, the first ones; those after them claim. Set before bind_set_up(). */
extern unsigned int bind_threads;

int bind_set_up(void *context);
void bind_tear_down(void *context);
void bind_round(unsigned int thread);

#endif
