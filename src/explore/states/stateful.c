/* SPDX-License-Identifier: MIT */
/*
 * Every state, breadth first.
 *
 * States are looked at in the order in which they were found, so all those n steps from the
 * beginning come before those n + 1 steps from it, and the first violation is a nearest one. From
 * each, every thread is tried: one that is blocked or has ended makes no step; where none makes one
 * all must have ended.
 *
 * Races: local code comes before its point, so if two accesses of two threads are not ordered, some
 * state has both in the local code that the two would run next. Every state is looked at for that,
 * also in the local code of blocked and ended threads. What a lock orders is never there at once,
 * so that where no race is found switching at points has shown all there is.
 */
#define _GNU_SOURCE
#include "explore.h"
#include "footprint.h"
#include "search.h"
#include "standstill.h"
#include "visited.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A search that goes on past this many states begins anew, with the lines that change together. */
#define ARRANGE_AFTER 2000

static size_t lines_of(size_t bytes)
{
	return (bytes + EXECUTION_LINE - 1) / EXECUTION_LINE;
}

/* ---- between the arena and the row of pieces: the stacks, then the heap's lines ---- */

static int store_stack(struct search *search, unsigned int thread)
{
	struct execution_parts parts;

	execution_parts(search->execution, &parts);
	return visited_set(search->visited, thread, parts.stacks[thread].low,
			   parts.stacks[thread].size);
}

static int store_line(struct search *search, size_t line)
{
	return visited_set(search->visited, search->piece_of[line],
			   search->heap + line * EXECUTION_LINE, EXECUTION_LINE);
}

/* Calls `act` for each line that was written since the marks were cleared. */
static int for_changed_lines(struct search *search, int (*act)(struct search *search, size_t line))
{
	const uint64_t *changed = execution_changed(search->execution);
	size_t words = (search->lines + 63) / 64;
	int err = 0;

	for (size_t word = 0; word < words; word++)
		for (uint64_t bits = changed[word]; bits && !err; bits &= bits - 1)
			err = act(search, word * 64 + (size_t)__builtin_ctzll(bits));
	return err;
}

static int restore_line(struct search *search, size_t line)
{
	size_t size;
	const void *bytes = visited_get(search->visited, search->piece_of[line], &size);
	unsigned char *place = search->heap + line * EXECUTION_LINE;

	if (size)
		memcpy(place, bytes, EXECUTION_LINE);
	else
		memset(place, 0, EXECUTION_LINE);
	return 0;
}

static void restore_stack(struct search *search, unsigned int thread, const void *bytes,
			  size_t size)
{
	struct execution_parts parts;

	execution_set_stack(search->execution, thread, size);
	execution_parts(search->execution, &parts);
	memcpy(parts.stacks[thread].low, bytes, size);
}

/* Undoes what a thread's step did, in the arena and in the row. */
static void take_back(struct search *search, unsigned int thread)
{
	const void *bytes;
	size_t size;

	visited_rollback(search->visited);
	for_changed_lines(search, restore_line);
	bytes = visited_get(search->visited, thread, &size);
	restore_stack(search, thread, bytes, size);
}

static void put_piece(void *context, size_t piece, const void *bytes, size_t size)
{
	struct search *search = context;

	if (piece < search->threads)
		restore_stack(search, (unsigned int)piece, bytes, size);
	else
		restore_line(search, search->line_at[piece]);
}

void search_load(struct search *search, uint32_t state)
{
	visited_load(search->visited, state, put_piece, search);
}

/* ---- the row and its numbers ---- */

static int store_step(struct search *search, unsigned int thread, uint32_t *state, bool *fresh)
{
	int err = store_stack(search, thread);

	if (!err)
		err = for_changed_lines(search, store_line);
	return err ? err : visited_add(search->visited, state, fresh);
}

static enum step_end take_step(struct search *search, unsigned int thread)
{
	execution_clear_changed(search->execution);
	return execution_step(search->execution, thread);
}

/* ---- edges ---- */

