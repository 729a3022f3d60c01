/* SPDX-License-Identifier: MIT */
/*
 * Threads that bind, unbind, claim, release, attach, add, remove, reset and change types on a few
 * groups at once, meant for ThreadSanitizer; and two races, each brought about for certain.
 *
 * While they run every errno must be one that the operation can give, and no device may be attached
 * to a domain that is gone. When they have ended, the invariants hold and everything can be given
 * up.
 */
#include <dmaown/core.h>

#include "invariants.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 20000
#define GROUPS 3
#define DEVICES 6
#define OPERATIONS 14

/* What a device's hardware is attached to, guarded by its group's mutex. */
struct hardware {
	const atomic_bool *attached; /* the domain's `live` */
	unsigned int calls;
};

/* A domain's hardware is its liveness. */
struct machine {
	struct dmaown_env env;
	struct dmaown_core *core;
	struct dmaown_bus *bus;
	struct dmaown_iommu *iommu;
	struct dmaown_group *groups[GROUPS];
	struct dmaown_device *devices[DEVICES];
	struct dmaown_driver *native, *managed;
	struct hardware hardware[DEVICES];
	struct dmaown_notifier notifier;
	atomic_uint probes, events;
	atomic_int domains;
};

/* One thread: what it owns is told apart by its address. */
struct worker {
	struct machine *machine;
	pthread_t thread;
	unsigned int random;
	struct dmaown_domain *domain;
	const char *failed; /* the first operation that gave what it can't, and what it gave */
	int err;
};

/* ---- bus, drivers, IOMMU ---- */

static int match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	return 1;
}

/* Some fail, and some defer. */
static int probe(struct dmaown_device *device)
{
	struct machine *machine = dmaown_driver_type(dmaown_device_driver(device))->context;
	unsigned int number = atomic_fetch_add(&machine->probes, 1);

	if (number % 7 == 0)
		return -DMAOWN_EPROBE_DEFER;
	return number % 11 == 0 ? -EIO : 0;
}

static const struct dmaown_bus_type bus_type = {
	.name = "stressed",
	.match = match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};

static void count_event(struct dmaown_notifier *notifier, enum dmaown_event event,
			struct dmaown_device *device)
{
	struct machine *machine = dmaown_device_context(device);

	atomic_fetch_add(&machine->events, 1);
}

static size_t index_of(const struct machine *machine, const struct dmaown_device *device)
{
	size_t i = 0;

	while (strcmp(dmaown_device_name(device), (const char[]) {(char)('A' + i), '\0'}) != 0)
		i++;
	return i;
}

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	struct machine *machine = context;

	*group = machine->groups[index_of(machine, device) % GROUPS];
	dmaown_group_get(*group);
	return 0;
}

static int create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	struct machine *machine = context;
	atomic_bool *live = malloc(sizeof(*live));

	if (!live)
		return -ENOMEM;
	atomic_init(live, true);
	atomic_fetch_add(&machine->domains, 1);
	*hardware = live;
	return 0;
}

static void destroy_domain(void *context, void *hardware)
{
	struct machine *machine = context;

	atomic_fetch_sub(&machine->domains, 1);
	free(hardware);
}

/* Now and then it fails, so that switches are undone and devices are left blocked. */
static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	struct machine *machine = context;
	struct hardware *own = &machine->hardware[index_of(machine, device)];

	if (own->attached)
		assert_true(atomic_load(own->attached));
	if (++own->calls % 61 == 0)
		return -EIO;
	own->attached = hardware;
	return 0;
}

static void block(void *context, struct dmaown_device *device)
{
	struct machine *machine = context;

	machine->hardware[index_of(machine, device)].attached = NULL;
}

static int enable_flush_queue(void *context, void *hardware)
{
	return 0;
}

static int attach_pasid(void *context, struct dmaown_device *device, uint32_t pasid, void *hardware)
{
	return 0;
}

static void detach_pasid(void *context, struct dmaown_device *device, uint32_t pasid)
{
}

static const struct dmaown_iommu_ops iommu_ops = {
	.device_group = device_group,
	.create_domain = create_domain,
	.destroy_domain = destroy_domain,
	.enable_flush_queue = enable_flush_queue,
	.attach = attach,
	.block = block,
	.attach_pasid = attach_pasid,
	.detach_pasid = detach_pasid,
};

/* ---- what a thread does ---- */

static unsigned int choose(struct worker *worker, unsigned int among)
{
	worker->random = worker->random * 1103515245u + 12345u;
	return (worker->random >> 16) % among;
}

static struct dmaown_device *some_device(struct worker *worker)
{
	return worker->machine->devices[choose(worker, DEVICES)];
}

