/* SPDX-License-Identifier: MIT */
/* What is wrong in an execution, and the schedule that leads to it. The first finding counts. */
#ifndef DMAOWN_EXPLORE_FINDINGS_H
#define DMAOWN_EXPLORE_FINDINGS_H

#include "engine.h"

/* Where the latest step has led; after one more step of `then`, unless that is NO_THREAD. -ENOMEM,
 * as all of these. */
int finding_report(struct engine *engine, const struct finding *finding, int then);

/* The threads whose bits are set can't go on, and no other can. */
int finding_report_standstill(struct engine *engine, unsigned int blocked);

/* Two accesses of two threads that nothing orders. */
int finding_report_race(struct engine *engine, const struct local *one, const struct local *other);

/* The latest step and an earlier one: one frees what the other uses, in no order. */
int finding_report_misuse(struct engine *engine, uint32_t earlier);

#endif
