/* SPDX-License-Identifier: MIT */
#include "rewind.h"
#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A record: its head, the thread, then lines as they were. `previous` is where the record before
 * begins.
 */
struct record {
	size_t previous, thread_size;
	uint32_t thread, lines;
};

struct line {
	uint64_t index;
	unsigned char bytes[EXECUTION_LINE];
};

static int reserve(struct rewind *rewind, size_t more)
{
	unsigned char *records =
		array_with_place(rewind->records, &rewind->room, rewind->end + more - 1, 1);

	if (!records)
		return -ENOMEM;
	rewind->records = records;
	return 0;
}

static size_t used(const struct rewind *rewind)
{
	struct execution_parts parts;

	execution_parts(rewind->execution, &parts);
	return parts.heap_size;
}

int rewind_init(struct rewind *rewind, struct execution *execution)
{
	struct execution_parts parts;

	*rewind = (struct rewind) {.execution = execution};
	execution_parts(execution, &parts);
	rewind->heap = parts.heap;
	rewind->copy = calloc(1, EXECUTION_HEAP_MAX);
	if (!rewind->copy)
		return -ENOMEM;
	memcpy(rewind->copy, rewind->heap, parts.heap_size);
	return 0;
}

static struct record *latest(const struct rewind *rewind)
{
	return (struct record *)(rewind->records + rewind->begin);
}

/* Sizes of threads are multiples of words, so that every record and line is aligned. */
int rewind_begin(struct rewind *rewind, unsigned int thread)
{
	size_t size = execution_thread_size(rewind->execution, thread);
	struct record *record;
	int err = reserve(rewind, sizeof(*record) + size);

	if (err)
		return err;
	record = (struct record *)(rewind->records + rewind->end);
	*record =
		(struct record) {.previous = rewind->begin, .thread_size = size, .thread = thread};
	execution_save_thread(rewind->execution, thread, record + 1);
	rewind->begin = rewind->end;
	rewind->end += sizeof(*record) + size;
	execution_clear_changed(rewind->execution);
	return 0;
}

static int note_line(struct rewind *rewind, size_t index)
{
	unsigned char *copy = rewind->copy + index * EXECUTION_LINE;
	struct line *line;
	int err = reserve(rewind, sizeof(*line));

	if (err)
		return err;
	line = (struct line *)(rewind->records + rewind->end);
	line->index = index;
	memcpy(line->bytes, copy, EXECUTION_LINE);
	memcpy(copy, rewind->heap + index * EXECUTION_LINE, EXECUTION_LINE);
	rewind->end += sizeof(*line);
	latest(rewind)->lines++;
	return 0;
}

int rewind_end(struct rewind *rewind)
{
	const uint64_t *changed = execution_changed(rewind->execution);
	size_t lines = (used(rewind) + EXECUTION_LINE - 1) / EXECUTION_LINE;
	int err = 0;

	for (size_t word = 0; word < (lines + 63) / 64; word++)
		for (uint64_t bits = changed[word]; bits && !err; bits &= bits - 1)
			err = note_line(rewind, word * 64 + (size_t)__builtin_ctzll(bits));
	return err;
}

void rewind_undo(struct rewind *rewind)
{
	const struct record *record = latest(rewind);
	const unsigned char *thread = (const unsigned char *)(record + 1);
	const struct line *lines = (const struct line *)(thread + record->thread_size);

	for (uint32_t i = 0; i < record->lines; i++) {
		size_t offset = lines[i].index * EXECUTION_LINE;

		memcpy(rewind->heap + offset, lines[i].bytes, EXECUTION_LINE);
		memcpy(rewind->copy + offset, lines[i].bytes, EXECUTION_LINE);
	}
	execution_load_thread(rewind->execution, record->thread, thread);
	rewind->end = rewind->begin;
	rewind->begin = record->previous;
}

void rewind_restore_heap(struct rewind *rewind)
{
	memcpy(rewind->heap, rewind->copy, used(rewind));
}

size_t rewind_memory(const struct rewind *rewind)
{
	return rewind->room + EXECUTION_HEAP_MAX;
}

void rewind_release(struct rewind *rewind)
{
	free(rewind->records);
	free(rewind->copy);
	*rewind = (struct rewind) {0};
}
