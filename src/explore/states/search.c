/* SPDX-License-Identifier: MIT */
#include "search.h"
#include "standstill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is found ---- */

/* The violation happens at a place, `depth` steps from the beginning. */
static void report(struct search *search, const struct finding *finding, struct place place,
		   size_t depth)
{
	struct violations *violations = &search->violations;

	if (violations->count == 0 || depth < violations->depth) {
		search->out->finding = *finding;
		violations->depth = depth;
		violations->count = 0;
	}
	if (finding->kind == search->out->finding.kind && depth == violations->depth &&
	    violations->count < PLACES_MAX)
		violations->places[violations->count++] = place;
}

static void report_step(struct search *search, uint32_t from, unsigned int thread)
{
	report(search, execution_finding(search->execution), (struct place) {from, (uint8_t)thread},
	       graph_depth(&search->graph, from) + 1);
}

static void report_state(struct search *search, const struct finding *finding, uint32_t state)
{
	report(search, finding, (struct place) {state, NO_THREAD},
	       graph_depth(&search->graph, state));
}

/* ---- a step ---- */

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
	int err = row_add(&search->row, thread, &state, &fresh);

	if (!err)
		err = graph_add_edge(&search->graph, from, thread, state);
	if (err)
		return err;
	search->out->covered.transitions++;
	if (!fresh) {
		search->may_loop |= state < search->graph.next_level;
		return 0;
	}
	err = graph_add_state(&search->graph, state, from, (uint8_t)thread);
	if (!err && !execution_check(search->execution))
		report_state(search, execution_finding(search->execution), state);
	return err;
}

static int try_thread(struct search *search, uint32_t state, unsigned int thread, struct ways *ways)
{
	enum step_end end = row_step(&search->row, thread);
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
	row_take_back(&search->row, thread);
	return err;
}

/* ---- races ---- */

/* The accesses of a thread's next step from the loaded state, for the caller to free. */
static int copy_accesses(struct search *search, unsigned int thread, struct access **out,
			 size_t *count)
{
	const struct access *accesses;
	struct access *copy;

	row_step(&search->row, thread);
	accesses = execution_accesses(search->execution, count);
	copy = malloc((*count + 1) * sizeof(*copy));
	if (copy)
		memcpy(copy, accesses, *count * sizeof(*copy));
	row_take_back(&search->row, thread);
	if (!copy)
		return -ENOMEM;
	*out = copy;
	return 0;
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

	if (!footprint_race(search->footprints, search->row.threads, &one, &other))
		return 0;
	err = describe_racers(search, one, other, &finding);
	if (!err)
		report_state(search, &finding, state);
	return err;
}

/* ---- where nothing goes on ---- */

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

	if (ways->ended == search->row.threads) {
		look_at_end(search, state);
		return;
	}
	describe_standstill(search->execution, ways->blocked, &finding);
	report_state(search, &finding, state);
}

int search_expand(struct search *search, uint32_t state)
{
	struct ways ways = {0};
	int err = graph_begin_state(&search->graph, state);

	if (err)
		return err;
	row_load(&search->row, state);
	for (unsigned int thread = 0; thread < search->row.threads && !err; thread++)
		err = try_thread(search, state, thread, &ways);
	if (!err)
		err = look_for_races(search, state);
	if (!err && !ways.steps)
		look_at_standstill(search, state, &ways);
	return err;
}

/* ---- beginning and end ---- */

int search_begin_at(struct search *search)
{
	struct finding finding;
	int err;

	row_release(&search->row);
	graph_release(&search->graph);
	search->violations.count = 0;
	search->may_loop = false;
	err = row_begin(&search->row);
	if (!err)
		err = graph_add_state(&search->graph, 0, 0, NO_THREAD);
	if (err || execution_check(search->execution))
		return err;
	finding = *execution_finding(search->execution);
	report_state(search, &finding, 0);
	return 0;
}

int search_begin(struct search *search, const struct subject *subject,
		 const struct explore_options *options, struct exploration *out)
{
	int err;

	*search = (struct search) {.subject = subject, .options = options, .out = out};
	err = execution_create(subject, &(struct execution_options) {.spurious = options->spurious},
			       &search->execution);
	if (err)
		return err;
	row_init(&search->row, search->execution);
	search->footprints = footprints_create();
	search->saved = malloc(execution_save_max(search->execution));
	if (search->footprints && search->saved)
		return 0;
	search_end(search);
	return -ENOMEM;
}

void search_end(struct search *search)
{
	row_release(&search->row);
	graph_release(&search->graph);
	free(search->saved);
	free(search->footprints);
	execution_destroy(search->execution);
}
