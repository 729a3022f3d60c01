/* SPDX-License-Identifier: MIT */
#include "kernel_answers.h"

#include "kernel_version.h"

/* Seen on 6.1 and not on 6.12. In between the types changed with 6.4, by its commit log; of the
 * others nothing is known there, and the newest answer is given. */
struct kernel_answers kernel_answers_of(const struct host_facts *host)
{
	bool seen = kernel_is_before(host, 6, 2) == KNOWN_YES;

	return (struct kernel_answers) {
		.types_of_single_devices = kernel_is_before(host, 6, 4) == KNOWN_YES,
		.resets_do_not_block = seen,
		.removal_damages = seen,
	};
}
