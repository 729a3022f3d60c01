/* SPDX-License-Identifier: MIT */
#include "complain.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int complain(enum exit_code code, const char *thing, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	va_start(args, format);
	text_vline(stderr, "dmaown:", thing, format, args);
	va_end(args);
	return code;
}

int complain_memory(void)
{
	return complain(EXIT_FAILED, NULL, "%s", strerror(ENOMEM));
}

enum exit_code exit_code_of(int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return EXIT_NOT_PERMITTED;
	case -ENOENT:
	case -ENODEV:
	case -EOPNOTSUPP:
		return EXIT_ABSENT;
	default:
		return EXIT_FAILED;
	}
}
