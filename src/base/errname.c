/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "errname.h"

#include <errno.h>
#include <string.h>

/* Linux numbers its errnos up to here (EHWPOISON); the few beyond are the kernel's own. */
#define LAST_ERRNO 133

const char *errno_name(int err)
{
	int positive = err < 0 ? -err : err;
	const char *name;

	if (positive == EPROBE_DEFER)
		return "EPROBE_DEFER";
	name = strerrorname_np(positive);
	return name ? name : "E?";
}

int errno_from_name(const char *name, int *err)
{
	if (strcmp(name, "EPROBE_DEFER") == 0) {
		*err = EPROBE_DEFER;
		return 0;
	}
	for (int candidate = 0; candidate <= LAST_ERRNO; candidate++) {
		const char *known = strerrorname_np(candidate);

		if (known && strcmp(known, name) == 0) {
			*err = candidate;
			return 0;
		}
	}
	return -EINVAL;
}
