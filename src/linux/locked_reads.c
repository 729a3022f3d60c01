/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "locked_reads.h"

#include "array.h"
#include "clock.h"
#include "parallel.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds without an answer until a device counts as stuck: drivers that work take a second or
 * two. When one is stuck there may be many, so that others are given less and asked side by side.
 */
enum { PATIENCE = 2000, PATIENCE_WHEN_STUCK = 250, ERRANDS_WHEN_STUCK = 8 };

struct locked_read {
	size_t device;
	const struct locked_attribute *attribute;
	enum { WAITING, ASKED, ANSWERED } state;
};

struct desk {
	struct worker *worker;
	size_t reads[WORKER_ERRANDS]; /* their places */
	size_t count, taken;          /* of them, and whose answer was taken */
	long since;                   /* when it began with the first that has no answer */
};

void locked_reads_begin(struct locked_reads *reads, struct crew *crew, struct facts *facts,
			void *context)
{
	*reads = (struct locked_reads) {.crew = crew, .facts = facts, .context = context};
}

/* ---- answers ---- */

/* Takes the newline off what one read gave; there is room for the terminator. */
static void terminate(const struct locked_attribute *attribute, char *text, int *length)
{
	if (attribute->kind == ERRAND_READ && *length > 0 && text[*length - 1] == '\n')
		(*length)--;
	text[*length] = '\0';
}

static void answer(struct locked_reads *reads, size_t place, const char *text, int result)
{
	struct locked_read *read = &reads->all[place];
	int err;

	read->state = ANSWERED;
	err = read->attribute->answer(reads->context, &reads->facts->devices[read->device], text,
				      result);
	if (!reads->err)
		reads->err = err;
}

/* The text is the worker's, and has room for the terminator. */
static void take_answer(struct locked_reads *reads, struct desk *desk)
{
	size_t place = desk->reads[desk->taken];
	const struct locked_attribute *attribute = reads->all[place].attribute;
	char *text = NULL;
	int result = worker_answer(desk->worker, desk->taken++, &text);

	if (result >= 0)
		terminate(attribute, text, &result);
	answer(reads, place, result < 0 ? NULL : text, result);
}

/* ---- giving ---- */

static void make_path(const struct locked_reads *reads, const struct locked_read *read, char *out,
		      size_t size)
{
	const struct device_facts *device = &reads->facts->devices[read->device];

	snprintf(out, size, "sys/bus/%s/devices/%s/%s", device->bus, device->address,
		 read->attribute->name);
}

/* Whether the device is known not to answer: by this look, or by one before. */
static bool is_stuck(struct locked_reads *reads, size_t device, const char *path)
{
	for (size_t i = 0; i < reads->stuck_count; i++) {
		if (reads->stuck[i] == device)
			return true;
	}
	return crew_is_left_at(reads->crew, path);
}

/* false: the desk is full. */
static bool give(struct locked_reads *reads, struct desk *desk, size_t place)
{
	struct locked_read *read = &reads->all[place];
	char path[PATH_MAX];
	struct errand errand = {
		.kind = read->attribute->kind, .path = path, .size = read->attribute->size - 1};

	make_path(reads, read, path, sizeof(path));
	if (is_stuck(reads, read->device, path)) {
		answer(reads, place, NULL, -ETIMEDOUT);
		return true;
	}
	if (desk->count == (reads->stuck_count > 0 ? ERRANDS_WHEN_STUCK : WORKER_ERRANDS) ||
	    worker_add(desk->worker, &errand) != 0)
		return false;
	read->state = ASKED;
	desk->reads[desk->count++] = place;
	return true;
}

/* The first that waits for a worker. */
static size_t next_waiting(struct locked_reads *reads)
{
	while (reads->begun < reads->count && reads->all[reads->begun].state != WAITING)
		reads->begun++;
	return reads->begun;
}

static void answer_waiting(struct locked_reads *reads, int result)
{
	size_t place;

	while ((place = next_waiting(reads)) < reads->count)
		answer(reads, place, NULL, result);
}

static void fill(struct locked_reads *reads, struct desk *desk)
{
	size_t place;

	while ((place = next_waiting(reads)) < reads->count) {
		if (!give(reads, desk, place))
			break;
	}
}

static size_t width(const struct locked_reads *reads)
{
	size_t width = reads->stuck_count > 0 ? LOCKED_READS_AT_ONCE : parallel_width(reads->count);

	return width < LOCKED_READS_AT_ONCE ? width : LOCKED_READS_AT_ONCE;
}

