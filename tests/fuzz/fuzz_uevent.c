/* SPDX-License-Identifier: MIT */
/* Uevents. Whatever the bytes, reading ends within them, and what is found is below /sys. */
#include "uevents.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Bytes of their own, so that a step beyond them is seen. */
	char *message = malloc(size ? size : 1);
	struct uevent uevent;

	if (!message)
		abort();
	memcpy(message, data, size);
	if (uevent_parse(message, size, &uevent) == 0 &&
	    (strncmp(uevent.syspath, "/sys/", 5) != 0 ||
	     strlen(uevent.syspath) >= sizeof(uevent.syspath) ||
	     strlen(uevent.subsystem) >= sizeof(uevent.subsystem)))
		abort();
	free(message);
	return 0;
}
