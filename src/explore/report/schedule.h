/* SPDX-License-Identifier: MIT */
/*
 * A schedule as people see it: what each step did, where, and what came of it; and as a short text
 * that can be typed, to take the same steps again.
 */
#ifndef DMAOWN_EXPLORE_SCHEDULE_H
#define DMAOWN_EXPLORE_SCHEDULE_H

#include "explore.h"
#include "source_line.h"

/* Strings are owned; NULL where there is nothing to say. */
struct shown_step {
	unsigned int thread;
	enum point_kind kind;
	char *object; /* what the point is at: "A.lock" */
	char *doing;  /* "bind A e1000" */
	char *state;  /* the subject's line on it, after the step */
	struct source_line place;
	char *locks[EXPLORE_THREADS_MAX]; /* that the thread holds after it, oldest first */
	unsigned int lock_count;
};

/* What a thread is at after the last step. */
struct shown_end {
	enum step_end end;    /* of the step that it would take next; DONE: it can go on */
	enum point_kind kind; /* of that step, as the following; NONE: ENDED, or it gets to none */
	char *object, *doing;
	struct source_line place;
	int holder; /* the thread that holds the lock it waits for; -1: none */
};

struct shown_schedule {
	const struct subject *subject;
	struct shown_step *steps;
	size_t count;
	struct shown_end
		*ends; /* by thread; NULL: the last step broke, nobody goes on from there */
	char *before;  /* the subject's line on the first state */
	struct finding finding;
	struct source_line place, other_place; /* the finding's; line 0: nowhere */
};

/*
 * Takes the steps of a schedule on an execution made with `callers`, and notes what they do; then
 * looks for what is wrong there, unless `finding` says it already. `lines` may be NULL. -EINVAL:
 * the schedule doesn't fit, *why, which the caller frees, says at which step; -ENOMEM. *out, which
 * borrows the subject, is released with shown_schedule_release().
 */
int schedule_show(struct execution *execution, const uint8_t *schedule, size_t length,
		  const struct finding *finding, struct source_lines *lines,
		  struct shown_schedule *out, char **why);
void shown_schedule_release(struct shown_schedule *shown);

/* "a3ba2": a letter a thread, and how many steps it takes if more than one. For the caller to free;
 * NULL: no memory. */
char *schedule_to_text(const uint8_t *schedule, size_t length);

/*
 * The schedule of a text, which the caller frees. -EINVAL: it is none, or names a thread past
 * `threads`: *why, which the caller frees, is one line; -ENOMEM.
 */
int schedule_parse(const char *text, unsigned int threads, uint8_t **schedule, size_t *length,
		   char **why);

#endif