/* Sets one more worker to what waits. false: nothing does, or all that may be are at work. */
static bool set_to_work(struct locked_reads *reads)
{
	struct desk *desk = reads->desks, *end = desk + width(reads);

	if (next_waiting(reads) == reads->count)
		return false;
	while (desk < end && desk->worker)
		desk++;
	if (desk == end)
		return false;
	*desk = (struct desk) {.worker = crew_take(reads->crew), .since = clock_now()};
	if (!desk->worker) {
		answer_waiting(reads, -EAGAIN);
		return false;
	}
	fill(reads, desk);
	if (desk->count > 0)
		worker_begin(desk->worker);
	return true;
}

/* ---- taking ---- */

/* Leaves the worker where it is; what it has not begun waits for another. */
static void give_up(struct locked_reads *reads, struct desk *desk)
{
	size_t place = desk->reads[desk->taken];

	if (reads->stuck_count < MOST_WORKERS)
		reads->stuck[reads->stuck_count++] = reads->all[place].device;
	answer(reads, place, NULL, -ETIMEDOUT);
	for (size_t i = desk->taken + 1; i < desk->count; i++)
		reads->all[desk->reads[i]].state = WAITING;
	reads->begun = 0;
}

/* Takes the answers that are there; the desk is free when it needs its worker no more. */
static void attend(struct locked_reads *reads, struct desk *desk, long now)
{
	size_t done = worker_done(desk->worker), taken = desk->taken;
	long patience = reads->stuck_count > 0 ? PATIENCE_WHEN_STUCK : PATIENCE;

	while (desk->taken < done)
		take_answer(reads, desk);
	if (desk->taken > taken)
		desk->since = now;
	if (worker_is_at_work(desk->worker)) {
		if (now - desk->since < patience || desk->taken == desk->count)
			return;
		give_up(reads, desk);
	}
	crew_give_back(reads->crew, desk->worker);
	desk->worker = NULL;
}

/* Waits, at most so long, until a worker has something to tell. */
static void wait_for_workers(const struct locked_reads *reads, long milliseconds)
{
	struct worker *workers[LOCKED_READS_AT_ONCE];
	size_t count = 0;

	for (size_t i = 0; i < LOCKED_READS_AT_ONCE; i++) {
		if (reads->desks[i].worker)
			workers[count++] = reads->desks[i].worker;
	}
	if (count > 0)
		workers_wait(workers, count, milliseconds);
}

/* false: nobody is at work, and nothing waits. */
static bool go_on(struct locked_reads *reads, long milliseconds)
{
	bool busy = false;

	while (set_to_work(reads))
		;
	wait_for_workers(reads, milliseconds);
	for (size_t i = 0; i < LOCKED_READS_AT_ONCE; i++) {
		if (reads->desks[i].worker)
			attend(reads, &reads->desks[i], clock_now());
		busy = busy || reads->desks[i].worker;
	}
	return busy || next_waiting(reads) < reads->count;
}

int locked_reads_add(struct locked_reads *reads, size_t device,
		     const struct locked_attribute *attribute)
{
	struct locked_read *more = array_with_room(reads->all, reads->count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	reads->all = more;
	if (!reads->desks)
		reads->desks = calloc(LOCKED_READS_AT_ONCE, sizeof(*reads->desks));
	if (!reads->desks)
		return -ENOMEM;
	reads->all[reads->count++] =
		(struct locked_read) {.device = device, .attribute = attribute, .state = WAITING};
	if (reads->count % WORKER_ERRANDS == 0)
		go_on(reads, 0);
	return 0;
}

int locked_reads_end(struct locked_reads *reads)
{
	while (reads->count > 0 && go_on(reads, PATIENCE_WHEN_STUCK))
		;
	free(reads->all);
	free(reads->desks);
	return reads->err;
}

/* ---- one alone ---- */

int locked_read(struct crew *crew, const char *path, char *out, size_t size)
{
	struct errand errand = {.kind = ERRAND_READ, .path = path, .text = out, .size = size - 1};
	int length = crew_is_left_at(crew, path) ? -ETIMEDOUT : crew_do(crew, &errand, PATIENCE);

	if (length < 0)
		return length;
	if (length > 0 && out[length - 1] == '\n')
		length--;
	out[length] = '\0';
	return length;
}
