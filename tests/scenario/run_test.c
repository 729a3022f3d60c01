/* SPDX-License-Identifier: MIT */
/* Runs on a machine that does as it is told: what is asked of it, and what is made of its answers.
 */
#include "fake_machine.h"
#include "rows.h"
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DECLARED                                                                                   \
	"device A 0000:02:01.0\n"                                                                  \
	"device B 0000:02:02.0\n"                                                                  \
	"device C 0000:02:03.0\n"                                                                  \
	"group G A B\n"

static struct scenario *parsed(const char *text)
{
	struct scenario *scenario;
	char *why = NULL;

	if (scenario_parse(text, strlen(text), "x.scn", &scenario, &why))
		fail_msg("%s", why);
	return scenario;
}

/* One run on one fake machine. */
struct scene {
	struct fake_machine fake;
	machine_inspection *inspect;
	struct scenario *scenario;
	struct timeline timeline;
	char *why;
	int err;
};

static void scene_begin(struct scene *scene)
{
	*scene = (struct scene) {0};
	fake_machine_init(&scene->fake);
}

static void scene_run(struct scene *scene, const char *text)
{
	scene->scenario = parsed(text);
	scene->err = scenario_run(scene->scenario, &scene->fake.machine, scene->inspect,
				  &scene->timeline, &scene->why);
}

static void scene_end(struct scene *scene)
{
	timeline_release(&scene->timeline);
	scenario_free(scene->scenario);
	free(scene->why);
	fake_machine_release(&scene->fake);
}

static char *printed(const struct timeline *timeline)
{
	size_t length;
	char *text;
	FILE *stream = open_memstream(&text, &length);

	timeline_print(timeline, stream);
	fclose(stream);
	return text;
}

/* ---- what each operation asks of the machine ---- */

struct asking {
	const char *name, *step, *log;
};

static const struct asking askings[] = {
	{"asks@bind", "bind B e1000", "bind 0000:02:02.0 e1000\n"},
	{"asks@unbind", "unbind A", "unbind 0000:02:01.0\n"},
	{"asks@probe", "probe B", "probe 0000:02:02.0\n"},
	{"asks@override", "override A vfio-pci", "override 0000:02:01.0 vfio-pci\n"},
	{"asks@override-none", "override A none", "override 0000:02:01.0 -\n"},
	{"asks@remove", "remove A", "remove 0000:02:01.0\n"},
	{"asks@rescan", "rescan", "rescan\n"},
	{"asks@reset-begin", "reset-begin A", "reset-begin 0000:02:01.0\n"},
	{"asks@reset-end", "reset-end A", "reset-end 0000:02:01.0\n"},
	{"asks@type", "type G DMA-FQ", "type 8 DMA-FQ\n"},
	{"asks@driver-add", "driver-add d", "driver-add pci d\n"},
	{"asks@driver-remove", "driver-remove d", "driver-remove pci d\n"},
	{"asks@viable", "viable G", "viable\n"},
	{"asks@claim", "claim G", "claim\n"},
	{"asks@release", "release G", "release\n"},
	{"asks@attach", "attach G", "attach\n"},
	{"asks@detach", "detach G", "detach\n"},
	{"asks@map", "map G 0x1000 8192", "map 1000 2000\n"},
	{"asks@unmap", "unmap G 4096 0x2000", "unmap 1000 2000\n"},
	{"asks@open-device", "open-device G A", "open-device 0000:02:01.0\n"},
	{"asks@close-device", "close-device G A", "close-device 0000:02:01.0\n"},
	{"asks@dma-to-memory", "dma G A to-memory 0x1000 64", "dma 0000:02:01.0 to 1000 40\n"},
	{"asks@dma-from-memory", "dma G B from-memory 0 1", "dma 0000:02:02.0 from 0 1\n"},
	{"asks@check", "check A driver e1000", ""},
};

/* Between opening the group and the file's being closed in the end. */
static void asks(void **state)
{
	const struct asking *row = *state;
	struct scene scene;
	char text[400], log[400];

	snprintf(text, sizeof(text), "%sdriver d pci native\nt: open G\nt: %s\n", DECLARED,
		 row->step);
	snprintf(log, sizeof(log), "driver-add pci d\nopen 8\n%sclose\n", row->log);
	scene_begin(&scene);
	scene.fake.answer = true;
	scene_run(&scene, text);
	assert_int_equal(scene.err, 0);
	assert_string_equal(scene.fake.log, log);
	assert_int_equal(scene.timeline.otherwise, 0);
	scene_end(&scene);
}

/* ---- whether it can start ---- */