#define EDGE_BLOCK 32

static uint64_t first_edge(const struct search *search, uint32_t state)
{
	uint64_t edge = search->first_edge[state / EDGE_BLOCK];

	for (uint32_t before = state / EDGE_BLOCK * EDGE_BLOCK; before < state; before++)
		edge += (unsigned int)__builtin_popcount(search->movers[before]);
	return edge;
}

bool search_follow(const struct search *search, uint32_t state, unsigned int thread, uint32_t *to)
{
	unsigned int movers = search->movers[state];

	if (!(movers >> thread & 1))
		return false;
	*to = search->edges[first_edge(search, state) +
			    (unsigned int)__builtin_popcount(movers & ((1u << thread) - 1))];
	return true;
}

static int grow(void *array, size_t *room, size_t wanted, size_t size)
{
	size_t grown = wanted + wanted / 2 + 4096;
	void *resized;

	if (wanted < *room)
		return 0;
	resized = realloc(*(void **)array, grown * size);
	if (!resized)
		return -ENOMEM;
	*(void **)array = resized;
	*room = grown;
	return 0;
}

/* A state is about to be expanded: they are in their order. */
static int begin_edges(struct search *search, uint32_t state)
{
	size_t block = state / EDGE_BLOCK;
	int err = grow(&search->movers, &search->mover_room, state, 1);

	if (!err && state % EDGE_BLOCK == 0)
		err = grow(&search->first_edge, &search->block_room, block,
			   sizeof(*search->first_edge));
	if (err)
		return err;
	search->movers[state] = 0;
	search->expanded = state + 1;
	if (state % EDGE_BLOCK == 0)
		search->first_edge[block] = search->edge_count;
	return 0;
}

static int note_edge(struct search *search, uint32_t from, unsigned int thread, uint32_t to)
{
	int err = grow(&search->edges, &search->edge_room, search->edge_count,
		       sizeof(*search->edges));

	if (err)
		return err;
	search->edges[search->edge_count++] = to;
	search->movers[from] |= (uint8_t)(1u << thread);
	return 0;
}

/* The accesses of a thread's next step from the loaded state, for the caller to free. */
static int copy_accesses(struct search *search, unsigned int thread, struct access **out,
			 size_t *count)
{
	const struct access *accesses;
	struct access *copy;

	take_step(search, thread);
	accesses = execution_accesses(search->execution, count);
	copy = malloc((*count + 1) * sizeof(*copy));
	if (copy)
		memcpy(copy, accesses, *count * sizeof(*copy));
	take_back(search, thread);
	if (!copy)
		return -ENOMEM;
	*out = copy;
	return 0;
}

/* ---- levels and origins ---- */

static int note_level(struct search *search)
{
	if (search->level_count == search->level_room) {
		size_t room = search->level_room ? 2 * search->level_room : 64;
		uint32_t *levels = realloc(search->levels, room * sizeof(*levels));

		if (!levels)
			return -ENOMEM;
		search->levels = levels;
		search->level_room = room;
	}
	search->levels[search->level_count++] = search->next_level;
	search->next_level = (uint32_t)visited_count(search->visited);
	return 0;
}

size_t search_depth(const struct search *search, uint32_t state)
{
	size_t depth = search->level_count;

	if (state >= search->next_level)
		return depth;
	while (search->levels[depth - 1] > state)
		depth--;
	return depth - 1;
}

static int note_origin(struct search *search, uint32_t state, struct origin origin)
{
	if (state >= search->origin_room) {
		size_t room = search->origin_room ? search->origin_room / 2 * 3 : 4096;
		struct origin *origins = realloc(search->origins, room * sizeof(*origins));

		if (!origins)
			return -ENOMEM;
		search->origins = origins;
		search->origin_room = room;
	}
	search->origins[state] = origin;
	return 0;
}

/* ---- what is found ---- */

/* The violation happens at a place, `depth` steps from the beginning. The first one counts, and all
 * of its kind that are as near. */
