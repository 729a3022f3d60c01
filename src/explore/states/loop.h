/* SPDX-License-Identifier: MIT */
/* Schedules that never end. */
#ifndef DMAOWN_EXPLORE_LOOP_H
#define DMAOWN_EXPLORE_LOOP_H

#include "search.h"

/* Every state has been seen: looks for a way around, and stores it as what the exploration has
 * found. -ENOMEM. */
int loop_find(struct search *search);

#endif
