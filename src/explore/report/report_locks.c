/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether each pair can be reached from where `from` leads, by taking locks one under the other. */
static void follow(const struct exploration *exploration, const char *from, bool *reached)
{
	for (size_t i = 0; i < exploration->lock_pair_count; i++) {
		if (reached[i] || strcmp(exploration->lock_pairs[i].held, from) != 0)
			continue;
		reached[i] = true;
		follow(exploration, exploration->lock_pairs[i].taken, reached);
	}
}

/* Whether the locks of a pair can also be taken the other way around, if over others. */
static bool in_cycle(const struct exploration *exploration, size_t pair, bool *reached)
{
	memset(reached, 0, exploration->lock_pair_count * sizeof(*reached));
	follow(exploration, exploration->lock_pairs[pair].taken, reached);
	return reached[pair];
}

static void print_name(const char *name, FILE *out)
{
	fputc('"', out);
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			fputc('\\', out);
		fputc(*name, out);
	}
	fputc('"', out);
}

int report_lock_graph(const struct exploration *exploration, FILE *out)
{
	bool *reached = calloc(exploration->lock_pair_count + 1, sizeof(*reached));

	if (!reached)
		return -ENOMEM;
	fputs("digraph locks {\n", out);
	for (size_t i = 0; i < exploration->lock_pair_count; i++) {
		fputc('\t', out);
		print_name(exploration->lock_pairs[i].held, out);
		fputs(" -> ", out);
		print_name(exploration->lock_pairs[i].taken, out);
		fputs(in_cycle(exploration, i, reached) ? " [color=red];\n" : ";\n", out);
	}
	fputs("}\n", out);
	free(reached);
	return 0;
}