struct misfit {
	const char *name, *text;
	int err;
	const char *why;
	bool live;
};

static const struct misfit misfits[] = {
	{"misfit@device-absent", "device A 0000:09:00.0\nt: unbind A\n", -ENODEV,
	 "x.scn: A (0000:09:00.0) is not on this machine", false},
	{"misfit@other-driver", "device A 0000:02:01.0 driver vfio-pci\nt: unbind A\n", -ESTALE,
	 "x.scn: A (0000:02:01.0) starts with driver vfio-pci, and has e1000 (bind it first)",
	 false},
	{"misfit@driver-where-none-is-wanted", "device A 0000:02:01.0 driver none\nt: unbind A\n",
	 -ESTALE, "x.scn: A (0000:02:01.0) starts with driver none, and has e1000 (bind it first)",
	 false},
	{"misfit@no-driver-where-one-is-wanted",
	 "device B 0000:02:02.0 driver e1000\nt: unbind B\n", -ESTALE,
	 "x.scn: B (0000:02:02.0) starts with driver e1000, and has none (bind it first)", false},
	{"misfit@driver-absent", "device B 0000:02:02.0\nt: rescan\nt: bind B igb\n", -ENODEV,
	 "x.scn:3: driver igb is not on this machine (load its module)", false},
	{"misfit@two-groups",
	 "device A 0000:02:01.0\ndevice D 0000:03:00.0\ngroup G A D\nt: rescan\n", -ENODEV,
	 "x.scn: A and D are not in one IOMMU group on this machine", false},
	{"misfit@no-group", "device E 0000:04:00.0\ngroup G E\nt: rescan\n", -ENODEV,
	 "x.scn: E (0000:04:00.0) is in no IOMMU group on this machine", false},
	{"misfit@only-simulated", "only simulated\nt: rescan\n", -EOPNOTSUPP,
	 "x.scn: for simulated machines only (--machine FILE names one)", true},
	{"misfit@only-live", "only live\nt: rescan\n", -EOPNOTSUPP,
	 "x.scn: for a live machine only (--machine live)", false},
	{"misfit@script-on-live", "driver d pci native\nt: rescan\n", -EOPNOTSUPP,
	 "x.scn: brings its own driver d, which a live machine can't load (--machine FILE names a "
	 "simulated one)",
	 true},
	{"misfit@unbind-of-an-open-device-on-live",
	 DECLARED "u: open-device G A\nt: unbind B\nt: unbind A\n", -EOPNOTSUPP,
	 "x.scn:7: on a live machine this waits for the device that is opened in line 5 to be "
	 "closed (--machine FILE names a simulated one)",
	 true},
	{"misfit@removal-of-a-device-that-another-closed-on-live",
	 DECLARED "u: open-device G A\nt: close G\nt: remove A\n", -EOPNOTSUPP,
	 "x.scn:7: on a live machine this waits for the device that is opened in line 5 to be "
	 "closed (--machine FILE names a simulated one)",
	 true},
};

static void add_lone_device(struct facts *facts, const char *address, int id)
{
	struct device_facts *device;
	struct group_facts *group;

	assert_int_equal(facts_add_device(facts, &device), 0);
	assert_int_equal(facts_set_string(&device->address, address), 0);
	assert_int_equal(facts_set_string(&device->bus, "pci"), 0);
	device->group = id;
	if (id == -1)
		return;
	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
}

static void misfit(void **state)
{
	const struct misfit *row = *state;
	struct scene scene;

	scene_begin(&scene);
	add_lone_device(&scene.fake.facts, "0000:03:00.0", 9);
	add_lone_device(&scene.fake.facts, "0000:04:00.0", -1);
	if (row->live)
		assert_int_equal(facts_set_string(&scene.fake.facts.machine, "live"), 0);
	scene_run(&scene, row->text);
	assert_int_equal(scene.err, row->err);
	assert_string_equal(scene.why, row->why);
	assert_string_equal(scene.fake.log, "");
	scene_end(&scene);
}

/* ---- verdicts ---- */

struct verdict_case {
	const char *name, *text;
	const char *failing;
	int error;
	size_t otherwise;
	const char *said; /* what the printed timeline must contain */
};

