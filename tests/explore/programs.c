/* SPDX-License-Identifier: MIT */
#include "programs.h"

#include <stdatomic.h>
#include <string.h>

#define OPERATIONS_MAX 4
#define OBJECTS 2

enum operation_kind {
	TAKE,
	TRY,
	DROP,
	READ,
	WRITE,
	ADD,
	SLEEP,
	SIGNAL,
	BROADCAST,
	GET,
	GIVE_BACK,
	OPERATION_KINDS
};

static const char *const operation_names[] = {"take",      "try", "drop",     "read",
					      "write",     "add", "sleep",    "signal",
					      "broadcast", "get", "give-back"};

struct operation {
	enum operation_kind kind;
	unsigned int object;
};

/* Constant while it is explored. */
static struct program {
	struct subject subject;
	unsigned int counts[EXPLORE_THREADS_MAX];
	struct operation operations[EXPLORE_THREADS_MAX][OPERATIONS_MAX];
} program;

struct shared {
	struct explored_lock locks[OBJECTS];
	struct explored_condition conditions[OBJECTS];
	_Atomic uint16_t atomics[OBJECTS];
	uint64_t seen[EXPLORE_THREADS_MAX]; /* by each thread, which alone touches its own */
};

static struct shared *shared;
static const char *const names[] = {"a", "b", "c"};

/* What a thread has now. */
struct holding {
	bool locks[OBJECTS];
	void *memory;
};

static void see(unsigned int thread, uint64_t value)
{
	shared->seen[thread] = shared->seen[thread] * 31 + value + 1;
}

static void take(unsigned int object, struct holding *holding)
{
	if (!holding->locks[object])
		explored_lock(&shared->locks[object]);
	holding->locks[object] = true;
}

static void try_to_take(unsigned int thread, unsigned int object, struct holding *holding)
{
	if (holding->locks[object])
		return;
	holding->locks[object] = explored_trylock(&shared->locks[object]);
	see(thread, holding->locks[object]);
}

static void drop(unsigned int object, struct holding *holding)
{
	if (holding->locks[object])
		explored_unlock(&shared->locks[object]);
	holding->locks[object] = false;
}

static void get(unsigned int thread, struct holding *holding)
{
	if (holding->memory)
		return;
	holding->memory = explored_allocate(8);
	see(thread, (uint64_t)((unsigned char *)holding->memory - (unsigned char *)shared));
}

static void give_back(struct holding *holding)
{
	explored_free(holding->memory);
	holding->memory = NULL;
}

static void touch(unsigned int thread, enum operation_kind kind, _Atomic uint16_t *atomic)
{
	if (kind == READ)
		see(thread, atomic_load(atomic));
	else if (kind == WRITE)
		atomic_store(atomic, (uint16_t)(thread + 1));
	else
		see(thread, atomic_fetch_add(atomic, 16));
}

static void sleep_until_signalled(unsigned int object, const struct holding *holding)
{
	if (holding->locks[object])
		explored_wait(&shared->conditions[object], &shared->locks[object]);
}

static void perform(unsigned int thread, const struct operation *operation, struct holding *holding)
{
	unsigned int object = operation->object;

	switch (operation->kind) {
	case TAKE:
		take(object, holding);
		break;
	case TRY:
		try_to_take(thread, object, holding);
		break;
	case DROP:
		drop(object, holding);
		break;
	case READ:
	case WRITE:
	case ADD:
		touch(thread, operation->kind, &shared->atomics[object]);
		break;
	case SLEEP:
		sleep_until_signalled(object, holding);
		break;
	case SIGNAL:
		explored_signal(&shared->conditions[object]);
		break;
	case BROADCAST:
		explored_broadcast(&shared->conditions[object]);
		break;
	case GET:
		get(thread, holding);
		break;
	case GIVE_BACK:
		give_back(holding);
		break;
	default:
		break;
	}
}

static void run(void *context, unsigned int thread)
{
	struct holding holding = {0};

	for (unsigned int i = 0; i < program.counts[thread]; i++)
		perform(thread, &program.operations[thread][i], &holding);
}

static int set_up(void *context)
{
	shared = explored_allocate(sizeof(*shared));
	return 0;
}

static uint32_t next(uint64_t *random)
{
	*random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*random >> 33);
}

const struct subject *program_make(unsigned int number)
{
	uint64_t random = number * UINT64_C(0x9E3779B97F4A7C15) + 1;
	/* Some kinds only, and mostly one object, so that threads meet. */
	enum operation_kind first = next(&random) % OPERATION_KINDS;
	unsigned int kinds = 2 + next(&random) % (OPERATION_KINDS - 1);

	program = (struct program) {.subject = {.thread_count = 2 + next(&random) % 2,
						.thread_names = names,
						.heap_size = 4096,
						.set_up = set_up,
						.run = run}};
	for (unsigned int thread = 0; thread < program.subject.thread_count; thread++) {
		program.counts[thread] = 2 + next(&random) % (OPERATIONS_MAX - 1);
		for (unsigned int i = 0; i < program.counts[thread]; i++)
			program.operations[thread][i] = (struct operation) {
				(first + next(&random) % kinds) % OPERATION_KINDS,
				next(&random) % 4 == 0};
	}
	return &program.subject;
}

uint64_t program_outcome(void)
{
	const unsigned char *bytes = (const unsigned char *)shared;
	uint64_t digest = 0;

	for (size_t i = 0; i < sizeof(*shared); i++)
		digest = (digest ^ bytes[i]) * UINT64_C(0x100000001B3);
	return digest;
}

void program_print(FILE *out)
{
	for (unsigned int thread = 0; thread < program.subject.thread_count; thread++) {
		for (unsigned int i = 0; i < program.counts[thread]; i++)
			fprintf(out, "%s %u; ", operation_names[program.operations[thread][i].kind],
				program.operations[thread][i].object);
		fputs("\n", out);
	}
}
