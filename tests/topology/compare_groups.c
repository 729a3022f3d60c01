/* SPDX-License-Identifier: MIT */
/*
 * compare_groups FILE...: for every machine file, one line for each device whose group the rules
 * give other companions than the kernel did, and why. Exits 1 if there are any.
 */
#define _GNU_SOURCE
#include "explanation.h"
#include "machine_file.h"
#include "recorded_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_difference(const struct facts *facts, const struct topology *topology,
			    const struct difference *difference)
{
	char *words;
	int err = topology_explain(topology, facts, difference->device, &words);

	if (err)
		return err;
	printf("%s: recorded in group %d; by the rules %s\n",
	       facts->devices[difference->device].address, difference->recorded, words);
	free(words);
	return 0;
}

static int compare(const struct facts *facts, size_t *count)
{
	struct topology topology;
	struct difference *differences;
	int err = topology_init(&topology, facts);

	if (err)
		return err;
	err = topology_differences(&topology, facts, &differences, count);
	if (!err) {
		for (size_t i = 0; i < *count && !err; i++)
			err = print_difference(facts, &topology, &differences[i]);
		free(differences);
	}
	topology_release(&topology);
	return err;
}

static int compare_file(const char *name)
{
	FILE *file = fopen(name, "re");
	struct facts facts;
	char *why = NULL;
	size_t count = 0;
	int err;

	if (!file) {
		perror(name);
		return -1;
	}
	err = machine_file_read(file, name, &facts, &why);
	fclose(file);
	if (err) {
		fprintf(stderr, "%s\n", why ? why : strerror(-err));
		free(why);
		return err;
	}
	err = compare(&facts, &count);
	printf("%s: %zu devices in %zu groups, %zu differ\n", name, facts.device_count,
	       facts.group_count, count);
	facts_release(&facts);
	return err ? err : count != 0;
}

int main(int argc, char **argv)
{
	int status = argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;

	for (int i = 1; i < argc; i++)
		if (compare_file(argv[i]))
			status = EXIT_FAILURE;
	return status;
}
