/* SPDX-License-Identifier: MIT */
/*
 * The points at which threads meet: what each waits for, and what it does.
 *
 * Who holds a lock and who sleeps is in the arena, in the lock and the condition, and part of the
 * state. Outside of threads nobody waits.
 */
#include "live.h"

#define CALLER __builtin_return_address(0)

static bool inside(void)
{
	return live->current >= 0;
}

static uint8_t bit_of(unsigned int thread)
{
	return (uint8_t)(1u << thread);
}

static bool is_signalled(const struct explored_condition *condition, unsigned int thread)
{
	return condition->tokens > 0 && (condition->eligible & bit_of(thread));
}

bool point_passable(const struct execution *execution, unsigned int thread,
		    const struct point *point)
{
	if (point->kind == POINT_LOCK)
		return ((const struct explored_lock *)point->object)->holder == 0;
	if (point->kind == POINT_WAKE)
		return execution->options.spurious || is_signalled(point->object, thread);
	return true;
}

/* As functions with frame pointers leave it on the stack, on the processors known. */
struct frame {
	const struct frame *caller;
	const void *returns_to;
};

/* Where the function in which `code` is was called from; NULL: it is not on this stack. */
static const void *find_caller(const void *code)
{
	const struct frame *frame = __builtin_frame_address(0);

	while (frame && frame->returns_to != code)
		frame = frame->caller;
	return frame && frame->caller ? frame->caller->returns_to : NULL;
}

void point_begin(const struct point *point)
{
	struct thread *thread = &live->threads[live->current];

	thread->point = *point;
	if (live->options.callers)
		thread->point.caller = find_caller(point->code);
	if (live->before) {
		thread->waiting = true;
		leave_thread(STEP_DONE);
		thread->waiting = false;
	}
	while (!point_passable(live, (unsigned int)live->current, &thread->point))
		leave_thread(STEP_BLOCKED);
}

void point_end(void)
{
	if (!live->before)
		leave_thread(STEP_DONE);
}

int explored_thread(void)
{
	return live->current;
}

void point_reschedule(const void *code)
{
	if (!inside())
		return;
	point_begin(&(struct point) {.kind = POINT_RESCHEDULE, .code = code});
	point_end();
}

void explored_reschedule(void)
{
	point_reschedule(CALLER);
}

void explored_fail(enum finding_kind kind, const char *text)
{
	broken(kind, text, CALLER);
}

/* ---- memory ---- */

void *point_allocate(size_t size, const void *code)
{
	struct thread *thread;
	void *memory;

	if (!inside())
		return heap_allocate(live, size, code);
	thread = &live->threads[live->current];
	point_begin(&(struct point) {.kind = POINT_ALLOCATE, .size = size, .code = code});
	memory = heap_allocate(live, size, code);
	if (!memory)
		leave_thread(STEP_FULL);
	thread->point.object = memory;
	point_end();
	return memory;
}

void point_free(void *memory, const void *code)
{
	if (!memory)
		return;
	if (inside())
		point_begin(&(struct point) {.kind = POINT_FREE,
					     .object = memory,
					     .size = heap_size_of(live, memory),
					     .code = code});
	heap_free(live, memory, code);
	if (inside())
		point_end();
}

void *explored_allocate(size_t size)
{
	return point_allocate(size, CALLER);
}

void explored_free(void *memory)
{
	point_free(memory, CALLER);
}

/* ---- locks ---- */

static void note_holder(struct explored_lock *lock, uint8_t holder)
{
	lock->holder = holder;
	note_access(lock, sizeof(*lock), true, true, NULL);
}

/* Past the room there is nothing is noted: a graph of that many locks shows nobody anything. */
static void note_lock_pair(uint32_t held, uint32_t taken)
{
	uint64_t pair = (uint64_t)held << 32 | taken;
	size_t slot = (held / GRANULE * 31 + taken / GRANULE) % LOCK_PAIRS;

	while (live->lock_pairs[slot] && live->lock_pairs[slot] != pair)
		slot = (slot + 1) % LOCK_PAIRS;
	if (live->lock_pairs[slot] || live->lock_pair_count == LOCK_PAIRS / 2)
		return;
	live->lock_pairs[slot] = pair;
	live->lock_pair_count++;
}

static void note_held(const struct heap *heap)
{
	unsigned int thread = (unsigned int)live->current;

	note_access(heap->held[thread], sizeof(heap->held[thread]), true, true, NULL);
	note_access(&heap->held_count[thread], sizeof(uint8_t), true, true, NULL);
}

