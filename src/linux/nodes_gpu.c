/* SPDX-License-Identifier: MIT */
/*
 * Nodes of GPUs whose drivers tell sysfs little of them.
 *
 * NVIDIA's has numbers that sysfs does not know; /proc/devices names their groups, and
 * /proc/driver/nvidia says which GPU has which. Who uses one has the GPU's own node open; the
 * others (nvidiactl, nvidia-uvm, nvidia-modeset) are of all its GPUs together. A part of a GPU
 * (MIG) is used by a node of nvidia-caps.
 *
 * AMD's computing goes through one node for all GPUs.
 */
#define _GNU_SOURCE
#include "array.h"
#include "nodes.h"
#include "number.h"
#include "sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* ---- NVIDIA ---- */

/* The group that it has always had, for trees that lack /proc/devices; of its members two are of
 * all GPUs, and what is below is a GPU's. */
enum { USUAL_GROUP = 195, FIRST_OF_ALL = 254, DEEPEST = 5 };

enum share { SHARE_GPU, SHARE_PART, SHARE_ALL };

struct group_of_numbers {
	unsigned int group;
	enum share share;
	const char *driver;
};

struct gpu {
	unsigned int minor;
	struct device_facts *device;
};

struct nvidia {
	struct group_of_numbers groups[16];
	size_t group_count;
	struct gpu *gpus;
	size_t gpu_count;
};

static void add_group(struct nvidia *nvidia, unsigned int group, const char *name)
{
	struct group_of_numbers added = {.group = group, .share = SHARE_ALL, .driver = "nvidia"};

	if (nvidia->group_count == sizeof(nvidia->groups) / sizeof(*nvidia->groups))
		return;
	if (strcmp(name, "nvidia") == 0 || strcmp(name, "nvidia-frontend") == 0 ||
	    strcmp(name, "nvidiactl") == 0 || strcmp(name, "nvidia-modeset") == 0)
		added.share = SHARE_GPU;
	else if (strcmp(name, "nvidia-caps") == 0)
		added.share = SHARE_PART;
	else if (strcmp(name, "nvidia-nvswitch") == 0)
		added.driver = "nvidia-nvswitch";
	nvidia->groups[nvidia->group_count++] = added;
}

/* "195 nvidia-frontend"; those of disks follow, below a title of their own. */
static int look_at_number(void *context, char *line)
{
	unsigned int group;
	char name[64];

	if (strncmp(line, "Block", 5) == 0)
		return 1;
	if (sscanf(line, "%u %63s", &group, name) == 2 && strncmp(name, "nvidia", 6) == 0)
		add_group(context, group, name);
	return 0;
}

/* "Device Minor: 	 0" */
static int look_at_information(void *context, char *line)
{
	unsigned int *minor = context;

	return sscanf(line, "Device Minor: %u", minor) == 1;
}

struct gpu_reading {
	const struct survey *survey;
	struct nvidia *nvidia;
};

static int look_at_gpu(void *context, int folder, const char *address)
{
	const struct gpu_reading *reading = context;
	struct nvidia *nvidia = reading->nvidia;
	struct gpu *more, gpu = {.device = survey_device(reading->survey, address)};
	char path[300];
	int found;

	snprintf(path, sizeof(path), "%.255s/information", address);
	found = sysfs_for_each_line_if_any(folder, path, look_at_information, &gpu.minor);
	if (found <= 0 || !gpu.device)
		return found < 0 ? found : 0;
	more = array_with_room(nvidia->gpus, nvidia->gpu_count, sizeof(*more));
	if (!more)
		return -ENOMEM;
	nvidia->gpus = more;
	more[nvidia->gpu_count++] = gpu;
	return 0;
}

static int read_nvidia(struct nodes *nodes)
{
	struct nvidia *nvidia = calloc(1, sizeof(*nvidia));
	struct gpu_reading reading = {.survey = nodes->survey, .nvidia = nvidia};
	int err;

	if (!nvidia)
		return -ENOMEM;
	err = sysfs_for_each_line(nodes->survey->root, "proc/devices", look_at_number, nvidia);
	if (sysfs_is_absent(err))
		add_group(nvidia, USUAL_GROUP, "nvidia");
	if (err >= 0 || sysfs_is_absent(err))
		err = sysfs_for_each_entry_if_any(nodes->survey->root, "proc/driver/nvidia/gpus",
						  look_at_gpu, &reading);
	if (err)
		nvidia_release(nvidia);
	else
		nodes->nvidia = nvidia;
	return err;
}

void nvidia_release(struct nvidia *nvidia)
{
	if (nvidia)
		free(nvidia->gpus);
	free(nvidia);
}

/* A GPU that is not known may be any. */
static void identify_gpu(const struct nvidia *nvidia, struct node *node, unsigned int minor)
{
	node->kind = NODE_OF_DRIVER;
	node->driver = "nvidia";
	for (size_t i = 0; i < nvidia->gpu_count; i++) {
		if (nvidia->gpus[i].minor != minor)
			continue;
		node->kind = NODE_OF_DEVICE;
		node->device = nvidia->gpus[i].device;
	}
}

/* A folder of capabilities: capabilities/gpu0/mig/gi1/ci0/access is of GPU 0. */
struct part_search {
	const struct survey *survey;
	unsigned int minor, wanted;
	unsigned int depth;
	char path[256];
};

static int look_at_access(void *context, char *line)
{
	const struct part_search *part = context;
	unsigned int minor;

	return sscanf(line, "DeviceFileMinor: %u", &minor) == 1 && minor == part->wanted;
}