static void report(struct search *search, const struct finding *finding, struct place place,
		   size_t depth)
{
	if (search->place_count == 0 || depth < search->violation_depth) {
		search->out->finding = *finding;
		search->violation_depth = depth;
		search->place_count = 0;
	}
	if (finding->kind == search->out->finding.kind && depth == search->violation_depth &&
	    search->place_count < PLACES_MAX)
		search->places[search->place_count++] = place;
}

static void report_step(struct search *search, uint32_t from, unsigned int thread)
{
	report(search, execution_finding(search->execution), (struct place) {from, (uint8_t)thread},
	       search_depth(search, from) + 1);
}

static void report_state(struct search *search, const struct finding *finding, uint32_t state)
{
	report(search, finding, (struct place) {state, NO_THREAD}, search_depth(search, state));
}

/* ---- one state ---- */

/* What the threads could do in a state. */
struct ways {
	bool steps;           /* one made a step, not just by waking up for nothing */
	unsigned int blocked; /* a bit a thread */
	unsigned int ended;   /* how many */
};

static int add_state(struct search *search, uint32_t from, unsigned int thread)
{
	uint32_t state;
	bool fresh;
	int err = store_step(search, thread, &state, &fresh);

	if (!err)
		err = note_edge(search, from, thread, state);
	if (err)
		return err;
	search->out->covered.transitions++;
	if (!fresh) {
		search->may_loop |= state < search->next_level;
		return 0;
	}
	err = note_origin(search, state, (struct origin) {from, (uint8_t)thread});
	if (!err && !execution_check(search->execution))
		report_state(search, execution_finding(search->execution), state);
	return err;
}

static bool is_hot(const struct search *search, size_t line)
{
	return search->hot_lines[line / 64] >> (line % 64) & 1;
}

/* Which lines change is learned before the rows are arranged, and then relied upon by nobody. */
static void note_hot_lines(struct search *search)
{
	const uint64_t *changed = execution_changed(search->execution);

	if (search->arranged)
		return;
	for (size_t word = 0; word < (search->lines + 63) / 64; word++)
		search->hot_lines[word] |= changed[word];
}

static int try_thread(struct search *search, uint32_t state, unsigned int thread, struct ways *ways)
{
	enum step_end end = take_step(search, thread);
	int err = 0;

	footprint_take(search->footprints, thread, search->execution);
	switch (end) {
	case STEP_DONE:
		ways->steps |= !execution_was_spurious(search->execution);
		err = add_state(search, state, thread);
		break;
	case STEP_BLOCKED:
		ways->blocked |= 1u << thread;
		break;
	case STEP_ENDED:
		ways->ended++;
		break;
	case STEP_BROKEN:
		ways->steps = true;
		report_step(search, state, thread);
		break;
	case STEP_FULL:
		ways->steps = true;
		search->out->bound = BOUND_ARENA;
		break;
	}
	note_hot_lines(search);
	take_back(search, thread);
	return err;
}

/* Whether the access is the freeing itself, by a thread's latest point. */
static bool is_free(const struct search *search, unsigned int thread, const struct access *access)
{
	const struct point *point = execution_point(search->execution, thread);

	return point->kind == POINT_FREE && access->write && !access->atomic &&
	       access->code == point->code;
}

/* Finds the two accesses of two threads that race in the loaded state, and says so. */
static int describe_racers(struct search *search, unsigned int one, unsigned int other,
			   struct finding *finding)
{
	struct access *its = NULL, *others = NULL;
	size_t count, other_count;
	int err = copy_accesses(search, one, &its, &count);

	if (!err)
		err = copy_accesses(search, other, &others, &other_count);
	for (size_t i = 0; !err && i < count; i++)
		for (size_t j = 0; j < other_count; j++) {
			const struct racer racer = {one, &its[i], is_free(search, one, &its[i])};
			const struct racer rival = {other, &others[j],
						    is_free(search, other, &others[j])};

			if (!access_races(racer.access, rival.access))
				continue;
			describe_race(search->execution, &racer, &rival, finding);
			goto found;
		}
found:
	free(its);
	free(others);
	return err;
}

