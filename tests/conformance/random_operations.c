/* SPDX-License-Identifier: MIT */
/*
 * Random operations on the machine under us and on a simulated one, compared step by step. The
 * first difference is shrunk to a shortest sequence and printed as a scenario.
 *
 *	random_operations [--seed N] [--steps N] [--length N]
 *
 * DMAOWN_SEED and DMAOWN_STEPS stand for the first two. Exits 0: all agreed, 1: they differed, 2:
 * usage, 3: the comparison itself failed.
 */
#include "comparison.h"
#include "errname.h"
#include "generator.h"
#include "linux_machine.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options {
	uint64_t seed;
	size_t steps, length;
};

static bool read_number(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *out > 0;
}

static bool read_environment(struct options *options)
{
	const char *seed = getenv("DMAOWN_SEED"), *steps = getenv("DMAOWN_STEPS");
	uint64_t number = options->steps;

	if (seed && !read_number(seed, &options->seed))
		return false;
	if (steps && !read_number(steps, &number))
		return false;
	options->steps = number;
	return true;
}

static bool read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {{"seed", required_argument, NULL, 's'},
					      {"steps", required_argument, NULL, 'n'},
					      {"length", required_argument, NULL, 'l'},
					      {NULL, 0, NULL, 0}};
	uint64_t number;
	int option;

	if (!read_environment(options))
		return false;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == '?' || !read_number(optarg, &number))
			return false;
		if (option == 's')
			options->seed = number;
		else if (option == 'n')
			options->steps = number;
		else
			options->length = number;
	}
	return optind == argc;
}

static int failed(int err, const char *why)
{
	fprintf(stderr, "random_operations: %s\n", why ? why : errno_name(err));
	return 3;
}

static int report(struct comparison *comparison, char **steps, size_t count, char **why)
{
	int err;

	printf("they differ: %s\nshrinking %zu steps\n", *why, count);
	err = shrink_steps(comparison, steps, &count, why);
	if (err)
		return failed(err, NULL);
	printf("# %s\n", *why);
	print_steps(steps, count, stdout);
	free_steps(steps, count);
	return 1;
}

static int run_sequence(struct comparison *comparison, uint64_t *state, size_t length)
{
	char **steps, *why;
	size_t differs = length;
	int err = generate_steps(state, comparison_scope(comparison), length, &steps), result = 0;

	if (err)
		return failed(err, NULL);
	err = compare_steps(comparison, steps, length, &differs, &why);
	if (err) {
		result = failed(err, why);
		free_steps(steps, length);
	} else if (why) {
		for (size_t i = differs + 1; i < length; i++)
			free(steps[i]);
		result = report(comparison, steps, differs < length ? differs + 1 : length, &why);
	} else {
		free_steps(steps, length);
	}
	free(why);
	return result;
}

static int run_all(struct comparison *comparison, const struct options *options)
{
	uint64_t state = options->seed;
	size_t done = 0;
	int result = 0;

	while (!result && done < options->steps) {
		size_t left = options->steps - done;
		size_t length = left < options->length ? left : options->length;

		result = run_sequence(comparison, &state, length);
		done += length;
	}
	tally_print(&comparison->tally, stdout);
	if (!result)
		printf("%zu operations in %zu sequences: no difference\n", done, comparison->runs);
	return result;
}

int main(int argc, char **argv)
{
	struct options options = {.seed = (uint64_t)time(NULL), .steps = 2000, .length = 40};
	struct comparison comparison;
	struct machine *live;
	int err, result;

	if (!read_options(argc, argv, &options)) {
		fprintf(stderr, "usage: random_operations [--seed N] [--steps N] [--length N]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %llu\n", (unsigned long long)options.seed);
	err = linux_machine_open(NULL, &live);
	if (err)
		return failed(err, NULL);
	err = comparison_init(&comparison, live);
	if (err) {
		machine_close(live);
		return failed(err, NULL);
	}
	result = run_all(&comparison, &options);
	comparison_release(&comparison);
	machine_close(live);
	return result;
}
