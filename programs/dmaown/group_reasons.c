/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "group_reasons.h"
#include "advice.h"
#include "explanation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int group_reasons_init(struct group_reasons *reasons, const struct facts *facts)
{
	struct group_reasons made = {.facts = facts};
	int err = topology_init(&made.topology, facts);

	if (err)
		return err;
	err = topology_differences(&made.topology, facts, &made.differences,
				   &made.difference_count);
	if (err)
		topology_release(&made.topology);
	else
		*reasons = made;
	return err;
}

void group_reasons_release(struct group_reasons *reasons)
{
	free(reasons->differences);
	topology_release(&reasons->topology);
}

static const struct difference *find_difference(const struct group_reasons *reasons, size_t place)
{
	for (size_t i = 0; i < reasons->difference_count; i++)
		if (reasons->differences[i].device == place)
			return &reasons->differences[i];
	return NULL;
}

/* The next device after `place` that the rules put into the same group as `with`, or the count. */
static size_t next_companion(const struct group_reasons *reasons, size_t with, size_t place)
{
	const struct topology *topology = &reasons->topology;

	while (place < topology->device_count &&
	       (place == with ||
		topology->placements[place].group != topology->placements[with].group))
		place++;
	return place;
}

/* "alone by the rules" or "with ADDRESS ADDRESS by the rules". */
static int describe_companions(const struct group_reasons *reasons, size_t place, char **out)
{
	size_t count = reasons->facts->device_count;
	size_t other = next_companion(reasons, place, 0);
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return -ENOMEM;
	fputs(other == count ? "alone" : "with", stream);
	for (; other < count; other = next_companion(reasons, place, other + 1))
		fprintf(stream, " %s", reasons->facts->devices[other].address);
	fputs(" by the rules", stream);
	if (fclose(stream)) {
		free(text);
		return -ENOMEM;
	}
	*out = text;
	return 0;
}

int group_reasons_of_device(const struct group_reasons *reasons, size_t place,
			    struct device_reasons *out)
{
	const struct topology *topology = &reasons->topology;
	struct device_reasons made = {0};
	int err = topology_explain(topology, reasons->facts, place, &made.why);

	if (!err)
		err = topology_advise(topology, reasons->facts, place, &made.remedy);
	if (!err && find_difference(reasons, place))
		err = describe_companions(reasons, place, &made.otherwise);
	if (err)
		device_reasons_release(&made);
	else
		*out = made;
	return err;
}

void device_reasons_release(struct device_reasons *device)
{
	free(device->why);
	free(device->remedy);
	free(device->otherwise);
	*device = (struct device_reasons) {0};
}

/* The companions that the rules give, or null where they are those that it has. */
static json_t *companions_json(const struct group_reasons *reasons, size_t place)
{
	size_t count = reasons->facts->device_count;
	json_t *array;

	if (!find_difference(reasons, place))
		return json_null();
	array = json_array();
	for (size_t other = next_companion(reasons, place, 0); other < count;
	     other = next_companion(reasons, place, other + 1))
		json_array_append_new(array, json_string(reasons->facts->devices[other].address));
	return array;
}

static const char *rule_name(const struct group_reasons *reasons, size_t place)
{
	if (reasons->facts->devices[place].group == -1)
		return "ungrouped";
	return company_name(reasons->topology.placements[place].company);
}

json_t *device_reasons_to_json(const struct group_reasons *reasons, size_t place)
{
	const struct device_facts *devices = reasons->facts->devices;
	const struct placement *placed = &reasons->topology.placements[place];
	struct device_reasons device;
	json_t *json;

	if (group_reasons_of_device(reasons, place, &device))
		return NULL;
	json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:o}", "device", devices[place].address,
			 "rule", rule_name(reasons, place), "with", devices[placed->with].address,
			 "cause", devices[placed->cause].address, "why", device.why, "remedy",
			 device.remedy, "by_rules", companions_json(reasons, place));
	device_reasons_release(&device);
	return json;
}

json_t *group_reasons_to_json(const struct group_reasons *reasons, int group)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < reasons->facts->device_count; i++)
		if (reasons->facts->devices[i].group == group &&
		    json_array_append_new(array, device_reasons_to_json(reasons, i))) {
			json_decref(array);
			array = NULL;
		}
	return array;
}