static int look_for_races(struct search *search, uint32_t state)
{
	struct finding finding = {.kind = FINDING_NONE};
	unsigned int one, other;
	int err;

	if (!footprint_race(search->footprints, search->threads, &one, &other))
		return 0;
	err = describe_racers(search, one, other, &finding);
	if (!err)
		report_state(search, &finding, state);
	return err;
}

static void look_at_end(struct search *search, uint32_t state)
{
	search->out->ends++;
	execution_save(search->execution, search->saved);
	if (!execution_check_end(search->execution))
		report_state(search, execution_finding(search->execution), state);
	execution_load(search->execution, search->saved);
}

static void look_at_standstill(struct search *search, uint32_t state, const struct ways *ways)
{
	struct finding finding;

	if (ways->ended == search->threads) {
		look_at_end(search, state);
		return;
	}
	describe_standstill(search->execution, ways->blocked, &finding);
	report_state(search, &finding, state);
}

static int expand(struct search *search, uint32_t state)
{
	struct ways ways = {0};
	int err = begin_edges(search, state);

	if (err)
		return err;
	search_load(search, state);
	for (unsigned int thread = 0; thread < search->threads && !err; thread++)
		err = try_thread(search, state, thread, &ways);
	if (!err)
		err = look_for_races(search, state);
	if (!err && !ways.steps)
		look_at_standstill(search, state, &ways);
	return err;
}

/* ---- all of them ---- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void update(struct search *search, uint32_t state)
{
	struct explore_progress *covered = &search->out->covered;

	covered->states = visited_count(search->visited);
	covered->frontier = covered->states - state - 1;
	covered->depth = (unsigned int)search->level_count - 1;
	covered->seconds = now() - search->begin;
	covered->memory = visited_memory(search->visited) +
			  search->origin_room * sizeof(struct origin) +
			  search->edge_room * sizeof(uint32_t) + search->mover_room;
	/* The frontier grows and then shrinks; nothing is known before it shrinks. */
	if (covered->frontier > search->widest)
		search->widest = covered->frontier;
	covered->estimate = covered->frontier < search->widest / 2
				    ? 1 - (double)covered->frontier / (double)covered->states
				    : -1;
}

static enum explore_bound bound_reached(const struct search *search)
{
	const struct explore_options *options = search->options;
	const struct explore_progress *covered = &search->out->covered;

	if (options->stop && *options->stop)
		return BOUND_INTERRUPTED;
	if (options->max_states && covered->states >= options->max_states)
		return BOUND_STATES;
	if (options->max_memory && covered->memory >= options->max_memory)
		return BOUND_MEMORY;
	if (options->max_seconds > 0 && covered->seconds >= options->max_seconds)
		return BOUND_TIME;
	return search->out->bound;
}

static void tell_progress(struct search *search)
{
	const struct explore_progress *covered = &search->out->covered;

	if (!search->options->progress || covered->seconds < search->told + 1)
		return;
	search->told = covered->seconds;
	search->options->progress(search->options->context, covered);
}

/* Whether the search goes on after what was seen so far. */
static bool goes_on(struct search *search, uint32_t state)
{
	struct execution_parts parts;

	execution_parts(search->execution, &parts);
	search->outgrown = lines_of(parts.heap_size) > search->lines ||
			   (!search->arranged && state == ARRANGE_AFTER);
	/* A look at the clock costs as much as a state; the other bounds are exact. */
	if (state % 256 == 0 || search->out->bound) {
		update(search, state);
		tell_progress(search);
	}
	search->out->covered.states = visited_count(search->visited);
	if (!search->out->bound)
		search->out->bound = bound_reached(search);
	if (search->place_count > 0 && !search->options->keep_going &&
	    search_depth(search, state) >= search->violation_depth)
		return false;
	return !search->outgrown && !search->out->bound;
}

