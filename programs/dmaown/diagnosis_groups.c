/* SPDX-License-Identifier: MIT */
/* Groups that no user may have, as the firmware keeps 1:1 regions of memory for them. */
#include "diagnosis_check.h"
#include "diagnosis_parts.h"

#include <stdio.h>

enum { NAME_SIZE = 32, WORDS_SIZE = 128 };

static int judge_group(struct diagnosis *diagnosis, const struct group_facts *group)
{
	char thing[NAME_SIZE];
	const struct remark remark = {
		.check = "direct-regions",
		.thing = thing,
		.gravity = GRAVITY_WARNS,
		.reason = "the firmware uses memory of it (1:1 regions), so no user may have it",
		.remedy = "choose another device, or turn off in the firmware's setup what uses "
			  "that memory",
	};

	snprintf(thing, sizeof(thing), "group %d", group->id);
	return diagnosis_add(diagnosis, &remark);
}

/* A group of which it is not known may be one that no user can have. */
static int judge_unread_groups(struct diagnosis *diagnosis, const struct facts *facts)
{
	char reason[WORDS_SIZE];
	const struct remark remark = {
		.check = "direct-regions", .thing = "groups", .reason = reason};
	size_t unread = 0;

	for (size_t i = 0; i < facts->group_count; i++)
		unread += facts->groups[i].direct_regions == KNOWN_NOT;
	if (!unread)
		return 0;
	snprintf(reason, sizeof(reason), "not known for %zu whether the firmware uses memory of it",
		 unread);
	return diagnosis_add_unknown(diagnosis, &remark, 0);
}

int judge_groups(struct diagnosis *diagnosis, const struct facts *facts)
{
	static const struct remark none = {.check = "direct-regions",
					   .thing = "groups",
					   .reason = "the firmware keeps none for itself"};
	size_t free = 0;
	int err = 0;

	for (size_t i = 0; !err && i < facts->group_count; i++) {
		free += facts->groups[i].direct_regions == KNOWN_NO;
		if (facts->groups[i].direct_regions == KNOWN_YES)
			err = judge_group(diagnosis, &facts->groups[i]);
	}
	if (!err && free && free == facts->group_count)
		err = diagnosis_add(diagnosis, &none);
	return err ? err : judge_unread_groups(diagnosis, facts);
}
