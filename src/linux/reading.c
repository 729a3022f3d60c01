/* SPDX-License-Identifier: MIT */
#include "reading.h"
#include "sysfs.h"

#include <errno.h>
#include <string.h>

struct answer exists_within(const struct reading *reading, const char *around, const char *path)
{
	struct answer there = sysfs_exists(reading->root, path), folder;

	if (!answer_is_no(there))
		return there;
	folder = sysfs_exists(reading->root, around);
	if (answer_is_yes(folder))
		return there;
	return answer_hidden(answer_is_no(folder) ? -ENOENT : folder.hidden_by);
}

int set_fact(struct host_facts *host, const char *key, enum known *fact, struct answer answer)
{
	*fact = answer.known;
	if (answer.known != KNOWN_NOT || !answer.hidden_by)
		return 0;
	return host_facts_hide(host, key, answer.hidden_by);
}

bool bus_has_devices(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
}

int set_text(char **out, const char *text)
{
	return *text ? facts_set_string(out, text) : 0;
}
