/* SPDX-License-Identifier: MIT */
/*
 * Workers: processes that do what may never end, so that whoever asks need not wait for it.
 *
 * A read or a write that waits for a device's lock ends when the device's driver has ended its
 * probe or unbind, and a driver may never end. No signal reaches a thread that waits in there, and
 * a process is not gone before all of its threads are. So errands are done by processes of their
 * own: they are told what to do and tell when it is done through a socket, and are kept for the
 * next errands. One that is not done in time is *left*: it ends when it can, even after us.
 *
 * A worker has none of our descriptors but the root, so that nobody who waits for the end of a pipe
 * or of a lock waits for it. Where it can (errand.h), it lives in our memory, which makes it cheap:
 * a fork copies our page tables, and both sides then pay for each page that is written. It uses
 * nothing there but what is its own, so that it is no matter what we do meanwhile, or whether we
 * are still there.
 *
 * A *crew* is the workers of one root. It may be used by several threads; a worker that was taken
 * is one thread's.
 */
#ifndef DMAOWN_LINUX_WORKERS_H
#define DMAOWN_LINUX_WORKERS_H

#include "errand.h"
#include "list.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* How often an errand is given to another worker when one was killed before it began. */
enum { WORKER_ERRANDS = 64, MOST_WORKERS = 64, TRIES_WITH_OTHERS = 8 };

struct worker;

struct crew {
	int root;
	pthread_mutex_t lock; /* guards what follows */
	struct list idle, left;
	size_t left_count;
};

/* The root, an O_PATH descriptor, stays the caller's and open until crew_end(). */
void crew_init(struct crew *crew, int root);

/* Lets all go. What workers that are left have of our memory stays theirs. */
void crew_end(struct crew *crew);

/* An idle worker or a new one; undone by crew_give_back(). NULL: there is no room for another
 * process, or too many are left. */
struct worker *crew_take(struct crew *crew);

/* The same, of those that this thread hired: only they end with it. An errand with a guard is given
 * to no others. */
struct worker *crew_take_own(struct crew *crew);

/* Keeps a worker that is idle, leaves one that is at work, and forgets one that has ended. */
void crew_give_back(struct crew *crew, struct worker *worker);

/* Whether a worker that was left is still at that path. */
bool crew_is_left_at(struct crew *crew, const char *path);

/* Does one errand, waiting so long for it. -ETIMEDOUT: it is not done yet; -EAGAIN: there is no
 * worker for it; -EIO: its worker was killed when it had begun, or several had before; else the
 * errand's result. */
int crew_do(struct crew *crew, struct errand *errand, long milliseconds);

/* Adds a copy of an errand, with its text if that is to be written, to what an idle worker is to
 * do. -ENOBUFS: it has no room for more, or never has for that. */
int worker_add(struct worker *worker, const struct errand *errand);

/* Lets it begin. */
void worker_begin(struct worker *worker);

/* Waits until one of them is done with all that it was given, or has ended. false: the time is
 * over. */
bool workers_wait(struct worker *const *workers, size_t count, long milliseconds);

bool worker_is_at_work(const struct worker *worker);

/* How many of its errands, the first ones, have their result. */
size_t worker_done(const struct worker *worker);

/* Whether it was killed before it began with the first of its errands, so that others may do them.
 */
bool worker_was_lost(const struct worker *worker);

/* The path of one of them. */
const char *worker_path(const struct worker *worker, size_t place);

/* The result of one of them, with what was read and room for a terminator; it lives until the
 * worker is given back. Of an errand that a killed worker was at, or had not begun, -EIO. */
int worker_answer(const struct worker *worker, size_t place, char **text);

#endif
