/* SPDX-License-Identifier: MIT */
/* Text for people, in color where that is wanted: the eight colors that every terminal has. */
#include "paint.h"
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const codes[] = {
	[STYLE_BOLD] = "1",    [STYLE_DIM] = "2",   [STYLE_GREEN] = "32",
	[STYLE_YELLOW] = "33", [STYLE_CYAN] = "36",
};

bool colored(const struct context *context)
{
	const char *none = getenv("NO_COLOR");

	if (context->color != COLOR_AUTO)
		return context->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(none && *none);
}

void paint(bool color, enum style style, const char *text, size_t width)
{
	size_t taken = text_width(text);

	color = color && style != STYLE_PLAIN && taken > 0;
	if (color)
		printf("\033[%sm", codes[style]);
	text_print(text, taken, stdout);
	if (color)
		fputs("\033[0m", stdout);
	for (; taken < width; taken++)
		putchar_unlocked(' ');
}
