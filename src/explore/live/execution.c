/* SPDX-License-Identifier: MIT */
#include "execution.h"

#include "fiber.h"
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HEAP_DEFAULT (32u << 10)

/* Below the lowest frame that was seen: what a function that is not instrumented may have used. */
#define UNSEEN_STACK 1024

const char *point_name(enum point_kind kind)
{
	static const char *const names[] = {
		[POINT_NONE] = "local code", [POINT_LOCK] = "lock",
		[POINT_TRYLOCK] = "trylock", [POINT_UNLOCK] = "unlock",
		[POINT_SLEEP] = "sleep",     [POINT_WAKE] = "wake",
		[POINT_SIGNAL] = "signal",   [POINT_BROADCAST] = "broadcast",
		[POINT_LOAD] = "load",       [POINT_STORE] = "store",
		[POINT_CHANGE] = "change",   [POINT_ALLOCATE] = "allocate",
		[POINT_FREE] = "free",       [POINT_RESCHEDULE] = "reschedule",
	};

	return names[kind];
}

const char *finding_name(enum finding_kind kind)
{
	static const char *const names[] = {
		[FINDING_NONE] = "nothing",
		[FINDING_DEADLOCK] = "deadlock",
		[FINDING_LOST_WAKE_UP] = "lost wake-up",
		[FINDING_DATA_RACE] = "data race",
		[FINDING_USE_AFTER_FREE] = "use after free",
		[FINDING_BAD_FREE] = "bad free",
		[FINDING_WILD_ACCESS] = "wild access",
		[FINDING_LEAK] = "leak",
		[FINDING_LOCK_ORDER] = "lock order",
		[FINDING_LOCK_MISUSE] = "lock misuse",
		[FINDING_INVARIANT] = "invariant",
		[FINDING_EXPECTATION] = "expectation",
		[FINDING_ENDLESS] = "endless",
	};

	return names[kind];
}

/* ---- on fibers ---- */

static void run_thread(void)
{
	live->subject->run(live->subject->context, (unsigned int)live->current);
	for (;;)
		leave_thread(STEP_ENDED);
}

/* ---- on the engine's stack ---- */

static void prepare_threads(struct execution *execution)
{
	for (unsigned int i = 0; i < execution->subject->thread_count; i++)
		execution->threads[i] = (struct thread) {
			.stack = fiber_prepare(stack_top(execution, i), run_thread)};
}

/* What is dead on a stack must not come alive in a later frame. */
static void clear_dead_stack(struct execution *execution, unsigned int thread)
{
	unsigned char *used = stack_top(execution, thread) - STACK_SIZE;
	unsigned char *live_end = execution->threads[thread].stack;

	if (execution->low >= (uintptr_t)used + UNSEEN_STACK)
		used += execution->low - UNSEEN_STACK - (uintptr_t)used;
	if (used > live_end - UNSEEN_STACK)
		used = live_end - UNSEEN_STACK;
	memset(used, 0, (size_t)(live_end - used));
}

static enum step_end run(struct execution *execution, unsigned int thread)
{
	execution->current = (int)thread;
	execution->logged = 0;
	execution->access_count = 0;
	execution->spurious_wake = false;
	execution->finding.kind = FINDING_NONE;
	execution->low = (uintptr_t)execution->threads[thread].stack;
	fiber_switch(&execution->engine, execution->threads[thread].stack);
	execution->current = -1;
	/* Who says what is wrong goes deeper than any step. */
	if (execution->end == STEP_BROKEN)
		execution->low = 0;
	clear_dead_stack(execution, thread);
	return execution->end;
}

enum step_end execution_step(struct execution *execution, unsigned int thread)
{
	return run(execution, thread);
}

enum step_end execution_advance(struct execution *execution, unsigned int thread)
{
	struct thread *self = &execution->threads[thread];
	enum step_end end;

	if (self->waiting && !point_passable(execution, thread, &self->point))
		return STEP_BLOCKED;
	execution->before = true;
	end = run(execution, thread);
	execution->before = false;
	self->ended = end == STEP_ENDED;
	return end;
}

bool execution_can_pass(const struct execution *execution, unsigned int thread)
{
	const struct thread *self = &execution->threads[thread];

	return !self->ended && point_passable(execution, thread, &self->point);
}

const struct point *execution_point(const struct execution *execution, unsigned int thread)
{
	return &execution->threads[thread].point;
}

bool execution_was_spurious(const struct execution *execution)
{
	return execution->spurious_wake;
}

const struct finding *execution_finding(const struct execution *execution)
{
	return &execution->finding;
}

