/* SPDX-License-Identifier: MIT */
/*
 * The programs of mutex, order, atomic and condition.
 *
 * Local code that leaves something in a register or in its frame is a function of its own, so that
 * nothing is known any more when it has returned.
 */
#include "twins.h"

#include "bind_twin.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct explored_lock mutex[2];
	struct explored_condition filled;
	unsigned int counter, items;
	atomic_uint atomic_counter;
} * shared;

static struct twin_options options;

static int set_up(void *context)
{
	shared = explored_allocate(sizeof(*shared));
	return 0;
}

static void tear_down(void *context)
{
	explored_free(shared);
}

static void increment(unsigned int *number)
{
	(*number)++;
}

static void decrement(unsigned int *number)
{
	(*number)--;
}

static void mutex_round(unsigned int thread)
{
	explored_lock(&shared->mutex[0]);
	increment(&shared->counter);
	explored_unlock(&shared->mutex[0]);
}

static void order_round(unsigned int thread)
{
	explored_lock(&shared->mutex[thread]);
	explored_lock(&shared->mutex[1 - thread]);
	explored_unlock(&shared->mutex[1 - thread]);
	explored_unlock(&shared->mutex[thread]);
}

static unsigned int load(void)
{
	return atomic_load(&shared->atomic_counter);
}

static void store(unsigned int value)
{
	atomic_store(&shared->atomic_counter, value);
}

static void atomic_round(unsigned int thread)
{
	store(load() + 1);
}

static void consume(void)
{
	explored_lock(&shared->mutex[0]);
	while (shared->items == 0)
		explored_wait(&shared->filled, &shared->mutex[0]);
	decrement(&shared->items);
	explored_unlock(&shared->mutex[0]);
}

static void produce(void)
{
	explored_lock(&shared->mutex[0]);
	increment(&shared->items);
	if (options.broadcast)
		explored_broadcast(&shared->filled);
	else
		explored_signal(&shared->filled);
	explored_unlock(&shared->mutex[0]);
}

static void condition_round(unsigned int thread)
{
	if (thread < options.threads)
		consume();
	else
		produce();
}

struct twin {
	const char *model;
	int (*set_up)(void *context);
	void (*tear_down)(void *context);
	void (*round)(unsigned int thread);
};

static const struct twin twins[] = {
	{"mutex", set_up, tear_down, mutex_round},
	{"order", set_up, tear_down, order_round},
	{"atomic", set_up, tear_down, atomic_round},
	{"condition", set_up, tear_down, condition_round},
	{"bind", bind_set_up, bind_tear_down, bind_round},
};

static void run(void *context, unsigned int thread)
{
	const struct twin *twin = context;

	for (unsigned int round = 0; round < options.rounds; round++)
		twin->round(thread);
}

const struct subject *twin_find(const char *model, const struct twin_options *wanted)
{
	static const char *const names[EXPLORE_THREADS_MAX] = {"a", "b", "c", "d",
							       "e", "f", "g", "h"};
	static struct subject subject;

	options = *wanted;
	bind_threads = wanted->threads;
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		if (strcmp(twins[i].model, model) != 0)
			continue;
		subject = (struct subject) {
			.context = (void *)&twins[i],
			.thread_count = options.threads + options.others,
			.thread_names = names,
			.set_up = twins[i].set_up,
			.run = run,
			.tear_down = twins[i].tear_down,
		};
		return &subject;
	}
	return NULL;
}

/* "-DK=3": where the number goes. NULL: no such option. */
static unsigned int *number_of(struct twin_options *wanted, const char *name)
{
	const struct {
		const char *name;
		unsigned int *number;
	} numbers[] = {
		{"-DN=", &wanted->threads},         {"-DTHREADS=", &wanted->threads},
		{"-DCONSUMERS=", &wanted->threads}, {"-DPRODUCERS=", &wanted->others},
		{"-DCLAIMERS=", &wanted->others},   {"-DK=", &wanted->rounds},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strncmp(name, numbers[i].name, strlen(numbers[i].name)) == 0)
			return numbers[i].number;
	return NULL;
}

bool twin_read_option(struct twin_options *wanted, const char *argument)
{
	unsigned int *number = number_of(wanted, argument);

	if (number)
		*number = (unsigned int)strtoul(strchr(argument, '=') + 1, NULL, 10);
	else if (strcmp(argument, "-DBROADCAST") == 0)
		wanted->broadcast = true;
	else
		return false;
	return true;
}
