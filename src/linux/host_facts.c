/* SPDX-License-Identifier: MIT */
/*
 * What of the host itself handing out a group depends on: its kernel, VFIO's switches, and what the
 * process that looks may do and see.
 *
 * Nothing here fails for a file that is missing or may not be read: what it would have told is not
 * known, and the errno is noted. Where the folder around it is there, its absence tells something
 * too.
 */
#define _GNU_SOURCE
#include "host_facts.h"
#include "host_iommus.h"
#include "host_modules.h"
#include "proc_files.h"
#include "sight.h"
#include "sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Takes what a line says: 0: go on; ENOUGH: the lines that follow do not matter; -ENOMEM. */
typedef int take_line(void *host, char *line);
enum { ENOUGH = 1 };

/* Stores the text of a file of one line; NULL stays where there is none. */
static int read_word(const struct reading *reading, const char *path, const char *key, char **out)
{
	char text[128];
	int length = sysfs_read_path(reading->root, path, text, sizeof(text));

	if (length < 0)
		return host_facts_hide(reading->facts->host, key, length);
	return length ? facts_set_string(out, text) : 0;
}

/* What follows "NAME :" in a line of a file in /proc, or NULL. */
static const char *value_of(const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0)
		return NULL;
	line += length;
	line += strspn(line, " \t");
	return *line == ':' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

/* The flags of a processor come after its vendor, and one processor is like the others. */
static int take_cpu(void *context, char *line)
{
	struct host_facts *host = context;
	const char *vendor = value_of(line, "vendor_id"), *flags = value_of(line, "flags");

	if (flags)
		host->virtual = strstr(flags, " hypervisor") ? KNOWN_YES : KNOWN_NO;
	if (vendor)
		return facts_set_string(&host->cpu_vendor, vendor);
	return flags ? ENOUGH : 0;
}

/* The keys, or how they begin, of the kernel's arguments that concern IOMMUs and VFIO. Others may
 * hold what is nobody's business, and a snapshot is made to be shown. */
static const char *const argument_keys[] = {
	"iommu",    "intel_iommu", "amd_iommu", "intremap",     "nointremap",
	"arm_smmu", "nox2apic",    "vfio",      "virtio_iommu", "pcie_acs_override",
};

/* The kernel takes "-" and "_" in the names of its arguments for the same. */
static bool begins_with(const char *argument, const char *key)
{
	for (; *key; argument++, key++) {
		if (*argument != *key && !(*argument == '-' && *key == '_'))
			return false;
	}
	return true;
}

static int add_argument(struct host_facts *host, const char *argument)
{
	for (size_t i = 0; i < sizeof(argument_keys) / sizeof(*argument_keys); i++) {
		if (begins_with(argument, argument_keys[i]))
			return host_facts_add_argument(host, argument);
	}
	return 0;
}

/* Ends the first argument of `line`, in which quotes keep blanks, and returns what follows. */
static char *cut_argument(char *line)
{
	bool quoted = false;

	for (; *line && (quoted || !isspace((unsigned char)*line)); line++)
		quoted ^= *line == '"';
	if (*line)
		*line++ = '\0';
	return line + strspn(line, " \t\n");
}

/* What follows "--" is for the first process. */
static int read_arguments(const struct reading *reading, struct host_facts *host)
{
	char line[4096], *argument = line, *next;
	int err = sysfs_read_path(reading->root, "proc/cmdline", line, sizeof(line));

	if (err < 0)
		return host_facts_hide(host, "arguments", err);
	err = 0;
	host->arguments_known = true;
	for (; *argument && !err; argument = next) {
		next = cut_argument(argument);
		if (strcmp(argument, "--") == 0)
			break;
		err = add_argument(host, argument);
	}
	return err;
}

/* A switch of a module that is not there is off. */
static struct answer read_switch(const struct reading *reading, const char *path)
{
	char text[16];
	int length = sysfs_read_path(reading->root, path, text, sizeof(text));

	if (length > 0)
		return answer_of(*text == 'Y' || *text == '1');
	if (length < 0 && !sysfs_is_absent(length))
		return answer_hidden(length);
	return exists_within(reading, "sys/module", path);
}

/* "Uid:" has the real, effective, saved and file system user. */
static int take_user(void *context, char *line)
{
	struct host_facts *host = context;
	unsigned int effective;

	if (sscanf(line, "Uid: %*u %u", &effective) != 1)
		return 0;
	host->privileged = effective == 0 ? KNOWN_YES : KNOWN_NO;
	return ENOUGH;
}

/* The first users of a user namespace and whom they stand for outside; root of another namespace
 * than the first is none. */
static int take_user_map(void *context, char *line)
{
	struct host_facts *host = context;
	unsigned int inside, outside;

	if (sscanf(line, "%u %u", &inside, &outside) == 2 && (inside != 0 || outside != 0))
		host->privileged = KNOWN_NO;
	return ENOUGH;
}

/* "Max locked memory" has the soft limit first, a number of bytes or "unlimited". */
static int take_limit(void *context, char *line)
{
	struct host_facts *host = context;
	static const char name[] = "Max locked memory";
	const char *limit = line + strlen(name);

	if (strncmp(line, name, strlen(name)) != 0)
		return 0;
	limit += strspn(limit, " ");
	host->memlock =
		isdigit((unsigned char)*limit) ? strtoll(limit, NULL, 10) : MEMLOCK_UNLIMITED;
	return ENOUGH;
}

/*
 * Files that are read line by line, in this order. A kernel without user namespaces has no uid_map;
 * where it may be there, and can't be read, whose root we are is not known.
 */
