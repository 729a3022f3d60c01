/* SPDX-License-Identifier: MIT */
/*
 * What keeps a machine from handing out a group, judged from its facts alone.
 *
 * A *check* is one question ("is there an IOMMU?"); a *remark* is its answer about one thing. There
 * is a remark also if all is fine, and if the facts do not say. A check that has no meaning here
 * (interrupt remapping without an IOMMU) makes no remark.
 */
#ifndef DMAOWN_DMAOWN_DIAGNOSIS_H
#define DMAOWN_DMAOWN_DIAGNOSIS_H

#include "complain.h"
#include "facts.h"

#include <jansson.h>

enum gravity {
	GRAVITY_OK,
	GRAVITY_UNKNOWN, /* the facts do not tell */
	GRAVITY_WARNS,   /* a group can be handed out, but mind this */
	GRAVITY_BLOCKS,  /* none can */
};

struct remark {
	const char *check; /* one of few words, for programs */
	const char *thing; /* what it is about, for people */
	enum gravity gravity;
	enum exit_code code; /* of a host on which nothing but this blocks, or is not known and
			      * decides; DONE if it does neither */
	const char *reason;  /* what is so */
	const char *remedy;  /* what to do; NULL if there is nothing to be done */
};

/*
 * Remarks in the order of the checks, and their words: `check` is static, the others lie in
 * `words`. Begins zeroed; undone by diagnosis_release().
 */
struct diagnosis {
	struct remark *remarks;
	char **words; /* one allocation for each remark */
	size_t count;
};

/* Adds the remarks of every check on the facts. -ENOMEM: some may be missing. */
int diagnose(struct diagnosis *diagnosis, const struct facts *facts);

/* Adds a copy of one remark. -ENOMEM: nothing was added. */
int diagnosis_add(struct diagnosis *diagnosis, const struct remark *remark);

void diagnosis_release(struct diagnosis *diagnosis);

/* EXIT_DONE: nothing blocks, and all that decides is known; EXIT_ABSENT: something is not supported
 * here; EXIT_NOT_PERMITTED: permission is all that is missing; else EXIT_FAILED. */
enum exit_code diagnosis_code(const struct diagnosis *diagnosis);

/* "ok", "unknown", "warns", "blocks". */
const char *gravity_name(enum gravity gravity);

/* {"findings": [{"check", "verdict", "thing", "reason", "remedy"}]}; NULL: out of memory. */
json_t *diagnosis_to_json(const struct diagnosis *diagnosis);

#endif
