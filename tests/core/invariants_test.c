/* SPDX-License-Identifier: MIT */
/*
 * The checks of the invariants themselves: each is seen to fail when its invariant is broken by
 * hand, names the object, and holds again when what was broken is put back.
 */
#include "rig.h"

#include "invariants.h"
#include "objects.h"

#include <errno.h>

static const int user;

/* A native device A, a managed device B and a device C without a driver, all in g1. */
struct scene {
	struct rig rig;
	struct dmaown_device *native, *managed, *idle;
	struct dmaown_group *group;
	struct dmaown_domain *domain; /* a user's, attached to nothing */
};

static void begin_scene(struct scene *scene)
{
	struct rig *rig = &scene->rig;

	rig_begin(rig);
	rig_add_driver(rig, "native", false)->only = "A";
	rig_add_driver(rig, "managed", true)->only = "B";
	scene->native = rig_add_device(rig, "A", "g1")->device;
	scene->managed = rig_add_device(rig, "B", "g1")->device;
	scene->idle = rig_add_device(rig, "C", "g1")->device;
	scene->group = rig_group(rig, "g1");
	expect(rig, 0, dmaown_domain_create(rig->iommu, &scene->domain));
}

static void expect_broken(struct scene *scene, const char *expected)
{
	char why[128] = "";

	assert_int_equal(core_check_invariants(scene->rig.core, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, expected);
}

/* With `place` changed for a moment. */
#define WITH(scene, place, value, why)                                                             \
	do {                                                                                       \
		__typeof__(place) kept = (place);                                                  \
		(place) = (value);                                                                 \
		expect_broken((scene), (why));                                                     \
		(place) = kept;                                                                    \
		rig_check(&(scene)->rig, #place " put back", AT_LINE);                             \
	} while (0)

static void count(void **state)
{
	struct scene scene;

	begin_scene(&scene);
	WITH(&scene, scene.group->count, 2, "I1 the count is of devices or claims: g1");
	WITH(&scene, scene.native->use, USE_NONE, "I1 a native device is counted: A");
	WITH(&scene, scene.idle->use, USE_COUNTED, "I1 a native device is counted: C");
	expect(&scene.rig, 0, dmaown_device_unbind(scene.native));
	expect(&scene.rig, 0, dmaown_group_claim(scene.group, &user));
	WITH(&scene, scene.group->claimed_whole, false, "I1 the count is of devices or claims: g1");
	WITH(&scene, scene.idle->claims, 1, "I1 the count is of devices or claims: g1");
	expect(&scene.rig, 0, dmaown_group_release(scene.group, &user));
	rig_end(&scene.rig);
}

static void current_domain(void **state)
{
	struct scene scene;

	begin_scene(&scene);
	WITH(&scene, scene.native->attached, NULL,
	     "I3 attached to the current domain, or blocked: A");
	WITH(&scene, scene.managed->resetting, true,
	     "I3 attached to the current domain, or blocked: B");
	WITH(&scene, scene.idle->stranded, true,
	     "I3 attached to the current domain, or blocked: C");
	WITH(&scene, scene.idle->attached, scene.domain,
	     "I3 attached to the current domain, or blocked: C");
	rig_end(&scene.rig);
}

/* Broken so that no earlier check sees it: the devices go along with the group. */
static void point_all(struct scene *scene, struct dmaown_domain *domain)
{
	scene->native->attached = scene->managed->attached = scene->idle->attached = domain;
	scene->group->current = domain;
}

static void owned_or_used(void **state)
{
	struct dmaown_domain *normal;
	struct scene scene;

	begin_scene(&scene);
	normal = scene.group->current;
	point_all(&scene, NULL);
	expect_broken(&scene, "I2 a used group is on its default domain: g1");
	point_all(&scene, normal);
	expect(&scene.rig, 0, dmaown_device_unbind(scene.native));
	expect(&scene.rig, 0, dmaown_group_claim(scene.group, &user));
	point_all(&scene, normal);
	expect_broken(&scene, "I2 an owned group is off its default domain: g1");
	point_all(&scene, NULL);
	expect_broken(&scene, "I2 an owned group is off its default domain: g1");
	point_all(&scene, scene.group->blocking_domain);
	expect(&scene.rig, 0, dmaown_group_release(scene.group, &user));
	rig_end(&scene.rig);
}

static void freed_domain(void **state)
{
	struct dmaown_domain *normal, gone = {.kind = DMAOWN_DOMAIN_UNMANAGED};
	struct scene scene;

	begin_scene(&scene);
	normal = scene.group->current;
	expect(&scene.rig, 0, dmaown_device_unbind(scene.native));
	point_all(&scene, &gone);
	expect_broken(&scene, "I4 attached to a domain that exists: A");
	point_all(&scene, normal);
	expect(&scene.rig, 0, dmaown_group_attach(scene.group, NULL, scene.domain));
	WITH(&scene, scene.domain->users, 1,
	     "I4 every pointer to a domain is counted: a user's domain");
	expect(&scene.rig, 0, dmaown_group_detach(scene.group, scene.domain));
	WITH(&scene, scene.domain->users, 1,
	     "I4 every pointer to a domain is counted: a user's domain");
	expect(&scene.rig, 0, dmaown_device_attach_pasid(scene.idle, 1, scene.domain));
	WITH(&scene, scene.domain->users, 0,
	     "I4 every pointer to a domain is counted: a user's domain");
	rig_end(&scene.rig);
}

static void blocked_but_current_is_gone(void **state)
{
	struct dmaown_domain gone = {.kind = DMAOWN_DOMAIN_UNMANAGED};
	struct scene scene;
	struct rig *rig = &scene.rig;

	begin_scene(&scene);
	expect(rig, 0, dmaown_device_unbind(scene.native));
	expect(rig, 0, dmaown_device_reset_begin(scene.native));
	expect(rig, 0, dmaown_device_reset_begin(scene.managed));
	expect(rig, 0, dmaown_device_reset_begin(scene.idle));
	WITH(&scene, scene.group->current, &gone, "I4 the current domain exists: g1");
	rig_end(rig);
}

static void bound_and_configured(void **state)
{
	struct scene scene;

	begin_scene(&scene);
	WITH(&scene, scene.managed->configured, false,
	     "I5 a bound device is configured, an unbound one is not: B");
	WITH(&scene, scene.idle->configured, true,
	     "I5 a bound device is configured, an unbound one is not: C");
	rig_end(&scene.rig);
}

static void left(void **state)
{
	struct scene scene;

	begin_scene(&scene);
	WITH(&scene, scene.managed->added, false,
	     "I6 a device off its bus has no driver and no group: B");
	WITH(&scene, scene.idle->added, false,
	     "I6 a device off its bus has no driver and no group: C");
	expect(&scene.rig, 0, dmaown_device_remove(scene.native));
	expect(&scene.rig, 0, dmaown_device_remove(scene.managed));
	expect(&scene.rig, 0, dmaown_device_remove(scene.idle));
	WITH(&scene, scene.group->default_domain, scene.domain,
	     "I6 an empty group is nobody's: g1");
	WITH(&scene, scene.group->current, scene.domain, "I6 an empty group is nobody's: g1");
	rig_end(&scene.rig);
}

static void mapped_outside(void **state)
{
	struct scene scene;
	struct mapping mapping;

	begin_scene(&scene);
	list_add_tail(&mapping.on_device, &scene.managed->mappings);
	expect_broken(&scene, "I11 mappings live between configure and cleanup: B");
	list_del(&mapping.on_device);
	rig_end(&scene.rig);
}

static void used_without_a_default(void **state)
{
	struct scene scene;
	struct dmaown_domain *normal;

	begin_scene(&scene);
	normal = scene.group->current;
	scene.group->default_domain = NULL;
	point_all(&scene, NULL);
	expect_broken(&scene, "I12 a used group has a default domain: g1");
	scene.group->default_domain = normal;
	point_all(&scene, normal);
	rig_end(&scene.rig);
}

/* A text that does not fit is cut, and ended. */
static void little_room(void **state)
{
	struct scene scene;
	char why[4] = "xxx";

	begin_scene(&scene);
	scene.group->count++;
	assert_int_equal(core_check_invariants(scene.rig.core, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "I1 ");
	scene.group->count--;
	rig_end(&scene.rig);
}

int main(void)
{
	struct suite suite = {0};

	suite_add(&suite, "i1@count-use-or-claims-changed", count);
	suite_add(&suite, "i2@owned-on-default-used-off-it", owned_or_used);
	suite_add(&suite, "i3@device-elsewhere", current_domain);
	suite_add(&suite, "i4@freed-or-miscounted-domain", freed_domain);
	suite_add(&suite, "i4@current-domain-gone", blocked_but_current_is_gone);
	suite_add(&suite, "i5@bound-and-not-configured", bound_and_configured);
	suite_add(&suite, "i6@left-bound-or-grouped", left);
	suite_add(&suite, "i11@mapping-of-a-managed-device", mapped_outside);
	suite_add(&suite, "i12@used-without-a-default-domain", used_without_a_default);
	suite_add(&suite, "check@cut-to-the-room-given", little_room);
	return suite_run(&suite, "invariants");
}
