/* SPDX-License-Identifier: MIT */
/* What is said when something goes wrong, the exit code that goes with it, and the end of output.
 */
#include "command.h"
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

void print_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vline(stdout, NULL, NULL, format, args);
	va_end(args);
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

int flush_output(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return errno ? -errno : -EIO;
}

static int complain_output(int err)
{
	return complain(EXIT_FAILED, "standard output", "%s", strerror(-err));
}

int finish_output(void)
{
	int err = flush_output();

	return err ? complain_output(err) : EXIT_DONE;
}

int write_json(json_t *json)
{
	if (!json)
		return -ENOMEM;
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(json);
	return flush_output();
}

int print_json(json_t *json)
{
	int err = write_json(json);

	if (err == -ENOMEM)
		return complain_memory();
	return err ? complain_output(err) : EXIT_DONE;
}
