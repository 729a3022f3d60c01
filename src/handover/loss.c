/* SPDX-License-Identifier: MIT */
/* What a claim takes from whoever uses it, and what is lost with that. */
#include "array.h"
#include "plan.h"

#include <errno.h>
#include <string.h>

const char *loss_words(const struct use_facts *use)
{
	static const char *const words[][2] = {
		{"network",
		 "its addresses, routes, namespace and place in other interfaces are lost"},
		{"storage", "what is not written to it yet is lost, and its users get errors"},
		{"display", "it goes dark"},
		{"console", "what is written to it is lost"},
		{"supplier", "it loses its driver"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i][0], use->kind) == 0)
			return words[i][1];
	}
	return "whoever uses it loses it";
}

int plan_lose(struct plan *plan, const struct device_facts *device, const struct use_facts *use)
{
	struct plan_loss *more = array_with_room(plan->losses, plan->loss_count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	plan->losses = more;
	plan->losses[plan->loss_count++] = (struct plan_loss) {.device = device, .use = use};
	return 0;
}
