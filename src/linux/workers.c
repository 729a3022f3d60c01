/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "workers.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

enum { STACK_SIZE = 16 << 10, TEXT_SIZE = 40 << 10, PIECE = _Alignof(max_align_t) };

/*
 * Lies in a mapping of its own, above the worker's stack, that both have. While it is at work the
 * worker alone writes to the errands, to `begun` and to `done`.
 */
struct worker {
	struct list link; /* on one of the crew's lists, or on none */
	pid_t pid;
	pid_t process, thread; /* that hired it */
	int socket;            /* our end */
	int root, own;         /* the worker's descriptors */
	bool shares_memory;    /* all of ours */
	bool at_work, ended;
	atomic_size_t count; /* of errands to do */
	atomic_size_t begun, done;
	size_t used; /* of the text, in which every piece lies as a struct may */
	struct errand errands[WORKER_ERRANDS];
	_Alignas(max_align_t) char text[TEXT_SIZE];
};

enum { MAPPING_SIZE = STACK_SIZE + sizeof(struct worker) };

/* ---- in the worker ---- */

static void do_errands(struct worker *worker)
{
	for (size_t i = 0; i < atomic_load(&worker->count); i++) {
		atomic_store(&worker->begun, i + 1);
		errand_do(worker->root, &worker->errands[i]);
		atomic_store(&worker->done, i + 1);
	}
}

static void close_between(long first, long end)
{
	if (first < end)
		bare_call(SYS_close_range, first, end - 1, 0, 0, 0);
}

/* Keeps the root and the socket alone, and no terminal whose signals would end a change halfway. */
static int work(void *argument)
{
	struct worker *worker = argument;
	int low = worker->root < worker->own ? worker->root : worker->own;
	int high = worker->root < worker->own ? worker->own : worker->root;
	char byte;

	bare_call(SYS_setsid, 0, 0, 0, 0, 0);
	close_between(0, low);
	close_between(low + 1, high);
	bare_call(SYS_close_range, high + 1, ~0U, 0, 0, 0);
	while (bare_call(SYS_read, worker->own, (long)&byte, 1, 0, 0) == 1) {
		do_errands(worker);
		if (bare_call(SYS_write, worker->own, (long)&byte, 1, 0, 0) != 1)
			break;
	}
	bare_call(SYS_exit_group, 0, 0, 0, 0, 0);
	return 0;
}

/* ---- hiring ---- */

/* Sanitizers know a process that shares our memory for none of our threads, and valgrind does not
 * run one. */
static bool may_share_memory(void)
{
	return calls_are_bare && !SANITIZED && !RUNNING_ON_VALGRIND;
}

/* With all signals blocked, as no handler of ours may run in our memory but for us. No signal tells
 * of the end of a worker that shares it. */
