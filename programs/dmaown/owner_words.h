/* SPDX-License-Identifier: MIT */
/* Who owns a group, in words. */
#ifndef DMAOWN_DMAOWN_OWNER_WORDS_H
#define DMAOWN_DMAOWN_OWNER_WORDS_H

#include "facts.h"

#include <stddef.h>

/* Writes "none", "the kernel" or "qemu, process 77 of user 0"; what does not fit is cut off. */
void owner_words(const struct owner_facts *owner, char *out, size_t size);

#endif
