/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "diagnosis_check.h"
#include "diagnosis_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool always(const struct facts *facts)
{
	return true;
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

static const struct {
	enum verdict verdict;
	enum exit_code code;
} rulings[] = {
	[FINE] = {VERDICT_OK, EXIT_DONE},
	[UNKNOWN] = {VERDICT_UNKNOWN, EXIT_DONE},
	[UNDECIDED] = {VERDICT_UNKNOWN, EXIT_FAILED},
	[WARNS] = {VERDICT_WARNS, EXIT_DONE},
	[UNSUPPORTED] = {VERDICT_BLOCKS, EXIT_ABSENT},
	[FORBIDDEN] = {VERDICT_BLOCKS, EXIT_NOT_PERMITTED},
	[BROKEN] = {VERDICT_BLOCKS, EXIT_FAILED},
};

static int apply_row(struct diagnosis *diagnosis, const struct facts *facts,
		     const struct check *check, const struct check_row *row)
{
	const struct finding finding = {
		.check = check->name,
		.thing = check->thing,
		.verdict = rulings[row->ruling].verdict,
		.code = rulings[row->ruling].code,
		.reason = row->reason,
		.remedy = row->remedy,
	};

	if (finding.verdict != VERDICT_UNKNOWN)
		return diagnosis_add(diagnosis, &finding);
	return diagnosis_add_unknown(diagnosis, &finding,
				     host_facts_hidden_by(diagnosed_host(facts), row->fact));
}

int apply_check(struct diagnosis *diagnosis, const struct facts *facts, const struct check *check)
{
	for (size_t i = 0; i < check->row_count; i++) {
		if (check->rows[i].applies(facts))
			return apply_row(diagnosis, facts, check, &check->rows[i]);
	}
	return 0;
}
