/* SPDX-License-Identifier: MIT */
#include "source_line.h"

#ifdef HAVE_LIBDW

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source_lines {
	Dwfl *dwfl;
	char *debug_path; /* libdwfl's: where it looks for separate files */
	Dwfl_Callbacks callbacks;
};

struct source_lines *source_lines_open(void)
{
	struct source_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->callbacks = (Dwfl_Callbacks) {.find_elf = dwfl_linux_proc_find_elf,
					     .find_debuginfo = dwfl_standard_find_debuginfo,
					     .debuginfo_path = &lines->debug_path};
	lines->dwfl = dwfl_begin(&lines->callbacks);
	if (lines->dwfl && dwfl_linux_proc_report(lines->dwfl, getpid()) == 0 &&
	    dwfl_report_end(lines->dwfl, NULL, NULL) == 0)
		return lines;
	source_lines_close(lines);
	return NULL;
}

void source_lines_close(struct source_lines *lines)
{
	if (!lines)
		return;
	if (lines->dwfl)
		dwfl_end(lines->dwfl);
	free(lines);
}

static void store_place(struct source_line *out, const char *file, int line)
{
	const char *slash = strrchr(file, '/');

	snprintf(out->file, sizeof(out->file), "%s", slash ? slash + 1 : file);
	out->line = (unsigned int)line;
}

static void store_function(struct source_line *out, Dwarf_Die *scope)
{
	Dwarf_Attribute attribute;
	const char *name = dwarf_formstring(dwarf_attr_integrate(scope, DW_AT_name, &attribute));

	if (name)
		snprintf(out->function, sizeof(out->function), "%s", name);
}

static bool in_header(const struct source_line *place)
{
	size_t length = strlen(place->file);

	return length > 2 && strcmp(place->file + length - 2, ".h") == 0;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;

	dwarf_formudata(dwarf_attr(die, name, &attribute), &value);
	return value;
}

/* Where an inlined function's call stood. */
static void store_call(struct source_line *out, Dwarf_Die *unit, Dwarf_Die *inlined)
{
	Dwarf_Files *files;
	size_t count;
	const char *file;

	if (dwarf_getsrcfiles(unit, &files, &count) != 0)
		return;
	file = dwarf_filesrc(files, number_of(inlined, DW_AT_call_file), NULL, NULL);
	if (file)
		store_place(out, file, (int)number_of(inlined, DW_AT_call_line));
}

/* From the innermost scope out, until the place is in no header. */
static void leave_headers(Dwarf_Die *unit, Dwarf_Die *scopes, int count, struct source_line *out)
{
	for (int i = 0; i < count; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		if (!in_header(out) || tag == DW_TAG_subprogram) {
			store_function(out, &scopes[i]);
			return;
		}
		store_call(out, unit, &scopes[i]);
	}
}

static void look_at_scopes(Dwarf_Die *unit, Dwarf_Addr address, struct source_line *out)
{
	Dwarf_Die *innermost = NULL, *scopes = NULL;
	int count = dwarf_getscopes(unit, address, &innermost);

	/* The scopes as they are inlined in each other here, not as they were defined. */
	if (count > 0)
		count = dwarf_getscopes_die(&innermost[0], &scopes);
	if (count > 0)
		leave_headers(unit, scopes, count, out);
	free(scopes);
	free(innermost);
}

bool source_line_find(struct source_lines *lines, const void *code, struct source_line *out)
{
	/* The call is before where it returns to. */
	Dwarf_Addr address = (Dwarf_Addr)(uintptr_t)code - 1, bias = 0;
	Dwfl_Module *module;
	const char *file;
	Dwfl_Line *line;
	Dwarf_Die *unit;
	int number;

	if (!lines || !code)
		return false;
	module = dwfl_addrmodule(lines->dwfl, address);
	line = module ? dwfl_module_getsrc(module, address) : NULL;
	file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	if (!file)
		return false;
	*out = (struct source_line) {.line = 0};
	store_place(out, file, number);
	unit = dwfl_module_addrdie(module, address, &bias);
	if (unit)
		look_at_scopes(unit, address - bias, out);
	return true;
}

#else

struct source_lines *source_lines_open(void)
{
	return NULL;
}

void source_lines_close(struct source_lines *lines)
{
}

bool source_line_find(struct source_lines *lines, const void *code, struct source_line *out)
{
	return false;
}

#endif
