/* SPDX-License-Identifier: MIT */
/*
 * Records: what is made of a machine, and as text: what is printed reads back the same, a line that
 * was not finished misleads nobody, and damage of any part is seen. In the texts ' stands for ".
 */
#define _GNU_SOURCE
#include "failing_memory.h"
#include "machine_file.h"
#include "record.h"
#include "rows.h"
#include "sim_machine.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every member, with and without what may be none. */
static const char good[] =
	"{'dmaown-claim':2,'boot':'4f1c','owner':'lab','pid':4711,'uid':1000,'user':'alice','user_"
	"uid':1001,"
	"'kept':true,'groups':[{'id':8,'node':null},{'id':9,'node':{'uid':7,'gid':4294967295,"
	"'mode':416}},{'id':10,'node':{'uid':0,'gid':0,'mode':432,'acl':[[1,6,4294967295],"
	"[2,4,0],[4,0,4294967295],[16,6,4294967295],[32,0,4294967295]]}}],'devices':["
	"{'address':'0000:01:00.0',"
	"'bus':'pci','instance':7,'vendor':null,'device':null,'class':null,"
	"'group':8,'driver':'hotplug','driver_override':null,"
	"'managed_dma':false,'treatment':'free','to':null},"
	"{'address':'0000:02:01.0',"
	"'bus':'pci','instance':8,'vendor':null,'device':null,'class':null,"
	"'group':8,'driver':null,'driver_override':'e1000',"
	"'managed_dma':false,'treatment':'give','to':'vfio-pci'},"
	"{'address':'0000:03:00.0',"
	"'bus':'pci','instance':9,'vendor':null,'device':null,'class':null,"
	"'group':9,'driver':'vfio-pci','driver_override':'vfio-pci',"
	"'managed_dma':true,'treatment':'leave','to':'vfio-pci'}]}\n";

/* The text with ", and `from`, which is there once, replaced; the caller frees. */
static char *text_with(const char *text, const char *from, const char *to)
{
	const char *at = from ? strstr(text, from) : text + strlen(text);
	char *made;

	assert_non_null(at);
	assert_true(!from || !strstr(at + 1, from));
	assert_true(asprintf(&made, "%.*s%s%s", (int)(at - text), text, to,
			     from ? at + strlen(from) : "") > 0);
	for (char *quote = made; (quote = strchr(quote, '\'')); quote++)
		*quote = '"';
	return made;
}

/* In bytes of its own, so that sanitizers see a step beyond them. */
static int parse(const char *text, size_t length, struct record *out)
{
	char *copy = malloc(length + 1);
	char *exact = length ? realloc(copy, length) : copy;
	int err;

	assert_non_null(exact);
	memcpy(exact, text, length);
	err = record_parse(exact, length, out);
	free(exact);
	return err;
}

static void assert_refused(const char *text, size_t length)
{
	const struct record untouched = {.pid = 5};
	struct record record = untouched;

	assert_int_equal(parse(text, length, &record), -EINVAL);
	assert_memory_equal(&record, &untouched, sizeof(record));
}

/* ---- the whole ---- */

static void prints_what_it_read(void **unused)
{
	char *text = text_with(good, NULL, ""), *printed;
	struct record record;

	assert_int_equal(parse(text, strlen(text), &record), 0);
	assert_int_equal(record_print(&record, &printed), 0);
	assert_string_equal(printed, text);
	record_release(&record);
	free(printed);
	free(text);
}

