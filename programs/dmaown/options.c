/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "options.h"
#include "command.h"
#include "complain.h"
#include "help_text.h"
#include "nearest.h"
#include "option_value.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPTION_MACHINE = 0x100,
	OPTION_SYSROOT,
	OPTION_JSON,
	OPTION_COLOR,
	OPTION_VERSION,

	MAX_OPTIONS = 32,
};

static const struct option common_options[] = {
	{"machine", required_argument, NULL, OPTION_MACHINE},
	{"sysroot", required_argument, NULL, OPTION_SYSROOT},
	{"json", no_argument, NULL, OPTION_JSON},
	{"quiet", no_argument, NULL, 'q'},
	{"verbose", no_argument, NULL, 'v'},
	{"color", optional_argument, NULL, OPTION_COLOR},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{0},
};

/* Without a value it means always. */
static bool set_color(struct context *context, const char *when)
{
	static const char *const words[] = {"auto", "always", "never", NULL};
	size_t place = COLOR_ALWAYS;

	if (when && !read_word("--color", when, words, &place))
		return false;
	context->color = (enum color)place;
	return true;
}

/* Deals with an option of every command; false: it is wrong, or none of those. */
static bool common_option(struct context *context, int option)
{
	switch (option) {
	case OPTION_MACHINE:
		context->machine = strcmp(optarg, "live") == 0 ? NULL : optarg;
		context->machine_named = true;
		return true;
	case OPTION_SYSROOT:
		context->sysroot = optarg;
		context->machine_named = true;
		return true;
	case OPTION_JSON:
		context->json = true;
		return true;
	case OPTION_COLOR:
		return set_color(context, optarg);
	case OPTION_VERSION:
		printf("dmaown %s\n", DMAOWN_VERSION);
		exit(finish_output());
	case 'q':
		context->verbosity = -1;
		return true;
	case 'v':
		context->verbosity++;
		return true;
	case 'h':
		print_help(context);
	}
	return false;
}

/* Appends a table of options to another, and their short forms to `letters`. */
static void append(struct option *all, char *letters, const struct option *more)
{
	size_t count = 0;

	while (all[count].name)
		count++;
	for (; more && more->name && count < MAX_OPTIONS; more++) {
		char letter[4] = {(char)more->val, more->has_arg ? ':' : '\0'};

		all[count++] = *more;
		if (more->val > ' ' && more->val < 0x7f)
			strcat(letters, letter);
	}
}

/* The option of the table that the argument may have meant, or NULL. */
static const char *nearest_option(const char *argument, const struct option *all)
{
	const char *names[MAX_OPTIONS + 1] = {NULL};
	char name[NEAREST_LONGEST + 2];

	if (strncmp(argument, "--", 2) != 0)
		return NULL;
	for (size_t i = 0; i < MAX_OPTIONS && all[i].name; i++)
		names[i] = all[i].name;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
	return nearest_word(name, names);
}

static void complain_no_option(const char *argument, const struct option *all)
{
	const char *nearest = nearest_option(argument, all);

	if (nearest)
		complain(EXIT_USAGE, argument, "no such option (did you mean --%s?)", nearest);
	else
		complain(EXIT_USAGE, argument, "no such option (--help lists them)");
}

static int next_option(struct context *context, int argc, char **argv, const struct option *own,
		       const char *order)
{
	struct option all[MAX_OPTIONS + 1] = {0};
	char letters[3 * MAX_OPTIONS + 3];
	int option;

	strcpy(letters, order);
	append(all, letters, common_options);
	append(all, letters, own);
	opterr = 0;
	for (;;) {
		option = getopt_long(argc, argv, letters, all, NULL);
		if (option == ':')
			complain(EXIT_USAGE, argv[optind - 1], "needs an argument");
		else if (option == '?')
			complain_no_option(argv[optind - 1], all);
		if (option == ':' || option == '?')
			return OPTION_BAD;
		if (option == -1)
			return OPTION_END;
		for (const struct option *one = own; one && one->name; one++) {
			if (one->val == option)
				return option;
		}
		if (!common_option(context, option))
			return OPTION_BAD;
	}
}

int command_option(struct context *context, int argc, char **argv, const struct option *own)
{
	return next_option(context, argc, argv, own, ":");
}

bool command_takes_no_options(struct context *context, int argc, char **argv)
{
	return command_option(context, argc, argv, NULL) == OPTION_END;
}

bool global_options(struct context *context, int argc, char **argv)
{
	return next_option(context, argc, argv, NULL, "+:") == OPTION_END;
}