static int run_through(struct search *search)
{
	uint32_t state = 0;
	int err = 0;

	while (!err && state < visited_count(search->visited)) {
		if (state == search->next_level)
			err = note_level(search);
		if (!err)
			err = expand(search, state);
		if (!err && !goes_on(search, state))
			break;
		state++;
	}
	update(search, state < visited_count(search->visited) ? state : state - 1);
	return err;
}

/* ---- beginning and end ---- */

/* The first state, with every line of the heap that has been used. */
static int add_first(struct search *search)
{
	struct finding finding;
	uint32_t state;
	bool fresh;
	int err = 0;

	for (unsigned int thread = 0; thread < search->threads && !err; thread++)
		err = store_stack(search, thread);
	for (size_t line = 0; line < search->lines / 2 && !err; line++)
		err = store_line(search, line);
	if (!err)
		err = visited_add(search->visited, &state, &fresh);
	if (!err)
		err = note_origin(search, state, (struct origin) {0, NO_THREAD});
	if (err || execution_check(search->execution))
		return err;
	finding = *execution_finding(search->execution);
	report_state(search, &finding, state);
	return 0;
}

static void release_rows(struct search *search)
{
	visited_destroy(search->visited);
	free(search->origins);
	free(search->levels);
	free(search->saved);
	free(search->edges);
	free(search->first_edge);
	free(search->movers);
	free(search->piece_of);
	free(search->line_at);
	search->edges = NULL;
	search->first_edge = NULL;
	search->movers = NULL;
	search->piece_of = search->line_at = NULL;
	search->edge_count = search->edge_room = search->mover_room = search->block_room = 0;
	search->visited = NULL;
	search->origins = NULL;
	search->levels = NULL;
	search->saved = NULL;
	search->origin_room = search->level_room = search->level_count = 0;
	search->next_level = 0;
	search->place_count = 0;
	search->outgrown = search->may_loop = false;
	search->widest = 0;
}

/*
 * Gives each line its place in the row: those that were seen to change, then the others. Both parts
 * have at least one.
 */
static int arrange_lines(struct search *search)
{
	size_t hot = 0, cold;

	search->piece_of = calloc(search->lines, sizeof(*search->piece_of));
	search->line_at = calloc(search->threads + search->lines, sizeof(*search->line_at));
	if (!search->piece_of || !search->line_at)
		return -ENOMEM;
	for (size_t line = 0; line < search->lines; line++)
		hot += is_hot(search, line);
	search->arranged = hot > 0;
	search->hot = hot > 0 ? hot : 1;
	hot = search->threads;
	cold = search->threads + search->hot;
	for (size_t line = 0; line < search->lines; line++) {
		bool first = search->arranged ? is_hot(search, line) : line == 0;
		size_t piece = first ? hot++ : cold++;

		search->piece_of[line] = (uint32_t)piece;
		search->line_at[piece] = (uint32_t)line;
	}
	return 0;
}

/* From the state that there is: with twice the lines that are used now, as many as the subject may
 * yet come to need. */
static int make_row(struct search *search)
{
	struct execution_parts parts;
	int err;

	execution_parts(search->execution, &parts);
	search->heap = parts.heap;
	search->lines = 2 * lines_of(parts.heap_size);
	search->saved = malloc(execution_save_max(search->execution));
	if (!search->saved)
		return -ENOMEM;
	err = arrange_lines(search);
	if (!err)
		err = visited_create((const size_t[]) {search->threads, search->hot,
						       search->lines - search->hot},
				     &search->visited);
	return err ? err : add_first(search);
}

static int begin_rows(struct search *search)
{
	execution_restart(search->execution);
	return make_row(search);
}

static int search_all(struct search *search)
{
	int err;

	do {
		release_rows(search);
		search->out->covered = (struct explore_progress) {0};
		search->out->ends = 0;
		err = begin_rows(search);
		if (err)
			return err;
		err = run_through(search);
	} while (!err && search->outgrown);
	/* What has been covered when memory runs out is worth telling. */
	if (err == -ENOMEM) {
		search->out->bound = BOUND_EXHAUSTED;
		err = 0;
	}
	if (!err && search->may_loop && !search->place_count && !search->out->bound)
		err = search_find_loop(search);
	if (!err && search->place_count && search->out->finding.kind != FINDING_ENDLESS)
		err = search_find_path(search);
	return err;
}

