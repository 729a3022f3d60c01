/* SPDX-License-Identifier: MIT */
/* The source of a manual page, as the state of a suite that asks what is written in it. */
#ifndef DMAOWN_TESTS_MAN_PAGE_H
#define DMAOWN_TESTS_MAN_PAGE_H

#include <stdio.h>

/* The name of its file, which main() sets. */
static const char *man_page;

static inline int read_man_page(void **state)
{
	static char page[1 << 16];
	FILE *file = fopen(man_page, "re");
	size_t length;

	if (!file)
		return -1;
	length = fread(page, 1, sizeof(page) - 1, file);
	page[length] = '\0';
	*state = page;
	return fclose(file);
}

#endif
