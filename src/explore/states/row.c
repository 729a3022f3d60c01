/* SPDX-License-Identifier: MIT */
#include "row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t lines_of(size_t bytes)
{
	return (bytes + EXECUTION_LINE - 1) / EXECUTION_LINE;
}

/* ---- from the arena ---- */

static int store_stack(struct row *row, unsigned int thread)
{
	struct execution_parts parts;

	execution_parts(row->execution, &parts);
	return visited_set(row->visited, thread, parts.stacks[thread].low,
			   parts.stacks[thread].size);
}

static int store_line(struct row *row, size_t line)
{
	return visited_set(row->visited, row->piece_of[line], row->heap + line * EXECUTION_LINE,
			   EXECUTION_LINE);
}

/* Calls `act` for each line that was written since the marks were cleared. */
static int for_changed_lines(struct row *row, int (*act)(struct row *row, size_t line))
{
	const uint64_t *changed = execution_changed(row->execution);
	size_t words = (row->lines + 63) / 64;
	int err = 0;

	for (size_t word = 0; word < words; word++)
		for (uint64_t bits = changed[word]; bits && !err; bits &= bits - 1)
			err = act(row, word * 64 + (size_t)__builtin_ctzll(bits));
	return err;
}

/* Which lines change is learned before the lines are arranged, and then relied upon by nobody. */
static void note_hot_lines(struct row *row)
{
	const uint64_t *changed = execution_changed(row->execution);

	if (row->arranged)
		return;
	for (size_t word = 0; word < (row->lines + 63) / 64; word++)
		row->hot_lines[word] |= changed[word];
}

enum step_end row_step(struct row *row, unsigned int thread)
{
	execution_clear_changed(row->execution);
	return execution_step(row->execution, thread);
}

int row_add(struct row *row, unsigned int thread, uint32_t *state, bool *fresh)
{
	int err = store_stack(row, thread);

	if (!err)
		err = for_changed_lines(row, store_line);
	return err ? err : visited_add(row->visited, state, fresh);
}

/* ---- and back ---- */

static int restore_line(struct row *row, size_t line)
{
	size_t size;
	const void *bytes = visited_get(row->visited, row->piece_of[line], &size);
	unsigned char *place = row->heap + line * EXECUTION_LINE;

	if (size)
		memcpy(place, bytes, EXECUTION_LINE);
	else
		memset(place, 0, EXECUTION_LINE);
	return 0;
}

static void restore_stack(struct row *row, unsigned int thread, const void *bytes, size_t size)
{
	struct execution_parts parts;

	execution_set_stack(row->execution, thread, size);
	execution_parts(row->execution, &parts);
	memcpy(parts.stacks[thread].low, bytes, size);
}

void row_take_back(struct row *row, unsigned int thread)
{
	const void *bytes;
	size_t size;

	note_hot_lines(row);
	visited_rollback(row->visited);
	for_changed_lines(row, restore_line);
	bytes = visited_get(row->visited, thread, &size);
	restore_stack(row, thread, bytes, size);
}

static void put_piece(void *context, size_t piece, const void *bytes, size_t size)
{
	struct row *row = context;

	if (piece < row->threads)
		restore_stack(row, (unsigned int)piece, bytes, size);
	else
		restore_line(row, row->line_at[piece]);
}

void row_load(struct row *row, uint32_t state)
{
	visited_load(row->visited, state, put_piece, row);
}

/* ---- beginning and end ---- */

static bool is_hot(const struct row *row, size_t line)
{
	return row->hot_lines[line / 64] >> (line % 64) & 1;
}

static size_t count_hot_lines(const struct row *row)
{
	size_t hot = 0;

	for (size_t line = 0; line < row->lines; line++)
		hot += is_hot(row, line);
	return hot;
}

/* Gives each line its place: those that were seen to change, then the others. Both parts have at
 * least one. */
static int arrange_lines(struct row *row)
{
	size_t seen = count_hot_lines(row), hot = row->threads, cold;

	row->piece_of = calloc(row->lines, sizeof(*row->piece_of));
	row->line_at = calloc(row->threads + row->lines, sizeof(*row->line_at));
	if (!row->piece_of || !row->line_at)
		return -ENOMEM;
	row->arranged = seen > 0;
	row->hot = seen > 0 ? seen : 1;
	cold = row->threads + row->hot;
	for (size_t line = 0; line < row->lines; line++) {
		bool first = row->arranged ? is_hot(row, line) : line == 0;
		size_t piece = first ? hot++ : cold++;

		row->piece_of[line] = (uint32_t)piece;
		row->line_at[piece] = (uint32_t)line;
	}
	return 0;
}

/* The first state, with every line of the heap that has been used. */
static int add_first(struct row *row)
{
	uint32_t state;
	bool fresh;
	int err = 0;

	for (unsigned int thread = 0; thread < row->threads && !err; thread++)
		err = store_stack(row, thread);
	for (size_t line = 0; line < row->lines / 2 && !err; line++)
		err = store_line(row, line);
	return err ? err : visited_add(row->visited, &state, &fresh);
}

void row_init(struct row *row, struct execution *execution)
{
	*row = (struct row) {.execution = execution,
			     .threads = execution_subject(execution)->thread_count};
}

int row_begin(struct row *row)
{
	struct execution_parts parts;
	int err;

	execution_parts(row->execution, &parts);
	row->heap = parts.heap;
	row->lines = 2 * lines_of(parts.heap_size);
	err = arrange_lines(row);
	if (!err)
		err = visited_create(
			(const size_t[]) {row->threads, row->hot, row->lines - row->hot},
			&row->visited);
	return err ? err : add_first(row);
}

void row_release(struct row *row)
{
	visited_destroy(row->visited);
	free(row->piece_of);
	free(row->line_at);
	row->visited = NULL;
	row->piece_of = row->line_at = NULL;
}

bool row_is_too_small(const struct row *row)
{
	struct execution_parts parts;

	execution_parts(row->execution, &parts);
	return lines_of(parts.heap_size) > row->lines;
}
