/* SPDX-License-Identifier: MIT */
#include "pace.h"

#include <time.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void pace_begin(struct pace *pace)
{
	*pace = (struct pace) {.begin = now()};
}

double pace_seconds(const struct pace *pace)
{
	return now() - pace->begin;
}

void pace_tell(struct pace *pace, const struct explore_options *options,
	       const struct explore_progress *covered)
{
	if (!options->progress || covered->seconds < pace->told + 1)
		return;
	pace->told = covered->seconds;
	options->progress(options->context, covered);
}

enum explore_bound bound_reached(const struct explore_options *options,
				 const struct explore_progress *covered)
{
	if (options->stop && *options->stop)
		return BOUND_INTERRUPTED;
	if (options->max_states && covered->states >= options->max_states)
		return BOUND_STATES;
	if (options->max_memory && covered->memory >= options->max_memory)
		return BOUND_MEMORY;
	if (options->max_seconds > 0 && covered->seconds >= options->max_seconds)
		return BOUND_TIME;
	return BOUND_NONE;
}
