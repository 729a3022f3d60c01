/* SPDX-License-Identifier: MIT */
/* The core's table of functions, over points. */
#ifndef DMAOWN_EXPLORE_ENV_H
#define DMAOWN_EXPLORE_ENV_H

#include <dmaown/core.h>

/*
 * Fills in the table, for the live execution: locks and memory are points, a broken lock rule is a
 * finding. `warn` as in the table. -ENOMEM. Outside of threads; undone by explored_env_free().
 */
int explored_env(struct dmaown_env *env,
		 void (*warn)(void *context, enum dmaown_warning warning, const char *object));
void explored_env_free(struct dmaown_env *env);

#endif
