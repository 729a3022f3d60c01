/* SPDX-License-Identifier: MIT */
/* Which kernel a host runs, as far as answers differ by it: the first two numbers of its release.
 */
#ifndef DMAOWN_MACHINE_KERNEL_VERSION_H
#define DMAOWN_MACHINE_KERNEL_VERSION_H

#include "facts.h"

struct kernel_version {
	unsigned int major, minor;
};

/* Reads a release as uname(1) has it ("6.1.0-56-amd64"). -EINVAL: it does not begin with two
 * numbers; *out untouched. */
int kernel_version_parse(const char *release, struct kernel_version *out);

/* Whether the host's kernel is older than MAJOR.MINOR; not known without a host (NULL) or a release
 * that can be read. */
enum known kernel_is_before(const struct host_facts *host, unsigned int major, unsigned int minor);

#endif
