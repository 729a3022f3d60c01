/* SPDX-License-Identifier: MIT */
/* Going forward and back in the tree of executions, and looking at where they end. */
#ifndef DMAOWN_EXPLORE_WALK_H
#define DMAOWN_EXPLORE_WALK_H

#include "engine.h"

/* Brings every thread to its first point. -ENOMEM, as the next one. */
int walk_begin(struct engine *engine);

/* Lets a thread that could go on take a step, and looks at all that comes of it. */
int walk_forward(struct engine *engine, unsigned int thread);

/* Undoes the latest step. */
void walk_back(struct engine *engine);

#endif
