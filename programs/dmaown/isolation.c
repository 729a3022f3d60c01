/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "isolation.h"
#include "advice.h"
#include "explanation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int isolation_init(struct isolation *isolation, const struct facts *facts)
{
	struct isolation made = {.facts = facts};
	int err = topology_init(&made.topology, facts);

	if (err)
		return err;
	err = topology_differences(&made.topology, facts, &made.differences,
				   &made.difference_count);
	if (err)
		topology_release(&made.topology);
	else
		*isolation = made;
	return err;
}

void isolation_release(struct isolation *isolation)
{
	free(isolation->differences);
	topology_release(&isolation->topology);
}

static const struct difference *find_difference(const struct isolation *isolation, size_t place)
{
	for (size_t i = 0; i < isolation->difference_count; i++)
		if (isolation->differences[i].device == place)
			return &isolation->differences[i];
	return NULL;
}

/* The next device after `place` that the rules put into the same group as `with`, or the count. */
static size_t next_companion(const struct isolation *isolation, size_t with, size_t place)
{
	const struct topology *topology = &isolation->topology;

	while (place < topology->device_count &&
	       (place == with ||
		topology->placements[place].group != topology->placements[with].group))
		place++;
	return place;
}

/* "alone by the rules" or "with ADDRESS ADDRESS by the rules". */
static int describe_companions(const struct isolation *isolation, size_t place, char **out)
{
	size_t count = isolation->facts->device_count;
	size_t other = next_companion(isolation, place, 0);
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return -ENOMEM;
	fputs(other == count ? "alone" : "with", stream);
	for (; other < count; other = next_companion(isolation, place, other + 1))
		fprintf(stream, " %s", isolation->facts->devices[other].address);
	fputs(" by the rules", stream);
	if (fclose(stream)) {
		free(text);
		return -ENOMEM;
	}
	*out = text;
	return 0;
}

int isolation_judge(const struct isolation *isolation, size_t place, struct verdict *out)
{
	const struct topology *topology = &isolation->topology;
	struct verdict made = {0};
	int err = topology_explain(topology, isolation->facts, place, &made.why);

	if (!err)
		err = topology_advise(topology, isolation->facts, place, &made.remedy);
	if (!err && find_difference(isolation, place))
		err = describe_companions(isolation, place, &made.otherwise);
	if (err)
		verdict_release(&made);
	else
		*out = made;
	return err;
}

void verdict_release(struct verdict *verdict)
{
	free(verdict->why);
	free(verdict->remedy);
	free(verdict->otherwise);
	*verdict = (struct verdict) {0};
}

/* The companions that the rules give, or null where they are those that it has. */
static json_t *companions_json(const struct isolation *isolation, size_t place)
{
	size_t count = isolation->facts->device_count;
	json_t *array;

	if (!find_difference(isolation, place))
		return json_null();
	array = json_array();
	for (size_t other = next_companion(isolation, place, 0); other < count;
	     other = next_companion(isolation, place, other + 1))
		json_array_append_new(array, json_string(isolation->facts->devices[other].address));
	return array;
}

static const char *rule_name(const struct isolation *isolation, size_t place)
{
	if (isolation->facts->devices[place].group == -1)
		return "ungrouped";
	return company_name(isolation->topology.placements[place].company);
}

json_t *isolation_of_device_to_json(const struct isolation *isolation, size_t place)
{
	const struct device_facts *devices = isolation->facts->devices;
	const struct placement *placed = &isolation->topology.placements[place];
	struct verdict verdict;
	json_t *json;

	if (isolation_judge(isolation, place, &verdict))
		return NULL;
	json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:o}", "device", devices[place].address,
			 "rule", rule_name(isolation, place), "with", devices[placed->with].address,
			 "cause", devices[placed->cause].address, "why", verdict.why, "remedy",
			 verdict.remedy, "by_rules", companions_json(isolation, place));
	verdict_release(&verdict);
	return json;
}

json_t *isolation_to_json(const struct isolation *isolation, int group)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < isolation->facts->device_count; i++)
		if (isolation->facts->devices[i].group == group &&
		    json_array_append_new(array, isolation_of_device_to_json(isolation, i))) {
			json_decref(array);
			array = NULL;
		}
	return array;
}