static int look_for_part(void *context, int folder, const char *name)
{
	const struct part_search *above = context;
	struct part_search part = *above;
	int gpu = number_after(name, "gpu");

	if (above->depth == DEEPEST)
		return 0;
	part.depth++;
	if (gpu >= 0)
		part.minor = (unsigned int)gpu;
	if ((size_t)snprintf(part.path, sizeof(part.path), "%s/%s", above->path, name) >=
	    sizeof(part.path))
		return 0;
	if (strcmp(name, "access") == 0) {
		gpu = sysfs_for_each_line_if_any(part.survey->root, part.path, look_at_access,
						 &part);
		return gpu > 0 ? (int)part.minor + 1 : gpu;
	}
	gpu = sysfs_for_each_entry(part.survey->root, part.path, look_for_part, &part);
	return sysfs_unless_absent(gpu);
}

/* Which GPU a number of nvidia-caps is a part of; the rest of them are of all. */
static int identify_part(const struct nodes *nodes, struct node *node, unsigned int number)
{
	struct part_search part = {.survey = nodes->survey,
				   .wanted = number,
				   .path = "proc/driver/nvidia/capabilities"};
	int found = sysfs_for_each_entry_if_any(part.survey->root, part.path, look_for_part, &part);

	if (found < 0)
		return found;
	node->kind = NODE_OF_DRIVER;
	node->driver = "nvidia";
	if (found > 0)
		identify_gpu(nodes->nvidia, node, (unsigned int)found - 1);
	return 0;
}

int nvidia_identify(struct nodes *nodes, struct node *node)
{
	unsigned int number = minor(node->number);
	int err = nodes->nvidia ? 0 : read_nvidia(nodes);

	for (size_t i = 0; !err && i < nodes->nvidia->group_count; i++) {
		const struct group_of_numbers *group = &nodes->nvidia->groups[i];

		if (group->group != major(node->number))
			continue;
		if (group->share == SHARE_PART)
			return identify_part(nodes, node, number);
		node->kind = NODE_OF_DRIVER;
		node->driver = group->driver;
		if (group->share == SHARE_GPU && number < FIRST_OF_ALL)
			identify_gpu(nodes->nvidia, node, number);
		return 0;
	}
	return err;
}

int nvidia_identify_name(struct nodes *nodes, struct node *node, const char *name)
{
	int number = number_after(name, "nvidia"), part = number_after(name, "nvidia-cap");
	int err = nodes->nvidia ? 0 : read_nvidia(nodes);

	if (err || strncmp(name, "nvidia", strlen("nvidia")) != 0)
		return err;
	if (part >= 0)
		return identify_part(nodes, node, (unsigned int)part);
	node->kind = NODE_OF_DRIVER;
	node->driver = "nvidia";
	if (number >= 0)
		identify_gpu(nodes->nvidia, node, (unsigned int)number);
	return 0;
}

/* ---- AMD ---- */

struct kfd {
	const struct survey *survey;
	long pid;
	int (*visit)(void *context, struct device_facts *device);
	void *context;
};

struct location {
	unsigned long number, domain; /* bus, device and function as 16 bits; PCI segment */
};

static int look_at_property(void *context, char *line)
{
	struct location *location = context;

	sscanf(line, "location_id %lu", &location->number);
	sscanf(line, "domain %lu", &location->domain);
	return 0;
}

/* The kernel has a file for each GPU that a process uses; without the folder it does not tell. */
static int uses_gpu(const struct kfd *kfd, const char *gpu)
{
	char path[128];
	struct answer there;

	snprintf(path, sizeof(path), "sys/class/kfd/kfd/proc/%ld", kfd->pid);
	there = sysfs_exists(kfd->survey->root, path);
	if (!answer_is_yes(there))
		return answer_is_no(there) ? 1 : there.hidden_by;
	snprintf(path, sizeof(path), "sys/class/kfd/kfd/proc/%ld/vram_%.32s", kfd->pid, gpu);
	there = sysfs_exists(kfd->survey->root, path);
	return there.hidden_by ? there.hidden_by : answer_is_yes(there);
}

/* A node of the topology is a GPU if it has a number as such; else it is a processor. */
static int look_at_topology(void *context, int nodes, const char *name)
{
	const struct kfd *kfd = context;
	struct location at = {0};
	struct device_facts *device;
	char path[300], gpu[32], address[64];
	int found;

	snprintf(path, sizeof(path), "%.255s/gpu_id", name);
	found = sysfs_read_path(nodes, path, gpu, sizeof(gpu));
	if (found <= 0 || strcmp(gpu, "0") == 0)
		return found < 0 ? sysfs_unless_absent(found) : 0;
	snprintf(path, sizeof(path), "%.255s/properties", name);
	found = sysfs_for_each_line_if_any(nodes, path, look_at_property, &at);
	if (found)
		return found;
	snprintf(address, sizeof(address), "%04lx:%02lx:%02lx.%lx", at.domain,
		 at.number >> 8 & 0xff, at.number >> 3 & 0x1f, at.number & 7);
	device = survey_device(kfd->survey, address);
	found = device ? uses_gpu(kfd, gpu) : 0;
	return found > 0 ? kfd->visit(kfd->context, device) : found;
}

int kfd_for_each_device(const struct survey *survey, long pid,
			int (*visit)(void *context, struct device_facts *device), void *context)
{
	struct kfd kfd = {.survey = survey, .pid = pid, .visit = visit, .context = context};

	return sysfs_for_each_entry_if_any(survey->root, "sys/class/kfd/kfd/topology/nodes",
					   look_at_topology, &kfd);
}
