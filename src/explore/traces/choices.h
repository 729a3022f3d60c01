/* SPDX-License-Identifier: MIT */
/*
 * What is to be tried at a node: one thread, and then what races in the executions that came of it
 * call for. If two steps could be turned around, one of those threads is to be tried at the node
 * before the first that can come first then. A thread that was tried is *asleep* in what comes
 * behind its node, until a step that depends on its point: all that begins with it has been seen.
 */
#ifndef DMAOWN_EXPLORE_CHOICES_H
#define DMAOWN_EXPLORE_CHOICES_H

#include "engine.h"

/* For each race there is to be an execution in which it is turned around. */
void choices_turn_around(struct engine *engine, unsigned int thread, const struct races *races);

/*
 * The latest step blocks threads that could have gone on instead of it, or its thread has come to a
 * point at which it is blocked itself. Whether they can go on later or not, they race with what
 * blocks them.
 */
void choices_turn_blocked_around(struct engine *engine);

/* What an execution that broke would have raced with is not known: everything is to be tried. */
void choices_try_everything(struct engine *engine);

/* What a node tries first; the thread that is at work anyway, if it can go on. */
unsigned int choices_first(const struct engine *engine, const struct node *node);

/* The next thread to be tried here, or NO_THREAD. */
int choices_next(struct engine *engine);

/* Those that sleep on behind the thread's next step. */
unsigned int choices_asleep_behind(const struct engine *engine, unsigned int thread);

#endif
