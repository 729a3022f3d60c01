/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include "array.h"

#include <errno.h>
#include <string.h>

static struct tally_row *find_row(const struct tally *tally, const struct event *event)
{
	for (size_t i = 0; i < tally->count; i++) {
		struct tally_row *row = &tally->rows[i];

		if (row->operation == event->step->operation &&
		    outcome_same(row->operation, row->outcome, event->outcome))
			return row;
	}
	return NULL;
}

static struct tally_row *add_row(struct tally *tally, const struct event *event)
{
	struct tally_row *rows = array_with_room(tally->rows, tally->count, sizeof(*rows));

	if (!rows)
		return NULL;
	tally->rows = rows;
	rows[tally->count] =
		(struct tally_row) {.operation = event->step->operation, .outcome = event->outcome};
	return &rows[tally->count++];
}

int tally_add(struct tally *tally, const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->event_count; i++) {
		struct tally_row *row = find_row(tally, &timeline->events[i]);

		if (!row)
			row = add_row(tally, &timeline->events[i]);
		if (!row)
			return -ENOMEM;
		row->times++;
	}
	return 0;
}

size_t tally_times(const struct tally *tally, const char *operation, int error)
{
	size_t times = 0;

	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_row *row = &tally->rows[i];

		if (strcmp(row->operation->name, operation) == 0 && row->outcome.error == error)
			times += row->times;
	}
	return times;
}

void tally_print(const struct tally *tally, FILE *out)
{
	for (const struct operation *operation = operations; operation->name; operation++) {
		const char *separator = operation->name;

		for (size_t i = 0; i < tally->count; i++) {
			const struct tally_row *row = &tally->rows[i];

			if (row->operation != operation)
				continue;
			fprintf(out, "%s %s %zu", separator, outcome_name(operation, row->outcome),
				row->times);
			separator = ",";
		}
		if (separator != operation->name)
			fputc('\n', out);
	}
}

void tally_release(struct tally *tally)
{
	free(tally->rows);
	*tally = (struct tally) {0};
}
