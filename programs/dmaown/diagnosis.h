/* SPDX-License-Identifier: MIT */
/*
 * What keeps a machine from handing out a group, judged from its facts alone.
 *
 * A *check* is one question ("is there an IOMMU?"); a *finding* is its answer about one thing. What
 * is fine is a finding too, and so is what the facts do not tell; a check that is moot (interrupt
 * remapping without an IOMMU) gives none.
 */
#ifndef DMAOWN_DMAOWN_DIAGNOSIS_H
#define DMAOWN_DMAOWN_DIAGNOSIS_H

#include "command.h"
#include "facts.h"

#include <jansson.h>

enum verdict {
	VERDICT_OK,
	VERDICT_UNKNOWN, /* the facts do not tell */
	VERDICT_WARNS,   /* a group can be handed out, but mind this */
	VERDICT_BLOCKS,  /* none can */
};

struct finding {
	const char *check; /* one of few words, for programs */
	const char *thing; /* what it is about, for people */
	enum verdict verdict;
	enum exit_code code; /* of a host on which nothing but this blocks, or is not known and
			      * decides; DONE if it does neither */
	const char *reason;  /* what is so */
	const char *remedy;  /* what to do; NULL if there is nothing to be done */
};

/* Findings in the order of the checks, and their words: `check` is static, the others lie in
 * `words`. Begins zeroed; undone by diagnosis_release(). */
struct diagnosis {
	struct finding *findings;
	char **words; /* one allocation for each finding */
	size_t count;
};

/* Adds the findings of every check on the facts. -ENOMEM: some may be missing. */
int diagnose(struct diagnosis *diagnosis, const struct facts *facts);

/* Adds a copy of one finding. -ENOMEM: nothing was added. */
int diagnosis_add(struct diagnosis *diagnosis, const struct finding *finding);

void diagnosis_release(struct diagnosis *diagnosis);

/* EXIT_DONE: nothing blocks, and all that decides is known; EXIT_ABSENT: something is not supported
 * here; EXIT_NOT_PERMITTED: permission is all that is missing; else EXIT_FAILED. */
enum exit_code diagnosis_code(const struct diagnosis *diagnosis);

/* "ok", "unknown", "warns", "blocks". */
const char *verdict_name(enum verdict verdict);

/* {"findings": [{"check", "verdict", "thing", "reason", "remedy"}]}; NULL: out of memory. */
json_t *diagnosis_to_json(const struct diagnosis *diagnosis);

#endif
