/* SPDX-License-Identifier: MIT */
/* Findings: how they are kept, what follows from all of them, and how they are written. */
#define _GNU_SOURCE
#include "diagnosis.h"
#include "facts_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies the words of a finding into one allocation, which they then lie in; NULL: no memory. */
static char *pack(struct finding *finding)
{
	size_t thing = strlen(finding->thing) + 1, reason = strlen(finding->reason) + 1;
	size_t remedy = finding->remedy ? strlen(finding->remedy) + 1 : 0;
	char *words = malloc(thing + reason + remedy);

	if (!words)
		return NULL;
	finding->thing = memcpy(words, finding->thing, thing);
	finding->reason = memcpy(words + thing, finding->reason, reason);
	if (remedy)
		finding->remedy = memcpy(words + thing + reason, finding->remedy, remedy);
	return words;
}

int diagnosis_add(struct diagnosis *diagnosis, const struct finding *finding)
{
	size_t room = diagnosis->count + 1;
	struct finding *findings, copy = *finding;
	char **words;

	findings = reallocarray(diagnosis->findings, room, sizeof(*findings));
	if (!findings)
		return -ENOMEM;
	diagnosis->findings = findings;
	words = reallocarray(diagnosis->words, room, sizeof(*words));
	if (!words)
		return -ENOMEM;
	diagnosis->words = words;
	words[diagnosis->count] = pack(&copy);
	if (!words[diagnosis->count])
		return -ENOMEM;
	findings[diagnosis->count++] = copy;
	return 0;
}

void diagnosis_release(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++)
		free(diagnosis->words[i]);
	free(diagnosis->words);
	free(diagnosis->findings);
	memset(diagnosis, 0, sizeof(*diagnosis));
}

enum exit_code diagnosis_code(const struct diagnosis *diagnosis)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (finding->code == EXIT_DONE || code == EXIT_ABSENT)
			continue;
		if (code == EXIT_DONE || finding->code == EXIT_ABSENT)
			code = finding->code;
		else if (code != finding->code)
			code = EXIT_FAILED;
	}
	return code;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_WARNS] = "warns",
		[VERDICT_BLOCKS] = "blocks",
	};

	return names[verdict];
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o}", "check", finding->check, "thing",
			 text_to_json(finding->thing), "verdict", verdict_name(finding->verdict),
			 "reason", text_to_json(finding->reason), "remedy",
			 text_to_json(finding->remedy));
}

json_t *diagnosis_to_json(const struct diagnosis *diagnosis)
{
	json_t *findings = json_array();
	int err = findings ? 0 : -1;

	for (size_t i = 0; !err && i < diagnosis->count; i++)
		err = json_array_append_new(findings, finding_json(&diagnosis->findings[i]));
	if (!err)
		return json_pack("{s:o}", "findings", findings);
	json_decref(findings);
	return NULL;
}
