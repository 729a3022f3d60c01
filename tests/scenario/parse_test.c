/* SPDX-License-Identifier: MIT */
/* What parses is printed back as it was; what does not is refused with its line and its words. */
#include "errname.h"
#include "operation.h"
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Three lines that the rows below go on from. */
#define DECLARED                                                                                   \
	"device A 0000:02:01.0 driver e1000\n"                                                     \
	"device B 0000:02:02.0\n"                                                                  \
	"group G A B\n"

struct refusal {
	const char *name, *text, *why;
	size_t length; /* 0: that of `text` */
};

static const struct refusal refusals[] = {
	{"refused@empty", "", "x.scn:1: no step (expected at least one, like 'host: unbind A')", 0},
	{"refused@no-step", DECLARED,
	 "x.scn:3: no step (expected at least one, like 'host: unbind A')", 0},
	{"refused@unknown-word", "bnd A\n",
	 "x.scn:1: unknown word 'bnd' (expected title, machine, only, device, group, driver "
	 "or finally, or a thread's name and a colon)",
	 0},
	{"refused@nul", "title a\0b\n",
	 "x.scn:1: control character (expected plain text, lines ended by a newline)", 10},
	{"refused@carriage-return", "# one\ntitle a\r\n",
	 "x.scn:2: control character (expected plain text, lines ended by a newline)", 0},
	{"refused@not-utf8", "title \xff\n", "x.scn:1: not UTF-8 (expected plain text)", 0},
	{"refused@utf8-cut-off", "title \xe2\x82", "x.scn:1: not UTF-8 (expected plain text)", 0},
	{"refused@utf8-overlong", "title \xc0\xaf\n", "x.scn:1: not UTF-8 (expected plain text)",
	 0},
	{"refused@utf8-surrogate", "title \xed\xa0\x80\n",
	 "x.scn:1: not UTF-8 (expected plain text)", 0},
	{"refused@utf8-beyond", "title \xf4\x90\x80\x80\n",
	 "x.scn:1: not UTF-8 (expected plain text)", 0},
	{"refused@title-empty", "title\n",
	 "x.scn:1: line ends early (expected what the scenario shows)", 0},
	{"refused@title-twice", "title a\ntitle b\n", "x.scn:2: second title (expected one)", 0},
	{"refused@machine-twice", "machine a\nmachine b\n",
	 "x.scn:2: second machine (expected one)", 0},
	{"refused@machine-two-words", "machine a b\n",
	 "x.scn:1: 'b' is one word too many (expected the end of the line)", 0},
	{"refused@only-what", "only sometimes\n",
	 "x.scn:1: 'sometimes' is not a kind of machine (expected simulated or live)", 0},
	{"refused@only-twice", "only live\nonly simulated\n",
	 "x.scn:2: second 'only' (expected one)", 0},
	{"refused@device-name", "device 1A 0000:02:01.0\n",
	 "x.scn:1: '1A' can't be a name (expected up to 32 letters, digits, '-' and '_', a letter "
	 "first)",
	 0},
	{"refused@name-of-33-bytes", "device A23456789012345678901234567890123 a\n",
	 "x.scn:1: 'A23456789012345678901234567890123' can't be a name (expected up to 32 letters, "
	 "digits, '-' and '_', a letter first)",
	 0},
	{"refused@device-named-none", "device none 0000:02:01.0\n",
	 "x.scn:1: 'none' can't be a name (expected up to 32 letters, digits, '-' and '_', a "
	 "letter first)",
	 0},
	{"refused@device-twice", DECLARED "device A 0000:02:03.0\n",
	 "x.scn:4: 'A' is declared twice (expected another name)", 0},
	{"refused@device-as-group", DECLARED "device G 0000:02:03.0\n",
	 "x.scn:4: 'G' is declared twice (expected another name)", 0},
	{"refused@address-twice", DECLARED "device C 0000:02:01.0\n",
	 "x.scn:4: 0000:02:01.0 is A already (expected another address)", 0},
	{"refused@device-without-address", "device A\n",
	 "x.scn:1: line ends early (expected an address)", 0},
	{"refused@device-driver-missing", "device A 0000:02:01.0 driver\n",
	 "x.scn:1: line ends early (expected a driver or none)", 0},
	{"refused@device-word", "device A 0000:02:01.0 bound e1000\n",
	 "x.scn:1: 'bound' is one word too many (expected the end of the line)", 0},
	{"refused@device-after-step", DECLARED "host: unbind A\ndevice C 0000:02:03.0\n",
	 "x.scn:5: 'device' after a step or 'finally' (expected all of them before)", 0},
	{"refused@group-empty", "device A a\ngroup G\n",
	 "x.scn:2: line ends early (expected a device)", 0},
	{"refused@group-unknown-device", "group G A\n",
	 "x.scn:1: no device 'A' (expected one that a line 'device' declares)", 0},
	{"refused@device-in-two-groups", DECLARED "group H A\n",
	 "x.scn:4: A is in a group already (expected each device once)", 0},
	{"refused@device-twice-in-group", "device A a\ngroup G A A\n",
	 "x.scn:2: A is in a group already (expected each device once)", 0},
	{"refused@driver-no-bus", "driver d\n", "x.scn:1: line ends early (expected a bus)", 0},
	{"refused@driver-neither", "driver d pci user\n",
	 "x.scn:1: driver d is neither native nor managed, or both (expected one of the two)", 0},
	{"refused@driver-both", "driver d pci native managed\n",
	 "x.scn:1: driver d is neither native nor managed, or both (expected one of the two)", 0},
	{"refused@driver-twice", "driver d pci native\ndriver d pci managed\n",
	 "x.scn:2: driver d is declared twice (expected another name)", 0},
	{"refused@driver-word", "driver d pci native slow\n",
	 "x.scn:1: 'slow' is unknown or there twice (expected user, native, managed, ids, fail, "
	 "maps, test-remove or dma-after-remove, each once)",
	 0},
	{"refused@driver-word-twice", "driver d pci native maps maps\n",
	 "x.scn:1: 'maps' is unknown or there twice (expected user, native, managed, ids, fail, "
	 "maps, test-remove or dma-after-remove, each once)",
	 0},
	{"refused@driver-no-ids", "driver d pci native ids ,\n",
	 "x.scn:1: no id (expected ids, separated by commas)", 0},
	{"refused@driver-stage", "driver d pci native fail later EIO\n",
	 "x.scn:1: 'later' is not a stage of the bind (expected suppliers, old-resources, pins, "
	 "configure, links, power, probe or attributes)",
	 0},
	{"refused@driver-errno", "driver d pci native fail probe 0\n",
	 "x.scn:1: '0' is not an errno (expected a name like EIO)", 0},
	{"refused@driver-failures-0", "driver d pci native fail probe EIO 0\n",
	 "x.scn:1: 0 failures (expected a number from 1 to 4294967295)", 0},
	{"refused@driver-failures-huge", "driver d pci native fail probe EIO 4294967296\n",
	 "x.scn:1: 4294967296 failures (expected a number from 1 to 4294967295)", 0},
	{"refused@thread-name", DECLARED "1st: unbind A\n",
	 "x.scn:4: '1st:' is no thread's name (expected up to 32 letters, digits, '-' and '_', a "
	 "letter "
	 "first, and a colon)",
	 0},
	{"refused@thread-empty", DECLARED ": unbind A\n",
	 "x.scn:4: ':' is no thread's name (expected up to 32 letters, digits, '-' and '_', a "
	 "letter first, "
	 "and a colon)",
	 0},
	{"refused@no-operation", DECLARED "host:\n",
	 "x.scn:4: line ends early (expected an operation)", 0},
	{"refused@unknown-operation", DECLARED "host: bnd A\n",
	 "x.scn:4: 'bnd' is not an operation (expected bind, unbind, probe, override, remove, "
	 "rescan, reset-begin, reset-end, type, driver-add, driver-remove, open, close, viable, "
	 "claim, release, attach, detach, map, unmap, open-device, close-device, dma or check)",
	 0},
	{"refused@unknown-device", DECLARED "host: unbind C\n",
	 "x.scn:4: no device 'C' (expected one that a line 'device' declares)", 0},
	{"refused@group-for-device", DECLARED "host: unbind G\n",
	 "x.scn:4: no device 'G' (expected one that a line 'device' declares)", 0},
	{"refused@unknown-group", DECLARED "host: open H\n",
	 "x.scn:4: no group 'H' (expected one that a line 'group' declares)", 0},
	{"refused@too-few", DECLARED "host: bind A\n",
	 "x.scn:4: line ends early (expected a driver)", 0},
	{"refused@too-few-before-result", DECLARED "host: bind A = EBUSY\n",
	 "x.scn:4: line ends early (expected a driver)", 0},
	{"refused@too-many", DECLARED "host: unbind A B\n",
	 "x.scn:4: 'B' is one word too many (expected the end of the line)", 0},
	{"refused@no-result", DECLARED "host: unbind A =\n",
	 "x.scn:4: line ends early (expected a result)", 0},
	{"refused@unknown-errno", DECLARED "host: unbind A = EBUSSY\n",
	 "x.scn:4: 'EBUSSY' is no result (expected 0 or an errno like EBUSY)", 0},
	{"refused@two-results", DECLARED "host: unbind A = EBUSY EPERM\n",
	 "x.scn:4: 'EPERM' is one word too many (expected the end of the line)", 0},
	{"refused@viable-maybe", DECLARED "user: viable G = maybe\n",
	 "x.scn:4: 'maybe' is no result (expected yes, no or an errno)", 0},
	{"refused@dma-0", DECLARED "user: dma G A to-memory 0 8 = 0\n",
	 "x.scn:4: '0' is no result (expected reached, faulted or an errno)", 0},
	{"refused@dma-direction", DECLARED "user: dma G A upwards 0 8\n",
	 "x.scn:4: 'upwards' is not a direction (expected from-memory or to-memory)", 0},
	{"refused@number-huge", DECLARED "user: map G 18446744073709551616 4096\n",
	 "x.scn:4: '18446744073709551616' is not an I/O address (expected a number below 2^64, "
	 "decimal or 0x...)",
	 0},
	{"refused@number-hex-huge", DECLARED "user: map G 0 0x10000000000000000\n",
	 "x.scn:4: '0x10000000000000000' is not a size (expected a number below 2^64, decimal or "
	 "0x...)",
	 0},
	{"refused@number-negative", DECLARED "user: map G -4096 4096\n",
	 "x.scn:4: '-4096' is not an I/O address (expected a number below 2^64, decimal or 0x...)",
	 0},
	{"refused@number-word", DECLARED "user: map G 0 4k\n",
	 "x.scn:4: '4k' is not a size (expected a number below 2^64, decimal or 0x...)", 0},
	{"refused@number-0x", DECLARED "user: map G 0x 4096\n",
	 "x.scn:4: '0x' is not an I/O address (expected a number below 2^64, decimal or 0x...)", 0},
	{"refused@unknown-scripted-driver", DECLARED "host: driver-remove e1000\n",
	 "x.scn:4: no driver 'e1000' (expected one that a line 'driver' declares)", 0},
	{"refused@check-unknown-role", DECLARED "host: check C driver none\n",
	 "x.scn:4: no device or group 'C' (expected one that is declared)", 0},
	{"refused@check-device-property", DECLARED "host: check A viable yes\n",
	 "x.scn:4: 'viable' is not a property of a device (expected present, driver, override or "
	 "group)",
	 0},
	{"refused@check-group-property", DECLARED "host: check G driver none\n",
	 "x.scn:4: 'driver' is not a property of a group (expected viable, type, owner, count or "
	 "domain)",
	 0},
	{"refused@check-result", DECLARED "host: check A driver e1000 = 0\n",
	 "x.scn:4: '=' is one word too many (expected the end of the line)", 0},
	{"refused@check-truth", DECLARED "host: check A present 1\n",
	 "x.scn:4: present can't be '1' (expected yes or no)", 0},
	{"refused@check-owner", DECLARED "host: check G owner me\n",
	 "x.scn:4: owner can't be 'me' (expected none, kernel or user)", 0},
	{"refused@check-count", DECLARED "host: check G count few\n",
	 "x.scn:4: count can't be 'few' (expected a number from 0 to 999999999)", 0},
	{"refused@check-count-huge", DECLARED "host: check G count 10000000000\n",
	 "x.scn:4: count can't be '10000000000' (expected a number from 0 to 999999999)", 0},
	{"refused@check-unknown-group", DECLARED "host: check A group H\n",
	 "x.scn:4: group can't be 'H' (expected none or a declared group)", 0},
	{"refused@finally-nothing", DECLARED "finally\n",
	 "x.scn:4: line ends early (expected a device or a group)", 0},
	{"refused@finally-without-value", DECLARED "finally A driver\n",
	 "x.scn:4: line ends early (expected a value)", 0},
};