static void reads_every_member(void **unused)
{
	char *text = text_with(good, NULL, "");
	struct record record;

	assert_int_equal(parse(text, strlen(text), &record), 0);
	assert_string_equal(record.boot, "4f1c");
	assert_string_equal(record.owner, "lab");
	assert_string_equal(record.user, "alice");
	assert_int_equal(record.pid, 4711);
	assert_int_equal(record.uid, 1000);
	assert_true(record.kept);
	assert_false(record.held);
	assert_int_equal(record.group_count, 3);
	assert_false(record.groups[0].had_node);
	assert_true(record.groups[1].had_node);
	assert_int_equal(record.groups[1].node.uid, 7);
	assert_int_equal(record.groups[1].node.gid, UINT32_MAX);
	assert_int_equal(record.groups[1].node.mode, 0640);
	assert_int_equal(record.groups[1].node.acl_count, 0);
	assert_int_equal(record.groups[2].node.acl_count, 5);
	assert_int_equal(record.groups[2].node.acl[1].tag, ACL_TAG_USER);
	assert_int_equal(record.groups[2].node.acl[1].permissions, 4);
	assert_int_equal(record.groups[2].node.acl[1].id, 0);
	assert_int_equal(record.groups[2].node.acl[4].id, NODE_ACL_NOBODY);
	assert_true(record_has_group(&record, 9));
	assert_false(record_has_group(&record, 11));
	assert_int_equal(record.device_count, 3);
	assert_string_equal(record.devices[0].driver, "hotplug");
	assert_null(record.devices[0].override);
	assert_int_equal(record.devices[0].treatment, TREATMENT_FREE);
	assert_null(record.devices[1].driver);
	assert_string_equal(record.devices[1].to, "vfio-pci");
	assert_true(record.devices[2].managed);
	record_release(&record);
	free(text);
}

/* Whatever is missing at its end, the first line is a record as a whole or not at all. */
/* An override is whatever root wrote there. */
static void a_name_that_is_not_utf8_is_no_want_of_memory(void **unused)
{
	char *text = text_with(good, NULL, ""), *again = NULL;
	struct record record;

	assert_int_equal(record_parse(text, strlen(text), &record), 0);
	free(record.devices[0].override);
	record.devices[0].override = strdup("caf\xe9");
	assert_int_equal(record_print(&record, &again), -EILSEQ);
	assert_null(again);
	record_release(&record);
	free(text);
}

static void torn_anywhere_is_no_record(void **unused)
{
	char *text = text_with(good, NULL, "");

	for (size_t length = 0; length < strlen(text); length++)
		assert_refused(text, length);
	free(text);
}

/* Parses a record of so many groups and no devices. */
static int parse_groups(size_t count)
{
	struct record record = {0};
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);
	int err;

	fputs("{\"dmaown-claim\":1,\"boot\":\"b\",\"owner\":\"o\",\"pid\":1,\"uid\":0,"
	      "\"kept\":false,\"groups\":[",
	      out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s{\"id\":%zu,\"node\":null}", i ? "," : "", i);
	fputs("],\"devices\":[]}\n", out);
	fclose(out);
	err = parse(text, length, &record);
	record_release(&record);
	free(text);
	return err;
}

static void as_many_groups_as_a_claim_may_have(void **unused)
{
	assert_int_equal(parse_groups(1), 0);
	assert_int_equal(parse_groups(RECORD_GROUPS), 0);
}

static void too_many_groups(void **unused)
{
	assert_int_equal(parse_groups(RECORD_GROUPS + 1), -EINVAL);
}

/* Parses a record of a node with so many entries in its access list. */
static int parse_entries(size_t count)
{
	struct record record = {0};
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);
	int err;

	fputs("{\"dmaown-claim\":1,\"boot\":\"b\",\"owner\":\"o\",\"pid\":1,\"uid\":0,"
	      "\"kept\":false,\"groups\":[{\"id\":8,\"node\":{\"uid\":0,\"gid\":0,\"mode\":0,"
	      "\"acl\":[",
	      out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s[2,7,%zu]", i ? "," : "", i);
	fputs("]}}],\"devices\":[]}\n", out);
	fclose(out);
	err = parse(text, length, &record);
	if (!err)
		assert_int_equal(record.groups[0].node.acl_count, count);
	record_release(&record);
	free(text);
	return err;
}

static void as_many_entries_as_an_access_list_may_have(void **unused)
{
	assert_int_equal(parse_entries(1), 0);
	assert_int_equal(parse_entries(NODE_ACL_MOST), 0);
}

static void too_many_entries(void **unused)
{
	assert_int_equal(parse_entries(NODE_ACL_MOST + 1), -EINVAL);
	assert_int_equal(parse_entries(100000), -EINVAL);
}

static void an_empty_record_is_released(void **unused)
{
	struct record record = {0};

	record_release(&record);
	assert_int_equal(record.device_count, 0);
}

