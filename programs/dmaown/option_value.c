/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "option_value.h"
#include "complain.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit's name, and how many of the smallest it is. */
struct unit {
	const char *name;
	uint64_t factor;
};

/* The one without a name is that of a mere number. */
static const struct unit times[] = {{"", SECOND},       {"ms", 1},   {"s", SECOND},
				    {"m", 60 * SECOND}, {"h", HOUR}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1},           {"K", 1ULL << 10}, {"M", 1ULL << 20},
				    {"G", 1ULL << 30}, {"T", 1ULL << 40}, {NULL, 0}};
static const struct unit numbers[] = {{"", 1}, {NULL, 0}};

static const struct unit *find_unit(const struct unit *units, const char *name)
{
	for (const struct unit *unit = units; unit->name; unit++) {
		if (strcmp(unit->name, name) == 0)
			return unit;
	}
	return NULL;
}

/* Reads digits and a unit. strtoull() would take blanks and signs, too. */
static bool read_quantity(const char *text, const struct unit *units, uint64_t least, uint64_t most,
			  uint64_t *out)
{
	const struct unit *unit;
	uint64_t number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	unit = find_unit(units, end);
	if (errno || !unit || number > most / unit->factor || number * unit->factor < least)
		return false;
	*out = number * unit->factor;
	return true;
}

/* "24h": in the largest unit that leaves no rest. */
static void write_time(uint64_t time, char *out, size_t size)
{
	const struct unit *best = &times[1];

	for (const struct unit *unit = best; unit->name; unit++) {
		if (time % unit->factor == 0)
			best = unit;
	}
	snprintf(out, size, "%" PRIu64 "%s", time / best->factor, time ? best->name : "");
}

bool read_time(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char from[32], to[32];

	if (read_quantity(text, times, least, most, out))
		return true;
	write_time(least, from, sizeof(from));
	write_time(most, to, sizeof(to));
	complain(EXIT_USAGE, option,
		 "'%s' is not a time from %s to %s (write 500ms, 5s, 2m, 1h or a number of "
		 "seconds)",
		 text, from, to);
	return false;
}

bool read_size(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	if (read_quantity(text, sizes, least, most, out))
		return true;
	complain(EXIT_USAGE, option, "'%s' is not a size (write 512M, 2G or a number of bytes)",
		 text);
	return false;
}

bool read_limit(const char *option, const char *text, uint64_t *out)
{
	if (strcmp(text, "unlimited") == 0) {
		*out = UNLIMITED;
		return true;
	}
	if (read_quantity(text, sizes, 0, UNLIMITED - 1, out))
		return true;
	complain(EXIT_USAGE, option,
		 "'%s' is not a size (write 512M, 2G, a number of bytes, or unlimited)", text);
	return false;
}

bool read_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	if (read_quantity(text, numbers, least, most, out))
		return true;
	complain(EXIT_USAGE, option, "'%s' is not a number from %" PRIu64 " to %" PRIu64, text,
		 least, most);
	return false;
}

bool read_name(const char *option, const char *text, const char **out)
{
	bool graphic = *text;

	for (const char *at = text; *at; at++)
		graphic = graphic && isgraph((unsigned char)*at);
	if (graphic && strlen(text) <= NAME_LENGTH) {
		*out = text;
		return true;
	}
	complain(EXIT_USAGE, option,
		 "'%s' is not a name (write 1 to %d printable characters, without a blank)", text,
		 NAME_LENGTH);
	return false;
}

bool read_word(const char *option, const char *text, const char *const *words, size_t *out)
{
	char list[256] = "";

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return true;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 words[i]);
	}
	complain(EXIT_USAGE, option, "'%s' is none of %s", text, list);
	return false;
}
