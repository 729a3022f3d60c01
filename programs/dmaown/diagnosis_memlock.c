/* SPDX-License-Identifier: MIT */
/* How much memory may be locked, and so be mapped for DMA. */
#include "diagnosis_check.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The kernel's limit of locked memory for those to whom nobody gave another. */
#define DEFAULT_MEMLOCK (8LL << 20)

enum { WORDS_SIZE = 128 };

/* A limit above the kernel's default is one that somebody chose. */
int judge_memlock(struct diagnosis *diagnosis, const struct facts *facts)
{
	int64_t limit = diagnosed_host(facts)->memlock;
	char reason[WORDS_SIZE];
	struct remark remark = {.check = "memlock", .thing = "locked memory", .reason = reason};

	if (limit == MEMLOCK_NOT_KNOWN) {
		remark.reason = "not known how much may be locked";
		return diagnosis_add_unknown(
			diagnosis, &remark, host_facts_hidden_by(diagnosed_host(facts), "memlock"));
	}
	if (limit == MEMLOCK_UNLIMITED) {
		remark.reason = "not limited";
	} else {
		snprintf(reason, sizeof(reason), "limited to %" PRId64 " KiB", limit / 1024);
	}
	if (limit >= 0 && limit <= DEFAULT_MEMLOCK) {
		remark.gravity = GRAVITY_WARNS;
		strcat(reason, ": without CAP_IPC_LOCK, mapping more for DMA fails with ENOMEM");
		remark.remedy = "ulimit -l unlimited; or LimitMEMLOCK=infinity in the unit of a "
				"service, memlock in /etc/security/limits.conf for users";
	}
	return diagnosis_add(diagnosis, &remark);
}