/* ---- making ---- */

/* A bridge with a native driver, a card with an override and a device without a driver (8); a
 * user's device and a companion on pci-stub (9); and a group that nobody asks for. */
static const char machine[] =
	"{'dmaown-machine':1,'groups':["
	"{'id':8,'devices':["
	"{'address':'0000:00:01.0','bus':'pci','class':'060400','driver':'hotplug'},"
	"{'address':'0000:02:01.0','bus':'pci','driver':'e1000','driver_override':'other'},"
	"{'address':'0000:02:02.0','bus':'pci'}]},"
	"{'id':9,'devices':["
	"{'address':'0000:03:00.0','bus':'pci','driver':'vfio-pci'},"
	"{'address':'0000:03:00.1','bus':'pci','driver':'pci-stub'}]},"
	"{'id':10,'devices':[{'address':'0000:04:00.0','bus':'pci','driver':'e1000'}]}],"
	"'drivers':["
	"{'name':'e1000','bus':'pci','managed_dma':false},"
	"{'name':'hotplug','bus':'pci','managed_dma':false},"
	"{'name':'pci-stub','bus':'pci','managed_dma':true},"
	"{'name':'vfio-pci','bus':'pci','managed_dma':true,'user':true}]}";

/* The machine that is asked for the nodes of its groups. */
static const char nodes[] =
	"{'dmaown-machine':1,'groups':["
	"{'id':8,'devices':[{'address':'0000:02:01.0','bus':'pci'}]},"
	"{'id':9,'devices':[{'address':'0000:03:00.0','bus':'pci','driver':'vfio-pci',"
	" 'driver_override':'vfio-pci'}]}],"
	"'drivers':[{'name':'vfio-pci','bus':'pci','managed_dma':true,'user':true}]}";

static const char made[] =
	"{'dmaown-claim':2,'boot':'4f1c','owner':'lab','pid':4711,'uid':1000,'user':'alice','user_"
	"uid':0,"
	"'kept':true,'groups':[{'id':9,'node':{'uid':7,'gid':8,'mode':432,'acl':["
	"[1,6,4294967295],[2,6,1000],[4,0,4294967295],[16,6,4294967295],[32,0,4294967295]]}},{'id':"
	"8,'node':null}],'devices':["
	"{'address':'0000:00:01.0',"
	"'bus':'pci','instance':0,'vendor':null,'device':null,'class':'060400',"
	"'group':8,'driver':'hotplug','driver_override':null,"
	"'managed_dma':false,'treatment':'free','to':null},"
	"{'address':'0000:02:01.0',"
	"'bus':'pci','instance':0,'vendor':null,'device':null,'class':null,"
	"'group':8,'driver':'e1000','driver_override':'other',"
	"'managed_dma':false,'treatment':'give','to':'vfio-pci'},"
	"{'address':'0000:02:02.0',"
	"'bus':'pci','instance':0,'vendor':null,'device':null,'class':null,"
	"'group':8,'driver':null,'driver_override':null,"
	"'managed_dma':false,'treatment':'give','to':'vfio-pci'},"
	"{'address':'0000:03:00.0',"
	"'bus':'pci','instance':0,'vendor':null,'device':null,'class':null,"
	"'group':9,'driver':'vfio-pci','driver_override':null,"
	"'managed_dma':true,'treatment':'leave','to':'vfio-pci'},"
	"{'address':'0000:03:00.1',"
	"'bus':'pci','instance':0,'vendor':null,'device':null,'class':null,"
	"'group':9,'driver':'pci-stub','driver_override':null,"
	"'managed_dma':true,'treatment':'leave','to':null}]}\n";

static const int groups[] = {9, 8};
static const struct claim_request asked = {
	.groups = groups, .group_count = 2, .owner = "lab", .user = "alice", .kept = true};

static struct facts read_facts(const char *machine_text)
{
	char *text = text_with(machine_text, NULL, ""), *why = NULL;
	struct facts facts;

	if (machine_file_parse(text, strlen(text), "test", &facts, &why) != 0)
		fail_msg("%s", why);
	free(text);
	return facts;
}

