/* SPDX-License-Identifier: MIT */
#include "watched.h"
#include "complain.h"
#include "what.h"

#include <stdlib.h>
#include <string.h>

static bool is_in(const struct facts *facts, const char *address, const struct facts_change *change)
{
	const struct device_facts *device = facts_device(facts, address);

	return device && device->group >= 0 &&
	       (device->group == change->group_before || device->group == change->group_after);
}

static bool concerns(const struct watched_part *part, const struct facts *before,
		     const struct facts *now, const struct facts_change *change)
{
	if (!part->address)
		return part->group == change->group_before || part->group == change->group_after;
	return (change->device && strcmp(change->device, part->address) == 0) ||
	       is_in(before, part->address, change) || is_in(now, part->address, change);
}

bool is_watched(const struct watched *watched, const struct facts *before, const struct facts *now,
		const struct facts_change *change)
{
	for (size_t i = 0; i < watched->count; i++) {
		if (concerns(&watched->parts[i], before, now, change))
			return true;
	}
	return watched->count == 0;
}

int watched_find(struct watched *watched, const struct facts *facts, char **names, size_t count)
{
	watched->parts = calloc(count + 1, sizeof(*watched->parts));
	if (!watched->parts)
		return complain_memory();
	for (size_t i = 0; i < count; i++) {
		struct watched_part *part = &watched->parts[watched->count];
		struct what what;
		int code = find_what(facts, names[i], &what);

		if (code != EXIT_DONE)
			return code;
		if (!what.device)
			part->group = what.group->id;
		else if (!(part->address = strdup(what.device->address)))
			return complain_memory();
		watched->count++;
	}
	return EXIT_DONE;
}

void watched_release(struct watched *watched)
{
	for (size_t i = 0; i < watched->count; i++)
		free(watched->parts[i].address);
	free(watched->parts);
}
