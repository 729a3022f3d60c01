/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Whether `to` can be reached from `from` by taking locks; `depth` bounds the way. */
static bool leads(const struct exploration *exploration, const char *from, const char *to,
		  size_t depth)
{
	if (strcmp(from, to) == 0)
		return true;
	for (size_t i = 0; depth > 0 && i < exploration->lock_pair_count; i++)
		if (strcmp(exploration->lock_pairs[i].held, from) == 0 &&
		    leads(exploration, exploration->lock_pairs[i].taken, to, depth - 1))
			return true;
	return false;
}

void report_lock_graph(const struct exploration *exploration, FILE *out)
{
	fputs("digraph locks {\n", out);
	for (size_t i = 0; i < exploration->lock_pair_count; i++) {
		const struct lock_pair *pair = &exploration->lock_pairs[i];
		bool cycle = leads(exploration, pair->taken, pair->held, EXPLORE_THREADS_MAX);

		fprintf(out, "\t\"%s\" -> \"%s\"%s;\n", pair->held, pair->taken,
			cycle ? " [color=red]" : "");
	}
	fputs("}\n", out);
}
