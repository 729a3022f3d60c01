/* SPDX-License-Identifier: MIT */
/* Whether a claim still has what it was given. */
#include "errname.h"
#include "handover.h"

#include <errno.h>
#include <string.h>

/* The driver that the claim's device is on while the claim lasts; NULL: it is not looked at. */
static const char *expected(const struct record_device *device)
{
	if (device->to)
		return device->to;
	return device->treatment == TREATMENT_FREE ? "" : NULL;
}

static int inspect_device(struct handover *handover, struct record *record, size_t place,
			  struct troubles *troubles)
{
	const struct record_device *device = &record->devices[place];
	const struct device_progress *progress = &record->progress[place];
	const char *wanted = expected(device);

	if (device->lost) {
		trouble(troubles, device->address, "is another claim's by now");
		return -ESTALE;
	}
	if (!wanted)
		return 0;
	switch (record_look(handover->machine, record, place)) {
	case HIDDEN:
		trouble(troubles, device->address, "can't be looked at: %s",
			errno_name(progress->error));
		return progress->error;
	case GONE:
		trouble(troubles, device->address, "has gone");
		return -ESTALE;
	case REPLACED:
		trouble(troubles, device->address, "has gone, and another device has its address");
		return -ESTALE;
	default:
		break;
	}
	if (strcmp(progress->driver.text, wanted) == 0)
		return 0;
	trouble(troubles, device->address, "is on %s instead of %s",
		*progress->driver.text ? progress->driver.text : "no driver",
		*wanted ? wanted : "no driver");
	return -ESTALE;
}

int handover_inspect(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	struct record *record = &entry->record;
	int worst = 0;

	for (size_t i = 0; i < record->device_count && record->held; i++) {
		int err = inspect_device(handover, record, i, troubles);

		if (err && (!worst || worst == -ESTALE))
			worst = err;
	}
	return worst;
}
