/* SPDX-License-Identifier: MIT */
#include "fiber.h"
#include "live.h"

#include <string.h>

struct execution *live;

void leave_thread(enum step_end end)
{
	live->end = end;
	fiber_switch(&live->threads[live->current].stack, live->engine);
}

void note_finding(enum finding_kind kind, const char *text, const void *code)
{
	struct finding *finding = &live->finding;

	*finding = (struct finding) {.kind = kind, .code = code};
	strncat(finding->text, text, sizeof(finding->text) - 1);
}

_Noreturn void leave_broken(enum finding_kind kind, const char *text, const void *code)
{
	note_finding(kind, text, code);
	for (;;)
		leave_thread(STEP_BROKEN);
}

void broken(enum finding_kind kind, const char *text, const void *code)
{
	if (live->current >= 0)
		leave_broken(kind, text, code);
	if (live->finding.kind == FINDING_NONE)
		note_finding(kind, text, code);
}