static const struct verdict_case verdicts[] = {
	{"verdict@expected-errno", DECLARED "t: unbind A = EBUSY\n", "unbind", -EBUSY, 0,
	 "1 step, all as expected\n"},
	{"verdict@unexpected-errno", DECLARED "t: unbind A\n", "unbind", -EBUSY, 1,
	 "x.scn:5: unbind A: expected 0, got EBUSY\n"},
	{"verdict@errno-missed", DECLARED "t: unbind A = EBUSY\n", NULL, 0, 1,
	 "x.scn:5: unbind A: expected EBUSY, got 0\n"},
	{"verdict@deferred", DECLARED "t: bind B e1000 = EPROBE_DEFER\n", "bind", -517, 0,
	 "EPROBE_DEFER"},
	{"verdict@unbound-driver-that-is-not-there", DECLARED "t: bind B igb = ENODEV\n", "bind",
	 -ENODEV, 0, "all as expected"},
	{"verdict@answer-otherwise", DECLARED "t: open G\nt: viable G\n", NULL, 0, 1,
	 "x.scn:6: viable G: expected yes, got no\n"},
	{"verdict@answer-expected", DECLARED "t: open G\nt: dma G A to-memory 0 8 = faulted\n",
	 NULL, 0, 0, "dma G A to-memory 0x0 8  faulted\n"},
	{"verdict@answer-and-errno", DECLARED "t: open G\nt: dma G A to-memory 0 8 = faulted\n",
	 "dma", -EINVAL, 1, "expected faulted, got EINVAL\n"},
	{"verdict@not-opened", DECLARED "t: claim G = EBADF\nt: close G = EBADF\n", NULL, 0, 0,
	 "all as expected"},
	{"verdict@opened-by-another-thread", DECLARED "t: open G\nu: claim G = EBADF\n", NULL, 0, 0,
	 "all as expected"},
	{"verdict@check-otherwise", DECLARED "t: check A driver vfio-pci\n", NULL, 0, 1,
	 "x.scn:5: check A driver vfio-pci: expected vfio-pci, got e1000\n"},
	{"verdict@check-after-change",
	 DECLARED "t: unbind A\nt: bind A vfio-pci\nt: check A driver vfio-pci\n", NULL, 0, 0,
	 "A driver none -> vfio-pci\n"},
	{"verdict@check-not-visible", DECLARED "t: check G count 1\nt: check G domain DMA\n", NULL,
	 0, 0, "  t       check G count 1     not visible here\n"},
	{"verdict@check-absent", DECLARED "t: remove A\nt: check A driver none\n", NULL, 0, 1,
	 "expected none, got absent\n"},
	{"verdict@removed-and-back",
	 DECLARED "t: remove A\nt: check A present no\nt: rescan\nt: check A group G\n", NULL, 0, 0,
	 "A gone\n"},
	{"verdict@check-viable", DECLARED "t: unbind A\nt: unbind C\nt: check G viable yes\n", NULL,
	 0, 0, "G viable no -> yes\n"},
	{"verdict@finally", DECLARED "t: unbind A\nfinally A driver none\n", NULL, 0, 0,
	 "all as expected"},
	{"verdict@finally-otherwise", DECLARED "t: unbind A\nfinally A driver e1000\n", NULL, 0, 1,
	 "x.scn:6: A driver in the end: expected e1000, got none\n"},
	{"verdict@two-otherwise", DECLARED "t: unbind B = EIO\nt: unbind A = EIO\n", NULL, 0, 2,
	 "2 steps, 2 came out otherwise\n"},
	{"verdict@title-and-machine", "title Two things\n" DECLARED "t: rescan\n", NULL, 0, 0,
	 "Two things, on fake\n"},
};

static void verdict(void **state)
{
	const struct verdict_case *row = *state;
	struct scene scene;
	char *text;

	scene_begin(&scene);
	scene.fake.failing = row->failing;
	scene.fake.error = row->error;
	scene_run(&scene, row->text);
	assert_int_equal(scene.err, 0);
	text = printed(&scene.timeline);
	if (!strstr(text, row->said))
		fail_msg("not said: %s\nin:\n%s", row->said, text);
	assert_int_equal(scene.timeline.otherwise, row->otherwise);
	free(text);
	scene_end(&scene);
}

/* ---- single cases ---- */

static void the_timeline_is_a_table_with_the_differences_below(void **state)
{
	struct scene scene;
	char *text;

	scene_begin(&scene);
	scene_run(&scene, DECLARED "host: override A vfio-pci\nuser: open G\n"
				   "user: claim G = EPERM\nfinally A override none\n");
	text = printed(&scene.timeline);
	assert_string_equal(
		text, "x.scn, on fake\n"
		      "     thread  operation            result  what changed\n"
		      "  1  host    override A vfio-pci  0       A override none -> vfio-pci\n"
		      "  2  user    open G               0\n"
		      "  3  user    claim G              0\n"
		      "x.scn:7: claim G: expected EPERM, got 0\n"
		      "x.scn:8: A override in the end: expected none, got vfio-pci\n"
		      "3 steps, 2 came out otherwise\n");
	free(text);
	scene_end(&scene);
}

