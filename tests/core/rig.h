/* SPDX-License-Identifier: MIT */
/*
 * The rig: a core whose whole surroundings are scripted, for the tests of src/core.
 *
 * Memory and locks are counted, and can run out at the k-th request. The IOMMU keeps, apart from
 * the core, what each device's hardware is attached to. Bus and drivers fail where a test says so.
 * Whatever is called back, and every event, is appended to one trace as a word, so that order can
 * be compared as text:
 *
 *   suppliers resources pins firmware BIND:1 links power probe=EIO ... NOT_BOUND:1 cleanup:0
 *
 * An event and the bus's cleanup carry the count of the device's group, and a callback that fails
 * its errno. Warnings are kept apart, and must have been asked for when the rig ends.
 *
 * After every step of a test the invariants of mechanism.md, section 4, must hold: a step is an
 * expect(), which checks them, on the core's objects and on the scripted hardware.
 */
#ifndef DMAOWN_TESTS_CORE_RIG_H
#define DMAOWN_TESTS_CORE_RIG_H

#include "rows.h"

#include <dmaown/core.h>

#define RIG_DEVICES 8
#define RIG_DRIVERS 6
#define RIG_GROUPS 4
#define RIG_DOMAINS 16
#define RIG_STEPS (DMAOWN_STEP_POWER + 1)

struct rig;

/* A thing that fails with `err` from its `at`-th call on, `times` times. at 0: never. */
struct fault {
	unsigned int at, times, calls;
	int err;
};
/* Fails every time, or at one call, counted from 1. */
#define ALWAYS(error) ((struct fault) {.at = 1, .times = UINT32_MAX, .err = (error)})
#define AT_CALL(number, error) ((struct fault) {.at = (number), .times = 1, .err = (error)})

struct rig_mapping {
	uint64_t iova, phys, size;
};

/* The hardware of a domain: its address space, and that it exists. */
struct rig_domain {
	struct rig *rig;
	enum dmaown_domain_kind kind;
	struct rig_mapping mappings[4];
	unsigned int mapped;
};

/* A device and its hardware; the core's device has it as its context. */
struct rig_device {
	struct rig *rig;
	struct dmaown_device *device;
	const char *name;
	const char *group;   /* NULL: not behind the IOMMU */
	bool undescribed;    /* its group is known only after the bus's firmware step */
	bool firmware_joins; /* the step itself puts it in its group */
	const struct rig_domain *attached; /* NULL: blocked */
	struct dmaown_region regions[2];   /* a size of 0 ends them */
	struct fault match, firmware, attach;
	uint32_t pasid;
};

/* A driver of the rig's bus, and the context of its type. It matches every device, or one. */
struct rig_driver {
	struct rig *rig;
	struct dmaown_driver_type type;
	struct dmaown_driver *driver;
	const char *only; /* NULL: every one */
	struct fault probe, attributes;
	/* What it does besides; NULL: nothing. */
	int (*in_probe)(struct dmaown_device *device);
	void (*in_remove)(struct dmaown_device *device);
};

/* Whatever is not the core's may be changed by a test, at any time unless said otherwise. */
struct rig {
	struct dmaown_env env; /* copied when the core is created */
	struct dmaown_core *core;
	struct dmaown_bus_type bus_type;
	struct dmaown_bus *bus;
	struct dmaown_iommu_ops ops;
	struct dmaown_iommu *iommu;
	struct dmaown_notifier notifier;

	struct fault memory;                 /* allocations, and locks made, which may need some */
	unsigned int blocks, locks, domains; /* that exist now */
	struct dmaown_held held;

	struct fault create_domain, device_group, direct_region, map, flush_queue, attach_pasid;
	enum dmaown_domain_kind default_kind; /* that the IOMMU wants */
	struct fault steps[RIG_STEPS];
	/* Called where a test wants to act in between; NULL: it does not. */
	void (*on_event)(struct rig_device *device, enum dmaown_event event);
	void (*on_step)(struct rig *rig, enum dmaown_bind_step step);
	void (*on_reschedule)(struct rig *rig);

	struct rig_device devices[RIG_DEVICES];
	struct rig_driver drivers[RIG_DRIVERS];
	struct rig_group {
		const char *name;
		struct dmaown_group *group; /* the rig's reference */
	} groups[RIG_GROUPS];
	unsigned int device_count, driver_count, group_count;

