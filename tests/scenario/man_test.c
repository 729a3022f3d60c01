/* SPDX-License-Identifier: MIT */
/* dmaown-scenario(5), whose source is the argument, has every word that the parser takes. */
#define _GNU_SOURCE
#include "man_page.h"
#include "operation.h"
#include "property.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* In bold. */
static void must_have(const char *page, const char *word)
{
	char bold[64];

	snprintf(bold, sizeof(bold), "*%s*", word);
	if (!strstr(page, bold))
		fail_msg("the page has no %s", bold);
}

static void every_operation(void **state)
{
	for (const struct operation *each = operations; each->name; each++)
		must_have(*state, each->name);
}

static void every_property(void **state)
{
	for (enum property property = 0; property < PROPERTIES; property++)
		must_have(*state, property_name(property));
}

static void every_stage_and_direction(void **state)
{
	for (enum bind_stage stage = STAGE_SUPPLIERS; stage_name(stage); stage++)
		must_have(*state, stage_name(stage));
	for (enum dma_direction direction = 0; direction_name(direction); direction++)
		must_have(*state, direction_name(direction));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation),
		cmocka_unit_test(every_property),
		cmocka_unit_test(every_stage_and_direction),
	};

	man_page = argc > 1 ? argv[1] : "";
	return cmocka_run_group_tests_name("man", tests, read_man_page, NULL);
}
