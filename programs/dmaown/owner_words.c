/* SPDX-License-Identifier: MIT */
#include "owner_words.h"

#include <stdio.h>

void owner_words(const struct owner_facts *owner, char *out, size_t size)
{
	const char *name = owner->name ? owner->name : "a user";

	if (owner->kind == OWNER_NOT_KNOWN)
		snprintf(out, size, "not known");
	else if (owner->kind == OWNER_NONE)
		snprintf(out, size, "none");
	else if (owner->kind == OWNER_KERNEL)
		snprintf(out, size, "the kernel");
	else if (owner->pid)
		snprintf(out, size, "%s, process %ld of user %ld", name, owner->pid, owner->uid);
	else
		snprintf(out, size, "%s", name);
}
