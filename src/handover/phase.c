/* SPDX-License-Identifier: MIT */
#include "phase.h"

#include <errno.h>

void phase_init(struct phase *phase, struct handover *handover, struct record *record)
{
	*phase = (struct phase) {.handover = handover, .record = record};
	for (size_t i = 0; i < record->group_count; i++) {
		struct record_group *group = &record->groups[i];

		journal_guard(handover->journal, group->id, group->guard, sizeof(group->guard));
	}
}

void phase_add(struct phase *phase, enum change_kind kind, size_t place, const char *driver)
{
	const struct record_device *device = &phase->record->devices[place];

	phase->record->changes[phase->count++] =
		(struct change) {.kind = kind,
				 .device = device->address,
				 .driver = driver,
				 .place = place,
				 .guard = record_group(phase->record, device->group)->guard};
}

void phase_run(struct phase *phase)
{
	struct change *changes = phase->record->changes;

	machine_change_all(phase->handover->machine, changes, phase->count,
			   phase->handover->patience);
	phase->failed = 0;
	for (size_t i = 0; i < phase->count; i++) {
		struct device_progress *progress = &phase->record->progress[changes[i].place];

		progress->error = changes[i].result;
		progress->stuck |= changes[i].result == -ETIMEDOUT;
		phase->failed += changes[i].result != 0;
	}
	phase->made = phase->count;
	phase->count = 0;
}
