/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "steps.h"
#include "array.h"
#include "errname.h"
#include "expectation.h"
#include "operation.h"
#include "roles.h"
#include "scripted_driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *direction_word(const void *table, size_t number)
{
	return direction_name((enum dma_direction)number);
}

static int expect_direction(struct words *words, enum dma_direction *out)
{
	size_t number = 0;
	int err = words_expect_one_of(words, "a direction", direction_word, NULL, &number);

	if (!err)
		*out = (enum dma_direction)number;
	return err;
}

static int parse_argument(struct words *words, struct scenario *scenario, enum argument argument,
			  struct step *step)
{
	switch (argument) {
	case ARGUMENT_DEVICE:
		return role_expect_device(words, scenario, &step->device);
	case ARGUMENT_GROUP:
		return role_expect_group(words, scenario, &step->group);
	case ARGUMENT_SCRIPTED:
		return scripted_driver_expect(words, scenario, &step->driver);
	case ARGUMENT_DRIVER:
		return words_expect_kept(words, "a driver", &step->word);
	case ARGUMENT_DRIVER_OR_NONE:
		return words_expect_kept(words, "a driver or none", &step->word);
	case ARGUMENT_TYPE:
		return words_expect_kept(words, "a domain type", &step->word);
	case ARGUMENT_DIRECTION:
		return expect_direction(words, &step->direction);
	case ARGUMENT_IOVA:
		return words_expect_number(words, "an I/O address", &step->iova);
	case ARGUMENT_SIZE:
		return words_expect_number(words, "a size", &step->size);
	case ARGUMENT_CHECK:
		return expectation_parse(words, scenario, &step->check);
	case ARGUMENT_END:
		break;
	}
	return 0;
}

static int parse_outcome(struct words *words, const struct operation *operation, const char *word,
			 struct outcome *out)
{
	if (operation->answers[0]) {
		out->answer = strcmp(word, operation->answers[1]) == 0;
		if (out->answer || strcmp(word, operation->answers[0]) == 0)
			return 0;
		if (!errno_from_name(word, &out->error) && out->error)
			return 0;
		return words_wrong(words, "'%s' is no result (expected %s, %s or an errno)", word,
				   operation->answers[1], operation->answers[0]);
	}
	if (errno_from_name(word, &out->error))
		return words_wrong(words, "'%s' is no result (expected 0 or an errno like EBUSY)",
				   word);
	return 0;
}

static int add_outcome(struct words *words, struct step *step, const char *word)
{
	struct outcome outcome = {0};
	int err = parse_outcome(words, step->operation, word, &outcome);

	if (err)
		return err;
	if (step->expected_count > 0 && step_as_expected(step, outcome))
		return words_wrong(words, "%s is expected twice (expected each result once)", word);
	if (step->expected_count == EXPECTED_MAX)
		return words_wrong(words, "too many results (expected up to %d, or any)",
				   EXPECTED_MAX);
	step->expected[step->expected_count++] = outcome;
	return 0;
}

/* "any", or results with | between them. */
static int parse_outcomes(struct words *words, struct step *step)
{
	char results[LINE_BYTES + 1], *rest = results, *one;
	const char *word = "";
	int err = words_expect(words, "a result", &word);

	step->expected_count = 0;
	if (err || strcmp(word, "any") == 0)
		return err;
	snprintf(results, sizeof(results), "%s", word);
	while (!err && (one = strsep(&rest, "|")))
		err = add_outcome(words, step, one);
	return err;
}

static int parse_operation(struct words *words, struct scenario *scenario, struct step *step)
{
	const struct operation *operation = step->operation;
	int err = 0;

	for (size_t i = 0; !err && operation->arguments[i] != ARGUMENT_END; i++)
		err = parse_argument(words, scenario, operation->arguments[i], step);
	step->expected[0] = (struct outcome) {.answer = operation->answers[0] != NULL};
	step->expected_count = 1;
	if (!err && operation->perform && words_take(words, "="))
		err = parse_outcomes(words, step);
	return err ? err : words_expect_end(words);
}

static int find_thread(struct scenario *scenario, const char *name, size_t length, size_t *out)
{
	char **threads;
	size_t i = 0;

	while (i < scenario->thread_count &&
	       (strncmp(scenario->threads[i], name, length) != 0 || scenario->threads[i][length]))
		i++;
	*out = i;
	if (i < scenario->thread_count)
		return 0;
	threads = array_with_room(scenario->threads, i, sizeof(*threads));
	if (!threads)
		return -ENOMEM;
	scenario->threads = threads;
	threads[i] = strndup(name, length);
	if (!threads[i])
		return -ENOMEM;
	scenario->thread_count++;
	return 0;
}

static const char *operation_word(const void *table, size_t number)
{
	return operations[number].name;
}

static int expect_operation(struct words *words, const struct operation **out)
{
	size_t number = 0;
	int err = words_expect_one_of(words, "an operation", operation_word, NULL, &number);

	if (!err)
		*out = &operations[number];
	return err;
}

int step_parse(struct words *words, struct scenario *scenario, const char *thread, size_t length)
{
	struct step *steps = array_with_room(scenario->steps, scenario->step_count, sizeof(*steps));
	struct step *step;
	int err;

	if (!steps)
		return -ENOMEM;
	scenario->steps = steps;
	if (!word_is_name(thread, length))
		return words_wrong(
			words,
			"'%s' is no thread's name (expected up to 32 letters, digits, '-' and "
			"'_', a "
			"letter first, and a colon)",
			thread);
	step = &steps[scenario->step_count++];
	*step = (struct step) {.line = words->lines.number};
	err = find_thread(scenario, thread, length, &step->thread);
	if (!err)
		err = expect_operation(words, &step->operation);
	return err ? err : parse_operation(words, scenario, step);
}
