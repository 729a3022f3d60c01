/* SPDX-License-Identifier: MIT */
/* Whether VFIO is there, and with which switches. */
#include "diagnosis_check.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"

#define NOIOMMU_SWITCH "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

/* ---- what attaches a group to its IOMMU ---- */

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

static const struct check_row type1_check_rows[] = {
	{
		.applies = type1_loaded,
		.ruling = FINE,
		.reason = "loaded",
	},
	{
		.applies = type1_absent_and_iommufd_unknown,
		.ruling = UNDECIDED,
		.reason = "the running kernel has no such module, and not known whether it has "
			  "iommufd",
		.fact = "iommufd",
	},
	{
		.applies = type1_absent,
		.ruling = UNSUPPORTED,
		.reason = "the running kernel has no such module",
		.remedy = "boot a kernel with CONFIG_VFIO_IOMMU_TYPE1",
	},
	{
		.applies = type1_unloaded,
		.ruling = UNSUPPORTED,
		.reason = "not loaded",
		.remedy = "modprobe vfio_iommu_type1",
	},
	{
		.applies = type1_installed,
		.ruling = FINE,
		.reason = "installed, and loaded with VFIO",
	},
	{
		.applies = iommufd_instead,
		.ruling = FINE,
		.reason = "the running kernel has iommufd instead",
	},
	{
		.applies = always,
		.ruling = UNDECIDED,
		.reason = "not known whether the running kernel has it",
		.fact = "vfio_iommu_type1",
	},
};

static const struct check type1_check = {.name = "vfio-iommu",
					 .thing = "vfio_iommu_type1",
					 .rows = type1_check_rows,
					 .row_count = COUNT(type1_check_rows)};

/* ---- the node of VFIO ---- */

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

static const struct check_row node_check_rows[] = {
	{
		.applies = node_closed,
		.ruling = WARNS,
		.reason = "there, but not open to everybody: a user who may not open it can't use "
			  "a device of claim --user",
		.remedy = "chmod 0666 /dev/vfio/vfio, and add a udev rule that keeps it so",
	},
	{
		.applies = node_closed_or_not,
		.ruling = UNKNOWN,
		.reason = "there, but not known whether everybody may open it",
		.fact = "vfio_node_open",
	},
	{
		.applies = node_there,
		.ruling = FINE,
		.reason = "there",
	},
	{
		.applies = node_missing,
		.ruling = UNSUPPORTED,
		.reason = "missing, though VFIO is loaded",
		.remedy = "mount devtmpfs on /dev, or pass /dev/vfio into this container; the "
			  "kernel needs CONFIG_VFIO_CONTAINER",
	},
	{
		.applies = node_needed_and_unknown,
		.ruling = UNDECIDED,
		.reason = "not known whether it is there",
		.fact = "vfio_node",
	},
	{
		.applies = node_unknown,
		.ruling = UNKNOWN,
		.reason = "not known whether it is there",
		.fact = "vfio_node",
	},
};

static const struct check node_check = {.name = "vfio-node",
					.thing = "/dev/vfio/vfio",
					.rows = node_check_rows,
					.row_count = COUNT(node_check_rows)};

/* ---- the switch for groups without an IOMMU ---- */

static bool noiommu_on(const struct facts *facts)
{
	return diagnosed_host(facts)->noiommu == KNOWN_YES;
}

static bool noiommu_off(const struct facts *facts)
{
	return diagnosed_host(facts)->noiommu == KNOWN_NO;
}

static const struct check_row noiommu_check_rows[] = {
	{
		.applies = noiommu_on,
		.ruling = WARNS,
		.reason = "on: a device may be given away without an IOMMU, and can then reach all "
			  "memory",
		.remedy = "echo N > " NOIOMMU_SWITCH,
	},
	{
		.applies = noiommu_off,
		.ruling = FINE,
		.reason = "off",
	},
	{
		.applies = always,
		.ruling = UNKNOWN,
		.reason = "not known whether it is on",
		.fact = "noiommu",
	},
};

static const struct check noiommu_check = {.name = "noiommu",
					   .thing = "enable_unsafe_noiommu_mode",
					   .rows = noiommu_check_rows,
					   .row_count = COUNT(noiommu_check_rows)};

int judge_vfio(struct diagnosis *diagnosis, const struct facts *facts)
{
	int err = apply_check(diagnosis, facts, &type1_check);

	return err ? err : apply_check(diagnosis, facts, &node_check);
}

int judge_noiommu(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_check(diagnosis, facts, &noiommu_check);
}