static pid_t start(struct worker *worker)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (worker->shares_memory)
		pid = clone(work, worker, CLONE_VM, worker);
	else
		pid = fork();
	if (pid == 0)
		_exit(work(worker));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static struct worker *map_worker(void)
{
	bool shares = may_share_memory();
	char *mapping = mmap(NULL, MAPPING_SIZE, PROT_READ | PROT_WRITE,
			     (shares ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS, -1, 0);
	struct worker *worker;

	if (mapping == MAP_FAILED)
		return NULL;
	worker = (struct worker *)(void *)(mapping + STACK_SIZE);
	worker->shares_memory = shares;
	list_init(&worker->link);
	return worker;
}

static void unmap_worker(struct worker *worker)
{
	munmap((char *)worker - STACK_SIZE, MAPPING_SIZE);
}

static struct worker *hire(const struct crew *crew)
{
	struct worker *worker;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return NULL;
	worker = map_worker();
	if (!worker)
		goto close_sockets;
	worker->process = getpid();
	worker->thread = gettid();
	worker->root = crew->root;
	worker->socket = sockets[0];
	worker->own = sockets[1];
	worker->pid = start(worker);
	if (worker->pid < 0)
		goto unmap;
	close(sockets[1]);
	return worker;

unmap:
	unmap_worker(worker);
close_sockets:
	close(sockets[0]);
	close(sockets[1]);
	return NULL;
}

/* ---- the crew ---- */

void crew_init(struct crew *crew, int root)
{
	*crew = (struct crew) {.root = root};
	pthread_mutex_init(&crew->lock, NULL);
	list_init(&crew->idle);
	list_init(&crew->left);
}

/* One that is idle ends as its socket does. */
static void dismiss(struct worker *worker)
{
	list_del(&worker->link);
	close(worker->socket);
	while (waitpid(worker->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	unmap_worker(worker);
}

static void leave_for_good(struct worker *worker)
{
	list_del(&worker->link);
	close(worker->socket);
	waitpid(worker->pid, NULL, WNOHANG | __WALL);
	if (!worker->shares_memory)
		unmap_worker(worker);
}

void crew_end(struct crew *crew)
{
	while (!list_empty(&crew->idle))
		dismiss(list_first_entry(&crew->idle, struct worker, link));
	while (!list_empty(&crew->left))
		leave_for_good(list_first_entry(&crew->left, struct worker, link));
	pthread_mutex_destroy(&crew->lock);
}

/* Takes the word of a worker that has one: that it is done, or has ended. */
static void hear(struct worker *worker, int flags)
{
	char byte;
	ssize_t length = recv(worker->socket, &byte, 1, flags);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	worker->at_work = false;
	worker->ended = length != 1;
}

static void clear(struct worker *worker)
{
	worker->count = worker->begun = worker->done = 0;
	worker->used = 0;
}

/* With the crew locked. */
static void put_away(struct crew *crew, struct worker *worker)
{
	list_del(&worker->link);
	if (worker->ended) {
		dismiss(worker);
		return;
	}
	clear(worker);
	list_add_tail(&worker->link, &crew->idle);
}

/* Whoever was left and is done at last can be had again. With the crew locked. */
static void welcome_back(struct crew *crew)
{
	struct worker *worker, *next;

	list_for_each_entry_safe (worker, next, &crew->left, link) {
		hear(worker, MSG_DONTWAIT);
		if (worker->at_work)
			continue;
		crew->left_count--;
		put_away(crew, worker);
	}
}

/* An idle one that nobody has killed, hired by that thread, or by any with 0; NULL: there is none.
 * With the crew locked. */
static struct worker *find_idle(struct crew *crew, pid_t thread)
{
	struct worker *worker, *next;

	list_for_each_entry_safe (worker, next, &crew->idle, link) {
		if (thread && worker->thread != thread)
			continue;
		hear(worker, MSG_DONTWAIT);
		if (!worker->ended) {
			list_del(&worker->link);
			return worker;
		}
		dismiss(worker);
	}
	return NULL;
}

static struct worker *take(struct crew *crew, pid_t thread)
{
	struct worker *worker;
	bool room;

	pthread_mutex_lock(&crew->lock);
	welcome_back(crew);
	room = crew->left_count < MOST_WORKERS;
	worker = find_idle(crew, thread);
	pthread_mutex_unlock(&crew->lock);
	return worker || !room ? worker : hire(crew);
}

struct worker *crew_take(struct crew *crew)
{
	return take(crew, 0);
}

/* The kernel tells a process that its parent has died when the thread has that started it. */
struct worker *crew_take_own(struct crew *crew)
{
	return take(crew, gettid());
}

/* What it is at is the last that it does. */
static void leave(struct crew *crew, struct worker *worker)
{
	atomic_store(&worker->count, atomic_load(&worker->done) + 1);
	list_add_tail(&worker->link, &crew->left);
	crew->left_count++;
}

void crew_give_back(struct crew *crew, struct worker *worker)
{
	pthread_mutex_lock(&crew->lock);
	if (worker->at_work)
		leave(crew, worker);
	else
		put_away(crew, worker);
	pthread_mutex_unlock(&crew->lock);
}

bool crew_is_left_at(struct crew *crew, const char *path)
{
	struct worker *worker;
	bool found = false;

	pthread_mutex_lock(&crew->lock);
	welcome_back(crew);
	list_for_each_entry (worker, &crew->left, link) {
		size_t place = atomic_load(&worker->count) - 1;

		found = found || strcmp(worker->errands[place].path, path) == 0;
	}
	pthread_mutex_unlock(&crew->lock);
	return found;
}

/* ---- errands ---- */

/* Room in the text, with a copy of a terminated text in it where there is one. */
static char *add_text(struct worker *worker, const char *text, size_t size)
{
	char *place = worker->text + worker->used;

	if (worker->used > sizeof(worker->text) || size > sizeof(worker->text) - worker->used)
		return NULL;
	if (text)
		memcpy(place, text, size);
	worker->used += (size + PIECE - 1) / PIECE * PIECE;
	return place;
}

int worker_add(struct worker *worker, const struct errand *errand)
{
	struct errand *added = &worker->errands[worker->count];
	size_t used = worker->used;

	if (worker->count == WORKER_ERRANDS)
		return -ENOBUFS;
	*added = *errand;
	added->path = add_text(worker, errand->path, strlen(errand->path) + 1);
	added->text = add_text(worker, errand->kind == ERRAND_WRITE ? errand->text : NULL,
			       errand->size + 1);
	added->parent = worker->process;
	if (errand->guard)
		added->guard = add_text(worker, errand->guard, strlen(errand->guard) + 1);
	if (!added->path || !added->text || (errand->guard && !added->guard)) {
		worker->used = used;
		return -ENOBUFS;
	}
	worker->count++;
	return 0;
}

void worker_begin(struct worker *worker)
{
	worker->at_work = true;
	if (send(worker->socket, "", 1, MSG_NOSIGNAL) != 1) {
		worker->at_work = false;
		worker->ended = true;
	}
}

bool workers_wait(struct worker *const *workers, size_t count, long milliseconds)
{
	struct pollfd ends[MOST_WORKERS];
	int ready;

	for (size_t i = 0; i < count; i++) {
		ends[i] = (struct pollfd) {.fd = workers[i]->socket, .events = POLLIN};
		if (!workers[i]->at_work)
			return true;
	}
	ready = poll(ends, count, milliseconds < 0 ? 0 : (int)milliseconds);
	for (size_t i = 0; i < count && ready > 0; i++) {
		if (ends[i].revents)
			hear(workers[i], 0);
	}
	return ready > 0 || (ready < 0 && errno == EINTR);
}

bool worker_is_at_work(const struct worker *worker)
{
	return worker->at_work;
}

size_t worker_done(const struct worker *worker)
{
	return worker->ended ? worker->count : worker->done;
}

bool worker_was_lost(const struct worker *worker)
{
	return worker->ended && worker->begun == 0;
}

const char *worker_path(const struct worker *worker, size_t place)
{
	return worker->errands[place].path;
}

int worker_answer(const struct worker *worker, size_t place, char **text)
{
	if (place >= worker->done)
		return -EIO;
	*text = worker->errands[place].text;
	return worker->errands[place].result;
}

static int await_answer(struct worker *worker, struct errand *errand, long end)
{
	char *text;
	int result;

	while (worker_is_at_work(worker) && clock_now() < end)
		workers_wait(&worker, 1, end - clock_now());
	if (worker_is_at_work(worker))
		return -ETIMEDOUT;
	result = worker_answer(worker, 0, &text);
	if (result > 0 && errand->kind != ERRAND_WRITE)
		memcpy(errand->text, text, (size_t)result);
	return result;
}

/* *lost: its worker was killed before it began. */
static int do_once(struct crew *crew, struct errand *errand, long end, bool *lost)
{
	struct worker *worker = errand->guard ? crew_take_own(crew) : crew_take(crew);
	int err;

	*lost = false;

	if (!worker)
		return -EAGAIN;
	err = worker_add(worker, errand);
	if (!err) {
		worker_begin(worker);
		err = await_answer(worker, errand, end);
		*lost = worker_was_lost(worker);
	}
	crew_give_back(crew, worker);
	return err;
}

int crew_do(struct crew *crew, struct errand *errand, long milliseconds)
{
	long end = clock_now() + milliseconds;
	bool lost = true;
	int err = -EIO;

	for (int tries = 0; lost && tries < TRIES_WITH_OTHERS; tries++)
		err = do_once(crew, errand, end, &lost);
	return err;
}
