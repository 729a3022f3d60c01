/* SPDX-License-Identifier: MIT */
/* Text for people, in color where that is wanted. */
#ifndef DMAOWN_DMAOWN_PAINT_H
#define DMAOWN_DMAOWN_PAINT_H

#include "command.h"
#include "text.h"

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GREEN, STYLE_YELLOW, STYLE_CYAN };

/* Whether standard output is to be colored. */
bool colored(const struct context *context);

/*
 * Prints the text, made printable, in its style if `color` is set, and fills with blanks up to
 * `width` columns.
 */
void paint(bool color, enum style style, const char *text, size_t width);

#endif
