/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "sheet.h"
#include "paint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LABEL_WIDTH = 16 };

void sheet_title(const struct sheet *sheet, const char *text, const char *more)
{
	paint(sheet->color, STYLE_BOLD, text, 0);
	if (more) {
		fputs("  ", stdout);
		paint(false, STYLE_PLAIN, more, 0);
	}
	putchar('\n');
}

void sheet_line(const struct sheet *sheet, const char *label, const char *format, ...)
{
	char *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	fputs("  ", stdout);
	paint(sheet->color, STYLE_DIM, label, LABEL_WIDTH);
	paint(false, STYLE_PLAIN, length < 0 ? "" : text, 0);
	putchar('\n');
	if (length >= 0)
		free(text);
}
