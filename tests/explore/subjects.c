/* SPDX-License-Identifier: MIT */
#include "subjects.h"

#include <stdatomic.h>
#include <string.h>

unsigned int pattern_rounds = 1;

/* What they all share, in the arena. */
struct shared {
	struct explored_lock lock, other_lock;
	struct explored_condition condition;
	struct explored_lock locks[EXPLORE_THREADS_MAX];
	int counter;
	bool ready;
	atomic_int atomic;
	int *memory;
};

static struct shared *shared;
static const char *const names[EXPLORE_THREADS_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h"};

static int set_up(void *context)
{
	shared = explored_allocate(sizeof(*shared));
	return 0;
}

static void tear_down(void *context)
{
	explored_free(shared);
}

static void count(void)
{
	shared->counter++;
}

/* Updates that commute: only how many there were is left of them. */
static void run_mutex(void *context, unsigned int thread)
{
	for (unsigned int i = 0; i < pattern_rounds; i++) {
		explored_lock(&shared->lock);
		count();
		explored_unlock(&shared->lock);
	}
}

static void run_order(void *context, unsigned int thread)
{
	struct explored_lock *first = thread ? &shared->other_lock : &shared->lock;
	struct explored_lock *second = thread ? &shared->lock : &shared->other_lock;

	for (unsigned int i = 0; i < pattern_rounds; i++) {
		explored_lock(first);
		explored_lock(second);
		explored_unlock(second);
		explored_unlock(first);
	}
}

static void run_atomic(void *context, unsigned int thread)
{
	for (unsigned int i = 0; i < pattern_rounds; i++)
		atomic_store(&shared->atomic, atomic_load(&shared->atomic) + 1);
}

/* The first waits for what the others do. */
static void run_condition(void *context, unsigned int thread)
{
	explored_lock(&shared->lock);
	if (thread == 0) {
		while (!shared->ready)
			explored_wait(&shared->condition, &shared->lock);
	} else {
		shared->ready = true;
		explored_signal(&shared->condition);
	}
	explored_unlock(&shared->lock);
}

/* Looks before it takes the lock, and so may sleep through the signal. */
static void run_lost_wake_up(void *context, unsigned int thread)
{
	if (thread == 0) {
		if (!atomic_load(&shared->atomic)) {
			explored_lock(&shared->lock);
			explored_wait(&shared->condition, &shared->lock);
			explored_unlock(&shared->lock);
		}
	} else {
		atomic_store(&shared->atomic, 1);
		explored_signal(&shared->condition);
	}
}

static int set_up_memory(void *context)
{
	set_up(context);
	shared->memory = explored_allocate(sizeof(int));
	return 0;
}

/* One frees what the other still uses: each is right alone. */
static void run_use_after_free(void *context, unsigned int thread)
{
	int *memory;

	explored_lock(&shared->lock);
	memory = shared->memory;
	if (thread == 0)
		shared->memory = NULL;
	explored_unlock(&shared->lock);
	if (thread == 0) {
		explored_free(memory);
	} else if (memory) {
		explored_reschedule();
		*memory = 1;
	}
}

static void tear_down_memory(void *context)
{
	explored_free(shared->memory);
	explored_free(shared);
}

/* Both take the lock, and one of them drops it too early. */
static void run_race(void *context, unsigned int thread)
{
	explored_lock(&shared->lock);
	if (thread == 0)
		shared->counter++;
	explored_unlock(&shared->lock);
	if (thread == 1)
		shared->counter++;
}

/* Both find no memory, and the first one's is forgotten. */
static void run_leak(void *context, unsigned int thread)
{
	bool missing;
	int *memory;

	explored_lock(&shared->lock);
	missing = !shared->memory;
	explored_unlock(&shared->lock);
	if (!missing)
		return;
	memory = explored_allocate(sizeof(*memory));
	explored_lock(&shared->lock);
	shared->memory = memory;
	explored_unlock(&shared->lock);
}

static void run_trylock(void *context, unsigned int thread)
{
	while (!explored_trylock(&shared->lock))
		;
	shared->counter++;
	explored_unlock(&shared->lock);
}

/* Each takes its turn away from the other before it looks whether it was its own. */
static void run_endless(void *context, unsigned int thread)
{
	do {
		atomic_store(&shared->atomic, 1 - (int)thread);
	} while (atomic_load(&shared->atomic) != (int)thread);
}

static void run_double_free(void *context, unsigned int thread)
{
	int *memory;

	explored_lock(&shared->lock);
	memory = shared->memory;
	explored_unlock(&shared->lock);
	explored_free(memory);
}

static void run_drops_foreign(void *context, unsigned int thread)
{
	if (thread == 0)
		explored_lock(&shared->lock);
	else
		explored_unlock(&shared->lock);
}

static void run_takes_twice(void *context, unsigned int thread)
{
	explored_lock(&shared->lock);
	explored_lock(&shared->lock);
}

/* Each has its own lock; no order matters. */
static void run_independent(void *context, unsigned int thread)
{
	for (unsigned int i = 0; i < pattern_rounds; i++) {
		explored_lock(&shared->locks[thread]);
		explored_unlock(&shared->locks[thread]);
	}
}

/* The first writes, the others read. */
static void run_readers(void *context, unsigned int thread)
{
	if (thread == 0)
		atomic_store(&shared->atomic, 1);
	else
		atomic_load(&shared->atomic);
}

/* Two that take what a third one may hold: whether they get it is all that matters. */
static void run_tries(void *context, unsigned int thread)
{
	if (thread == 0) {
		explored_lock(&shared->lock);
		explored_unlock(&shared->lock);
	} else if (explored_trylock(&shared->lock)) {
		explored_unlock(&shared->lock);
	}
}

static bool check_counter(void *context, struct finding *finding)
{
	if (shared->counter < 3)
		return true;
	finding->kind = FINDING_INVARIANT;
	strncpy(finding->text, "the counter has come to 3", sizeof(finding->text) - 1);
	return false;
}

static bool check_no_update_lost(void *context, struct finding *finding)
{
	if (shared->atomic == 2 * (int)pattern_rounds)
		return true;
	finding->kind = FINDING_EXPECTATION;
	strncpy(finding->text, "an update was lost", sizeof(finding->text) - 1);
	return false;
}

static bool name(void *context, const void *object, FILE *out)
{
	if (object == &shared->lock)
		fputs("lock", out);
	else if (object == &shared->other_lock)
		fputs("other lock", out);
	else if (object == &shared->condition)
		fputs("condition", out);
	else if (object == &shared->counter)
		fputs("counter", out);
	else
		return false;
	return true;
}

#define SUBJECT(threads, program)                                                                  \
	.thread_count = threads, .thread_names = names, .heap_size = 4096, .set_up = set_up,       \
	.tear_down = tear_down, .run = program, .name = name
#define SUBJECT_WITH_MEMORY(program)                                                               \
	.thread_count = 2, .thread_names = names, .heap_size = 4096, .set_up = set_up_memory,      \
	.tear_down = tear_down_memory, .run = program, .name = name

struct pattern patterns[] = {
	{"mutex", {SUBJECT(2, run_mutex)}},
	{"order", {SUBJECT(2, run_order)}},
	{"atomic", {SUBJECT(2, run_atomic)}},
	{"independent", {SUBJECT(2, run_independent)}},
	{"readers", {SUBJECT(2, run_readers)}},
	{"tries", {SUBJECT(2, run_tries)}},
	{"condition", {SUBJECT(2, run_condition)}},
	{"lost-wake-up", {SUBJECT(2, run_lost_wake_up)}},
	{"use-after-free", {SUBJECT_WITH_MEMORY(run_use_after_free)}},
	{"data-race", {SUBJECT(2, run_race)}},
	{"leak",
	 {.thread_count = 2,
	  .thread_names = names,
	  .heap_size = 4096,
	  .set_up = set_up,
	  .tear_down = tear_down_memory,
	  .run = run_leak}},
	{"trylock", {SUBJECT(2, run_trylock)}},
	{"endless", {SUBJECT(2, run_endless)}},
	{"double-free", {SUBJECT_WITH_MEMORY(run_double_free)}},
	{"drops-foreign", {SUBJECT(2, run_drops_foreign)}},
	{"takes-twice", {SUBJECT(2, run_takes_twice)}},
	{"invariant", {SUBJECT(3, run_mutex), .check = check_counter}},
	{"lost-update", {SUBJECT(2, run_atomic), .check_end = check_no_update_lost}},
	{0},
};

struct subject *pattern_find(const char *wanted)
{
	for (struct pattern *pattern = patterns; pattern->name; pattern++)
		if (strcmp(pattern->name, wanted) == 0)
			return &pattern->subject;
	return NULL;
}
