/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "diagnosis_check.h"
#include "complain.h"
#include "diagnosis_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool always(const struct facts *facts)
{
	return true;
}

int diagnosis_add_unknown(struct diagnosis *diagnosis, const struct remark *remark, int hidden_by)
{
	struct remark copy = *remark;
	char *reason;
	int err;

	if (asprintf(&reason, "%s: %s", remark->reason,
		     hidden_by ? strerror(-hidden_by) : "nobody looked") < 0)
		return -ENOMEM;
	copy.reason = reason;
	copy.gravity = GRAVITY_UNKNOWN;
	if (copy.code != EXIT_DONE && hidden_by_permission(hidden_by))
		copy.code = EXIT_NOT_PERMITTED;
	err = diagnosis_add(diagnosis, &copy);
	free(reason);
	return err;
}

static const struct {
	enum gravity gravity;
	enum exit_code code;
} rulings[] = {
	[FINE] = {GRAVITY_OK, EXIT_DONE},
	[UNKNOWN] = {GRAVITY_UNKNOWN, EXIT_DONE},
	[UNDECIDED] = {GRAVITY_UNKNOWN, EXIT_FAILED},
	[WARNS] = {GRAVITY_WARNS, EXIT_DONE},
	[UNSUPPORTED] = {GRAVITY_BLOCKS, EXIT_ABSENT},
	[FORBIDDEN] = {GRAVITY_BLOCKS, EXIT_NOT_PERMITTED},
	[BROKEN] = {GRAVITY_BLOCKS, EXIT_FAILED},
};

static int apply_row(struct diagnosis *diagnosis, const struct facts *facts,
		     const struct check *check, const struct check_row *row)
{
	const struct remark remark = {
		.check = check->name,
		.thing = check->thing,
		.gravity = rulings[row->ruling].gravity,
		.code = rulings[row->ruling].code,
		.reason = row->reason,
		.remedy = row->remedy,
	};

	if (remark.gravity != GRAVITY_UNKNOWN)
		return diagnosis_add(diagnosis, &remark);
	return diagnosis_add_unknown(diagnosis, &remark,
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
