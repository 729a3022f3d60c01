/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "refusal_words.h"
#include "complain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int complain_troubles(int code, struct troubles *troubles)
{
	for (size_t i = 0; i < troubles->count; i++)
		complain(code, troubles->all[i].thing, "%s", troubles->all[i].reason);
	troubles_release(troubles);
	return code;
}

/* What is wrong in a word or two, what to do about it, and the exit code. Graver codes first. */
static const struct {
	const char *words, *remedy;
	int code;
} refusals[] = {
	[REFUSAL_NO_GROUP] = {"no IOMMU", "dmaown doctor says why", EXIT_ABSENT},
	[REFUSAL_DIRECT_REGIONS] = {"not supported", "dmaown show tells more", EXIT_ABSENT},
	[REFUSAL_NOTHING_TO_GIVE] = {"not supported", "dmaown show tells more", EXIT_ABSENT},
	[REFUSAL_NO_DRIVER] = {"not supported", "load its module; dmaown doctor says more",
			       EXIT_ABSENT},
	[REFUSAL_NATIVE_DRIVER] = {"not supported", "leave --driver out", EXIT_ABSENT},
	[REFUSAL_NO_USER_DRIVER] = {"not supported", "leave --driver out", EXIT_ABSENT},
	[REFUSAL_BUSY] = {"busy", "close it, or end the process that has it open", EXIT_OWNED},
	[REFUSAL_OWNED] = {"owned", "run dmaown release, or end the process that has it",
			   EXIT_OWNED},
	[REFUSAL_IN_USE] = {"in use", NULL, EXIT_IN_USE},
	[REFUSAL_VITAL] = {"in use", "the machine needs it to run, and no option takes it",
			   EXIT_IN_USE},
	[REFUSAL_UNKNOWN] = {"not known", "a claim takes nothing that is not known", EXIT_IN_USE},
	[REFUSAL_SILENT] = {"not known", "wake it, or power its slot off and on", EXIT_IN_USE},
	[REFUSAL_NOT_NAMED] = {"not named", "name it too if you want it", EXIT_IN_USE},
	[REFUSAL_VANISHED] = {"not there", "dmaown list shows all devices", EXIT_ABSENT},
	[REFUSAL_ISOLATES_NOTHING] = {"no IOMMU", "dmaown doctor says why", EXIT_ABSENT},
};

/* Permission is what somebody else may have more of. */
static const char *unknown_remedy(const struct refusal *refusal)
{
	return hidden_by_permission(refusal->hidden_by) && geteuid() != 0
		       ? "run dmaown as root"
		       : refusals[REFUSAL_UNKNOWN].remedy;
}

char *refusal_words(const struct refusal *refusal)
{
	const char *words = refusals[refusal->kind].words;
	char *text;
	int length;

	if (refusal->kind == REFUSAL_IN_USE)
		length = asprintf(&text, "%s: %s (--take %s%s%s to take it anyway)", words,
				  refusal->reason, refusal->shared ? refusal->device : "",
				  refusal->shared ? "/" : "", refusal->name);
	else if (refusal->kind == REFUSAL_UNKNOWN)
		length = asprintf(&text, "%s: %s (%s)", words, refusal->reason,
				  unknown_remedy(refusal));
	else
		length = asprintf(&text, "%s: %s (%s)", words, refusal->reason,
				  refusal->remedy ? refusal->remedy
						  : refusals[refusal->kind].remedy);
	return length < 0 ? NULL : text;
}

static int refusal_code(const struct refusal *refusal)
{
	if (refusal->kind == REFUSAL_UNKNOWN && hidden_by_permission(refusal->hidden_by))
		return EXIT_NOT_PERMITTED;
	return refusals[refusal->kind].code;
}

int complain_refusals(const struct plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];
		char *words = refusal_words(refusal);
		char group[32];

		snprintf(group, sizeof(group), "group:%d", refusal->group);
		complain(EXIT_FAILED, refusal->device ? refusal->device : group, "%s",
			 words ? words : refusal->reason);
		free(words);
	}
	return refusals_code(plan);
}

int refusals_code(const struct plan *plan)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < plan->refusal_count; i++) {
		if (refusal_code(&plan->refusals[i]) > code)
			code = refusal_code(&plan->refusals[i]);
	}
	return code;
}

void say_losses(const struct plan *plan)
{
	for (size_t i = 0; i < plan->loss_count; i++) {
		const struct use_facts *use = plan->losses[i].use;

		complain(EXIT_DONE, plan->losses[i].device->address,
			 "takes %s%s%s%s: %s (a release does not bring that back)",
			 use->name ? use->name : use->kind, use->reason ? " (" : "",
			 use->reason ? use->reason : "", use->reason ? ")" : "", loss_words(use));
	}
}

int handover_code(int err)
{
	switch (err) {
	case 0:
		return EXIT_DONE;
	case -EBUSY:
	case -ETIMEDOUT:
	case -EINPROGRESS:
		return EXIT_OWNED;
	case -ENOTRECOVERABLE:
	case -ESTALE:
		return EXIT_NOT_RESTORED;
	case -EACCES:
		return EXIT_NOT_PERMITTED;
	case -ENODEV:
		return EXIT_ABSENT;
	default:
		return EXIT_FAILED;
	}
}