static struct dmaown_group *some_group(struct worker *worker)
{
	return worker->machine->groups[choose(worker, GROUPS)];
}

static int add(struct worker *worker)
{
	return dmaown_device_add(some_device(worker));
}

static int remove_one(struct worker *worker)
{
	return dmaown_device_remove(some_device(worker));
}

static int bind(struct worker *worker)
{
	struct machine *machine = worker->machine;

	return dmaown_device_bind(some_device(worker),
				  choose(worker, 2) ? machine->native : machine->managed);
}

static int unbind(struct worker *worker)
{
	return dmaown_device_unbind(some_device(worker));
}

static int search(struct worker *worker)
{
	return dmaown_device_probe(some_device(worker));
}

static int claim(struct worker *worker)
{
	return dmaown_group_claim(some_group(worker), worker);
}

static int release(struct worker *worker)
{
	return dmaown_group_release(some_group(worker), worker);
}

static int attach_own(struct worker *worker)
{
	return dmaown_group_attach(some_group(worker), choose(worker, 4) ? worker : NULL,
				   worker->domain);
}

static int detach_own(struct worker *worker)
{
	return dmaown_group_detach(some_group(worker), worker->domain);
}

static int set_kind(struct worker *worker)
{
	static const enum dmaown_domain_kind kinds[] = {DMAOWN_DOMAIN_DMA, DMAOWN_DOMAIN_DMA_FQ,
							DMAOWN_DOMAIN_IDENTITY};

	return dmaown_group_set_default_kind(some_group(worker), kinds[choose(worker, 3)]);
}

/* The lock keeps the device in its group. */
static int claim_device_for_a_while(struct worker *worker)
{
	struct dmaown_device *device = some_device(worker);
	int err;

	dmaown_device_lock(device);
	err = dmaown_device_claim(device, worker);
	if (!err)
		err = dmaown_device_release(device, worker);
	dmaown_device_unlock(device);
	return err;
}

static int reset(struct worker *worker)
{
	struct dmaown_device *device = some_device(worker);
	int err;

	dmaown_device_lock(device);
	err = dmaown_device_reset_begin(device);
	if (!err)
		err = dmaown_device_reset_end(device);
	dmaown_device_unlock(device);
	return err;
}

static int use_pasid(struct worker *worker)
{
	struct dmaown_device *device = some_device(worker);
	int err;

	dmaown_device_lock(device);
	err = dmaown_device_attach_pasid(device, 1, worker->domain);
	if (!err)
		err = dmaown_device_detach_pasid(device, 1);
	dmaown_device_unlock(device);
	return err;
}

/* A driver that comes and goes with its devices. */
static int visit_with_a_driver(struct worker *worker)
{
	char name[] = "driver of thread ?";
	struct dmaown_driver_type type = {.name = name,
					  .context = worker->machine,
					  .probe = probe,
					  .managed_dma = choose(worker, 2) != 0};
	struct dmaown_driver *driver;
	int err;

	name[sizeof(name) - 2] = (char)('0' + worker->random % 10);
	err = dmaown_driver_register(worker->machine->bus, &type, &driver);
	if (!err)
		dmaown_driver_unregister(driver);
	return err;
}

#define ERRNOS 8
static const struct operation {
	const char *name;
	int (*operate)(struct worker *worker);
	int errnos[ERRNOS]; /* besides 0 */
} operations[OPERATIONS] = {
	{"add", add, {-EINVAL}},
	{"remove", remove_one, {-ENODEV}},
	{"bind", bind, {-ENODEV, -EBUSY, -EAGAIN, -EIO}},
	{"unbind", unbind, {-ENODEV}},
	{"probe", search, {-ENODEV, -EBUSY, -EIO}},
	{"claim", claim, {-EPERM, -EBUSY, -ENODEV, -EIO}},
	{"release", release, {-EINVAL, -EPERM, -EBUSY}},
	{"attach", attach_own, {-EPERM, -EBUSY, -ENODEV, -EIO}},
	{"detach", detach_own, {-EINVAL}},
	{"set-kind", set_kind, {-EPERM, -EBUSY, -EINVAL, -EIO}},
	{"claim-device", claim_device_for_a_while, {-ENODEV, -EPERM, -EBUSY, -EIO}},
	{"reset", reset, {-ENODEV}},
	{"pasid", use_pasid, {-ENODEV, -EBUSY}},
	{"driver", visit_with_a_driver, {-EEXIST}},
};