static int begin_search(struct search *search, const struct subject *subject,
			const struct explore_options *options, struct exploration *out)
{
	int err;

	*search = (struct search) {.subject = subject,
				   .options = options,
				   .out = out,
				   .threads = subject->thread_count,
				   .begin = now()};
	err = execution_create(subject, &(struct execution_options) {.spurious = options->spurious},
			       &search->execution);
	if (err)
		return err;
	search->footprints = footprints_create();
	if (search->footprints)
		return 0;
	execution_destroy(search->execution);
	return -ENOMEM;
}

static int end_search(struct search *search, int err, const struct exploration *found,
		      struct exploration *out)
{
	struct exploration dropped = *found;

	release_rows(search);
	free(search->footprints);
	execution_destroy(search->execution);
	if (err)
		exploration_release(&dropped);
	else
		*out = *found;
	return err;
}

int explore_states(const struct subject *subject, const struct explore_options *options,
		   struct exploration *out)
{
	struct exploration found = {.bound = BOUND_NONE};
	struct search search;
	int err = begin_search(&search, subject, options, &found);

	if (err)
		return err;
	err = search_all(&search);
	if (!err)
		err = exploration_note_locks(&found, search.execution);
	return end_search(&search, err, &found, out);
}

/* ---- one schedule ---- */

static const char *hindrance(enum step_end end)
{
	switch (end) {
	case STEP_BLOCKED:
		return "is blocked";
	case STEP_ENDED:
		return "has ended";
	case STEP_FULL:
		return "needs more memory than the arena has";
	default:
		return "breaks";
	}
}

/* False: it ends there, with what was found. */
static bool follow_step(struct search *search, unsigned int thread, enum step_end *end)
{
	*end = execution_step(search->execution, thread);
	if (*end == STEP_DONE && execution_check(search->execution))
		return true;
	if (*end == STEP_DONE || *end == STEP_BROKEN)
		search->out->finding = *execution_finding(search->execution);
	return false;
}

static int follow_schedule(struct search *search, const uint8_t *schedule, size_t length,
			   char **why)
{
	enum step_end end;

	for (size_t i = 0; i < length; i++) {
		if (follow_step(search, schedule[i], &end))
			continue;
		if (search->out->finding.kind != FINDING_NONE && i + 1 == length)
			return 0;
		if (asprintf(why, "step %zu can't be taken: %s %s before it", i + 1,
			     search->subject->thread_names[schedule[i]], hindrance(end)) < 0)
			return -ENOMEM;
		return -EINVAL;
	}
	return 0;
}

/* The state that was reached is looked at like any other, as the first of a row. */
static int look_here(struct search *search)
{
	int err = make_row(search);

	if (!err)
		err = note_level(search);
	return err ? err : expand(search, 0);
}

int explore_schedule(const struct subject *subject, const struct explore_options *options,
		     const uint8_t *schedule, size_t length, struct exploration *out, char **why)
{
	struct exploration found = {.bound = BOUND_NONE};
	struct search search;
	int err = begin_search(&search, subject, options, &found);

	if (err)
		return err;
	err = follow_schedule(&search, schedule, length, why);
	if (!err && found.finding.kind == FINDING_NONE)
		err = look_here(&search);
	/* Only what is wrong here counts, not what a further step would break. */
	if (!err && search.place_count > 0 && search.places[0].thread != NO_THREAD)
		found.finding.kind = FINDING_NONE;
	found.schedule = err ? NULL : malloc(length + 1);
	if (!err && !found.schedule)
		err = -ENOMEM;
	if (!err)
		memcpy(found.schedule, schedule, length);
	found.length = length;
	found.covered = (struct explore_progress) {.transitions = length};
	return end_search(&search, err, &found, out);
}
