/* SPDX-License-Identifier: MIT */
/* Whether VFIO is there, with which switches, and whether whoever asks may use it and sees who
 * does.
 */
#define _GNU_SOURCE
#include "diagnosis_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool always(const struct facts *facts)
{
	return true;
}

static bool unsafe_for_want(const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);

	return iommu_works(facts) && host->interrupt_remapping == KNOWN_NO &&
	       host->unsafe_interrupts == KNOWN_YES;
}

static bool type1_loaded(const struct facts *facts)
{
	return diagnosed_module(facts, "vfio_iommu_type1").loaded == KNOWN_YES;
}

/* iommufd can stand in for it. */
static bool type1_absent(const struct facts *facts)
{
	struct module_facts type1 = diagnosed_module(facts, "vfio_iommu_type1");
	struct module_facts iommufd = diagnosed_module(facts, "iommufd");

	return type1.loaded == KNOWN_NO && type1.installed == KNOWN_NO &&
	       iommufd.loaded != KNOWN_YES && iommufd.installed != KNOWN_YES;
}

static bool iommufd_instead(const struct facts *facts)
{
	struct module_facts type1 = diagnosed_module(facts, "vfio_iommu_type1");
	struct module_facts iommufd = diagnosed_module(facts, "iommufd");

	return type1.loaded == KNOWN_NO && type1.installed == KNOWN_NO &&
	       (iommufd.loaded == KNOWN_YES || iommufd.installed == KNOWN_YES);
}

/* Whether iommufd can stand in for it is not known. */
static bool type1_absent_and_iommufd_unknown(const struct facts *facts)
{
	struct module_facts type1 = diagnosed_module(facts, "vfio_iommu_type1");
	struct module_facts iommufd = diagnosed_module(facts, "iommufd");

	return type1.loaded == KNOWN_NO && type1.installed == KNOWN_NO &&
	       (iommufd.loaded == KNOWN_NOT || iommufd.installed == KNOWN_NOT);
}

/* A module that VFIO needs is loaded with VFIO, but can be unloaded alone. */
static bool type1_unloaded(const struct facts *facts)
{
	struct module_facts type1 = diagnosed_module(facts, "vfio_iommu_type1");

	return type1.loaded == KNOWN_NO && type1.installed == KNOWN_YES && any_user_driver(facts);
}

static bool type1_installed(const struct facts *facts)
{
	return diagnosed_module(facts, "vfio_iommu_type1").installed == KNOWN_YES;
}

static bool node_there(const struct facts *facts)
{
	return diagnosed_host(facts)->vfio_node == KNOWN_YES;
}

/* Before VFIO is loaded nobody misses it. */
static bool node_missing(const struct facts *facts)
{
	return diagnosed_host(facts)->vfio_node == KNOWN_NO && any_user_driver(facts);
}

static bool node_closed(const struct facts *facts)
{
	return node_there(facts) && diagnosed_host(facts)->vfio_node_open == KNOWN_NO;
}

static bool node_closed_or_not(const struct facts *facts)
{
	return node_there(facts) && diagnosed_host(facts)->vfio_node_open == KNOWN_NOT;
}

static bool node_unknown(const struct facts *facts)
{
	return diagnosed_host(facts)->vfio_node == KNOWN_NOT;
}

static bool node_needed_and_unknown(const struct facts *facts)
{
	return node_unknown(facts) && any_user_driver(facts);
}

static bool noiommu_on(const struct facts *facts)
{
	return diagnosed_host(facts)->noiommu == KNOWN_YES;
}

static bool noiommu_off(const struct facts *facts)
{
	return diagnosed_host(facts)->noiommu == KNOWN_NO;
}

static bool unsafe_on(const struct facts *facts)
{
	return diagnosed_host(facts)->unsafe_interrupts == KNOWN_YES;
}

static bool unsafe_off(const struct facts *facts)
{
	return diagnosed_host(facts)->unsafe_interrupts == KNOWN_NO;
}

static bool sys_read_only(const struct facts *facts)
{
	return diagnosed_host(facts)->sys_read_only == KNOWN_YES;
}

static bool privileged(const struct facts *facts)
{
	return diagnosed_host(facts)->privileged == KNOWN_YES;
}

static bool privileged_and_sys_unknown(const struct facts *facts)
{
	return privileged(facts) && diagnosed_host(facts)->sys_read_only == KNOWN_NOT;
}

static bool unprivileged(const struct facts *facts)
{
	return diagnosed_host(facts)->privileged == KNOWN_NO;
}

static bool sees_all(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_YES;
}

static bool sees_not_all(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_NO;
}

/* Nobody asked a machine in a file, or a recorded tree, what a process sees. */
static bool nobody_asked_what_is_seen(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_NOT &&
	       !host_facts_hidden_by(diagnosed_host(facts), "sees_all");
}

static bool not_known_what_is_seen(const struct facts *facts)
{
	return diagnosed_host(facts)->sees_all == KNOWN_NOT;
}

#define TYPE1 "vfio-iommu", "vfio_iommu_type1"
#define NODE "vfio-node", "/dev/vfio/vfio"
#define NOIOMMU "noiommu", "enable_unsafe_noiommu_mode"
#define UNSAFE "unsafe-interrupts", "allow_unsafe_interrupts"
#define PERMISSION "permission", "permission"
#define SIGHT "sight", "this process"
#define SIGHT_REMEDY                                                                               \
	"run it on the host itself, in its first namespaces, with a whole /proc and "              \
	"CAP_SYS_PTRACE"