static void test_refusal(void **state)
{
	const struct refusal *row = *state;
	struct scenario *scenario = NULL;
	char *why = NULL;
	size_t length = row->length ? row->length : strlen(row->text);

	assert_int_equal(scenario_parse(row->text, length, "x.scn", &scenario, &why), -EINVAL);
	assert_null(scenario);
	assert_string_equal(why, row->why);
	free(why);
}

struct accepted {
	const char *name, *text;
	const char *printed; /* NULL: as it was */
};

static const struct accepted accepted[] = {
	{"printed@whole",
	 "title A sibling on its native driver hinders a claim \xe2\x80\x94 seen\n"
	 "machine ../machines/testbed.json\n"
	 "only simulated\n"
	 "device A 0000:02:01.0 driver e1000\n"
	 "device B 0000:02:02.0 driver none\n"
	 "device C serial8250\n"
	 "group G A B\n"
	 "group H C\n"
	 "driver my-vfio pci user native ids 8086:100e,class:020000 fail probe EIO 2 maps "
	 "test-remove dma-after-remove\n"
	 "driver late platform managed fail configure EPROBE_DEFER\n"
	 "host: override A vfio-pci\n"
	 "host: override A none\n"
	 "host: bind A e1000 = EPROBE_DEFER\n"
	 "user: open G = EBUSY\n"
	 "user: viable G\n"
	 "user: viable G = no\n"
	 "user: viable G = EBADF\n"
	 "user: map G 0x1000 4096 = EINVAL\n"
	 "user: open-device G A\n"
	 "user: dma G A to-memory 0xffffffffffffffff 64 = faulted\n"
	 "user: dma G A from-memory 0x1000 64\n"
	 "host: driver-remove my-vfio\n"
	 "host: rescan\n"
	 "host: type H DMA-FQ\n"
	 "host: check A group G\n"
	 "host: check G count 0\n"
	 "finally A driver e1000\n"
	 "finally H owner none\n"
	 "finally invariants\n",
	 NULL},
	{"printed@comments-and-blanks",
	 "# what it shows\n\n \t\ndevice  A\t0000:02:01.0 # the first\nhost: unbind A #now\n",
	 "device A 0000:02:01.0\nhost: unbind A\n"},
	{"printed@last-line-unended", "device A a\nhost: unbind A", "device A a\nhost: unbind A\n"},
	{"printed@results-unneeded",
	 "device A a\ngroup G A\nuser: open G = 0\nuser: viable G = yes\n"
	 "user: dma G A to-memory 0 0 = reached\n",
	 "device A a\ngroup G A\nuser: open G\nuser: viable G\n"
	 "user: dma G A to-memory 0x0 0\n"},
	{"printed@finally-first", "device A a\nfinally invariants\nfinally A driver x\nt: rescan\n",
	 "device A a\nt: rescan\nfinally A driver x\nfinally invariants\n"},
	{"printed@script-in-any-order",
	 "driver d pci maps fail probe EIO ids a managed user\nt: rescan",
	 "driver d pci user managed ids a fail probe EIO maps\nt: rescan\n"},
};

