/* SPDX-License-Identifier: MIT */
/* The way to a violation. */
#ifndef DMAOWN_EXPLORE_PATH_H
#define DMAOWN_EXPLORE_PATH_H

#include "search.h"

/* Stores, as the exploration's, the schedule to one of the violations' places: a shortest one, with
 * the fewest switches. -ENOMEM. */
int path_find(struct search *search);

#endif
