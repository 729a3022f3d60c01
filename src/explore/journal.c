/* SPDX-License-Identifier: MIT */
#include "journal.h"

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

static int reserve(struct journal *journal, size_t more)
{
	size_t room = journal->room ? journal->room : 1u << 16;
	unsigned char *records;

	if (journal->end + more <= journal->room)
		return 0;
	while (room < journal->end + more)
		room *= 2;
	records = realloc(journal->records, room);
	if (!records)
		return -ENOMEM;
	journal->records = records;
	journal->room = room;
	return 0;
}

static size_t used(const struct journal *journal)
{
	struct execution_parts parts;

	execution_parts(journal->execution, &parts);
	return parts.heap_size;
}

int journal_init(struct journal *journal, struct execution *execution)
{
	struct execution_parts parts;

	*journal = (struct journal) {.execution = execution};
	execution_parts(execution, &parts);
	journal->heap = parts.heap;
	journal->copy = calloc(1, EXECUTION_HEAP_MAX);
	if (!journal->copy)
		return -ENOMEM;
	memcpy(journal->copy, journal->heap, parts.heap_size);
	return 0;
}

static struct record *latest(const struct journal *journal)
{
	return (struct record *)(journal->records + journal->begin);
}

/* Sizes of threads are multiples of words, so that every record and line is aligned. */
int journal_begin(struct journal *journal, unsigned int thread)
{
	size_t size = execution_thread_size(journal->execution, thread);
	struct record *record;
	int err = reserve(journal, sizeof(*record) + size);

	if (err)
		return err;
	record = (struct record *)(journal->records + journal->end);
	*record =
		(struct record) {.previous = journal->begin, .thread_size = size, .thread = thread};
	execution_save_thread(journal->execution, thread, record + 1);
	journal->begin = journal->end;
	journal->end += sizeof(*record) + size;
	execution_clear_changed(journal->execution);
	return 0;
}

static int note_line(struct journal *journal, size_t index)
{
	unsigned char *copy = journal->copy + index * EXECUTION_LINE;
	struct line *line;
	int err = reserve(journal, sizeof(*line));

	if (err)
		return err;
	line = (struct line *)(journal->records + journal->end);
	line->index = index;
	memcpy(line->bytes, copy, EXECUTION_LINE);
	memcpy(copy, journal->heap + index * EXECUTION_LINE, EXECUTION_LINE);
	journal->end += sizeof(*line);
	latest(journal)->lines++;
	return 0;
}

int journal_end(struct journal *journal)
{
	const uint64_t *changed = execution_changed(journal->execution);
	size_t lines = (used(journal) + EXECUTION_LINE - 1) / EXECUTION_LINE;
	int err = 0;

	for (size_t word = 0; word < (lines + 63) / 64; word++)
		for (uint64_t bits = changed[word]; bits && !err; bits &= bits - 1)
			err = note_line(journal, word * 64 + (size_t)__builtin_ctzll(bits));
	return err;
}

void journal_undo(struct journal *journal)
{
	const struct record *record = latest(journal);
	const unsigned char *thread = (const unsigned char *)(record + 1);
	const struct line *lines = (const struct line *)(thread + record->thread_size);

	for (uint32_t i = 0; i < record->lines; i++) {
		size_t offset = lines[i].index * EXECUTION_LINE;

		memcpy(journal->heap + offset, lines[i].bytes, EXECUTION_LINE);
		memcpy(journal->copy + offset, lines[i].bytes, EXECUTION_LINE);
	}
	execution_load_thread(journal->execution, record->thread, thread);
	journal->end = journal->begin;
	journal->begin = record->previous;
}

void journal_restore_heap(struct journal *journal)
{
	memcpy(journal->heap, journal->copy, used(journal));
}

size_t journal_memory(const struct journal *journal)
{
	return journal->room + EXECUTION_HEAP_MAX;
}

void journal_release(struct journal *journal)
{
	free(journal->records);
	free(journal->copy);
	*journal = (struct journal) {0};
}