static void hold(struct explored_lock *lock)
{
	unsigned int thread = (unsigned int)live->current;
	struct heap *heap = heap_of(live);
	uint8_t *count = &heap->held_count[thread];
	uint32_t offset = (uint32_t)((unsigned char *)lock - live->memory);

	note_holder(lock, (uint8_t)(thread + 1));
	if (*count == HELD_MAX)
		leave_broken(FINDING_LOCK_MISUSE, "holds more locks than can be noted", NULL);
	for (unsigned int i = 0; i < *count; i++)
		note_lock_pair(heap->held[thread][i], offset);
	heap->held[thread][(*count)++] = offset;
	note_held(heap);
}

static void let_go(struct explored_lock *lock)
{
	struct heap *heap = heap_of(live);
	uint32_t offset = (uint32_t)((unsigned char *)lock - live->memory);
	uint32_t *held = heap->held[live->current];
	unsigned int place = 0, last = --heap->held_count[live->current];

	while (held[place] != offset)
		place++;
	for (; place < last; place++)
		held[place] = held[place + 1];
	held[last] = 0;
	note_holder(lock, 0);
	note_held(heap);
}

static bool holds(const struct explored_lock *lock)
{
	return lock->holder == live->current + 1;
}

static void take(struct explored_lock *lock, const void *code)
{
	if (holds(lock))
		leave_broken(FINDING_LOCK_MISUSE, "takes a lock that it holds", code);
	point_begin(&(struct point) {.kind = POINT_LOCK, .object = lock, .code = code});
	hold(lock);
	point_end();
}

void point_lock(struct explored_lock *lock, const void *code)
{
	if (inside())
		take(lock, code);
}

void explored_lock(struct explored_lock *lock)
{
	point_lock(lock, CALLER);
}

bool explored_trylock(struct explored_lock *lock)
{
	bool free_now;

	if (!inside())
		return true;
	point_begin(&(struct point) {.kind = POINT_TRYLOCK, .object = lock, .code = CALLER});
	free_now = lock->holder == 0;
	if (free_now)
		hold(lock);
	else
		note_access(lock, sizeof(*lock), false, true, NULL);
	point_end();
	return free_now;
}

void point_unlock(struct explored_lock *lock, const void *code)
{
	if (!inside())
		return;
	if (!holds(lock))
		leave_broken(FINDING_LOCK_MISUSE, "drops a lock that it does not hold", code);
	point_begin(&(struct point) {.kind = POINT_UNLOCK, .object = lock, .code = code});
	let_go(lock);
	point_end();
}

void explored_unlock(struct explored_lock *lock)
{
	point_unlock(lock, CALLER);
}

/* ---- conditions ---- */

static void note_condition(struct explored_condition *condition)
{
	if (condition->tokens == 0)
		condition->eligible = 0;
	note_access(condition, sizeof(*condition), true, true, NULL);
}

static void sleep_on(struct explored_condition *condition, struct explored_lock *lock,
		     const void *code)
{
	point_begin(&(struct point) {
		.kind = POINT_SLEEP, .object = condition, .lock = lock, .code = code});
	condition->waiting |= bit_of((unsigned int)live->current);
	note_condition(condition);
	let_go(lock);
	point_end();
}

static void wake_up(struct explored_condition *condition, const void *code)
{
	unsigned int thread = (unsigned int)live->current;

	point_begin(&(struct point) {.kind = POINT_WAKE, .object = condition, .code = code});
	if (is_signalled(condition, thread))
		condition->tokens--;
	else
		live->spurious_wake = true;
	condition->waiting &= (uint8_t)~bit_of(thread);
	condition->eligible &= (uint8_t)~bit_of(thread);
	note_condition(condition);
	point_end();
}

void explored_wait(struct explored_condition *condition, struct explored_lock *lock)
{
	const void *code = CALLER;

	if (!inside())
		return;
	if (!holds(lock))
		leave_broken(FINDING_LOCK_MISUSE, "waits without the lock that it drops", code);
	sleep_on(condition, lock, code);
	wake_up(condition, code);
	take(lock, code);
}

/* Those that wait now may wake up, `all` of them or one more; never more than there are. */
static void signal_waiters(struct explored_condition *condition, bool all)
{
	unsigned int waiting = (unsigned int)__builtin_popcount(condition->waiting);

	if (all)
		condition->tokens = (uint8_t)waiting;
	else if (condition->tokens < waiting)
		condition->tokens++;
	condition->eligible = condition->waiting;
	note_condition(condition);
}

void explored_signal(struct explored_condition *condition)
{
	if (!inside())
		return;
	point_begin(&(struct point) {.kind = POINT_SIGNAL, .object = condition, .code = CALLER});
	signal_waiters(condition, false);
	point_end();
}

void explored_broadcast(struct explored_condition *condition)
{
	if (!inside())
		return;
	point_begin(&(struct point) {.kind = POINT_BROADCAST, .object = condition, .code = CALLER});
	signal_waiters(condition, true);
	point_end();
}