static bool is_possible(const struct operation *operation, int err)
{
	for (unsigned int i = 0; i < ERRNOS; i++)
		if (err == 0 || err == operation->errnos[i])
			return true;
	return false;
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	for (unsigned int i = 0; i < ROUNDS && !worker->failed; i++) {
		const struct operation *operation = &operations[choose(worker, OPERATIONS)];
		int err = operation->operate(worker);

		if (!is_possible(operation, err)) {
			worker->failed = operation->name;
			worker->err = err;
		}
	}
	for (unsigned int i = 0; i < GROUPS; i++) {
		dmaown_group_detach(worker->machine->groups[i], worker->domain);
		dmaown_group_release(worker->machine->groups[i], worker);
	}
	return NULL;
}

/* ---- the machine ---- */

static void begin_machine(struct machine *machine)
{
	static const char *const names[] = {"A", "B", "C", "D", "E", "F"};
	static const struct dmaown_driver_type native = {.name = "native", .probe = probe};
	static struct dmaown_driver_type types[2];

	*machine = (struct machine) {.notifier.event = count_event};
	dmaown_pthread_env(&machine->env);
	assert_int_equal(dmaown_core_create(&machine->env, &machine->core), 0);
	assert_int_equal(dmaown_bus_create(machine->core, &bus_type, &machine->bus), 0);
	dmaown_bus_add_notifier(machine->bus, &machine->notifier);
	assert_int_equal(dmaown_iommu_register(machine->core, &iommu_ops, machine, &machine->iommu),
			 0);
	for (unsigned int i = 0; i < GROUPS; i++)
		assert_int_equal(
			dmaown_group_create(machine->iommu, names[i], NULL, &machine->groups[i]),
			0);
	types[0] = types[1] = native;
	types[1].name = "managed";
	types[1].managed_dma = true;
	types[0].context = types[1].context = machine;
	assert_int_equal(dmaown_driver_register(machine->bus, &types[0], &machine->native), 0);
	assert_int_equal(dmaown_driver_register(machine->bus, &types[1], &machine->managed), 0);
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct dmaown_device_description description = {.name = names[i],
								.context = machine};

		assert_int_equal(
			dmaown_device_create(machine->bus, &description, &machine->devices[i]), 0);
	}
}

static void end_machine(struct machine *machine)
{
	char why[128] = "";

	if (core_check_invariants(machine->core, why, sizeof(why)))
		fail_msg("%s", why);
	dmaown_core_destroy(machine->core);
	assert_int_equal(atomic_load(&machine->domains), 0);
}

static void many_threads(void **state)
{
	struct worker workers[THREADS] = {0};
	struct machine machine;

	begin_machine(&machine);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i].machine = &machine;
		workers[i].random = i + 1;
		assert_int_equal(dmaown_domain_create(machine.iommu, &workers[i].domain), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (unsigned int i = 0; i < THREADS; i++)
		if (workers[i].failed)
			fail_msg("%s gave %d", workers[i].failed, workers[i].err);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(dmaown_domain_destroy(workers[i].domain), 0);
	end_machine(&machine);
}

/* ---- a deferral that a bind overtakes ---- */

/*
 * The probe of A finds that B is missing; B binds; only then does A's probe say that it defers.
 * Nobody binds after that, so A must be tried again for the bind of B.
 */
static sem_t a_probes, b_is_bound;
static atomic_int a_tries;

static int probe_in_two_parts(struct dmaown_device *device)
{
	if (strcmp(dmaown_device_name(device), "B") == 0)
		return 0;
	if (atomic_fetch_add(&a_tries, 1) > 0)
		return 0;
	sem_post(&a_probes);
	sem_wait(&b_is_bound);
	return -DMAOWN_EPROBE_DEFER;
}

static void *add_a(void *argument)
{
	struct machine *machine = argument;

	dmaown_device_add(machine->devices[0]);
	return NULL;
}

static void overtaken_deferral(void **state)
{
	static const struct dmaown_driver_type type = {.name = "two parts",
						       .probe = probe_in_two_parts};
	struct dmaown_driver *driver;
	struct machine machine;
	pthread_t thread;

	begin_machine(&machine);
	dmaown_driver_unregister(machine.native);
	dmaown_driver_unregister(machine.managed);
	assert_int_equal(dmaown_driver_register(machine.bus, &type, &driver), 0);
	sem_init(&a_probes, 0, 0);
	sem_init(&b_is_bound, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, add_a, &machine), 0);
	sem_wait(&a_probes);
	assert_int_equal(dmaown_device_add(machine.devices[1]), 0);
	sem_post(&b_is_bound);
	pthread_join(thread, NULL);
	dmaown_device_lock(machine.devices[0]);
	assert_ptr_equal(dmaown_device_driver(machine.devices[0]), driver);
	dmaown_device_unlock(machine.devices[0]);
	end_machine(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "stress@four-threads-three-groups", .test_func = many_threads},
		{.name = "defer@bind-overtakes-the-deferral", .test_func = overtaken_deferral},
	};

	return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
