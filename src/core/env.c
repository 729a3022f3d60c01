/* SPDX-License-Identifier: MIT */
/* What the core asks of its embedder beside locks (lock.c): memory, warnings, scheduling points. */
#include "objects.h"

#include <string.h>

void *core_allocate(struct dmaown_core *core, size_t size)
{
	void *memory = core->env.allocate(core->env.context, size);

	return memory ? memset(memory, 0, size) : NULL;
}

void core_free(struct dmaown_core *core, void *memory, size_t size)
{
	if (memory)
		core->env.free(core->env.context, memory, size);
}

void core_warn(struct dmaown_core *core, enum dmaown_warning warning, const char *object)
{
	if (core->env.warn)
		core->env.warn(core->env.context, warning, object);
}

void core_reschedule(struct dmaown_core *core)
{
	if (core->env.reschedule)
		core->env.reschedule(core->env.context);
}

#ifdef DMAOWN_CHECK_LOCKS
void core_require(struct dmaown_core *core, bool holds, const char *rule)
{
	if (!holds && core->env.broken_lock_rule)
		core->env.broken_lock_rule(core->env.context, rule);
}
#endif

const char *dmaown_warning_text(enum dmaown_warning warning)
{
	static const char *const texts[] = {
		[DMAOWN_WARN_UNUSE_UNBALANCED] = "DMA cleanup without a use of the group; ignored, "
						 "its bus must pair configure "
						 "and cleanup",
		[DMAOWN_WARN_UNUSE_PASID] = "DMA cleanup while a PASID is attached; the use stays, "
					    "detach the PASID first",
		[DMAOWN_WARN_RELEASE_UNCLAIMED] = "release without a claim; ignored",
		[DMAOWN_WARN_RELEASE_FOREIGN] = "release by someone who is not the owner; ignored",
		[DMAOWN_WARN_LEFT_CLAIMED] = "left its group claimed; the claim is ended, its "
					     "driver's remove must release",
		[DMAOWN_WARN_LEFT_USED] = "left its group in use; the use is ended",
		[DMAOWN_WARN_LEFT_BLOCKED] =
			"cannot be attached to its group's domain; its DMA stays blocked",
		[DMAOWN_WARN_MAPPINGS_LEFT] =
			"its driver left DMA mappings; they are unmapped, its remove must do that",
		[DMAOWN_WARN_JOIN_FAILED] = "could not join its group; its next bind tries again",
		[DMAOWN_WARN_JOIN_BOUND] =
			"does DMA already and cannot join a group; unbind it and scan again",
	};
	size_t count = sizeof(texts) / sizeof(texts[0]);

	return (size_t)warning < count ? texts[warning] : "unknown warning";
}