	char trace[2048], warnings[512];
};

/*
 * A core with the rig's bus and IOMMU. rig_prepare() stops before the core exists, so that its
 * table can be changed; rig_begin_prepared() goes on from there.
 */
void rig_begin(struct rig *rig);
void rig_prepare(struct rig *rig);
void rig_begin_prepared(struct rig *rig);
/* As rig_begin(), for a callback that breaks a lock rule to be at a certain moment. */
void rig_begin_unchecked(struct rig *rig);
/* Destroys the core and requires that nothing has leaked, and that no warning was left unread. */
void rig_end(struct rig *rig);
/* As rig_end(), whatever is warned of. */
void rig_end_warned(struct rig *rig);

/* A device that is made, but not added to its bus. */
struct rig_device *rig_make_device(struct rig *rig, const char *name, const char *group);
struct rig_device *rig_add_device(struct rig *rig, const char *name, const char *group);
/* Removes every device, each as a step. */
void rig_remove_devices(struct rig *rig);
/* A driver that may be scripted further before rig_register(). */
struct rig_driver *rig_make_driver(struct rig *rig, const char *name, bool managed);
void rig_register(struct rig_driver *driver);
struct rig_driver *rig_add_driver(struct rig *rig, const char *name, bool managed);
struct dmaown_group *rig_group(struct rig *rig, const char *name);
/* Begins with a group of three: A with a native driver if `native`, B and C without a driver. */
struct dmaown_group *rig_begin_with_three(struct rig *rig, bool native);

struct rig_device *rig_device_of(const struct dmaown_device *device);
/* Appends one word to the trace. */
void rig_say(struct rig *rig, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* 0, or the errno of this call. */
int rig_fault(struct fault *fault);

/*
 * All that can be seen of the rig's devices and their groups, as text: two equal texts, and nothing
 * has changed.
 */
#define RIG_STATE 2048
void rig_read_state(struct rig *rig, char text[RIG_STATE]);

#define AT_LINE __FILE__, __LINE__

/* ---- expectations, which fail the test at the caller's line ---- */

/* One step: `call` gives `errno_or_0`, and the invariants hold after it. */
#define expect(rig, errno_or_0, call) rig_expect((rig), (errno_or_0), (call), #call, AT_LINE)
/* One step that returns nothing. */
#define step(rig, call)                                                                            \
	do {                                                                                       \
		call;                                                                              \
		rig_check((rig), #call, AT_LINE);                                                  \
	} while (0)
#define expect_trace(rig, words) rig_expect_trace((rig), (words), AT_LINE)
#define expect_warnings(rig, words) rig_expect_warnings((rig), (words), AT_LINE)
#define expect_driver(device, driver) rig_expect_driver((device), (driver), AT_LINE)
/* Owner, count and current domain of a group. */
#define expect_group(rig, group, owner, count, current)                                            \
	rig_expect_group((rig), (group), (owner), (count), (current), AT_LINE)
/* What the hardware is attached to; DMAOWN_DOMAIN_NONE: blocked. */
#define expect_attached(device, kind) rig_expect_attached((device), (kind), AT_LINE)
#define expect_all_attached(rig, kind) rig_expect_all_attached((rig), (kind), AT_LINE)

void rig_expect(struct rig *rig, int expected, int result, const char *call, const char *file,
		int line);
void rig_check(struct rig *rig, const char *call, const char *file, int line);
/* Compares, and empties, what was traced or warned of. */
void rig_expect_trace(struct rig *rig, const char *words, const char *file, int line);
void rig_expect_warnings(struct rig *rig, const char *words, const char *file, int line);
void rig_expect_driver(struct rig_device *device, struct rig_driver *driver, const char *file,
		       int line);
void rig_expect_group(struct rig *rig, const char *group, const void *owner, unsigned int count,
		      enum dmaown_domain_kind current, const char *file, int line);
void rig_expect_attached(struct rig_device *device, enum dmaown_domain_kind kind, const char *file,
			 int line);
void rig_expect_all_attached(struct rig *rig, enum dmaown_domain_kind kind, const char *file,
			     int line);

#endif
