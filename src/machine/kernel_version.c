/* SPDX-License-Identifier: MIT */
#include "kernel_version.h"

#include <ctype.h>
#include <errno.h>

/* More digits than any version has, and fewer than an unsigned int may lack room for. */
#define MOST_DIGITS 6

/* Reads one number and returns what follows it; NULL: there is none. */
static const char *read_number(const char *text, unsigned int *out)
{
	unsigned int number = 0;
	int digits = 0;

	for (; isdigit((unsigned char)text[digits]); digits++) {
		if (digits == MOST_DIGITS)
			return NULL;
		number = 10 * number + (unsigned int)(text[digits] - '0');
	}
	*out = number;
	return digits ? text + digits : NULL;
}

int kernel_version_parse(const char *release, struct kernel_version *out)
{
	struct kernel_version version;
	const char *rest = read_number(release, &version.major);

	if (!rest || *rest != '.' || !read_number(rest + 1, &version.minor))
		return -EINVAL;
	*out = version;
	return 0;
}

enum known kernel_is_before(const struct host_facts *host, unsigned int major, unsigned int minor)
{
	struct kernel_version version;

	if (!host || !host->release || kernel_version_parse(host->release, &version) != 0)
		return KNOWN_NOT;
	if (version.major != major)
		return version.major < major ? KNOWN_YES : KNOWN_NO;
	return version.minor < minor ? KNOWN_YES : KNOWN_NO;
}
