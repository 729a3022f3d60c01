/* SPDX-License-Identifier: MIT */
/*
 * Machine files. Whatever the bytes:
 *
 * - what is refused is refused with one line that begins with the file and a line number;
 * - what is read holds the invariants of facts.h, and written and read again it is the same;
 * - the rules of topology.h place every device of it, have words for it, and give it a group.
 */
#define _GNU_SOURCE
#include "explanation.h"
#include "facts_equal.h"
#include "machine_file.h"
#include "must.h"
#include "recorded_groups.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct facts *facts)
{
	struct facts again;
	char *text = NULL, *why = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	must(out && machine_file_write(facts, out) == 0 && fclose(out) == 0, "it can be written");
	must(machine_file_parse(text, length, "FILE", &again, &why) == 0, "it is read again");
	must(facts_equal(facts, &again), "and is the same");
	facts_release(&again);
	free(text);
}

static void check_topology(const struct facts *facts)
{
	struct topology topology;
	struct difference *differences;
	size_t count;

	must(topology_init(&topology, facts) == 0, "the rules place it");
	must(topology_differences(&topology, facts, &differences, &count) == 0, "compare it");
	for (size_t i = 0; i < facts->device_count; i++) {
		char *words;

		must(topology.placements[i].group < topology.group_count, "in a group");
		must(topology.placements[topology.placements[i].with].group ==
			     topology.placements[i].group,
		     "with whom it joins");
		must(topology_explain(&topology, facts, i, &words) == 0, "and have words");
		free(words);
	}
	free(differences);
	topology_release(&topology);
}

static void check_assignment(struct facts *facts)
{
	int err = topology_assign(facts);
	char *why;

	must(err == 0 || err == -EOVERFLOW, "every device gets a group");
	for (size_t i = 0; !err && i < facts->device_count; i++)
		must(facts->devices[i].group != GROUP_BY_RULES, "and has it");
	must(err || facts_check(facts, &why) == 0, "which leaves it sound");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts facts;
	char *why = NULL;
	int err = machine_file_parse((const char *)data, size, "FILE", &facts, &why);

	if (err) {
		must_be_refusal(err, why);
		free(why);
		return 0;
	}
	must(facts_check(&facts, &why) == 0, "what is read is sound");
	check_round_trip(&facts);
	check_topology(&facts);
	check_assignment(&facts);
	facts_release(&facts);
	return 0;
}
