/* SPDX-License-Identifier: MIT */
/* Text for people, in color where that is wanted: the eight colors that every terminal has. */
#include "paint.h"

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

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* The bytes of a control character, those of ISO 6429's second set in UTF-8 included; 0: it is
 * none. */
static size_t control_length(const char *text)
{
	unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	return byte < 0x20 || byte == 0x7f;
}

void paint(bool color, enum style style, const char *text, size_t width)
{
	size_t taken = text_width(text);

	color = color && style != STYLE_PLAIN && taken > 0;
	if (color)
		printf("\033[%sm", codes[style]);
	while (*text) {
		size_t control = control_length(text);

		putchar_unlocked(control ? '?' : *text);
		text += control ? control : 1;
	}
	if (color)
		fputs("\033[0m", stdout);
	for (; taken < width; taken++)
		putchar_unlocked(' ');
}
