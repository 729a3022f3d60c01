/* SPDX-License-Identifier: MIT */
/*
 * Lock rules (I9): a wrong order and a missing lock are reported, and both sides of it are named;
 * so is what else the core's functions require. The build of these tests checks these rules; a
 * broken one jumps back into the test.
 */
#include "rig.h"

#include "objects.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf broken;
static char message[160];

static void note_broken_rule(void *context, const char *text)
{
	strncpy(message, text, sizeof(message) - 1);
	longjmp(broken, 1);
}

static struct dmaown_device *begin(struct rig *rig)
{
	rig_prepare(rig);
	rig->env.broken_lock_rule = note_broken_rule;
	rig_begin_prepared(rig);
	rig_add_driver(rig, "driver", false);
	rig_add_device(rig, "A", "g1");
	rig_make_device(rig, "B", NULL);
	return rig->devices[0].device;
}

/* What a row does, with a device in the group g1, and what is said of it. */
struct rule_row {
	const char *name;
	void (*act)(struct rig *rig, struct dmaown_device *device);
	const char *message;
};

static void device_under_group(struct rig *rig, struct dmaown_device *device)
{
	group_lock(rig_group(rig, "g1"));
	dmaown_device_lock(device);
}

static void device_under_device(struct rig *rig, struct dmaown_device *device)
{
	dmaown_device_lock(device);
	dmaown_device_lock(rig->devices[1].device);
}

static void claim_under_group(struct rig *rig, struct dmaown_device *device)
{
	group_lock(rig_group(rig, "g1"));
	dmaown_group_claim(rig_group(rig, "g1"), rig);
}

static void bind_under_device(struct rig *rig, struct dmaown_device *device)
{
	dmaown_device_lock(device);
	dmaown_device_unbind(device);
}

static void iommu_list_under_group(struct rig *rig, struct dmaown_device *device)
{
	group_lock(rig_group(rig, "g1"));
	lock_take(&rig->core->env, &rig->core->iommu_lock);
}

static void chain_under_iommu_list(struct rig *rig, struct dmaown_device *device)
{
	lock_take(&rig->core->env, &rig->core->iommu_lock);
	dmaown_bus_add_notifier(rig->bus, &(struct dmaown_notifier) {0});
}

static void lists_under_driver(struct rig *rig, struct dmaown_device *device)
{
	lock_take(&rig->core->env, &rig->drivers[0].driver->lock);
	lock_take(&rig->core->env, &rig->core->lists_lock);
}

static void driver_under_deferred(struct rig *rig, struct dmaown_device *device)
{
	lock_take(&rig->core->env, &rig->core->deferred_lock);
	lock_take(&rig->core->env, &rig->drivers[0].driver->lock);
}

static void join_without_lock(struct rig *rig, struct dmaown_device *device)
{
	dmaown_device_join(device);
}

static void cleanup_without_lock(struct rig *rig, struct dmaown_device *device)
{
	dmaown_dma_cleanup(device);
}

static void switch_without_lock(struct rig *rig, struct dmaown_device *device)
{
	group_switch(rig_group(rig, "g1"), NULL);
}

static void unlock_twice(struct rig *rig, struct dmaown_device *device)
{
	dmaown_device_lock(device);
	dmaown_device_unlock(device);
	dmaown_device_unlock(device);
}

static void register_under_device(struct rig *rig, struct dmaown_device *device)
{
	static const struct dmaown_driver_type type = {.name = "another"};
	struct dmaown_driver *driver;

	dmaown_device_lock(device);
	dmaown_driver_register(rig->bus, &type, &driver);
}

static void scan_under_group(struct rig *rig, struct dmaown_device *device)
{
	group_lock(rig_group(rig, "g1"));
	dmaown_iommu_scan(rig->iommu);
}

static void retry_under_device(struct rig *rig, struct dmaown_device *device)
{
	dmaown_device_lock(device);
	dmaown_core_retry_deferred(rig->core);
}

static void free_of_an_added_device(struct rig *rig, struct dmaown_device *device)
{
	device_free(device);
}

static void free_of_a_group_with_devices(struct rig *rig, struct dmaown_device *device)
{
	group_free(rig_group(rig, "g1"));
}

static void leave_while_bound(struct rig *rig, struct dmaown_device *device)
{
	dmaown_device_lock(device);
	iommu_leave(device);
}

static void switch_to_another_iommus_domain(struct rig *rig, struct dmaown_device *device)
{
	struct dmaown_iommu other = {.core = rig->core};
	struct dmaown_domain domain = {.iommu = &other};

	group_lock(rig_group(rig, "g1"));
	group_switch(rig_group(rig, "g1"), &domain);
}

static void back_to_no_domain(struct rig *rig, struct dmaown_device *device)
{
	group_lock(rig_group(rig, "g1"));
	group_switch_nofail(rig_group(rig, "g1"), NULL);
}