static char *printed(const char *text)
{
	struct scenario *scenario;
	char *why = NULL, *out;
	size_t length;
	FILE *stream = open_memstream(&out, &length);
	int err = scenario_parse(text, strlen(text), "x.scn", &scenario, &why);

	if (err)
		fail_msg("%s", why);
	assert_int_equal(scenario_print(scenario, stream), 0);
	assert_int_equal(fclose(stream), 0);
	scenario_free(scenario);
	return out;
}

static void test_printed(void **state)
{
	const struct accepted *row = *state;
	const char *expected = row->printed ? row->printed : row->text;
	char *once = printed(row->text), *twice = printed(once);

	assert_string_equal(once, expected);
	assert_string_equal(twice, once);
	free(once);
	free(twice);
}

static struct scenario *parsed(const char *text)
{
	struct scenario *scenario;
	char *why = NULL;

	if (scenario_parse(text, strlen(text), "x.scn", &scenario, &why))
		fail_msg("%s", why);
	return scenario;
}

static void steps_know_their_line_and_thread(void **state)
{
	struct scenario *scenario =
		parsed(DECLARED "# a comment\nhost: unbind A\n\nuser: open G\nhost: unbind B\n");

	assert_int_equal(scenario->step_count, 3);
	assert_int_equal(scenario->thread_count, 2);
	assert_int_equal(scenario->steps[0].line, 5);
	assert_int_equal(scenario->steps[1].line, 7);
	assert_int_equal(scenario->steps[2].line, 8);
	assert_string_equal(scenario->threads[scenario->steps[1].thread], "user");
	assert_int_equal(scenario->steps[2].thread, scenario->steps[0].thread);
	assert_int_equal(scenario->steps[2].device, 1);
	scenario_free(scenario);
}