/* Group 9 has a node, which somebody was granted. */
static struct machine *open_nodes(void)
{
	struct group_node node = group_node_of_user(1000);
	struct facts facts = read_facts(nodes);
	struct machine *opened;
	char *why = NULL;

	if (sim_machine_open(&facts, NULL, &opened, &why) != 0)
		fail_msg("%s", why);
	facts_release(&facts);
	node.uid = 7;
	node.gid = 8;
	assert_int_equal(machine_set_node(opened, 9, &node), 0);
	return opened;
}

static int make(struct machine *opened, const struct facts *facts, struct record *out)
{
	return record_make(opened, facts, &asked, "4f1c", 4711, 1000, out);
}

static void is_made_of_a_machine(void **unused)
{
	char *expected = text_with(made, NULL, ""), *printed;
	struct facts facts = read_facts(machine);
	struct machine *opened = open_nodes();
	struct record record;

	assert_int_equal(make(opened, &facts, &record), 0);
	assert_false(record.held);
	assert_int_equal(record_print(&record, &printed), 0);
	assert_string_equal(printed, expected);
	free(printed);
	free(expected);
	record_release(&record);
	facts_release(&facts);
	machine_close(opened);
}

/* ---- memory ---- */

static void is_made_whole_or_not_at_all(void **unused)
{
	struct facts facts = read_facts(machine);
	struct machine *opened = open_nodes();
	struct record record = {.pid = 5};
	int err = -ENOMEM;

	for (size_t k = 1; err; k++) {
		until_failure = k;
		err = make(opened, &facts, &record);
		until_failure = 0;
		assert_true(!err || err == -ENOMEM);
		assert_int_equal(record.pid, err ? 5 : 4711);
	}
	record_release(&record);
	facts_release(&facts);
	machine_close(opened);
}

/* Parses with each allocation failing in turn, and counts those that were said to have failed. */
static size_t parse_short_of_memory(bool jansson)
{
	char *text = text_with(good, NULL, "{'held':true}\n");
	struct record record = {.pid = 5};
	size_t told = 0;
	int err = -ENOMEM;

	if (jansson)
		json_set_alloc_funcs(failing_malloc, free);
	for (size_t k = 1; err; k++) {
		until_failure = k;
		err = record_parse(text, strlen(text), &record);
		until_failure = 0;
		told += err == -ENOMEM;
		assert_true(!err || err == -ENOMEM || jansson);
		assert_int_equal(record.pid, err ? 5 : 4711);
	}
	json_set_alloc_funcs(malloc_that_works, free);
	assert_true(record.held);
	record_release(&record);
	free(text);
	return told;
}

static void is_read_whole_or_not_at_all(void **unused)
{
	assert_true(parse_short_of_memory(false) > 10);
}

/* Jansson takes some of its failed allocations for bad syntax, and tells others. */
static void want_of_memory_is_no_damage(void **unused)
{
	assert_true(parse_short_of_memory(true) > parse_short_of_memory(false));
}

/* ---- what follows the first line ---- */

#define DONE "{'done':'unbind','device':'0000:01:00.0'}\n"
#define HELD "{'held':true}\n"
#define ENDING "{'held':false}\n"

static const struct tail_row {
	const char *name, *tail;
	bool held;
} tail_rows[] = {
	{"tail@nothing-is-not-held", "", false},
	{"tail@done-is-not-held", DONE, false},
	{"tail@held", DONE HELD, true},
	{"tail@ending", DONE HELD ENDING, false},
	{"tail@held-again", HELD ENDING HELD, true},
	{"tail@done-after-held", HELD DONE, true},
	{"tail@torn-held", DONE "{'held':tr", false},
	{"tail@torn-held-lacks-its-newline", DONE "{'held':true}", false},
	{"tail@torn-ending", HELD "{'held':false}", true},
	{"tail@torn-done", HELD "{'done", true},
};

static void follows(void **state)
{
	const struct tail_row *row = *state;
	char *text = text_with(good, NULL, row->tail);
	struct record record;

	assert_int_equal(parse(text, strlen(text), &record), 0);
	assert_true(record.held == row->held);
	record_release(&record);
	free(text);
}