const struct access *execution_accesses(const struct execution *execution, size_t *count)
{
	*count = execution->logged;
	return execution->log;
}

const void *execution_address(const struct execution *execution, uint32_t offset)
{
	return execution->memory + offset;
}

unsigned int execution_locks(const struct execution *execution, unsigned int thread,
			     const void **locks, unsigned int room)
{
	const struct heap *heap = heap_of(execution);
	unsigned int count = heap->held_count[thread];

	if (count > room)
		count = room;
	for (unsigned int i = 0; i < count; i++)
		locks[i] = execution->memory + heap->held[thread][i];
	return count;
}

void execution_for_lock_pairs(const struct execution *execution,
			      void (*visit)(void *context, const void *held, const void *taken),
			      void *context)
{
	for (size_t slot = 0; slot < LOCK_PAIRS; slot++)
		if (execution->lock_pairs[slot])
			visit(context, execution->memory + (execution->lock_pairs[slot] >> 32),
			      execution->memory + (uint32_t)execution->lock_pairs[slot]);
}

const struct subject *execution_subject(const struct execution *execution)
{
	return execution->subject;
}

bool execution_check(struct execution *execution)
{
	const struct subject *subject = execution->subject;

	execution->finding.kind = FINDING_NONE;
	return !subject->check || subject->check(subject->context, &execution->finding);
}

/* The last local code of every thread. False: one reaches a point, or breaks. */
static bool run_tails(struct execution *execution)
{
	for (unsigned int i = 0; i < execution->subject->thread_count; i++) {
		enum step_end end = execution->threads[i].ended ? STEP_ENDED : run(execution, i);

		if (end == STEP_ENDED)
			continue;
		if (end != STEP_BROKEN)
			note_finding(FINDING_DATA_RACE,
				     "what a thread does last depends on what others do last",
				     execution->threads[i].point.code);
		return false;
	}
	return true;
}

static bool check_leaks(struct execution *execution)
{
	const struct block *leaked = heap_leaked(execution);

	if (!leaked)
		return true;
	note_finding(FINDING_LEAK, "is still allocated when all is torn down", leaked->code);
	return false;
}

bool execution_check_end(struct execution *execution)
{
	const struct subject *subject = execution->subject;

	execution->finding.kind = FINDING_NONE;
	if (!run_tails(execution))
		return false;
	if (subject->check_end && !subject->check_end(subject->context, &execution->finding))
		return false;
	if (!subject->tear_down)
		return true;
	subject->tear_down(subject->context);
	return execution->finding.kind == FINDING_NONE && check_leaks(execution);
}

/* ---- beginning and end ---- */

static int make_arena(struct execution *execution)
{
	size_t wanted =
		execution->subject->heap_size ? execution->subject->heap_size : HEAP_DEFAULT;
	void *memory;

	execution->heap_size = (wanted + 4095) / 4096 * 4096;
	if (execution->heap_size > EXECUTION_HEAP_MAX)
		return -EINVAL;
	execution->memory_size =
		execution->heap_size + (size_t)execution->subject->thread_count * STACK_SIZE;
	memory = mmap(NULL, execution->memory_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	execution->memory = memory;
	return 0;
}

static int begin(struct execution *execution)
{
	const struct subject *subject = execution->subject;
	int err = make_arena(execution);

	if (err)
		return err;
	execution->log = calloc(STEP_LOG_MAX, sizeof(*execution->log));
	if (!execution->log)
		return -ENOMEM;
	heap_init(execution);
	err = subject->set_up(subject->context);
	if (!err && execution->finding.kind != FINDING_NONE)
		err = -EINVAL;
	if (err)
		return err;
	prepare_threads(execution);
	execution->initial = malloc(execution_save_size(execution));
	if (!execution->initial)
		return -ENOMEM;
	execution_save(execution, execution->initial);
	return 0;
}

int execution_create(const struct subject *subject, const struct execution_options *options,
		     struct execution **out)
{
	struct execution *execution;
	int err;

	if (live)
		return -EBUSY;
	if (subject->thread_count > EXPLORE_THREADS_MAX)
		return -EINVAL;
	execution = calloc(1, sizeof(*execution));
	if (!execution)
		return -ENOMEM;
	execution->subject = subject;
	if (options)
		execution->options = *options;
	execution->current = -1;
	live = execution;
	err = begin(execution);
	if (err)
		execution_destroy(execution);
	else
		*out = execution;
	return err;
}

void execution_destroy(struct execution *execution)
{
	if (!execution)
		return;
	if (execution->memory)
		munmap(execution->memory, execution->memory_size);
	free(execution->log);
	free(execution->initial);
	free(execution);
	live = NULL;
}