#define TAKES "lock rule broken: takes "
#define HOLDS "lock rule broken: holds "

static const struct rule_row rule_rows[] = {
	{"order@device-under-group", device_under_group,
	 TAKES "a device lock while holding a group mutex"},
	{"order@device-under-another-device", device_under_device,
	 TAKES "a device lock while holding a device lock"},
	{"order@claim-under-the-groups-own-mutex", claim_under_group,
	 TAKES "a group mutex while holding a group mutex"},
	{"order@unbind-under-the-devices-own-lock", bind_under_device,
	 TAKES "a device lock while holding a device lock"},
	{"order@type-change-bug", iommu_list_under_group,
	 TAKES "the IOMMU device list's lock while holding a group mutex"},
	{"order@notifier-chain-under-iommu-list", chain_under_iommu_list,
	 TAKES "a notifier chain's lock while holding the IOMMU device list's lock"},
	{"order@lists-under-driver", lists_under_driver,
	 TAKES "a lists lock while holding a driver lock"},
	{"order@driver-under-deferred", driver_under_deferred,
	 TAKES "a driver lock while holding the deferred list's lock"},
	{"missing@join-without-the-device-lock", join_without_lock,
	 "lock rule broken: needs a device lock, which it does not hold"},
	{"missing@cleanup-without-the-device-lock", cleanup_without_lock,
	 "lock rule broken: needs a device lock, which it does not hold"},
	{"missing@switch-without-the-group-mutex", switch_without_lock,
	 "lock rule broken: needs a group mutex, which it does not hold"},
	{"missing@unlock-of-what-is-not-held", unlock_twice,
	 "lock rule broken: drops a device lock, which it does not hold"},
	{"held@register-under-a-device-lock", register_under_device,
	 HOLDS "a device lock, and must hold none"},
	{"held@scan-under-a-group-mutex", scan_under_group,
	 HOLDS "a group mutex, and must hold none"},
	{"held@retry-under-a-device-lock", retry_under_device,
	 HOLDS "a device lock, and must hold none"},
	{"state@free-of-an-added-device", free_of_an_added_device,
	 "a device that is freed has no driver and no group"},
	{"state@free-of-a-group-with-devices", free_of_a_group_with_devices,
	 "a group that is freed has no devices"},
	{"state@leave-while-bound", leave_while_bound, "a device leaves its group unbound"},
	{"state@switch-to-another-iommus-domain", switch_to_another_iommus_domain,
	 "a group is switched to a domain of its own IOMMU"},
	{"state@back-to-no-domain", back_to_no_domain,
	 "a group that goes back has a domain to go to"},
};

/* What was held when the rule was broken, and the jump left so. */
static void drop_held_locks(struct rig *rig)
{
	while (rig->held.count > 0) {
		const struct lock *lock = rig->held.locks[rig->held.count - 1];

		lock_drop(&rig->core->env, (struct lock *)(uintptr_t)lock);
	}
}

static void rule_is_checked(void **state)
{
	const struct rule_row *row = *state;
	static struct rig rig;
	struct dmaown_device *device = begin(&rig);

	message[0] = '\0';
	if (setjmp(broken) == 0)
		row->act(&rig, device);
	assert_string_equal(message, row->message);
	drop_held_locks(&rig);
	rig_end(&rig);
}

/* An embedder that gives no record gets no checks, and pays for none. */
static void unchecked_without_a_record(void **state)
{
	struct rig rig;

	rig_begin_unchecked(&rig);
	rig_add_driver(&rig, "driver", false);
	rig_add_device(&rig, "A", "g1");
	assert_int_equal(rig.held.count, 0);
	rig_end(&rig);
}

/* The table for POSIX threads says what is wrong, and ends the process. */
static void break_a_rule_in_a_child(int out)
{
	struct rlimit no_core = {0};
	struct dmaown_env env;
	struct lock lock = {.rank = RANK_GROUP};

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGABRT, SIG_DFL);
	dup2(out, STDERR_FILENO);
	dmaown_pthread_env(&env);
	lock_drop(&env, &lock);
	_exit(0);
}

static void pthread_checks_abort(void **state)
{
	char said[160] = "";
	int out[2], status = 0;
	pid_t child;

	assert_int_equal(pipe(out), 0);
	child = fork();
	if (child == 0)
		break_a_rule_in_a_child(out[1]);
	close(out[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(read(out[0], said, sizeof(said) - 1) > 0);
	close(out[0]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_string_equal(
		said, "dmaown: lock rule broken: drops a group mutex, which it does not hold\n");
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, rule_rows, rule_is_checked);
	suite_add(&suite, "check@no-record-no-checks", unchecked_without_a_record);
	suite_add(&suite, "check@pthread-table-says-so-and-aborts", pthread_checks_abort);
	return suite_run(&suite, "lock");
}
