/* SPDX-License-Identifier: MIT */
/* What bounds an exploration from outside, and how whoever waits for it is told where it is. */
#ifndef DMAOWN_EXPLORE_PACE_H
#define DMAOWN_EXPLORE_PACE_H

#include "explore.h"

/* When an exploration has begun, and how many seconds after that its progress was told last. */
struct pace {
	double begin, told;
};

void pace_begin(struct pace *pace);

/* Since it has begun. */
double pace_seconds(const struct pace *pace);

/* Tells what has been covered to whoever asked for it, once a second at most. */
void pace_tell(struct pace *pace, const struct explore_options *options,
	       const struct explore_progress *covered);

/* The option's bound that has been reached by what has been covered; NONE: none. */
enum explore_bound bound_reached(const struct explore_options *options,
				 const struct explore_progress *covered);

#endif
