/* SPDX-License-Identifier: MIT */
/*
 * dmaown explore: becomes the program that does it, dmaown-explore, with the same command line.
 *
 * What it needs (a second copy of the core, and what reads debug information) would be loaded for
 * every claim otherwise.
 */
#define _GNU_SOURCE
#include "array.h"
#include "command.h"
#include "complain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "dmaown-explore"

/* Returns only if there is no such program. */
static int become(const char *folder, const char *place, char **arguments)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s/" PROGRAM, *place == '/' ? "" : folder,
		 *place == '/' ? "" : "/", place);
	arguments[0] = path;
	execv(path, arguments);
	if (errno == ENOENT)
		return 0;
	return complain(EXIT_ABSENT, path, "%s (install dmaown again)", strerror(errno));
}

int command_explore(struct context *context, int argc, char **argv)
{
	/* Beside us in a build folder; where it is installed to, seen from where we are. */
	static const char *const places[] = {".", DMAOWN_LIBEXEC};
	char folder[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	int code = 0;

	if (length < 0)
		return complain(EXIT_ABSENT, "/proc/self/exe", "%s (mount /proc)", strerror(errno));
	folder[length] = '\0';
	*strrchr(folder, '/') = '\0';
	for (size_t i = 0; i < COUNT(places) && !code; i++)
		code = become(folder, places[i], context->arguments);
	return code ? code
		    : complain(EXIT_ABSENT, PROGRAM, "is not there (install it beside dmaown)");
}
