/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int number_after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;
	long number;

	if (strncmp(text, prefix, length) != 0 || !isdigit((unsigned char)text[length]))
		return -1;
	number = strtol(text + length, &end, 10);
	return *end || number > INT32_MAX ? -1 : (int)number;
}