static const struct {
	const char *path, *key;
	take_line *take;
	bool may_be_absent;
} line_files[] = {
	{"proc/cpuinfo", "cpu_vendor", take_cpu, false},
	{"proc/self/status", "privileged", take_user, false},
	{"proc/self/uid_map", "privileged", take_user_map, true},
	{"proc/self/limits", "memlock", take_limit, false},
};

static int read_lines(const struct reading *reading, struct host_facts *host)
{
	for (size_t i = 0; i < sizeof(line_files) / sizeof(*line_files); i++) {
		int err = sysfs_for_each_line(reading->root, line_files[i].path, line_files[i].take,
					      host);

		if (err >= 0 || (line_files[i].may_be_absent && sysfs_is_absent(err)))
			continue;
		if (line_files[i].take == take_user_map && host->privileged == KNOWN_YES)
			host->privileged = KNOWN_NOT;
		if (err != -ENOMEM)
			err = host_facts_hide(host, line_files[i].key, err);
		if (err)
			return err;
	}
	return 0;
}

static struct answer is_read_only(const struct reading *reading, const char *path)
{
	int fd = sysfs_open(reading->root, path, O_PATH);
	struct answer result;
	struct statvfs status;

	if (fd < 0)
		return answer_hidden(fd);
	if (fstatvfs(fd, &status) == 0)
		result = answer_of(status.f_flag & ST_RDONLY);
	else
		result = answer_hidden(-errno);
	close(fd);
	return result;
}

/* Whether everybody may open it; that a user or a group may is said by other means, or not at all.
 */
static struct answer is_open_to_all(const struct reading *reading, const char *path)
{
	int fd = sysfs_open(reading->root, path, O_PATH);
	struct answer result;
	struct stat status;

	if (fd < 0)
		return answer_hidden(fd);
	if (fstat(fd, &status) == 0)
		result = answer_of((status.st_mode & 06) == 06);
	else
		result = answer_hidden(-errno);
	close(fd);
	return result;
}

static int read_vfio(const struct reading *reading, struct host_facts *host)
{
	struct answer node = exists_within(reading, "dev", "dev/vfio/vfio");
	int err = set_fact(
		host, "unsafe_interrupts", &host->unsafe_interrupts,
		read_switch(reading,
			    "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"));

	if (!err)
		err = set_fact(
			host, "noiommu", &host->noiommu,
			read_switch(reading,
				    "sys/module/vfio/parameters/enable_unsafe_noiommu_mode"));
	if (!err)
		err = set_fact(host, "vfio_node", &host->vfio_node, node);
	if (!err && answer_is_yes(node))
		err = set_fact(host, "vfio_node_open", &host->vfio_node_open,
			       is_open_to_all(reading, "dev/vfio/vfio"));
	return err;
}

/* Xen tells its first domain what it is by "control_d"; other domains have an empty file. */
static struct answer is_first_of_xen(const struct reading *reading)
{
	char text[64];
	int length = sysfs_read_path(reading->root, "sys/hypervisor/type", text, sizeof(text));

	if (sysfs_is_absent(length))
		return exists_within(reading, "sys", "sys/hypervisor/type");
	if (length < 0)
		return answer_hidden(length);
	if (strcmp(text, "xen") != 0)
		return answer_of(false);
	length = sysfs_read_path(reading->root, "proc/xen/capabilities", text, sizeof(text));
	return length < 0 ? answer_hidden(length) : answer_of(strstr(text, "control_d"));
}

static int note_blind_spot(void *context, const char *about, int err)
{
	return host_facts_add_blind_spot(context, about, err);
}

/* Root may lack the right to look at other processes (CAP_SYS_PTRACE). Who may read where a link of
 * the first one leads may do so of its descriptors, and of all others'. */
static int look_at_others(const struct reading *reading, struct host_facts *host)
{
	int process = sysfs_open(reading->root, "proc/1", O_PATH | O_DIRECTORY), err = process;
	char program[1];

	if (process >= 0) {
		err = readlinkat(process, "exe", program, sizeof(program)) < 0 ? -errno : 0;
		close(process);
	}
	host->sees_all = err ? KNOWN_NO : KNOWN_YES;
	return err ? host_facts_add_blind_spot(host, "what other processes have open", err) : 0;
}

/* Who may not look at other processes does not see what they hold. */
static int read_sight(const struct reading *reading, struct host_facts *host)
{
	struct answer running = root_is_running(reading->root);
	int err;

	if (!answer_is_yes(running))
		return set_fact(host, "sees_all", &host->sees_all,
				answer_hidden(running.hidden_by));
	err = for_each_blind_spot(reading->root, note_blind_spot, host);
	if (err)
		return err;
	if (host->blind_spot_count)
		host->sees_all = KNOWN_NO;
	else if (host->privileged == KNOWN_YES)
		return look_at_others(reading, host);
	return 0;
}

static int read_kernel(const struct reading *reading, struct host_facts *host)
{
	int err = read_word(reading, "proc/sys/kernel/osrelease", "release", &host->release);

	if (!err)
		err = read_word(reading, "proc/sys/kernel/arch", "architecture",
				&host->architecture);
	if (!err)
		err = set_fact(host, "xen_first", &host->xen_first, is_first_of_xen(reading));
	return err ? err : read_arguments(reading, host);
}

int read_host_facts(struct reading *reading)
{
	struct host_facts *host;
	int err = facts_add_host(reading->facts);

	if (err)
		return err;
	host = reading->facts->host;
	err = set_fact(host, "sys_read_only", &host->sys_read_only, is_read_only(reading, "sys"));
	if (!err)
		err = read_vfio(reading, host);
	if (!err)
		err = read_lines(reading, host);
	if (!err)
		err = read_sight(reading, host);
	if (!err)
		err = read_kernel(reading, host);
	if (!err)
		err = read_iommus(reading);
	return err ? err : read_host_modules(reading);
}
