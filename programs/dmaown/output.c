/* SPDX-License-Identifier: MIT */
#include "output.h"
#include "complain.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void print_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vline(stdout, NULL, NULL, format, args);
	va_end(args);
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
