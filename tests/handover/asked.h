/* SPDX-License-Identifier: MIT */
/*
 * What a claim is asked to do with which machine, and the plan that is made of it. Machines and
 * plans are text; in the machines ' stands for ".
 */
#ifndef DMAOWN_TESTS_HANDOVER_ASKED_H
#define DMAOWN_TESTS_HANDOVER_ASKED_H

#include "plan.h"
#include "rows.h"

#include <stdbool.h>
#include <stdio.h>

enum { MOST_ASKED = 4 }; /* of groups, and of named devices, in one case */

/* What a case asks of which machine. Group 0 ends `groups`: no machine here has one. */
struct asked {
	const char *groups_text;    /* elements of the machine file's "groups" */
	const char *ungrouped_text; /* and of its "ungrouped"; NULL: none */
	const char *busy;           /* the device that is; NULL: none */
	int groups[MOST_ASKED];
	const char *named[MOST_ASKED];
	const char *driver, *user;
	bool force;
	const char *takes[MOST_ASKED];
	bool nobody_looked; /* what devices are in use for */
};

struct text_row {
	const char *name;
	struct asked asked;
	const char *expected;
};

/* Reads the machine, which has every driver that a case has bound or asks for. */
void read_machine(const struct asked *asked, struct facts *out);
/* It lasts as long as what was asked. */
struct claim_request request(const struct asked *asked);

const char *or_none(const char *name);
/* Makes the plan, and compares what is printed of it. */
void assert_printed(const struct asked *asked, void (*print)(const struct plan *plan, FILE *out),
		    const char *expected);

/* ---- groups ---- */

#define GROUP_WITH(members, device) "{'id':8," members "'devices':[" device "]}"
#define CARD(members) "{'address':'0000:02:01.0','bus':'pci','driver':'e1000'" members "}"
#define LPC_BRIDGE(driver) "{'address':'0000:00:1f.0','bus':'pci','class':'060100'," driver "}"
/* Intel's VMD, a port of its domain and a disk behind that. */
#define VMD(members)                                                                               \
	"{'address':'0000:5d:05.5','bus':'pci','class':'010400','driver':'e1000','pci':{}},"       \
	"{'address':'10000:00:02.0','bus':'pci','class':'060400','driver':'pcieport',"             \
	"'pci':{},'parent':'0000:5d:05.5'},"                                                       \
	"{'address':'10000:01:00.0','bus':'pci','driver':'hotplug','pci':{},"                      \
	"'parent':'10000:00:02.0'" members "}"
#define USED                                                                                       \
	CARD(",'in_use':[{'kind':'network','name':'eth0','reason':'is up, 10.0.0.2'},"             \
	     "{'kind':'network','name':'eth1'},{'kind':'display','reason':'shows the console'},"   \
	     "{'kind':'sound'}]")
#define TWO_NETS                                                                                   \
	CARD(",'in_use':[{'kind':'network','name':'net'}]")                                        \
	",{'address':'0000:02:01.1','bus':'pci','driver':'e1000',"                                 \
	"'in_use':[{'kind':'network','name':'net'}]}"

/* A bridge with a native driver, a native card, one with a right and one with a wrong override, and
 * one that is a user's. */
#define GROUP_8                                                                                    \
	"{'id':8,'devices':["                                                                      \
	"{'address':'0000:01:00.0','bus':'pci','class':'060400','driver':'hotplug'},"              \
	"{'address':'0000:02:01.0','bus':'pci','driver':'e1000'},"                                 \
	"{'address':'0000:02:02.0','bus':'pci','driver_override':'vfio-pci'},"                     \
	"{'address':'0000:02:03.0','bus':'pci','driver':'e1000','driver_override':'e1000'},"       \
	"{'address':'0000:02:04.0','bus':'pci','driver':'vfio-pci'}]}"
#define GROUP_9 "{'id':9,'devices':[{'address':'0000:03:00.0','bus':'pci','driver':'e1000'}]}"
#define OTHER_BUSES                                                                                \
	"{'id':11,'devices':["                                                                     \
	"{'address':'a003c00.mmc','bus':'platform','driver':'sdhci'},"                             \
	"{'address':'7ff00000.dma','bus':'amba','driver':'pl330'},"                                \
	"{'address':'dpni.3','bus':'fsl-mc','driver':'dpaa2'},"                                    \
	"{'address':'cdx-00:01','bus':'cdx','driver':'engine'},"                                   \
	"{'address':'15340000.vic','bus':'host1x','driver':'display'}]}"

/* A group in which everything is wrong. */
#define CURSED                                                                                     \
	GROUP_WITH("'direct_regions':true,'owner':{'kind':'user','name':'qemu','pid':77},",        \
		   CARD(",'in_use':[{'kind':'network','name':'eth0'}]"))

#define TAKEN                                                                                      \
	"{'id':10,'devices':[{'address':'0000:04:00.0','bus':'pci','in_use':[{'kind':'display',"   \
	"'name':'fb0'}]}]}"

#endif