static void groups_are_numbered_after_all_devices(void **state)
{
	struct scenario *scenario = parsed("device A a\ngroup G A\ndevice B b\ngroup H B\n"
					   "t: check G viable yes\nt: check H viable yes\n");

	assert_int_equal(scenario->steps[0].check.role, 2);
	assert_int_equal(scenario->steps[1].check.role, 3);
	assert_string_equal(scenario_role(scenario, 3), "H");
	scenario_free(scenario);
}

static void a_script_is_ready_for_the_machine(void **state)
{
	struct scenario *scenario =
		parsed("driver d pci user native ids a:b,c:d fail attributes EBUSY 3\nt: rescan\n");
	const struct driver_script *script = &scenario->drivers[0].script;

	assert_string_equal(script->name, "d");
	assert_string_equal(script->bus, "pci");
	assert_true(script->user && !script->managed_dma);
	assert_int_equal(script->id_count, 2);
	assert_string_equal(script->ids[1], "c:d");
	assert_int_equal(script->fail_at, STAGE_ATTRIBUTES);
	assert_int_equal(script->error, EBUSY);
	assert_int_equal(script->failures, 3);
	scenario_free(scenario);
}

static void a_line_of_1000_bytes_is_taken_and_one_of_1001_not(void **state)
{
	char text[1100];
	struct scenario *scenario;
	char *why = NULL;

	memset(text, 'x', sizeof(text));
	memcpy(text, "title ", 6);
	strcpy(text + 1000, "\nt: rescan\n");
	scenario_free(parsed(text));
	strcpy(text + 1000, "x\nt: rescan\n");
	assert_int_equal(scenario_parse(text, strlen(text), "x.scn", &scenario, &why), -EINVAL);
	assert_string_equal(why, "x.scn:1: line too long (expected at most 1000 bytes)");
	free(why);
}

static void every_operation_says_how_it_is_written(void **state)
{
	char *usage;
	size_t length;
	FILE *stream = open_memstream(&usage, &length);

	operation_print_usage(operation_find("dma"), stream);
	fputc('\n', stream);
	operation_print_usage(operation_find("check"), stream);
	fclose(stream);
	assert_string_equal(usage, "dma GROUP DEVICE from-memory|to-memory IOVA SIZE [= RESULT]\n"
				   "check ROLE PROPERTY VALUE");
	free(usage);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(steps_know_their_line_and_thread),
		cmocka_unit_test(groups_are_numbered_after_all_devices),
		cmocka_unit_test(a_script_is_ready_for_the_machine),
		cmocka_unit_test(a_line_of_1000_bytes_is_taken_and_one_of_1001_not),
		cmocka_unit_test(every_operation_says_how_it_is_written),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, refusals, test_refusal);
	ADD_ROWS(&suite, accepted, test_printed);
	return suite_run(&suite, "parse");
}
