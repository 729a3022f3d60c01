/* SPDX-License-Identifier: MIT */
/*
 * Module aliases. An alias of PCI or cdx is a row of fields, each a key in lower case and a value
 * in upper-case hex, or "*": v d sv sd, then the class as bc sc i (PCI) or as c (cdx). A driver's
 * alias may end with one more "*".
 */
#define _GNU_SOURCE
#include "modalias.h"

#include "driver_id.h"

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

/* One digit of an alias: a digit, "?" or "[0-9A]". NULL: there is none. */
static const char *take_digit(const char *at, bool *wild)
{
	const char *end;

	if (isxdigit((unsigned char)*at) && !islower((unsigned char)*at))
		return at + 1;
	if (*at != '?' && *at != '[')
		return NULL;
	*wild = true;
	if (*at == '?')
		return at + 1;
	end = strchr(at, ']');
	return end && end > at + 1 ? end + 1 : NULL;
}

/* A value whose digits may be wild one by one, and cut off by a "*". */
static const char *take_wild_value(const char *at, size_t least, size_t most, bool *wild)
{
	size_t length = 0;

	if (*at == '*')
		return at + 1;
	for (const char *next; length < most && (next = take_digit(at, wild)); at = next)
		length++;
	if (length && length < most && *at == '*') {
		*wild = true;
		return at + 1;
	}
	return length >= least ? at : NULL;
}

/* Whether an alias of PCI or cdx is well formed and has wild digits, as no table of ids makes them,
 * but somebody may write them. */
static bool is_wild(const char *alias)
{
	static const struct {
		const char *key;
		size_t least, most;
	} fields[] = {{"v", 4, 8},  {"d", 4, 8},  {"sv", 4, 8}, {"sd", 4, 8},
		      {"bc", 2, 2}, {"sc", 2, 2}, {"i", 2, 2},  {"c", 6, 8}};
	const char *at = alias + strlen("pci:");
	bool wild = false;

	for (size_t i = 0; at && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strncmp(at, fields[i].key, strlen(fields[i].key)) == 0)
			at = take_wild_value(at + strlen(fields[i].key), fields[i].least,
					     fields[i].most, &wild);
	return alias[strlen("pci:")] == 'v' && at && wild && (!*at || strcmp(at, "*") == 0);
}

static bool any(const char *id)
{
	return !*id || strcmp(id, "*") == 0;
}

static const char *or_any(const char *id)
{
	return *id ? id : "*";
}

static int copy(const char *text, char **out)
{
	*out = strdup(text);
	return *out ? 0 : -ENOMEM;
}

/* Ids without a class, and a class without ids, have short forms; all else is said by the alias. */
static int pci_id(const char *alias, char **out)
{
	struct modalias_ids ids;
	const char *star;
	int length;

	if (modalias_parse(alias, NULL, &ids))
		return is_wild(alias) ? copy(alias, out) : -EINVAL;
	star = strchr(ids.class, '*');
	if (any(ids.class) && any(ids.subvendor) && any(ids.subdevice))
		length = asprintf(out, "%s:%s", ids.vendor, ids.device);
	else if (any(ids.class))
		length = asprintf(out, "%s:%s:%s:%s", ids.vendor, ids.device, or_any(ids.subvendor),
				  or_any(ids.subdevice));
	else if (any(ids.vendor) && any(ids.device) && any(ids.subvendor) && any(ids.subdevice) &&
		 (!star || !star[1]))
		length = asprintf(out, "class:%s", ids.class);
	else
		return copy(alias, out);
	return length < 0 ? -ENOMEM : 0;
}

/* Drivers that users get their devices by: they hold where an override names them. */
static int override_only_id(const char *alias, char **out)
{
	struct modalias_ids ids;
	int err = modalias_parse(alias + strlen("vfio_"), NULL, &ids);

	return err ? err : copy(alias, out);
}

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What is named between a beginning and the last of the ends that the alias has: the name, if it is
 * one, else the alias. */
static int name_id(const char *alias, const char *begin, const char *const ends[2], char **out)
{
	const char *name = alias + strlen(begin);
	size_t length = strlen(name);

	for (size_t i = 0; i < 2; i++) {
		size_t end = strlen(ends[i]);

		if (!end || length < end || strcmp(name + length - end, ends[i]) != 0)
			continue;
		length -= end;
		break;
	}
	if (length == 0)
		return -EINVAL;
	if (strcspn(name, "*?[") < length || driver_id_is_alias(name))
		return copy(alias, out);
	*out = strndup(name, length);
	return *out ? 0 : -ENOMEM;
}

static int amba_id(const char *alias, char **out)
{
	const char *id = alias + strlen("amba:d");
	bool wild = false;
	const char *end = take_wild_value(id, 8, 8, &wild);

	if (!end || *id == '*' || (*end && strcmp(end, "*") != 0))
		return -EINVAL;
	if (wild)
		return copy(alias, out);
	*out = strndup(id, 8);
	for (char *at = *out; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return *out ? 0 : -ENOMEM;
}

/* NXP's vendor id, which all objects have, is left out. */
static int fsl_mc_id(const char *alias, char **out)
{
	const char *type = strchr(alias + strlen("fsl-mc:v"), 'd');

	if (!type || !type[1])
		return -EINVAL;
	if (!begins(alias, "fsl-mc:v00001957d"))
		return copy(alias, out);
	return name_id(alias, "fsl-mc:v00001957d", (const char *const[2]) {"*", ""}, out);
}

/* One compatible string, alone or in front of others; asked for with a node's name or type, it is
 * the alias. */
static int of_id(const char *alias, char **out)
{
	if (begins(alias, "of:N*T*C"))
		return name_id(alias, "of:N*T*C", (const char *const[2]) {"C*", "*"}, out);
	return strchr(alias, 'T') ? copy(alias, out) : -EINVAL;
}

static int platform_id(const char *alias, char **out)
{
	if (begins(alias, "of:N"))
		return of_id(alias, out);
	if (begins(alias, "acpi*:"))
		return name_id(alias, "acpi*:", (const char *const[2]) {":*", ""}, out);
	if (begins(alias, "platform:"))
		return name_id(alias, "platform:", (const char *const[2]) {"*", ""}, out);
	return -EINVAL;
}

static int host1x_id(const char *alias, char **out)
{
	return begins(alias, "of:N") ? of_id(alias, out) : -EINVAL;
}

int modalias_driver_id(const char *bus, const char *alias, const char *end, char **out)
{
	static const struct {
		const char *bus, *begin;
		int (*id)(const char *alias, char **out);
	} forms[] = {
		{"pci", "pci:", pci_id},           {"pci", "vfio_pci:", override_only_id},
		{"cdx", "cdx:", pci_id},           {"cdx", "vfio_cdx:", override_only_id},
		{"fsl-mc", "fsl-mc:v", fsl_mc_id}, {"amba", "amba:d", amba_id},
		{"platform", "", platform_id},     {"host1x", "", host1x_id},
	};
	char *text = end ? strndup(alias, (size_t)(end - alias)) : strdup(alias), *id = NULL;
	int err = text ? -EINVAL : -ENOMEM;

	for (size_t i = 0; text && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].bus, bus) == 0 && begins(text, forms[i].begin)) {
			err = forms[i].id(text, &id);
			break;
		}
	free(text);
	if (!err)
		*out = id;
	return err;
}
