/* SPDX-License-Identifier: MIT */
/* Findings: how they are kept, what follows from all of them, and how they are written. */
#define _GNU_SOURCE
#include "diagnosis.h"
#include "array.h"
#include "complain.h"
#include "facts_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies the words of a remark into one allocation, which they then lie in; NULL: no memory. */
static char *pack(struct remark *remark)
{
	size_t thing = strlen(remark->thing) + 1, reason = strlen(remark->reason) + 1;
	size_t remedy = remark->remedy ? strlen(remark->remedy) + 1 : 0;
	char *words = malloc(thing + reason + remedy);

	if (!words)
		return NULL;
	remark->thing = memcpy(words, remark->thing, thing);
	remark->reason = memcpy(words + thing, remark->reason, reason);
	if (remedy)
		remark->remedy = memcpy(words + thing + reason, remark->remedy, remedy);
	return words;
}

int diagnosis_add(struct diagnosis *diagnosis, const struct remark *remark)
{
	struct remark *remarks, copy = *remark;
	char **words;

	remarks = array_with_room(diagnosis->remarks, diagnosis->count, sizeof(*remarks));
	if (!remarks)
		return -ENOMEM;
	diagnosis->remarks = remarks;
	words = array_with_room(diagnosis->words, diagnosis->count, sizeof(*words));
	if (!words)
		return -ENOMEM;
	diagnosis->words = words;
	words[diagnosis->count] = pack(&copy);
	if (!words[diagnosis->count])
		return -ENOMEM;
	remarks[diagnosis->count++] = copy;
	return 0;
}

void diagnosis_release(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++)
		free(diagnosis->words[i]);
	free(diagnosis->words);
	free(diagnosis->remarks);
	memset(diagnosis, 0, sizeof(*diagnosis));
}

enum exit_code diagnosis_code(const struct diagnosis *diagnosis)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct remark *remark = &diagnosis->remarks[i];

		if (remark->code == EXIT_DONE || code == EXIT_ABSENT)
			continue;
		if (code == EXIT_DONE || remark->code == EXIT_ABSENT)
			code = remark->code;
		else if (code != remark->code)
			code = EXIT_FAILED;
	}
	return code;
}

const char *gravity_name(enum gravity gravity)
{
	static const char *const names[] = {
		[GRAVITY_OK] = "ok",
		[GRAVITY_UNKNOWN] = "unknown",
		[GRAVITY_WARNS] = "warns",
		[GRAVITY_BLOCKS] = "blocks",
	};

	return names[gravity];
}

static json_t *remark_json(const struct remark *remark)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o}", "check", remark->check, "thing",
			 text_to_json(remark->thing), "verdict", gravity_name(remark->gravity),
			 "reason", text_to_json(remark->reason), "remedy",
			 text_to_json(remark->remedy));
}

json_t *diagnosis_to_json(const struct diagnosis *diagnosis)
{
	json_t *remarks = json_array();
	int err = remarks ? 0 : -1;

	for (size_t i = 0; !err && i < diagnosis->count; i++)
		err = json_array_append_new(remarks, remark_json(&diagnosis->remarks[i]));
	if (!err)
		return json_pack("{s:o}", "findings", remarks);
	json_decref(remarks);
	return NULL;
}
