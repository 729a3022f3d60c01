/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "child_environment.h"
#include "array.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a user's programs are, and root's: as login(1) has it, whatever ours says. */
#define USERS_PATH "/usr/local/bin:/usr/bin:/bin"
#define ROOTS_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* With a NULL behind its last; `err` is that of the first that could not be added. */
struct environment {
	char **all;
	size_t count;
	int err;
};

static void add(struct environment *environment, char *variable)
{
	char **all =
		variable ? array_with_room(environment->all, environment->count + 1, sizeof(*all))
			 : NULL;

	if (!all) {
		free(variable);
		environment->err = -ENOMEM;
		return;
	}
	environment->all = all;
	all[environment->count++] = variable;
	all[environment->count] = NULL;
}

__attribute__((format(printf, 2, 3))) static void set(struct environment *environment,
						      const char *format, ...)
{
	char *variable;
	va_list args;

	va_start(args, format);
	if (vasprintf(&variable, format, args) < 0)
		variable = NULL;
	va_end(args);
	add(environment, variable);
}

/* ---- what stays of ours ---- */

/* Those that a claim sets. */
static const char *const of_claim[] = {"DMAOWN_GROUPS=", "DMAOWN_DEVICES=", "DMAOWN_NODES="};

static const char *const for_any_user[] = {"TERM=", "LANG=", "LC_", "DMAOWN_"};

static bool begins_with_one(const char *variable, const char *const *begins, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(variable, begins[i], strlen(begins[i])) == 0)
			return true;
	}
	return false;
}

static bool stays(const char *variable, const struct user *user)
{
	if (begins_with_one(variable, of_claim, COUNT(of_claim)))
		return false;
	return !user || begins_with_one(variable, for_any_user, COUNT(for_any_user));
}

/* ---- what is the user's ---- */

/* The folder that a session of the user has made, if there is one. */
static void set_runtime_folder(struct environment *environment, uid_t uid)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/run/user/%u", (unsigned int)uid);
	if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == uid)
		set(environment, "XDG_RUNTIME_DIR=%s", path);
}

static void set_user(struct environment *environment, const struct user *user)
{
	set(environment, "HOME=%s", user->home);
	set(environment, "USER=%s", user->name);
	set(environment, "LOGNAME=%s", user->name);
	set(environment, "SHELL=%s", user->shell);
	set(environment, "PATH=%s", user->uid == 0 ? ROOTS_PATH : USERS_PATH);
	set_runtime_folder(environment, user->uid);
}

/* ---- what is claimed ---- */

static void write_groups(const struct record *record, FILE *out)
{
	fputs("DMAOWN_GROUPS=", out);
	for (size_t i = 0; i < record->group_count; i++)
		fprintf(out, "%s%d", i ? " " : "", record->groups[i].id);
}

static void write_nodes(const struct record *record, FILE *out)
{
	fputs("DMAOWN_NODES=", out);
	for (size_t i = 0; i < record->group_count; i++)
		fprintf(out, "%s/dev/vfio/%d", i ? " " : "", record->groups[i].id);
}

static void write_devices(const struct record *record, FILE *out)
{
	const char *before = "";

	fputs("DMAOWN_DEVICES=", out);
	for (size_t i = 0; i < record->device_count; i++) {
		if (!record->devices[i].to)
			continue;
		fprintf(out, "%s%s", before, record->devices[i].address);
		before = " ";
	}
}

static void set_written(struct environment *environment, const struct record *record,
			void (*write)(const struct record *record, FILE *out))
{
	char *variable = NULL;
	size_t size;
	FILE *out = open_memstream(&variable, &size);

	if (out)
		write(record, out);
	if (out && fclose(out) != 0) {
		free(variable);
		variable = NULL;
	}
	add(environment, variable);
}

static void set_claim(struct environment *environment, const struct record *record)
{
	set_written(environment, record, write_groups);
	set_written(environment, record, write_nodes);
	set_written(environment, record, write_devices);
}

/* ---- all of it ---- */

int environment_make(const struct user *user, const struct record *record, char ***out)
{
	struct environment environment = {.all = calloc(1, sizeof(*environment.all))};

	if (!environment.all)
		return -ENOMEM;
	for (char **variable = environ; *variable; variable++) {
		if (stays(*variable, user))
			add(&environment, strdup(*variable));
	}
	if (user)
		set_user(&environment, user);
	if (record)
		set_claim(&environment, record);
	if (environment.err) {
		environment_release(environment.all);
		return environment.err;
	}
	*out = environment.all;
	return 0;
}

void environment_release(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		free(environment[i]);
	free(environment);
}
