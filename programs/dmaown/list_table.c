/* SPDX-License-Identifier: MIT */
#include "list_table.h"
#include "array.h"
#include "paint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_SIZE = 256 };

struct row {
	const struct facts *facts;
	const struct device_facts *device;
	const struct group_facts *group; /* in its group's first row, else NULL */
};

/* Gives a cell's text, in `buffer` if it isn't a text that facts hold. */
struct column {
	const char *title;
	const char *(*text)(const struct row *row, char *buffer);
	enum style (*style)(const struct row *row);
	bool verbose; /* with -v only */
};

static const char *group_text(const struct row *row, char *buffer)
{
	if (row->device->group < 0)
		return "-";
	if (!row->group)
		return "";
	snprintf(buffer, CELL_SIZE, "%d", row->group->id);
	return buffer;
}

static const char *type_text(const struct row *row, char *buffer)
{
	if (!row->group)
		return "";
	if (row->group->noiommu == KNOWN_YES)
		return "noiommu";
	return row->group->type ? row->group->type : "?";
}

static const char *owner_text(const struct row *row, char *buffer)
{
	const struct owner_facts *owner;

	if (!row->group)
		return "";
	owner = &row->group->owner;
	if (owner->kind == OWNER_NOT_KNOWN)
		return "?";
	if (owner->kind == OWNER_KERNEL)
		return "kernel";
	if (owner->kind == OWNER_NONE)
		return "-";
	if (owner->pid)
		snprintf(buffer, CELL_SIZE, "%s (%ld)", owner->name ? owner->name : "pid",
			 owner->pid);
	else
		snprintf(buffer, CELL_SIZE, "%s", owner->name ? owner->name : "user");
	return buffer;
}

static const char *address_text(const struct row *row, char *buffer)
{
	return row->device->address;
}

/* An override stands behind the driver if it names another. */
static const char *driver_text(const struct row *row, char *buffer)
{
	const char *driver = row->device->driver;

	if (!driver)
		driver = device_facts_hides(row->device, "driver") ? "?" : "-";
	if (!row->device->override || strcmp(row->device->override, driver) == 0)
		return driver;
	snprintf(buffer, CELL_SIZE, "%s (%s)", driver, row->device->override);
	return buffer;
}

/* What it is in use for, by name: `show` tells more. */
static const char *uses_text(const struct row *row, char *buffer)
{
	const struct device_facts *device = row->device;
	const char *name;

	if (device->use_count == 0 && device->pci && device->pci->config == CONFIG_SILENT)
		return "no answer";
	if (device->use_count == 0)
		return device->uses_known && device->unknown_count == 0 ? "" : "?";
	name = device->uses[0].name ? device->uses[0].name : device->uses[0].kind;
	if (device->use_count == 1)
		return name;
	snprintf(buffer, CELL_SIZE, "%.200s +%zu", name, device->use_count - 1);
	return buffer;
}

static const char *ids_text(const struct row *row, char *buffer)
{
	const struct device_facts *device = row->device;

	if (!device->vendor || !device->device)
		return "";
	snprintf(buffer, CELL_SIZE, "%s:%s %s", device->vendor, device->device,
		 device->class ? device->class : "");
	return buffer;
}

static const char *name_text(const struct row *row, char *buffer)
{
	const struct device_facts *device = row->device;

	if (device->name)
		return device->name;
	if (!device->vendor || !device->device)
		return device->modalias ? device->modalias : "";
	snprintf(buffer, CELL_SIZE, "%s:%s", device->vendor, device->device);
	return buffer;
}

static enum style plain(const struct row *row)
{
	return STYLE_PLAIN;
}

static enum style bold(const struct row *row)
{
	return STYLE_BOLD;
}

static enum style dim(const struct row *row)
{
	return STYLE_DIM;
}

static enum style owner_style(const struct row *row)
{
	if (!row->group || row->group->owner.kind == OWNER_NONE ||
	    row->group->owner.kind == OWNER_NOT_KNOWN)
		return STYLE_DIM;
	return row->group->owner.kind == OWNER_USER ? STYLE_GREEN : STYLE_PLAIN;
}

static enum style driver_style(const struct row *row)
{
	if (!row->device->driver)
		return STYLE_DIM;
	return facts_native(row->facts, row->device) ? STYLE_YELLOW : STYLE_GREEN;
}

static const struct column columns[] = {
	{"GROUP", group_text, bold, false},
	{"TYPE", type_text, dim, false},
	{"OWNER", owner_text, owner_style, false},
	{"DEVICE", address_text, plain, false},
	{"DRIVER", driver_text, driver_style, false},
	{"IN USE", uses_text, plain, false},
	{"IDS", ids_text, dim, true},
	{"NAME", name_text, plain, false},
};

enum { COLUMNS = COUNT(columns) };

static int compare_rows(const void *first, const void *second)
{
	const struct row *a = first, *b = second;

	if (a->device->group != b->device->group)
		return (unsigned int)a->device->group < (unsigned int)b->device->group ? -1 : 1;
	return (a->device > b->device) - (a->device < b->device);
}

/* Makes the rows in their order: by group, those without (-1, the highest unsigned) last. */
static struct row *make_rows(const struct facts *facts)
{
	struct row *rows = calloc(facts->device_count + 1, sizeof(*rows));
	size_t group = 0;

	if (!rows)
		return NULL;
	for (size_t i = 0; i < facts->device_count; i++)
		rows[i] = (struct row) {.facts = facts, .device = &facts->devices[i]};
	qsort(rows, facts->device_count, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < facts->device_count; i++) {
		int id = rows[i].device->group;

		if (id < 0 || (i > 0 && rows[i - 1].device->group == id))
			continue;
		while (group < facts->group_count && facts->groups[group].id < id)
			group++;
		if (group < facts->group_count)
			rows[i].group = &facts->groups[group];
	}
	return rows;
}

static bool shown(const struct context *context, const struct column *column)
{
	return !column->verbose || context->verbosity > 0;
}

static void measure(const struct context *context, const struct row *rows, size_t count,
		    size_t *widths)
{
	char buffer[CELL_SIZE];

	for (size_t column = 0; column < COLUMNS; column++) {
		if (!shown(context, &columns[column]))
			continue;
		widths[column] = text_width(columns[column].title);
		for (size_t i = 0; i < count; i++) {
			size_t width = text_width(columns[column].text(&rows[i], buffer));

			if (width > widths[column])
				widths[column] = width;
		}
		widths[column] += 2;
	}
	widths[COLUMNS - 1] = 0;
}

static void print_header(const struct context *context, const size_t *widths)
{
	bool color = colored(context);

	for (size_t column = 0; column < COLUMNS; column++) {
		if (shown(context, &columns[column]))
			paint(color, STYLE_DIM, columns[column].title, widths[column]);
	}
	putchar('\n');
}

static void print_table(const struct context *context, const struct row *rows, size_t count)
{
	bool color = colored(context);
	size_t widths[COLUMNS];
	char buffer[CELL_SIZE];

	measure(context, rows, count, widths);
	if (context->verbosity >= 0)
		print_header(context, widths);
	for (size_t i = 0; i < count; i++) {
		for (size_t column = 0; column < COLUMNS; column++) {
			if (shown(context, &columns[column]))
				paint(color, columns[column].style(&rows[i]),
				      columns[column].text(&rows[i], buffer), widths[column]);
		}
		putchar('\n');
	}
}

int print_list(const struct context *context, const struct facts *facts)
{
	struct row *rows = make_rows(facts);

	if (!rows)
		return -ENOMEM;
	print_table(context, rows, facts->device_count);
	free(rows);
	return 0;
}