static void json_has_every_step_with_the_state_after_it(void **state)
{
	struct scene scene;
	size_t length;
	char *text;
	FILE *stream = open_memstream(&text, &length);

	scene_begin(&scene);
	scene_run(&scene, "title T\ndevice A 0000:02:01.0\ngroup G A\nhost: unbind A = EIO\n"
			  "finally G count 0\n");
	assert_int_equal(timeline_print_json(&scene.timeline, stream), 0);
	fclose(stream);
	assert_non_null(strstr(text, "\"title\": \"T\""));
	assert_non_null(strstr(text, "\"machine\": \"fake\""));
	assert_non_null(strstr(text, "\"operation\": \"unbind A\""));
	assert_non_null(strstr(text, "\"expected\": \"EIO\",\n      \"result\": \"0\",\n"
				     "      \"as_expected\": false"));
	assert_non_null(strstr(text, "\"A\": {\n          \"present\": \"yes\",\n"
				     "          \"driver\": \"none\""));
	assert_non_null(strstr(text, "\"expected\": \"0\",\n      \"result\": null,\n"
				     "      \"as_expected\": null"));
	assert_non_null(strstr(text, "\"as_expected\": false\n}\n"));
	free(text);
	scene_end(&scene);
}

static void a_second_open_that_is_let_in_is_closed_again(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene_run(&scene, DECLARED "t: open G\nt: open G = EBUSY\nt: close G\n");
	assert_int_equal(scene.timeline.otherwise, 1);
	assert_string_equal(scene.fake.log, "open 8\nopen 8\nclose\nclose\n");
	scene_end(&scene);
}

static void files_are_closed_when_the_machine_can_no_longer_be_read(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.scenario = parsed(DECLARED "t: open G\nt: unbind A\n");
	scene.fake.failing = "read";
	scene.fake.error = -EIO;
	scene.err = scenario_run(scene.scenario, &scene.fake.machine, NULL, &scene.timeline,
				 &scene.why);
	assert_int_equal(scene.err, -EIO);
	assert_string_equal(scene.why, "can't read the machine: EIO");
	scene_end(&scene);
}

static void a_driver_that_can_not_be_added_is_said(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.fake.failing = "driver-add";
	scene.fake.error = -EEXIST;
	scene_run(&scene, "driver e1000 pci native\nt: rescan\n");
	assert_int_equal(scene.err, -EEXIST);
	assert_string_equal(scene.why, "can't add driver e1000: EEXIST");
	scene_end(&scene);
}

static void a_group_is_found_again_by_its_devices(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.fake.facts.groups[0].id = 3;
	for (size_t i = 0; i < scene.fake.facts.device_count; i++)
		scene.fake.facts.devices[i].group = 3;
	scene_run(&scene, DECLARED "t: remove A\nt: open G\n");
	assert_string_equal(scene.fake.log, "remove 0000:02:01.0\nopen 3\nclose\n");
	scene_end(&scene);
}

static void a_device_that_was_closed_is_unbound_on_live(void **state)
{
	static const char *const closings[] = {"u: close G", "u: close-device G A",
					       "u: open-device G A = EINVAL\nu: close-device G A"};

	for (size_t i = 0; i < 3; i++) {
		struct scene scene;
		char text[300];

		snprintf(text, sizeof(text),
			 DECLARED "u: open G\nu: open-device G A\n%s\nt: unbind A\n", closings[i]);
		scene_begin(&scene);
		assert_int_equal(facts_set_string(&scene.fake.facts.machine, "live"), 0);
		scene_run(&scene, text);
		assert_int_equal(scene.err, 0);
		scene_end(&scene);
	}
}

static struct group_facts *group_of(struct scene *scene)
{
	return &scene->fake.facts.groups[0];
}

static void invariants_are_looked_at_after_every_step_if_asked(void **state)
{
	static const char *const asked[] = {"", "finally invariants\n"};
	static const size_t broken[] = {0, 2};

	for (size_t i = 0; i < 2; i++) {
		struct scene scene;
		char text[200];

		snprintf(text, sizeof(text), DECLARED "t: unbind A\n%s", asked[i]);
		scene_begin(&scene);
		group_of(&scene)->count = 2;
		scene_run(&scene, text);
		assert_int_equal(scene.timeline.otherwise, broken[i]);
		scene_end(&scene);
	}
}

static int find_fault(struct machine *machine, char **why)
{
	*why = strdup("I3: B is on no domain");
	return *why ? -EINVAL : -ENOMEM;
}

