/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A thread costs what some ten places do. */
enum { MOST_THREADS = 8, PLACES_FOR_A_THREAD = 256, PLACES_AT_ONCE = 32 };

struct job {
	size_t count;
	int (*work)(void *context, size_t place);
	void *context;
	atomic_size_t next;
	atomic_int result; /* the first that is not 0 */
};

static void *do_work(void *argument)
{
	struct job *job = argument;
	size_t first;

	while (!job->result &&
	       (first = atomic_fetch_add(&job->next, PLACES_AT_ONCE)) < job->count) {
		size_t left = job->count - first;
		size_t end = first + (left < PLACES_AT_ONCE ? left : PLACES_AT_ONCE);

		for (size_t place = first; place < end && !job->result; place++) {
			int result = job->work(job->context, place), none = 0;

			if (result)
				atomic_compare_exchange_strong(&job->result, &none, result);
		}
	}
	return NULL;
}

size_t parallel_width(size_t count)
{
	size_t wanted = count / PLACES_FOR_A_THREAD, processors;
	cpu_set_t set;

	if (wanted < 2 || sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	processors = (size_t)CPU_COUNT(&set);
	if (wanted > processors)
		wanted = processors;
	return wanted < MOST_THREADS ? wanted : MOST_THREADS;
}

/* Signals are the caller's. */
static size_t start_threads(struct job *job, pthread_t *threads, size_t count)
{
	sigset_t all, before;
	size_t started = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < count && pthread_create(&threads[started], NULL, do_work, job) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

int parallel_for(size_t count, int (*work)(void *context, size_t place), void *context)
{
	struct job job = {.count = count, .work = work, .context = context};
	pthread_t threads[MOST_THREADS];
	size_t others = parallel_width(count) - 1;

	others = others ? start_threads(&job, threads, others) : 0;
	do_work(&job);
	for (size_t i = 0; i < others; i++)
		pthread_join(threads[i], NULL);
	return job.result;
}
