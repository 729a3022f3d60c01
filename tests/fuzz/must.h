/* SPDX-License-Identifier: MIT */
/* What must hold whatever comes in; the fuzzer keeps the input that breaks it. */
#ifndef DMAOWN_TESTS_FUZZ_MUST_H
#define DMAOWN_TESTS_FUZZ_MUST_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* What a parser of a file called FILE says of one that it refuses. */
static inline void must_be_refusal(int err, const char *why)
{
	unsigned int line;

	must(err == -EINVAL, "bad input is -EINVAL");
	must(sscanf(why, "FILE:%u: ", &line) == 1 && line > 0, "a refusal says the line");
	must(!strchr(why, '\n'), "a refusal is one line");
}

#endif
