/* SPDX-License-Identifier: MIT */
/* What came of an exploration, for people and for programs. */
#ifndef DMAOWN_EXPLORE_REPORT_H
#define DMAOWN_EXPLORE_REPORT_H

#include "schedule.h"

/*
 * `shown` NULL: there is no schedule to show. `again` is the command that replays it, without the
 * schedule.
 */
struct report {
	const char *scenario, *title, *design, *again;
	const struct exploration *exploration;
	const struct shown_schedule *shown;
};

/* One line on what was found, or that nothing was, and how far that goes. */
void report_verdict(const struct exploration *exploration, FILE *out);

/*
 * Verdict, figures, and the timeline: a column a thread, a row a step, in 120 columns; then what
 * each thread is at, and how to see it again.
 */
void report_text(const struct report *report, FILE *out);

/* The same as an object: the keys are in dmaown-explore(1), and all are always there. -ENOMEM,
 * -EIO. */
int report_json(const struct report *report, FILE *out);

/* The same as a page that needs nothing else, with the timeline drawn. -ENOMEM: nothing is written.
 */
int report_html(const struct report *report, FILE *out);

/* Which locks were taken under which, as a graph in DOT; what is part of a cycle is red.
 * -ENOMEM: nothing is written. */
int report_lock_graph(const struct exploration *exploration, FILE *out);

#endif
