/* SPDX-License-Identifier: MIT */
#include "phase.h"

#include <errno.h>

void phase_init(struct phase *phase, struct handover *handover, struct record *record)
{
	*phase = (struct phase) {.handover = handover, .record = record};
}

void phase_add(struct phase *phase, enum change_kind kind, size_t place, const char *driver)
{
	phase->record->changes[phase->count++] = (struct change) {
		.kind = kind, .device = phase->record->devices[place].address, .driver = driver};
}

static struct device_progress *progress_of(const struct phase *phase, const struct change *change)
{
	const struct record *record = phase->record;
	size_t i = 0;

	while (record->devices[i].address != change->device)
		i++;
	return &record->progress[i];
}

void phase_run(struct phase *phase)
{
	struct change *changes = phase->record->changes;

	machine_change_all(phase->handover->machine, changes, phase->count,
			   phase->handover->patience);
	phase->failed = 0;
	for (size_t i = 0; i < phase->count; i++) {
		struct device_progress *progress = progress_of(phase, &changes[i]);

		progress->error = changes[i].result;
		progress->stuck |= changes[i].result == -ETIMEDOUT;
		phase->failed += changes[i].result != 0;
	}
	phase->made = phase->count;
	phase->count = 0;
}
