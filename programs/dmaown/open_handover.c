/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "open_handover.h"
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* ---- the journal ---- */

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

static int open_scratch_journal(const char *scratch, struct journal **out)
{
	struct journal_place place = {.root = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC),
				      .name = scratch,
				      .state = ".",
				      .locks = ".",
				      .boot = "simulated"};
	int err = place.root < 0 ? -errno : journal_open(&place, out);

	if (place.root >= 0)
		close(place.root);
	return err ? complain(EXIT_FAILED, scratch, "%s", strerror(-err)) : EXIT_DONE;
}

static int make_scratch(char **out)
{
	const char *directory = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/dmaown.XXXXXX", directory ? directory : "/tmp") < 0)
		return complain_memory();
	if (!mkdtemp(path)) {
		int code = complain(EXIT_FAILED, path, "%s", strerror(errno));

		free(path);
		return code;
	}
	*out = path;
	return EXIT_DONE;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	remove(path);
	return 0;
}

static void remove_scratch(char *path)
{
	if (path)
		nftw(path, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
	free(path);
}

int open_handover(const struct context *context, unsigned int seconds, struct opened *out)
{
	struct opened opened = {.handover.patience = seconds * 1000};
	int code = open_machine(context, &opened.handover.machine);

	if (code != EXIT_DONE)
		return code;
	if (!context->machine) {
		code = open_journal(context, &opened.handover.journal);
	} else {
		code = make_scratch(&opened.scratch);
		if (code == EXIT_DONE)
			code = open_scratch_journal(opened.scratch, &opened.handover.journal);
	}
	if (code == EXIT_DONE)
		*out = opened;
	else
		close_handover(&opened);
	return code;
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

void close_handover(struct opened *opened)
{
	journal_close(opened->handover.journal);
	machine_close(opened->handover.machine);
	remove_scratch(opened->scratch);
}

bool read_seconds(const char *text, unsigned int *seconds)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end || number < 0 || number > 24L * 60 * 60) {
		complain(EXIT_USAGE, *text ? text : "--timeout",
			 "not a number of seconds (0 to 86400)");
		return false;
	}
	*seconds = (unsigned int)number;
	return true;
}

/* ---- saying what came of it ---- */

int complain_troubles(int code, struct troubles *troubles)
{
	for (size_t i = 0; i < troubles->count; i++)
		complain(code, troubles->all[i].thing, "%s", troubles->all[i].reason);
	troubles_release(troubles);
	return code;
}

/* What is wrong in a word or two, what to do about it, and the exit code. Graver codes first. */
static const struct {
	const char *words, *remedy;
	int code;
} refusals[] = {
	[REFUSAL_NO_GROUP] = {"no IOMMU", "dmaown doctor says why", EXIT_ABSENT},
	[REFUSAL_DIRECT_REGIONS] = {"not supported", "dmaown show tells more", EXIT_ABSENT},
	[REFUSAL_NOTHING_TO_GIVE] = {"not supported", "dmaown show tells more", EXIT_ABSENT},
	[REFUSAL_NO_DRIVER] = {"not supported", "load its module; dmaown doctor says more",
			       EXIT_ABSENT},
	[REFUSAL_NATIVE_DRIVER] = {"not supported", "leave --driver out", EXIT_ABSENT},
	[REFUSAL_NO_USER_DRIVER] = {"not supported", "leave --driver out", EXIT_ABSENT},
	[REFUSAL_BUSY] = {"busy", "whoever has it open must close it", EXIT_OWNED},
	[REFUSAL_OWNED] = {"owned", "dmaown release, or end it", EXIT_OWNED},
	[REFUSAL_IN_USE] = {"in use", NULL, EXIT_IN_USE},
	[REFUSAL_VITAL] = {"in use", "the machine stands on it: no option takes it", EXIT_IN_USE},
	[REFUSAL_UNKNOWN] = {"not known", "what is not known is not taken", EXIT_IN_USE},
	[REFUSAL_SILENT] = {"not known", "wake it, or power its slot off and on", EXIT_IN_USE},
	[REFUSAL_NOT_NAMED] = {"not named", "name it too if you mean it", EXIT_IN_USE},
	[REFUSAL_VANISHED] = {"not there", "dmaown list shows what is", EXIT_ABSENT},
	[REFUSAL_ISOLATES_NOTHING] = {"no IOMMU", "dmaown doctor says why", EXIT_ABSENT},
};

/* Permission is what somebody else may have more of. */
static const char *unknown_remedy(const struct refusal *refusal)
{
	return hidden_by_permission(refusal->hidden_by) && geteuid() != 0
		       ? "run dmaown as root"
		       : refusals[REFUSAL_UNKNOWN].remedy;
}

char *refusal_words(const struct refusal *refusal)
{
	const char *words = refusals[refusal->kind].words;
	char *text;
	int length;

	if (refusal->kind == REFUSAL_IN_USE)
		length = asprintf(&text, "%s: %s (--take %s%s%s to take it anyway)", words,
				  refusal->reason, refusal->shared ? refusal->device : "",
				  refusal->shared ? "/" : "", refusal->name);
	else if (refusal->kind == REFUSAL_UNKNOWN)
		length = asprintf(&text, "%s: %s (%s)", words, refusal->reason,
				  unknown_remedy(refusal));
	else
		length = asprintf(&text, "%s: %s (%s)", words, refusal->reason,
				  refusal->remedy ? refusal->remedy
						  : refusals[refusal->kind].remedy);
	return length < 0 ? NULL : text;
}

static int refusal_code(const struct refusal *refusal)
{
	if (refusal->kind == REFUSAL_UNKNOWN && hidden_by_permission(refusal->hidden_by))
		return EXIT_NOT_PERMITTED;
	return refusals[refusal->kind].code;
}

int complain_refusals(const struct plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];
		char *words = refusal_words(refusal);
		char group[32];

		snprintf(group, sizeof(group), "group:%d", refusal->group);
		complain(EXIT_FAILED, refusal->device ? refusal->device : group, "%s",
			 words ? words : refusal->reason);
		free(words);
	}
	return refusals_code(plan);
}

int refusals_code(const struct plan *plan)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < plan->refusal_count; i++) {
		if (refusal_code(&plan->refusals[i]) > code)
			code = refusal_code(&plan->refusals[i]);
	}
	return code;
}

void say_losses(const struct plan *plan)
{
	for (size_t i = 0; i < plan->loss_count; i++) {
		const struct use_facts *use = plan->losses[i].use;

		complain(EXIT_DONE, plan->losses[i].device->address,
			 "takes %s%s%s%s: %s (a release does not put that back)",
			 use->name ? use->name : use->kind, use->reason ? " (" : "",
			 use->reason ? use->reason : "", use->reason ? ")" : "", loss_words(use));
	}
}

int handover_code(int err)
{
	switch (err) {
	case 0:
		return EXIT_DONE;
	case -EBUSY:
	case -ETIMEDOUT:
	case -EINPROGRESS:
		return EXIT_OWNED;
	case -ENOTRECOVERABLE:
	case -ESTALE:
		return EXIT_NOT_RESTORED;
	case -EACCES:
		return EXIT_NOT_PERMITTED;
	case -ENODEV:
		return EXIT_ABSENT;
	default:
		return EXIT_FAILED;
	}
}
