/* SPDX-License-Identifier: MIT */
/*
 * The invariants of mechanism.md, section 4, checked on the objects as they are.
 *
 * For tests and the explorer; not part of the installed library. I1 to I6, I11 and I12 can be seen
 * in a state at rest; I7, I8 and I10 are about what an operation returns, and I9 is checked by the
 * locks themselves (lock.h).
 */
#ifndef DMAOWN_CORE_INVARIANTS_H
#define DMAOWN_CORE_INVARIANTS_H

#include <dmaown/core.h>

/*
 * Checks every bus, device, group and domain of the core. 0, or -EINVAL with the first broken
 * invariant and the object's name written to `why` (at most `size` bytes, ended by a 0). Takes no
 * locks: no call into the core may be running.
 */
int core_check_invariants(struct dmaown_core *core, char *why, size_t size);

/*
 * The same in the middle of things: what a lock guards is checked only where `is_free` says that
 * nobody holds it. `counts` false: the ownership's design is another, and I1 and I2 are not looked
 * at.
 */
int core_check_invariants_at(struct dmaown_core *core, bool counts,
			     bool (*is_free)(const void *lock), char *why, size_t size);

#endif
