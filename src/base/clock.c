/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <time.h>

long clock_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void clock_rest(long milliseconds)
{
	const struct timespec pause = {.tv_sec = milliseconds / 1000,
				       .tv_nsec = milliseconds % 1000 * 1000000};

	nanosleep(&pause, NULL);
}
