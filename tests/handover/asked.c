/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "asked.h"

#include "machine_file.h"

#include <stdlib.h>
#include <string.h>

/* Of every driver that a case has bound or asks for. */
static const char drivers[] =
	"{'name':'e1000','bus':'pci','managed_dma':false},"
	"{'name':'enigma','bus':'pci','managed_dma':null},"
	"{'name':'hotplug','bus':'pci','managed_dma':false},"
	"{'name':'pci-stub','bus':'pci','managed_dma':true},"
	"{'name':'pcieport','bus':'pci','managed_dma':true},"
	"{'name':'other-vfio','bus':'pci','managed_dma':true,'user':true},"
	"{'name':'vfio-pci','bus':'pci','managed_dma':true,'user':true},"
	"{'name':'sdhci','bus':'platform','managed_dma':false},"
	"{'name':'vfio-platform','bus':'platform','managed_dma':true,'user':true},"
	"{'name':'pl330','bus':'amba','managed_dma':false},"
	"{'name':'vfio-amba','bus':'amba','managed_dma':true,'user':true},"
	"{'name':'dpaa2','bus':'fsl-mc','managed_dma':false},"
	"{'name':'vfio-fsl-mc','bus':'fsl-mc','managed_dma':true,'user':true},"
	"{'name':'engine','bus':'cdx','managed_dma':false},"
	"{'name':'vfio-cdx','bus':'cdx','managed_dma':true,'user':true},"
	"{'name':'display','bus':'host1x','managed_dma':false},"
	"{'name':'context','bus':'host1x','managed_dma':true}";

void read_machine(const struct asked *asked, struct facts *out)
{
	char *text, *why = NULL;
	int length = asprintf(
		&text, "{'dmaown-machine':1,'groups':[%s],'ungrouped':[%s],'drivers':[%s]}",
		asked->groups_text, asked->ungrouped_text ? asked->ungrouped_text : "", drivers);

	assert_true(length > 0);
	for (char *at = text; (at = strchr(at, '\'')); at++)
		*at = '"';
	if (machine_file_parse(text, (size_t)length, "test", out, &why) != 0)
		fail_msg("%s", why);
	free(text);
	for (size_t i = 0; i < out->device_count; i++)
		out->devices[i].uses_known = !asked->nobody_looked;
	if (asked->busy)
		facts_device(out, asked->busy)->busy = true;
}

struct claim_request request(const struct asked *asked)
{
	struct claim_request request = {.groups = asked->groups,
					.named = asked->named,
					.driver = asked->driver,
					.user = asked->user,
					.owner = "test",
					.takes = asked->takes,
					.force = asked->force};

	while (request.take_count < MOST_ASKED && asked->takes[request.take_count])
		request.take_count++;
	while (request.group_count < MOST_ASKED && asked->groups[request.group_count])
		request.group_count++;
	while (request.named_count < MOST_ASKED && asked->named[request.named_count])
		request.named_count++;
	return request;
}

const char *or_none(const char *name)
{
	return name ? name : "none";
}

void assert_printed(const struct asked *asked, void (*print)(const struct plan *plan, FILE *out),
		    const char *expected)
{
	struct claim_request wanted = request(asked);
	struct facts facts;
	struct plan plan;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	read_machine(asked, &facts);
	assert_int_equal(plan_make(&facts, &wanted, &plan), 0);
	print(&plan, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	plan_release(&plan);
	facts_release(&facts);
}
