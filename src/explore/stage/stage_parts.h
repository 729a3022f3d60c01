/* SPDX-License-Identifier: MIT */
/*
 * The stage, as its parts see it.
 *
 * What is constant after set_up lies outside of the arena; each thing's `now` is in it. Locks, from
 * the outermost: the core's device lock, the stage's files lock, the core's group mutex. A thing's
 * owner is the stage; the core's objects are the core's.
 */
#ifndef DMAOWN_EXPLORE_STAGE_PARTS_H
#define DMAOWN_EXPLORE_STAGE_PARTS_H

#include "operation.h"
#include "stage.h"

#include <dmaown/core.h>

/* What the IOMMU has: a free place in the table, or a domain. */
struct hardware_domain {
	enum dmaown_domain_kind kind; /* NONE: free */
};
#define HARDWARE_DOMAINS 16

struct device_now {
	struct hardware_domain *attached; /* by the group's mutex; NULL: blocked */
	uint64_t extra[STAGE_EXTRA];      /* the design's */
	bool present;                     /* by the device's lock, as the next three */
	bool described;                   /* firmware has said what its group is */
	bool working; /* a native driver's probe has succeeded, its remove not begun */
	bool mapped;
	bool user;       /* has a user driver; by the files lock */
	uint8_t open_by; /* thread + 1; by the files lock */
};

struct stage_device {
	struct stage *stage;
	const struct device_facts *facts;
	const char *name; /* its role's, or its address */
	struct stage_group *group;
	struct dmaown_device *core;
	uint64_t matches; /* a bit for each driver that would take it without an override */
	struct device_now *now;
};

struct group_now {
	unsigned int user_devices; /* by the files lock, as the next two */
	uint8_t opener;            /* thread + 1 */
	struct explored_condition device_closed;
	uint64_t extra[STAGE_EXTRA];
};

struct stage_group {
	struct stage *stage;
	const struct group_facts *facts;
	const char *name;
	size_t number; /* in stage.groups, and of its role if it has one */
	struct dmaown_group *core;
	struct group_now *now;
};

struct driver_now {
	struct dmaown_driver *core; /* NULL: not registered; by the stage's drivers lock */
	unsigned int failures;      /* that are left of a script's */
	unsigned int named;         /* binds under way that found it by its name */
};

struct stage_driver {
	struct stage *stage;
	const char *name, *bus;
	bool user;
	const struct driver_script *script; /* NULL: the machine's own */
	bool leaves;                        /* some step takes it away or brings it back */
	struct dmaown_driver_type type;
	struct driver_now *now;
};

/* A thread's open group. Its address is the owner's token. By the files lock. */
struct file_now {
	bool open, revoked, claimed;
	struct dmaown_domain *domain; /* the user's own, attached; NULL: none */
};

struct stage_now {
	struct explored_lock files_lock, drivers_lock;
	struct explored_condition unnamed; /* a driver's `named` has become 0 */
	struct hardware_domain domains[HARDWARE_DOMAINS];
	uint32_t step[EXPLORE_THREADS_MAX]; /* each thread's, in its program */
};

struct stage_bus {
	struct stage *stage;
	struct dmaown_bus_type type;
	struct dmaown_bus *core;
};
#define STAGE_BUSES 6

/* A thread's program: numbers of the scenario's steps. */
struct program {
	uint32_t *steps;
	size_t count;
};

struct stage {
	const struct scenario *scenario;
	const struct facts *facts;
	const struct design *design;
	struct subject subject;
	struct stage_device *devices; /* the roles', then the rest of their groups' */
	size_t device_count;
	struct stage_group *groups; /* the roles', then others' */
	size_t group_count;
	struct stage_driver *drivers;
	size_t driver_count;
	struct stage_bus buses[STAGE_BUSES];
	size_t bus_count;
	struct program programs[EXPLORE_THREADS_MAX];
	char **words; /* what each of the scenario's steps does */
	struct dmaown_iommu_ops iommu_ops;

	/* Made by set_up. */
	struct dmaown_env env;
	struct dmaown_core *core;
	struct dmaown_iommu *iommu;
	struct dmaown_notifier *notifiers; /* one a bus, in the arena, if the design listens */
	struct file_now *files;            /* by thread, then group */
	struct stage_now *now;
	char why[160]; /* what set_up failed with */
};

/* stage_cast.c: chooses who is on it. -ENOMEM; -E2BIG: more drivers than there can be. */
int stage_cast(struct stage *stage);

/* stage_set_up.c: makes everybody, in the arena, and takes them away. stage->why says what failed.
 */
int stage_set_up(void *context);
void stage_tear_down(void *context);

/* stage_domains.c: operations of the IOMMU. */
int stage_domain_create(void *context, enum dmaown_domain_kind kind, void **hardware);
void stage_domain_destroy(void *context, void *hardware);
int stage_domain_defer(void *context, void *hardware);

/* stage_drivers.c: the bus's and the drivers' callbacks, and who is on the bus. */
extern const struct dmaown_bus_type stage_bus_type;
/* NULL: there is none. */
struct stage_driver *stage_driver_find(struct stage *stage, const char *bus, const char *name);
void stage_driver_init(struct stage_driver *driver, const struct design *design);
int stage_driver_add(struct stage_driver *driver);
int stage_driver_remove(struct stage_driver *driver);
/* The registered driver of that name, which stays until it is put; NULL: none. */
struct dmaown_driver *stage_driver_get(struct stage_driver *driver);
void stage_driver_put(struct stage_driver *driver);

/* stage_files.c: a user driver has bound the device, or lets go of it (device lock held). */
void stage_files_bound(struct stage_device *device);
void stage_files_unbound(struct stage_device *device);
struct file_now *stage_file(struct stage *stage, unsigned int thread, size_t group);
int stage_file_open(struct stage_group *group, unsigned int thread);
int stage_file_close(struct stage_group *group, unsigned int thread);
int stage_file_viable(struct stage_group *group, unsigned int thread, bool *viable);
int stage_file_claim(struct stage_group *group, unsigned int thread);
int stage_file_release(struct stage_group *group, unsigned int thread);
int stage_file_attach(struct stage_group *group, unsigned int thread);
int stage_file_detach(struct stage_group *group, unsigned int thread);
int stage_file_open_device(struct stage_group *group, struct stage_device *device,
			   unsigned int thread);
int stage_file_close_device(struct stage_group *group, struct stage_device *device,
			    unsigned int thread);
/* Closes what is open still; outside of threads. */
void stage_close_files(struct stage *stage);

/* stage_program.c: the programs are the scenario's steps, by thread. -ENOMEM. */
int stage_write_programs(struct stage *stage);
/* What the thread is about to do, or does; NULL: nothing. */
const char *stage_doing(void *context, unsigned int thread);
void stage_run(void *context, unsigned int thread);
/* Whether a step can be explored; if not, the words say why. */
bool stage_can_perform(const struct step *step, const char **why);

/* stage_look.c: not instrumented, since it looks at what others are changing. */
bool stage_check(void *context, struct finding *finding);
bool stage_check_end(void *context, struct finding *finding);
void stage_describe(void *context, FILE *out);
bool stage_object_name(void *context, const void *object, FILE *out);
/* Whether a property is as expected now; if not, what it is, spelled in `is` or elsewhere. */
bool stage_is_as_expected(struct stage *stage, const struct expectation *expected,
			  char is[PROPERTY_ROOM], const char **value);

#endif
