/* SPDX-License-Identifier: MIT */
/* Findings: how they are kept, what follows from all of them, and how they are written. */
#define _GNU_SOURCE
#include "diagnosis_parts.h"
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

int diagnosis_add_unknown(struct diagnosis *diagnosis, const struct finding *finding, int hidden_by)
{
	struct finding copy = *finding;
	char *reason;
	int err;

	if (asprintf(&reason, "%s: %s", finding->reason,
		     hidden_by ? strerror(-hidden_by) : "nobody looked") < 0)
		return -ENOMEM;
	copy.reason = reason;
	copy.verdict = VERDICT_UNKNOWN;
	if (copy.code != EXIT_DONE && hidden_by_permission(hidden_by))
		copy.code = EXIT_NOT_PERMITTED;
	err = diagnosis_add(diagnosis, &copy);
	free(reason);
	return err;
}

static int apply_rule(struct diagnosis *diagnosis, const struct facts *facts,
		      const struct rule *rule)
{
	if (rule->finding.verdict != VERDICT_UNKNOWN)
		return diagnosis_add(diagnosis, &rule->finding);
	return diagnosis_add_unknown(diagnosis, &rule->finding,
				     host_facts_hidden_by(diagnosed_host(facts), rule->fact));
}

int apply_rules(struct diagnosis *diagnosis, const struct facts *facts, const struct rule *rules,
		size_t count)
{
	const char *answered = "";
	int err = 0;

	for (size_t i = 0; !err && i < count; i++) {
		if (strcmp(rules[i].finding.check, answered) == 0 || !rules[i].applies(facts))
			continue;
		answered = rules[i].finding.check;
		err = apply_rule(diagnosis, facts, &rules[i]);
	}
	return err;
}

int diagnose(struct diagnosis *diagnosis, const struct facts *facts)
{
	static int (*const judges[])(struct diagnosis * diagnosis, const struct facts *facts) = {
		judge_iommu, judge_ungrouped, judge_kernel,  judge_vfio,  judge_permission,
		judge_sight, judge_drivers,   judge_memlock, judge_groups};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(judges) / sizeof(*judges); i++)
		err = judges[i](diagnosis, facts);
	return err;
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
