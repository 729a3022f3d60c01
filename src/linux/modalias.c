/* SPDX-License-Identifier: MIT */
/*
 * Module aliases. An alias of PCI or cdx is a row of fields, each a key in lower case and a value
 * in upper-case hex, or "*": v d sv sd, then the class as bc sc i (PCI) or as c (cdx). A driver's
 * alias may end with one more "*".
 */
#define _GNU_SOURCE
#include "modalias.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value's last `digits` digits, or "*", is appended to `out`; what is in front must be zeros. */
static const char *take_value(const char *at, const char *end, size_t digits, char *out)
{
	size_t length_before = strlen(out), length = 0;

	out += length_before;
	if (at < end && *at == '*') {
		if (length_before == 0 || out[-1] != '*')
			strcpy(out, "*");
		return at + 1;
	}
	while (at + length < end && isxdigit((unsigned char)at[length]) &&
	       !islower((unsigned char)at[length]))
		length++;
	if (length < digits)
		return NULL;
	for (; length > digits; length--) {
		if (*at++ != '0')
			return NULL;
	}
	for (; length > 0; length--)
		*out++ = (char)tolower((unsigned char)*at++);
	*out = '\0';
	return at;
}

static bool starts_with(const char *at, const char *end, const char *prefix)
{
	size_t length = strlen(prefix);

	return (size_t)(end - at) >= length && memcmp(at, prefix, length) == 0;
}

int modalias_parse(const char *alias, const char *end, struct modalias_ids *out)
{
	struct modalias_ids ids = {0};
	const struct {
		const char *key;
		size_t digits;
		char *value;
	} fields[] = {
		{"v", 4, ids.vendor},     {"d", 4, ids.device}, {"sv", 4, ids.subvendor},
		{"sd", 4, ids.subdevice}, {"bc", 2, ids.class}, {"sc", 2, ids.class},
		{"i", 2, ids.class},      {"c", 6, ids.class},
	};
	const char *at = alias;

	end = end ? end : alias + strlen(alias);
	if (!starts_with(at, end, "pci:") && !starts_with(at, end, "cdx:"))
		return -EINVAL;
	at += strlen("pci:");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields) && at && at < end; i++) {
		if (!starts_with(at, end, fields[i].key))
			continue;
		if (strcmp(fields[i].key, "c") == 0 && *ids.class)
			return -EINVAL; /* a class in three pieces and in one */
		at = take_value(at + strlen(fields[i].key), end, fields[i].digits, fields[i].value);
	}
	if (at && end - at == 1 && *at == '*')
		at = end;
	if (at != end || !*ids.vendor || !*ids.device)
		return -EINVAL;
	*out = ids;
	return 0;
}

static bool any(const char *id)
{
	return *id == '\0' || *id == '*';
}

static const char *or_any(const char *id)
{
	return *id ? id : "*";
}

static int pci_driver_id(const char *alias, const char *end, char **out)
{
	struct modalias_ids ids;
	int length;
	int err = modalias_parse(alias, end, &ids);

	if (err)
		return err;
	if (any(ids.class) && any(ids.subvendor) && any(ids.subdevice))
		length = asprintf(out, "%s:%s", ids.vendor, ids.device);
	else if (any(ids.class))
		length = asprintf(out, "%s:%s:%s:%s", ids.vendor, ids.device, or_any(ids.subvendor),
				  or_any(ids.subdevice));
	else if (any(ids.vendor) && any(ids.device) && any(ids.subvendor) && any(ids.subdevice))
		length = asprintf(out, "class:%s", ids.class);
	else
		return -EINVAL;
	return length < 0 ? -ENOMEM : 0;
}

/* What follows `mark` in the alias, up to its end or to a "*" that stands there. */
static int tail_id(const char *alias, const char *end, const char *mark, char **out)
{
	const char *at = memmem(alias, (size_t)(end - alias), mark, strlen(mark));

	if (!at)
		return -EINVAL;
	at += strlen(mark);
	if (at < end && end[-1] == '*')
		end--;
	if (at >= end || !*at)
		return -EINVAL;
	*out = strndup(at, (size_t)(end - at));
	return *out ? 0 : -ENOMEM;
}

int modalias_driver_id(const char *bus, const char *alias, const char *end, char **out)
{
	char *id = NULL;
	int err = -EINVAL;

	end = end ? end : alias + strlen(alias);
	if ((strcmp(bus, "pci") == 0 && starts_with(alias, end, "pci:")) ||
	    (strcmp(bus, "cdx") == 0 && starts_with(alias, end, "cdx:")))
		err = pci_driver_id(alias, end, &id);
	else if (strcmp(bus, "fsl-mc") == 0 && starts_with(alias, end, "fsl-mc:v"))
		err = tail_id(alias, end, "d", &id);
	else if (strcmp(bus, "amba") == 0 && starts_with(alias, end, "amba:d"))
		err = tail_id(alias, end, "amba:d", &id);
	else if (strcmp(bus, "platform") == 0 && starts_with(alias, end, "platform:"))
		err = tail_id(alias, end, "platform:", &id);
	else if (strcmp(bus, "platform") == 0 && starts_with(alias, end, "of:"))
		err = tail_id(alias, end, "C", &id);
	if (!err)
		*out = id;
	return err;
}