static void the_marks_are_these_lines(void **unused)
{
	char *text = text_with(HELD ENDING, NULL, "");

	assert_string_equal(text, RECORD_HELD RECORD_ENDING);
	free(text);
}

/* ---- damage ---- */

static const struct damage_row {
	const char *name, *from, *to; /* NULL `from`: `to` is added at the end */
} damage_rows[] = {
	{"damage@no-object", good, "[]\n"},
	{"damage@empty-object", good, "{}\n"},
	{"damage@empty-line", good, "\n"},
	{"damage@more-than-an-object", "'vfio-pci'}]}\n", "'vfio-pci'}]}}\n"},
	{"damage@not-utf-8", "'lab'", "'\xff'"},
	{"damage@nul", "'lab'", "'l\\u0000b'"},
	{"damage@format-none", "'dmaown-claim':2,", ""},
	{"damage@format-0", "'dmaown-claim':2", "'dmaown-claim':0"},
	{"damage@format-3", "'dmaown-claim':2", "'dmaown-claim':3"},
	{"damage@no-uid-of-the-user", "'user_uid':1001,", ""},
	{"damage@instance-no-number", "'instance':7", "'instance':'7'"},
	{"damage@instance-negative", "'instance':7", "'instance':-7"},
	{"damage@bus-a-number", "'bus':'pci','instance':8", "'bus':1,'instance':8"},
	{"damage@boot-none", "'boot':'4f1c',", ""},
	{"damage@boot-empty", "'4f1c'", "''"},
	{"damage@boot-number", "'4f1c'", "4"},
	{"damage@owner-none", "'owner':'lab',", ""},
	{"damage@owner-null", "'lab'", "null"},
	{"damage@pid-none", "'pid':4711,", ""},
	{"damage@pid-text", "4711", "'4711'"},
	{"damage@pid-fraction", "4711", "4711.0"},
	{"damage@pid-negative", "4711", "-1"},
	{"damage@pid-too-large", "4711", "2147483648"},
	{"damage@uid-none", "'uid':1000,", ""},
	{"damage@uid-negative", "'uid':1000", "'uid':-1"},
	{"damage@uid-too-large", "'uid':1000", "'uid':4294967296"},
	{"damage@user-number", "'alice'", "7"},
	{"damage@user-empty", "'alice'", "''"},
	{"damage@kept-none", "'kept':true,", ""},
	{"damage@kept-number", "'kept':true", "'kept':1"},
	{"damage@groups-none",
	 "'groups':[{'id':8,'node':null},{'id':9,'node':{'uid':7,'gid':4294967295,'mode':416}},",
	 "'sets':["},
	{"damage@groups-empty", "'groups':[", "'groups':[],'sets':["},
	{"damage@group-number", "{'id':8,'node':null}", "8"},
	{"damage@group-id-none", "'id':8,", ""},
	{"damage@group-id-negative", "'id':8", "'id':-1"},
	{"damage@group-id-too-large", "'id':8", "'id':2147483648"},
	{"damage@node-none", "'id':8,'node':null", "'id':8"},
	{"damage@node-number", "'node':null", "'node':416"},
	{"damage@node-uid-none", "'uid':7,", ""},
	{"damage@node-gid-too-large", "'gid':4294967295", "'gid':4294967296"},
	{"damage@node-mode-none", ",'mode':416", ""},
	{"damage@node-mode-too-large", "416", "4096"},
	{"damage@acl-null", "'acl':[[1,6,4294967295],", "'acl':null,'list':[[1,6,4294967295],"},
	{"damage@acl-object", "'acl':[[1,6,4294967295],", "'acl':{},'list':[[1,6,4294967295],"},
	{"damage@acl-empty", "'acl':[[1,6,4294967295],", "'acl':[],'list':[[1,6,4294967295],"},
	{"damage@acl-entry-number", "[2,4,0]", "2"},
	{"damage@acl-entry-object", "[2,4,0]", "{}"},
	{"damage@acl-entry-short", "[2,4,0]", "[2,4]"},
	{"damage@acl-entry-long", "[2,4,0]", "[2,4,0,0]"},
	{"damage@acl-tag-none", "[2,4,0]", "[0,4,0]"},
	{"damage@acl-tag-two", "[2,4,0]", "[3,4,0]"},
	{"damage@acl-tag-unknown", "[2,4,0]", "[64,4,0]"},
	{"damage@acl-tag-text", "[2,4,0]", "['2',4,0]"},
	{"damage@acl-permissions-negative", "[2,4,0]", "[2,-1,0]"},
	{"damage@acl-permissions-too-large", "[2,4,0]", "[2,8,0]"},
	{"damage@acl-permissions-fraction", "[2,4,0]", "[2,4.0,0]"},
	{"damage@acl-id-negative", "[2,4,0]", "[2,4,-1]"},
	{"damage@acl-id-too-large", "[2,4,0]", "[2,4,4294967296]"},
	{"damage@acl-id-null", "[2,4,0]", "[2,4,null]"},
	{"damage@devices-object", "'devices':[", "'devices':{},'gadgets':["},
	{"damage@devices-none", "'devices':[", "'gadgets':["},
	{"damage@device-text", "'devices':[", "'devices':['0000:04:00.0',"},
	{"damage@address-none", "'address':'0000:02:01.0',", ""},
	{"damage@address-empty", "'0000:02:01.0'", "''"},
	{"damage@address-null", "'0000:02:01.0'", "null"},
	{"damage@device-group-none", "'group':9,", ""},
	{"damage@device-group-negative", "'group':9", "'group':-1"},
	{"damage@device-group-not-of-the-claim", "'group':9", "'group':11"},
	{"damage@driver-number", "'driver':'hotplug'", "'driver':1"},
	{"damage@driver-empty", "'driver':'hotplug'", "'driver':''"},
	{"damage@override-flag", "'e1000'", "true"},
	{"damage@override-empty", "'e1000'", "''"},
	{"damage@managed-none", "'managed_dma':true,", ""},
	{"damage@managed-null", "'managed_dma':true", "'managed_dma':null"},
	{"damage@treatment-none", "'treatment':'free',", ""},
	{"damage@treatment-unknown", "'free'", "'sell'"},
	{"damage@treatment-number", "'free'", "1"},
	{"damage@to-none-though-given", "'give','to':'vfio-pci'", "'give'"},
	{"damage@to-null-though-given", "'give','to':'vfio-pci'", "'give','to':null"},
	{"damage@to-number", "'leave','to':'vfio-pci'", "'leave','to':3"},
	{"damage@tail-no-json", NULL, "held\n"},
	{"damage@tail-no-object", NULL, "true\n"},
	{"damage@tail-empty-line", NULL, "\n"},
	{"damage@tail-of-nobodys-making", NULL, "{'holds':true}\n"},
	{"damage@tail-held-number", NULL, "{'held':1}\n"},
	{"damage@tail-held-null", NULL, "{'held':null}\n"},
	{"damage@tail-done-number", NULL, "{'done':1}\n"},
	{"damage@tail-before-a-good-line", NULL, "held\n" HELD},
};

static void is_refused(void **state)
{
	const struct damage_row *row = *state;
	char *text = text_with(good, row->from, row->to);

	assert_refused(text, strlen(text));
	free(text);
}

/* ---- running ---- */

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(prints_what_it_read),
		cmocka_unit_test(reads_every_member),
		cmocka_unit_test(a_name_that_is_not_utf8_is_no_want_of_memory),
		cmocka_unit_test(torn_anywhere_is_no_record),
		cmocka_unit_test(as_many_groups_as_a_claim_may_have),
		cmocka_unit_test(too_many_groups),
		cmocka_unit_test(as_many_entries_as_an_access_list_may_have),
		cmocka_unit_test(too_many_entries),
		cmocka_unit_test(an_empty_record_is_released),
		cmocka_unit_test(the_marks_are_these_lines),
		cmocka_unit_test(is_made_of_a_machine),
		cmocka_unit_test(is_made_whole_or_not_at_all),
		cmocka_unit_test(is_read_whole_or_not_at_all),
		cmocka_unit_test(want_of_memory_is_no_damage),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, tail_rows, follows);
	ADD_ROWS(&suite, damage_rows, is_refused);
	return suite_run(&suite, "record");
}
