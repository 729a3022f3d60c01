/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "run.h"

#include "errname.h"
#include "invariant.h"
#include "players.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct run {
	struct players players;
	struct timeline *timeline; /* borrowed; what has been seen so far */
	machine_inspection *inspect;
	char **why; /* where to say what the run fails with */
};

/* Says what failed; `name` is the driver's, or NULL. Returns the error to fail with. */
static int say(char **why, int err, const char *what, const char *name)
{
	char *text;

	if (err == -ENOMEM || asprintf(&text, "can't %s%s%s: %s", what, name ? " " : "",
				       name ? name : "", errno_name(err)) < 0)
		return -ENOMEM;
	*why = text;
	return err;
}

static int read_machine(struct machine *machine, struct facts *facts, char **why)
{
	int err = machine_read(machine, facts);

	if (!err) {
		err = machine_find_users(machine, facts);
		if (err)
			facts_release(facts);
	}
	return err ? say(why, err, "read the machine", NULL) : 0;
}

/* Stores the first invariant that is broken, in one of the scenario's groups or anywhere. */
static int look_at_invariants(const struct run *run, const struct facts *facts, char **broken)
{
	const struct scenario *scenario = run->players.scenario;
	int err = 0;

	if (!scenario->invariants)
		return 0;
	for (size_t i = 0; !err && !*broken && i < scenario->group_count; i++)
		err = invariants_look(facts, run->players.groups[i], broken);
	if (!err && !*broken && run->inspect)
		err = run->inspect(run->players.machine, broken);
	return err == -EINVAL ? 0 : err;
}

/* Sees what there is now. */
static int look(struct run *run, struct view *view, char **broken)
{
	struct facts facts = {0};
	int err = machine_glance(run->players.machine, &facts);

	if (!err)
		err = machine_find_users(run->players.machine, &facts);
	if (err)
		return say(run->why, err, "read the machine", NULL);
	players_find_groups(&run->players, &facts);
	err = view_init(view, &run->players, &facts);
	if (!err)
		err = look_at_invariants(run, &facts, broken);
	facts_release(&facts);
	return err;
}

static int run_step(struct run *run, const struct step *step)
{
	struct timeline *timeline = run->timeline;
	struct event *event = &timeline->events[timeline->event_count++];
	int err;

	event->step = step;
	if (step->operation->perform)
		step->operation->perform(&run->players, step, &event->outcome);
	err = look(run, &event->after, &event->broken);
	if (err)
		return err;
	if (!step->operation->perform)
		event->agreement = expectation_judge(&step->check, &event->after);
	else if (!step_as_expected(step, event->outcome))
		event->agreement = OTHERWISE;
	timeline->otherwise += event->agreement == OTHERWISE;
	timeline->otherwise += event->broken != NULL;
	return 0;
}

static int look_at_end(struct run *run)
{
	struct timeline *timeline = run->timeline;
	const struct scenario *scenario = timeline->scenario;
	int err = look(run, &timeline->end, &timeline->broken);

	if (err)
		return err;
	for (size_t i = 0; i < scenario->final_count; i++) {
		timeline->finals[i] = expectation_judge(&scenario->finals[i], &timeline->end);
		timeline->otherwise += timeline->finals[i] == OTHERWISE;
	}
	timeline->otherwise += timeline->broken != NULL;
	return 0;
}

static int add_drivers(const struct scenario *scenario, struct machine *machine, char **why)
{
	for (size_t i = 0; i < scenario->driver_count; i++) {
		const struct driver_script *script = &scenario->drivers[i].script;
		int err = machine_add_driver(machine, script);

		if (err)
			return say(why, err, "add driver", script->name);
	}
	return 0;
}

static int run_steps(struct run *run)
{
	const struct scenario *scenario = run->timeline->scenario;
	char *broken = NULL;
	int err = look(run, &run->timeline->before, &broken);

	free(broken);
	for (size_t i = 0; !err && i < scenario->step_count; i++)
		err = run_step(run, &scenario->steps[i]);
	players_close(&run->players);
	return err ? err : look_at_end(run);
}

static int timeline_init(struct timeline *timeline, const struct scenario *scenario,
			 const struct facts *facts)
{
	*timeline = (struct timeline) {.scenario = scenario};
	timeline->machine = strdup(facts->machine ? facts->machine : "a machine");
	timeline->events = calloc(scenario->step_count + 1, sizeof(*timeline->events));
	timeline->finals = calloc(scenario->final_count + 1, sizeof(*timeline->finals));
	if (timeline->machine && timeline->events && timeline->finals)
		return 0;
	timeline_release(timeline);
	return -ENOMEM;
}

/* On a machine that the scenario fits. */
static int run_all(struct machine *machine, machine_inspection *inspect, struct timeline *timeline,
		   char **why)
{
	struct run run = {.timeline = timeline, .inspect = inspect, .why = why};
	int err = players_init(&run.players, timeline->scenario, machine);

	if (err)
		return err;
	err = add_drivers(timeline->scenario, machine, why);
	if (!err)
		err = run_steps(&run);
	players_release(&run.players);
	return err;
}

int scenario_run(const struct scenario *scenario, struct machine *machine,
		 machine_inspection *inspect, struct timeline *out, char **why)
{
	struct timeline timeline = {0};
	struct facts facts = {0};
	int err = read_machine(machine, &facts, why);

	if (err)
		return err;
	err = scenario_fits(scenario, &facts, why);
	if (!err)
		err = timeline_init(&timeline, scenario, &facts);
	facts_release(&facts);
	if (!err)
		err = run_all(machine, inspect, &timeline, why);
	if (err)
		timeline_release(&timeline);
	else
		*out = timeline;
	return err;
}
