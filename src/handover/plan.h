/* SPDX-License-Identifier: MIT */
/*
 * What a claim would do, and what forbids it. A pure function of facts: nothing is asked of a
 * machine and nothing changed.
 *
 * A claim takes whole groups. A device of one is *given* (put on a driver that hands it to users),
 * *freed* (taken off its native driver and not given: a bridge, which no such driver would have, or
 * a part of the chipset that was not named), or *left*: it is on a driver that does no DMA of its
 * own, or on none and nobody wants it, and neither hinders the user nor is touched. A function that
 * serves the machine (class 06) is not freed by the way: unless it was named, its driver is a
 * refusal.
 *
 * Neither `takes` nor `force` take what is not known, nor a use that is vital: the root disk, the
 * console. A use that is taken is a loss: nothing puts it back, and people are told before.
 *
 * Steps are in the order in which they are made: all overrides, all unbinds, all binds, then each
 * group is verified and granted. Refusals are all there are, not the first.
 */
#ifndef DMAOWN_HANDOVER_PLAN_H
#define DMAOWN_HANDOVER_PLAN_H

#include "facts.h"

/* What is asked for. Borrowed, and outlives what is made of it. */
struct claim_request {
	const int *groups;
	size_t group_count;
	const char *const *named; /* devices that were asked for by address */
	size_t named_count;
	const char *driver;    /* NULL: the one of each device's bus */
	const char *owner;     /* what the claim is called */
	const char *user;      /* who is granted the nodes; NULL: root */
	unsigned int uid, gid; /* of that user */
	/* Uses that are taken anyway, as people name them: "eth0", "0000:02:01.0/eth0". */
	const char *const *takes;
	size_t take_count;
	bool force; /* all uses that are known are taken anyway */
	bool kept;  /* lasts until it is released; else it ends with the process that made it */
};

enum treatment { TREATMENT_LEAVE, TREATMENT_FREE, TREATMENT_GIVE };

enum action { ACTION_OVERRIDE, ACTION_UNBIND, ACTION_BIND, ACTION_VERIFY, ACTION_GRANT };

/* All strings are borrowed from the facts and the request. */
struct plan_step {
	enum action action;
	int group;
	const struct device_facts *device; /* NULL: the group as a whole */
	const char *from, *to;             /* drivers, or users; NULL: none */
};

enum refusal_kind {
	REFUSAL_NO_GROUP,
	REFUSAL_DIRECT_REGIONS,
	REFUSAL_NOTHING_TO_GIVE,
	REFUSAL_NO_DRIVER,
	REFUSAL_NATIVE_DRIVER,
	REFUSAL_NO_USER_DRIVER,
	REFUSAL_BUSY,
	REFUSAL_OWNED,
	REFUSAL_IN_USE,
	REFUSAL_VITAL, /* in use, and no force takes it */
	REFUSAL_UNKNOWN,
	REFUSAL_SILENT,           /* not known: the device does not answer */
	REFUSAL_NOT_NAMED,        /* it serves the machine, and nobody has named it */
	REFUSAL_VANISHED,         /* it was there when it was named */
	REFUSAL_ISOLATES_NOTHING, /* VFIO's group of a device that no IOMMU translates for */
};

struct refusal {
	enum refusal_kind kind;
	int group;
	const char *device; /* borrowed; NULL: the group as a whole */
	char *name;         /* who or what is in the way; NULL: nobody by name */
	char *reason;
	int hidden_by; /* REFUSAL_UNKNOWN: the -errno that hid it */
	bool shared;   /* REFUSAL_IN_USE: another device of the request has a use of that name */
	char *remedy;  /* what this one wants to be done; NULL: what its kind does */
};

/* A use that the claim takes. Borrowed from the facts. */
struct plan_loss {
	const struct device_facts *device;
	const struct use_facts *use;
};

struct plan {
	struct plan_step *steps;
	size_t step_count;
	struct refusal *refusals;
	size_t refusal_count;
	struct plan_loss *losses;
	size_t loss_count;
};

/* The words of design.md. */
const char *action_name(enum action action);
const char *refusal_name(enum refusal_kind kind);

/* What taking the use ends that no release puts back, in words: "its addresses ... are lost". */
const char *loss_words(const struct use_facts *use);

/* The driver that gives devices of the bus to users; NULL: there is none. */
const char *user_driver(const char *bus);

/* What a claim does with the device. */
enum treatment plan_treatment(const struct facts *facts, const struct claim_request *request,
			      const struct device_facts *device);

/* The driver that a claim would put the device on: the request's, or that of its bus. */
const char *plan_driver(const struct claim_request *request, const struct device_facts *device);

/* Whether the request names the device by address. */
bool plan_is_named(const struct claim_request *request, const struct device_facts *device);

/* Whether it is known what a claim does to devices of the bus. */
bool plan_knows_bus(const char *bus);

/* Whether the function serves the machine itself: a bridge of any kind (class 06). */
bool plan_is_of_machine(const struct device_facts *device);

/* The device of its group that carries this one, which comes and goes with it; NULL: none does. */
const struct device_facts *plan_carrier(const struct facts *facts,
					const struct device_facts *device);

/* Adds a use that is taken. -ENOMEM: it was not. */
int plan_lose(struct plan *plan, const struct device_facts *device, const struct use_facts *use);

/* Adds every refusal of the request to the plan, and every use that it takes. -ENOMEM: some are
 * added. */
int plan_refuse(struct plan *plan, const struct facts *facts, const struct claim_request *request);

/*
 * Makes the plan. `facts` have the groups in whole, with uses and owners, and the driver of every
 * device that is given; they must outlive the plan. -ENOMEM. Undone by plan_release().
 */
int plan_make(const struct facts *facts, const struct claim_request *request, struct plan *out);

/* Harmless on an empty plan. */
void plan_release(struct plan *plan);

#endif