static void an_inspection_is_asked_after_every_step(void **state)
{
	struct scene scene;
	char *text;

	scene_begin(&scene);
	scene.inspect = find_fault;
	scene_run(&scene, DECLARED "t: unbind A\nfinally invariants\n");
	text = printed(&scene.timeline);
	assert_non_null(strstr(text, "x.scn:5: broken after this: I3: B is on no domain\n"
				     "x.scn: broken in the end: I3: B is on no domain\n"));
	free(text);
	scene_end(&scene);
}

static void two_runs_that_agree_have_no_difference(void **state)
{
	struct scene a, b;
	char *why;
	size_t step;

	scene_begin(&a);
	scene_begin(&b);
	group_of(&b)->count = 7;
	scene_run(&a, DECLARED "t: unbind A\nt: unbind C\n");
	scene_run(&b, DECLARED "t: unbind A\nt: unbind C\n");
	assert_int_equal(timeline_compare(&a.timeline, &b.timeline, &step, &why), 0);
	assert_int_equal(step, 2);
	assert_null(why);
	scene_end(&a);
	scene_end(&b);
}

static void the_first_other_outcome_is_found(void **state)
{
	struct scene a, b;
	char *why;
	size_t step;

	scene_begin(&a);
	scene_begin(&b);
	b.fake.failing = "probe";
	b.fake.error = -EBUSY;
	scene_run(&a, DECLARED "t: unbind A\nt: probe C\n");
	scene_run(&b, DECLARED "t: unbind A\nt: probe C\n");
	assert_int_equal(timeline_compare(&a.timeline, &b.timeline, &step, &why), 0);
	assert_int_equal(step, 1);
	assert_string_equal(why, "0 on fake, EBUSY on fake");
	free(why);
	scene_end(&a);
	scene_end(&b);
}

static void the_first_other_state_is_found(void **state)
{
	struct scene a, b;
	char *why;
	size_t step;

	scene_begin(&a);
	scene_begin(&b);
	assert_int_equal(facts_set_string(&b.fake.facts.devices[2].driver, NULL), 0);
	scene_run(&a, DECLARED "t: unbind A\nt: probe C\n");
	scene_run(&b, DECLARED "t: unbind A\nt: probe C\n");
	assert_int_equal(timeline_compare(&a.timeline, &b.timeline, &step, &why), 0);
	assert_int_equal(step, 0);
	assert_string_equal(why, "then C driver is e1000 on fake, none on fake");
	free(why);
	scene_end(&a);
	scene_end(&b);
}

static void a_live_machine_need_not_tell_a_claim_from_an_open_file(void **state)
{
	static const enum owner_kind owners[] = {OWNER_USER, OWNER_KERNEL};
	static const size_t first[] = {1, 0};

	for (size_t i = 0; i < 2; i++) {
		struct scene a, b;
		char *why;
		size_t step;

		scene_begin(&a);
		scene_begin(&b);
		assert_int_equal(facts_set_string(&b.fake.facts.machine, "live"), 0);
		group_of(&b)->owner.kind = owners[i];
		scene_run(&a, DECLARED "t: unbind A\n");
		scene_run(&b, DECLARED "t: unbind A\n");
		assert_int_equal(timeline_compare(&a.timeline, &b.timeline, &step, &why), 0);
		assert_int_equal(step, first[i]);
		free(why);
		scene_end(&a);
		scene_end(&b);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(the_timeline_is_a_table_with_the_differences_below),
		cmocka_unit_test(json_has_every_step_with_the_state_after_it),
		cmocka_unit_test(a_second_open_that_is_let_in_is_closed_again),
		cmocka_unit_test(files_are_closed_when_the_machine_can_no_longer_be_read),
		cmocka_unit_test(a_driver_that_can_not_be_added_is_said),
		cmocka_unit_test(a_group_is_found_again_by_its_devices),
		cmocka_unit_test(a_device_that_was_closed_is_unbound_on_live),
		cmocka_unit_test(invariants_are_looked_at_after_every_step_if_asked),
		cmocka_unit_test(an_inspection_is_asked_after_every_step),
		cmocka_unit_test(two_runs_that_agree_have_no_difference),
		cmocka_unit_test(the_first_other_outcome_is_found),
		cmocka_unit_test(the_first_other_state_is_found),
		cmocka_unit_test(a_live_machine_need_not_tell_a_claim_from_an_open_file),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, askings, asks);
	ADD_ROWS(&suite, misfits, misfit);
	ADD_ROWS(&suite, verdicts, verdict);
	return suite_run(&suite, "run");
}