static const struct rule vfio_rules[] = {
	{type1_loaded, {TYPE1, FINE, "loaded", NULL}, NULL},
	{type1_absent_and_iommufd_unknown,
	 {TYPE1, UNDECIDED,
	  "the running kernel has no such module, and not known whether it has iommufd", NULL},
	 "iommufd"},
	{type1_absent,
	 {TYPE1, UNSUPPORTED, "the running kernel has no such module",
	  "boot a kernel with CONFIG_VFIO_IOMMU_TYPE1"},
	 NULL},
	{type1_unloaded, {TYPE1, UNSUPPORTED, "not loaded", "modprobe vfio_iommu_type1"}, NULL},
	{type1_installed, {TYPE1, FINE, "installed, and loaded with VFIO", NULL}, NULL},
	{iommufd_instead, {TYPE1, FINE, "the running kernel has iommufd in its place", NULL}, NULL},
	{always,
	 {TYPE1, UNDECIDED, "not known whether the running kernel has it", NULL},
	 "vfio_iommu_type1"},

	{node_closed,
	 {NODE, WARNS,
	  "there, but not for everybody: a user who may not open it can't use what claim --user "
	  "gives",
	  "chmod 0666 /dev/vfio/vfio, and a rule of udev's that keeps it so"},
	 NULL},
	{node_closed_or_not,
	 {NODE, UNKNOWN, "there, but not known whether everybody may open it", NULL},
	 "vfio_node_open"},
	{node_there, {NODE, FINE, "there", NULL}, NULL},
	{node_missing,
	 {NODE, UNSUPPORTED, "missing, though VFIO is loaded",
	  "mount devtmpfs on /dev, or pass /dev/vfio into this container; the kernel needs "
	  "CONFIG_VFIO_CONTAINER"},
	 NULL},
	{node_needed_and_unknown,
	 {NODE, UNDECIDED, "not known whether it is there", NULL},
	 "vfio_node"},
	{node_unknown, {NODE, UNKNOWN, "not known whether it is there", NULL}, "vfio_node"},

	{unsafe_for_want, {UNSAFE, FINE, "on, for want of interrupt remapping", NULL}, NULL},
	{unsafe_on,
	 {UNSAFE, WARNS, "on, and so a device may be given away without interrupt remapping",
	  "echo N > " UNSAFE_SWITCH},
	 NULL},
	{unsafe_off, {UNSAFE, FINE, "off", NULL}, NULL},
	{always, {UNSAFE, UNKNOWN, "not known whether it is on", NULL}, "unsafe_interrupts"},

	{noiommu_on,
	 {NOIOMMU, WARNS,
	  "on: a device may be given away without an IOMMU, and can then reach all memory",
	  "echo N > " NOIOMMU_SWITCH},
	 NULL},
	{noiommu_off, {NOIOMMU, FINE, "off", NULL}, NULL},
	{always, {NOIOMMU, UNKNOWN, "not known whether it is on", NULL}, "noiommu"},
};

static const struct rule permission_rules[] = {
	{sys_read_only,
	 {PERMISSION, FORBIDDEN, "/sys is mounted read-only",
	  "mount -o remount,rw /sys, or run the container privileged"},
	 NULL},
	{privileged_and_sys_unknown,
	 {PERMISSION, UNDECIDED, "root, but not known whether /sys is mounted read-only", NULL},
	 "sys_read_only"},
	{privileged, {PERMISSION, FINE, "root", NULL}, NULL},
	{unprivileged,
	 {PERMISSION, FORBIDDEN, "not root of the host: cannot write driver_override, bind, unbind",
	  "run it as root"},
	 NULL},
	{always, {PERMISSION, UNDECIDED, "not known who would do it", NULL}, "privileged"},
};

static const struct rule sight_rules[] = {
	{sees_all, {SIGHT, FINE, "sees all processes, mounts and interfaces", NULL}, NULL},
	{sees_not_all,
	 {SIGHT, BROKEN, "does not see all that may use a device", SIGHT_REMEDY},
	 NULL},
	{nobody_asked_what_is_seen,
	 {SIGHT, UNKNOWN, "not known whether it sees all that may use a device", NULL},
	 "sees_all"},
	{not_known_what_is_seen,
	 {SIGHT, UNDECIDED, "not known whether it sees all that may use a device", NULL},
	 "sees_all"},
};

int judge_vfio(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_rules(diagnosis, facts, vfio_rules, RULES(vfio_rules));
}

int judge_permission(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_rules(diagnosis, facts, permission_rules, RULES(permission_rules));
}

static int add_blind_spot(struct diagnosis *diagnosis, const struct unknown_facts *spot)
{
	struct finding finding = {SIGHT, BROKEN, NULL, SIGHT_REMEDY};
	char *reason;
	int err;

	if (asprintf(&reason, "does not see %s, so that a device in use may pass for idle",
		     spot->about) < 0)
		return -ENOMEM;
	finding.reason = reason;
	if (hidden_by_permission(spot->error))
		finding.code = EXIT_NOT_PERMITTED;
	err = diagnosis_add(diagnosis, &finding);
	free(reason);
	return err;
}

int judge_sight(struct diagnosis *diagnosis, const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);
	int err = 0;

	for (size_t i = 0; !err && i < host->blind_spot_count; i++)
		err = add_blind_spot(diagnosis, &host->blind_spots[i]);
	if (err || host->blind_spot_count)
		return err;
	return apply_rules(diagnosis, facts, sight_rules, RULES(sight_rules));
}
