/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "array.h"
#include "handover.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void troubles_release(struct troubles *troubles)
{
	for (size_t i = 0; i < troubles->count; i++) {
		free(troubles->all[i].thing);
		free(troubles->all[i].reason);
	}
	free(troubles->all);
	*troubles = (struct troubles) {0};
}

void trouble(struct troubles *troubles, const char *thing, const char *format, ...)
{
	struct trouble *more = array_with_room(troubles->all, troubles->count, sizeof(*more));
	struct trouble made = {.thing = strdup(thing)};
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&made.reason, format, args);
	va_end(args);
	if (more)
		troubles->all = more;
	if (more && made.thing && length >= 0) {
		troubles->all[troubles->count++] = made;
		return;
	}
	free(made.thing);
	if (length >= 0)
		free(made.reason);
}
