/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "open_journal.h"
#include "command.h"
#include "complain.h"
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { BOOT_SIZE = 64 };

/* Only /proc has the kernel's own: a container may have another one mounted over it. */
static int check_boot_file(int fd, bool live)
{
	struct statfs status;

	if (!live)
		return 0;
	if (fstatfs(fd, &status) != 0)
		return -errno;
	return status.f_type == PROC_SUPER_MAGIC ? 0 : -EXDEV;
}

/* Reads what tells this boot from others. -EINVAL: it tells nothing. */
static int read_boot(int root, bool live, char boot[BOOT_SIZE])
{
	int fd = open_inside(root, "proc/sys/kernel/random/boot_id", O_RDONLY | O_NONBLOCK, 0);
	int err = fd < 0 ? fd : check_boot_file(fd, live);
	ssize_t length = 0;

	if (!err)
		length = read(fd, boot, BOOT_SIZE - 1);
	if (length < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	boot[length] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	return *boot ? 0 : -EINVAL;
}

/* The state folder as a path below the root: on the live host a relative one begins here. */
static int find_state_folder(bool live, char out[PATH_MAX])
{
	const char *set = getenv("DMAOWN_RUNTIME_DIR");
	char here[PATH_MAX] = "";
	int length;

	if (!set || !*set)
		set = "run/dmaown";
	else if (live && *set != '/' && !getcwd(here, sizeof(here)))
		return -errno;
	length = snprintf(out, PATH_MAX, "%s%s%s", here, *here ? "/" : "", set);
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The host's: all that it has is below its root, and so resolved there. */
int open_journal(const struct context *context, struct journal **out)
{
	const char *root = context->sysroot ? context->sysroot : "/";
	char boot[BOOT_SIZE], state[PATH_MAX];
	struct journal_place place = {
		.name = context->sysroot ? context->sysroot : "",
		.state = state,
		.locks = "run/dmaown",
	};
	int err = find_state_folder(!context->sysroot, state);

	if (err)
		return complain(EXIT_FAILED, "DMAOWN_RUNTIME_DIR", "%s", strerror(-err));
	place.root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place.root < 0)
		return complain(EXIT_USAGE, root, "%s", strerror(errno));
	if (read_boot(place.root, !context->sysroot, boot) == 0)
		place.boot = boot;
	err = journal_open(&place, out);
	close(place.root);
	return err ? complain(EXIT_FAILED, "the journal", "%s", strerror(-err)) : EXIT_DONE;
}

int read_entries(struct journal *journal, struct entries *out)
{
	int err = journal_read(journal, out);

	if (!err)
		return EXIT_DONE;
	return complain(exit_code_of(err), journal_state_folder(journal),
			"its records can't be read: %s (dmaown doctor says what to do)",
			err == -EUCLEAN ? "others may write to it" : strerror(-err));
}
