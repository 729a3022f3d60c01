/* SPDX-License-Identifier: MIT */
/*
 * From text to a scenario, one line after the other.
 *
 * A line is a statement, which its first word names, or a step, whose first word is a thread's name
 * and a colon. What a step takes stands in the table of operations. Devices, groups and drivers are
 * declared before the first step, so that the numbers of roles are final when one is used.
 */
#define _GNU_SOURCE
#include "array.h"
#include "errname.h"
#include "lines.h"
#include "operation.h"
#include "property.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct scenario *scenario;
	struct lines lines;
	size_t at; /* the next word of the line */
	char **why;
};

struct statement {
	const char *name;
	int (*parse)(struct parser *parser);
	bool declares;
};

/* Says what is wrong with the line at hand. */
__attribute__((format(printf, 2, 3))) static int wrong(struct parser *parser, const char *format,
						       ...)
{
	char *said, *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&said, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	length = asprintf(&text, "%s:%u: %s", parser->scenario->file, parser->lines.number, said);
	free(said);
	if (length < 0)
		return -ENOMEM;
	*parser->why = text;
	return -EINVAL;
}

static const char *next_word(struct parser *parser)
{
	return parser->at < parser->lines.count ? parser->lines.words[parser->at++] : NULL;
}

/* Takes the next word if it is this one. */
static bool take_word(struct parser *parser, const char *word)
{
	bool same = parser->at < parser->lines.count &&
		    strcmp(parser->lines.words[parser->at], word) == 0;

	parser->at += same;
	return same;
}

static bool at_end(const struct parser *parser)
{
	return parser->at == parser->lines.count;
}

static int expect_word(struct parser *parser, const char *what, const char **out)
{
	const char *word = next_word(parser);

	if (!word || strcmp(word, "=") == 0)
		return wrong(parser, "line ends early (expected %s)", what);
	*out = word;
	return 0;
}

static int expect_end(struct parser *parser)
{
	if (at_end(parser))
		return 0;
	return wrong(parser, "'%s' is one word too many (expected the end of the line)",
		     next_word(parser));
}

static int keep(char **place, const char *word)
{
	*place = strdup(word);
	return *place ? 0 : -ENOMEM;
}

static int expect_kept(struct parser *parser, const char *what, char **place)
{
	const char *word = "";
	int err = expect_word(parser, what, &word);

	return err ? err : keep(place, word);
}

/* Names are short, so that a printed step, whose numbers may grow, is never too long a line. */
#define NAME_BYTES 32

/* Whether the first `length` bytes can name a role or a thread. */
static bool is_name(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) && word[i] != '-' && word[i] != '_')
			return false;
	return length && length <= NAME_BYTES && isalpha((unsigned char)word[0]);
}

static size_t find_device(const struct scenario *scenario, const char *name)
{
	size_t i = 0;

	while (i < scenario->device_count && strcmp(scenario->devices[i].name, name) != 0)
		i++;
	return i;
}

static size_t find_group(const struct scenario *scenario, const char *name)
{
	size_t i = 0;

	while (i < scenario->group_count && strcmp(scenario->groups[i].name, name) != 0)
		i++;
	return i;
}

static int expect_device(struct parser *parser, size_t *out)
{
	const char *word = "";
	int err = expect_word(parser, "a device", &word);
	size_t found;

	if (err)
		return err;
	found = find_device(parser->scenario, word);
	if (found == parser->scenario->device_count)
		return wrong(parser, "no device '%s' (expected one that a line 'device' declares)",
			     word);
	*out = found;
	return 0;
}

static int expect_group(struct parser *parser, size_t *out)
{
	const char *word = "";
	int err = expect_word(parser, "a group", &word);
	size_t found;

	if (err)
		return err;
	found = find_group(parser->scenario, word);
	if (found == parser->scenario->group_count)
		return wrong(parser, "no group '%s' (expected one that a line 'group' declares)",
			     word);
	*out = found;
	return 0;
}

/* A name for a new role, that no other has. */
static int expect_new_role(struct parser *parser, char **place)
{
	const struct scenario *scenario = parser->scenario;
	const char *word = "";
	int err = expect_word(parser, "a name", &word);

	if (err)
		return err;
	if (!is_name(word, strlen(word)) || strcmp(word, SCENARIO_NONE) == 0 ||
	    strcmp(word, "invariants") == 0)
		return wrong(
			parser,
			"'%s' can't be a name (expected up to 32 letters, digits, '-' and '_', a "
			"letter first)",
			word);
	if (find_device(scenario, word) < scenario->device_count ||
	    find_group(scenario, word) < scenario->group_count)
		return wrong(parser, "'%s' is declared twice (expected another name)", word);
	return keep(place, word);
}

static int expect_number(struct parser *parser, const char *what, uint64_t *out)
{
	const char *word = "";
	int err = expect_word(parser, what, &word);
	unsigned long long number;
	char *end;

	if (err)
		return err;
	errno = 0;
	number = strtoull(word, &end, strncmp(word, "0x", 2) == 0 ? 16 : 10);
	if (!isdigit((unsigned char)word[0]) || *end || errno)
		return wrong(parser,
			     "'%s' is not %s (expected a number below 2^64, decimal or 0x...)",
			     word, what);
	*out = number;
	return 0;
}

/* ---- statements ---- */

static int parse_title(struct parser *parser)
{
	struct scenario *scenario = parser->scenario;
	size_t length;
	FILE *text;
	int err;

	if (scenario->title)
		return wrong(parser, "second title (expected one)");
	if (at_end(parser))
		return wrong(parser, "line ends early (expected what the scenario shows)");
	text = open_memstream(&scenario->title, &length);
	if (!text)
		return -ENOMEM;
	fputs(next_word(parser), text);
	for (const char *word; (word = next_word(parser));)
		fprintf(text, " %s", word);
	err = ferror(text) ? -ENOMEM : 0;
	return fclose(text) ? -ENOMEM : err;
}

static int parse_machine(struct parser *parser)
{
	if (parser->scenario->machine)
		return wrong(parser, "second machine (expected one)");
	return expect_kept(parser, "a machine file", &parser->scenario->machine);
}

static int parse_only(struct parser *parser)
{
	struct scenario *scenario = parser->scenario;

	if (scenario->only != ON_ANY_MACHINE)
		return wrong(parser, "second 'only' (expected one)");
	if (take_word(parser, "simulated"))
		scenario->only = ON_SIMULATED_ONLY;
	else if (take_word(parser, "live"))
		scenario->only = ON_LIVE_ONLY;
	else
		return wrong(parser, "unknown kind of machine (expected simulated or live)");
	return 0;
}

static int parse_device(struct parser *parser)
{
	struct scenario *scenario = parser->scenario;
	struct device_role *devices =
		array_with_room(scenario->devices, scenario->device_count, sizeof(*devices));
	struct device_role *device;
	int err;

	if (!devices)
		return -ENOMEM;
	scenario->devices = devices;
	device = &devices[scenario->device_count];
	*device = (struct device_role) {0};
	err = expect_new_role(parser, &device->name);
	if (err)
		return err;
	scenario->device_count++;
	err = expect_kept(parser, "an address", &device->address);
	if (err)
		return err;
	for (size_t i = 0; i + 1 < scenario->device_count; i++)
		if (strcmp(devices[i].address, device->address) == 0)
			return wrong(parser, "%s is %s already (expected another address)",
				     device->address, devices[i].name);
	if (take_word(parser, "driver"))
		err = expect_kept(parser, "a driver or none", &device->driver);
	return err;
}

static bool in_a_group(const struct scenario *scenario, size_t device)
{
	for (size_t i = 0; i < scenario->group_count; i++)
		for (size_t j = 0; j < scenario->groups[i].device_count; j++)
			if (scenario->groups[i].devices[j] == device)
				return true;
	return false;
}

static int parse_member(struct parser *parser, struct group_role *group)
{
	size_t *devices = array_with_room(group->devices, group->device_count, sizeof(*devices));
	size_t device = 0;
	int err;

	if (!devices)
		return -ENOMEM;
	group->devices = devices;
	err = expect_device(parser, &device);
	if (err)
		return err;
	if (in_a_group(parser->scenario, device))
		return wrong(parser, "%s is in a group already (expected each device once)",
			     parser->scenario->devices[device].name);
	devices[group->device_count++] = device;
	return 0;
}

static int parse_group(struct parser *parser)
{
	struct scenario *scenario = parser->scenario;
	struct group_role *groups =
		array_with_room(scenario->groups, scenario->group_count, sizeof(*groups));
	struct group_role *group;
	int err;

	if (!groups)
		return -ENOMEM;
	scenario->groups = groups;
	group = &groups[scenario->group_count];
	*group = (struct group_role) {0};
	err = expect_new_role(parser, &group->name);
	if (err)
		return err;
	scenario->group_count++;
	do
		err = parse_member(parser, group);
	while (!err && !at_end(parser));
	return err;
}

static int parse_ids(struct parser *parser, struct scripted_driver *driver)
{
	const char *word = "";
	int err = expect_word(parser, "ids, separated by commas", &word);
	char *list = err ? NULL : strdup(word), *rest = list, *id;

	if (!err && !list)
		err = -ENOMEM;
	while (!err && (id = strtok_r(rest, ",", &rest))) {
		size_t count = driver->script.id_count;
		char **ids = array_with_room(driver->ids, count, sizeof(*ids));

		err = ids ? keep(&ids[count], id) : -ENOMEM;
		if (ids)
			driver->ids = ids;
		if (!err)
			driver->script.id_count++;
	}
	free(list);
	if (!err && !driver->script.id_count)
		err = wrong(parser, "no id (expected ids, separated by commas)");
	return err;
}

static int expect_errno(struct parser *parser, int *out)
{
	const char *word = "";
	int number = 0, err = expect_word(parser, "an errno", &word);

	if (err)
		return err;
	if (errno_from_name(word, &number) || !number)
		return wrong(parser, "'%s' is not an errno (expected a name like EIO)", word);
	*out = number;
	return 0;
}

static int expect_stage(struct parser *parser, enum bind_stage *out)
{
	const char *word = "";
	int err = expect_word(parser, "a stage of the bind", &word);

	if (err)
		return err;
	for (enum bind_stage stage = STAGE_SUPPLIERS; stage_name(stage); stage++) {
		if (strcmp(word, stage_name(stage)) == 0) {
			*out = stage;
			return 0;
		}
	}
	return wrong(parser,
		     "unknown stage '%s' (expected suppliers, old-resources, pins, configure, "
		     "links, power, probe or attributes)",
		     word);
}

static int parse_failure(struct parser *parser, struct driver_script *script)
{
	int err = expect_stage(parser, &script->fail_at);
	uint64_t times = 0;

	if (!err)
		err = expect_errno(parser, &script->error);
	if (err || at_end(parser) || !isdigit((unsigned char)*parser->lines.words[parser->at]))
		return err;
	err = expect_number(parser, "a number of failures", &times);
	if (err)
		return err;
	if (!times || times > UINT32_MAX)
		return wrong(parser, "%llu failures (expected a number from 1 to 4294967295)",
			     (unsigned long long)times);
	script->failures = (unsigned int)times;
	return 0;
}

/* One word of a driver's script, in any order and each once. */
static int parse_trait(struct parser *parser, struct scripted_driver *driver, bool *native)
{
	struct driver_script *script = &driver->script;
	struct {
		const char *word;
		bool *trait;
	} traits[] = {
		{"user", &script->user},
		{"native", native},
		{"managed", &script->managed_dma},
		{"maps", &script->maps},
		{"test-remove", &script->test_remove},
		{"dma-after-remove", &script->dma_after_remove},
	};

	for (size_t i = 0; i < sizeof(traits) / sizeof(*traits); i++) {
		if (*traits[i].trait || !take_word(parser, traits[i].word))
			continue;
		*traits[i].trait = true;
		return 0;
	}
	if (!script->id_count && take_word(parser, "ids"))
		return parse_ids(parser, driver);
	if (script->fail_at == STAGE_NONE && take_word(parser, "fail"))
		return parse_failure(parser, script);
	return wrong(parser,
		     "'%s' is unknown or there twice (expected user, native or managed, ids, fail, "
		     "maps, test-remove or dma-after-remove, each once)",
		     next_word(parser));
}

static int parse_script(struct parser *parser, struct scripted_driver *driver)
{
	bool native = false;
	int err = 0;

	while (!err && !at_end(parser))
		err = parse_trait(parser, driver, &native);
	if (!err && native == driver->script.managed_dma)
		err = wrong(parser,
			    "driver %s does its DMA neither or both ways (expected one of "
			    "native and managed)",
			    driver->name);
	return err;
}

static int expect_new_driver(struct parser *parser, struct scripted_driver *driver)
{
	const struct scenario *scenario = parser->scenario;
	int err = expect_kept(parser, "a driver's name", &driver->name);

	if (!err)
		err = expect_kept(parser, "a bus", &driver->bus);
	for (size_t i = 0; !err && &scenario->drivers[i] != driver; i++)
		if (strcmp(scenario->drivers[i].name, driver->name) == 0)
			err = wrong(parser, "driver %s is declared twice (expected another name)",
				    driver->name);
	return err;
}

static int parse_driver(struct parser *parser)
{
	struct scenario *scenario = parser->scenario;
	struct scripted_driver *drivers =
		array_with_room(scenario->drivers, scenario->driver_count, sizeof(*drivers));
	struct scripted_driver *driver;
	int err;

	if (!drivers)
		return -ENOMEM;
	scenario->drivers = drivers;
	driver = &drivers[scenario->driver_count++];
	*driver = (struct scripted_driver) {0};
	err = expect_new_driver(parser, driver);
	if (!err)
		err = parse_script(parser, driver);
	driver->script.name = driver->name;
	driver->script.bus = driver->bus;
	driver->script.ids = (const char *const *)driver->ids;
	return err;
}

/* ---- steps ---- */

static int expect_role(struct parser *parser, size_t *out)
{
	const struct scenario *scenario = parser->scenario;
	const char *word = "";
	int err = expect_word(parser, "a device or a group", &word);
	size_t role;

	if (err)
		return err;
	role = find_device(scenario, word);
	if (role == scenario->device_count)
		role += find_group(scenario, word);
	if (role == scenario_roles(scenario))
		return wrong(parser, "no device or group '%s' (expected one that is declared)",
			     word);
	*out = role;
	return 0;
}

static bool one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

static int check_value(struct parser *parser, enum property property, const char *value)
{
	static const char *const truths[] = {"yes", "no", NULL};
	static const char *const owners[] = {SCENARIO_NONE, "kernel", "user", NULL};
	const struct scenario *scenario = parser->scenario;

	switch (property) {
	case PROPERTY_PRESENT:
	case PROPERTY_VIABLE:
		if (!one_of(value, truths))
			return wrong(parser, "'%s' is no truth (expected yes or no)", value);
		return 0;
	case PROPERTY_OWNER:
		if (!one_of(value, owners))
			return wrong(parser, "'%s' is no owner (expected none, kernel or user)",
				     value);
		return 0;
	case PROPERTY_COUNT:
		if (value[strspn(value, "0123456789")] || (value[0] == '0' && value[1]) ||
		    strlen(value) > 9)
			return wrong(parser, "'%s' is no count (expected a number)", value);
		return 0;
	case PROPERTY_GROUP:
		if (strcmp(value, SCENARIO_NONE) != 0 &&
		    find_group(scenario, value) == scenario->group_count)
			return wrong(parser, "no group '%s' (expected a declared one, or none)",
				     value);
		return 0;
	default:
		return 0;
	}
}

static int parse_expectation(struct parser *parser, struct expectation *out)
{
	int err = expect_role(parser, &out->role);
	bool of_group = !err && out->role >= parser->scenario->device_count;
	const char *word = "";

	if (!err)
		err = expect_word(parser, "a property", &word);
	if (err)
		return err;
	out->line = parser->lines.number;
	out->property = property_find(word, of_group);
	if (out->property == PROPERTIES)
		return wrong(parser, "a %s has no property '%s' (expected %s)",
			     of_group ? "group" : "device", word,
			     of_group ? "viable, type, owner, count or domain"
				      : "present, driver, override or group");
	err = expect_word(parser, "a value", &word);
	if (!err)
		err = check_value(parser, out->property, word);
	return err ? err : keep(&out->value, word);
}

static int expect_scripted(struct parser *parser, size_t *out)
{
	const struct scenario *scenario = parser->scenario;
	const char *word = "";
	int err = expect_word(parser, "a scripted driver", &word);
	size_t found = 0;

	if (err)
		return err;
	while (found < scenario->driver_count && strcmp(scenario->drivers[found].name, word) != 0)
		found++;
	if (found == scenario->driver_count)
		return wrong(parser, "no driver '%s' (expected one that a line 'driver' declares)",
			     word);
	*out = found;
	return 0;
}

static int expect_direction(struct parser *parser, enum dma_direction *out)
{
	for (enum dma_direction direction = 0; direction_name(direction); direction++) {
		if (take_word(parser, direction_name(direction))) {
			*out = direction;
			return 0;
		}
	}
	return wrong(parser, "unknown direction (expected from-memory or to-memory)");
}

static int parse_argument(struct parser *parser, enum argument argument, struct step *step)
{
	switch (argument) {
	case ARGUMENT_DEVICE:
		return expect_device(parser, &step->device);
	case ARGUMENT_GROUP:
		return expect_group(parser, &step->group);
	case ARGUMENT_SCRIPTED:
		return expect_scripted(parser, &step->driver);
	case ARGUMENT_DRIVER:
		return expect_kept(parser, "a driver", &step->word);
	case ARGUMENT_DRIVER_OR_NONE:
		return expect_kept(parser, "a driver or none", &step->word);
	case ARGUMENT_TYPE:
		return expect_kept(parser, "a domain type", &step->word);
	case ARGUMENT_DIRECTION:
		return expect_direction(parser, &step->direction);
	case ARGUMENT_IOVA:
		return expect_number(parser, "an I/O address", &step->iova);
	case ARGUMENT_SIZE:
		return expect_number(parser, "a size", &step->size);
	case ARGUMENT_CHECK:
		return parse_expectation(parser, &step->check);
	case ARGUMENT_END:
		break;
	}
	return 0;
}

static int parse_outcome(struct parser *parser, const struct operation *operation, const char *word,
			 struct outcome *out)
{
	if (operation->answers[0]) {
		out->answer = strcmp(word, operation->answers[1]) == 0;
		if (one_of(word, (const char *const[]) {operation->answers[0],
							operation->answers[1], NULL}))
			return 0;
		if (!errno_from_name(word, &out->error) && out->error)
			return 0;
		return wrong(parser, "'%s' is no result (expected %s, %s or an errno)", word,
			     operation->answers[1], operation->answers[0]);
	}
	if (errno_from_name(word, &out->error))
		return wrong(parser, "'%s' is no result (expected 0 or an errno like EBUSY)", word);
	return 0;
}

static int add_outcome(struct parser *parser, struct step *step, const char *word)
{
	struct outcome outcome = {0};
	int err = parse_outcome(parser, step->operation, word, &outcome);

	if (err)
		return err;
	if (step->expected_count > 0 && step_as_expected(step, outcome))
		return wrong(parser, "%s is expected twice (expected each result once)", word);
	if (step->expected_count == EXPECTED_MAX)
		return wrong(parser, "too many results (expected up to %d, or any)", EXPECTED_MAX);
	step->expected[step->expected_count++] = outcome;
	return 0;
}

/* "any", or results with | between them. */
static int parse_outcomes(struct parser *parser, struct step *step)
{
	char word[LINE_BYTES + 1], *rest = word, *one;
	const char *words = "";
	int err = expect_word(parser, "a result", &words);

	step->expected_count = 0;
	if (err || strcmp(words, "any") == 0)
		return err;
	snprintf(word, sizeof(word), "%s", words);
	while (!err && (one = strsep(&rest, "|")))
		err = add_outcome(parser, step, one);
	return err;
}

static int parse_operation(struct parser *parser, struct step *step)
{
	const struct operation *operation = step->operation;
	int err = 0;

	for (size_t i = 0; !err && operation->arguments[i] != ARGUMENT_END; i++)
		err = parse_argument(parser, operation->arguments[i], step);
	step->expected[0] = (struct outcome) {.answer = operation->answers[0] != NULL};
	step->expected_count = 1;
	if (!err && operation->perform && take_word(parser, "="))
		err = parse_outcomes(parser, step);
	return err ? err : expect_end(parser);
}

static int find_thread(struct parser *parser, const char *name, size_t length, size_t *out)
{
	struct scenario *scenario = parser->scenario;
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

static int unknown_operation(struct parser *parser, const char *word)
{
	char *names = NULL;
	size_t length;
	FILE *list = open_memstream(&names, &length);
	int err;

	if (!list)
		return -ENOMEM;
	for (const struct operation *each = operations; each->name; each++)
		fprintf(list, "%s%s", each == operations ? "" : ", ", each->name);
	err = fclose(list)
		      ? -ENOMEM
		      : wrong(parser, "unknown operation '%s' (expected one of %s)", word, names);
	free(names);
	return err;
}

static int expect_operation(struct parser *parser, const struct operation **out)
{
	const char *word = "";
	int err = expect_word(parser, "an operation", &word);

	if (err)
		return err;
	*out = operation_find(word);
	return *out ? 0 : unknown_operation(parser, word);
}

static int parse_step(struct parser *parser, const char *thread, size_t length)
{
	struct scenario *scenario = parser->scenario;
	struct step *steps = array_with_room(scenario->steps, scenario->step_count, sizeof(*steps));
	struct step *step;
	int err;

	if (!steps)
		return -ENOMEM;
	scenario->steps = steps;
	if (!is_name(thread, length))
		return wrong(parser,
			     "'%s' is no thread's name (expected up to 32 letters, digits, '-' and "
			     "'_', a "
			     "letter first, and a colon)",
			     thread);
	step = &steps[scenario->step_count++];
	*step = (struct step) {.line = parser->lines.number};
	err = find_thread(parser, thread, length, &step->thread);
	if (!err)
		err = expect_operation(parser, &step->operation);
	return err ? err : parse_operation(parser, step);
}

static int parse_finally(struct parser *parser)
{
	struct scenario *scenario = parser->scenario;
	struct expectation *finals =
		array_with_room(scenario->finals, scenario->final_count, sizeof(*finals));

	if (!finals)
		return -ENOMEM;
	scenario->finals = finals;
	if (take_word(parser, "invariants")) {
		scenario->invariants = true;
		return 0;
	}
	finals[scenario->final_count] = (struct expectation) {0};
	return parse_expectation(parser, &finals[scenario->final_count++]);
}

static const struct statement statements[] = {
	{"title", parse_title, false},     {"machine", parse_machine, false},
	{"only", parse_only, false},       {"device", parse_device, true},
	{"group", parse_group, true},      {"driver", parse_driver, true},
	{"finally", parse_finally, false},
};

static int parse_line(struct parser *parser)
{
	const struct scenario *scenario = parser->scenario;
	const char *word = parser->lines.words[0];
	size_t length = strlen(word);

	parser->at = 1;
	if (word[length - 1] == ':')
		return parse_step(parser, word, length - 1);
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		int err;

		if (strcmp(word, statements[i].name) != 0)
			continue;
		if (statements[i].declares && (scenario->step_count || scenario->final_count))
			return wrong(parser,
				     "'%s' after a step or 'finally' (expected all of them before)",
				     word);
		err = statements[i].parse(parser);
		return err ? err : expect_end(parser);
	}
	return wrong(parser,
		     "unknown word '%s' (expected title, machine, only, device, group, driver, "
		     "finally, or a thread's name and a colon)",
		     word);
}

/* An empty text has no line to blame; its end is in line 1. */
static int refuse_without_steps(struct parser *parser)
{
	if (!parser->lines.number)
		parser->lines.number = 1;
	return wrong(parser, "no step (expected at least one, like 'host: unbind A')");
}

static int parse_text(struct parser *parser)
{
	const char *said;
	int err;

	while ((err = lines_next(&parser->lines, &said)) > 0) {
		err = parse_line(parser);
		if (err)
			return err;
	}
	if (err)
		return wrong(parser, "%s", said);
	return parser->scenario->step_count ? 0 : refuse_without_steps(parser);
}

int scenario_parse(const char *text, size_t length, const char *file, struct scenario **out,
		   char **why)
{
	struct parser parser = {.why = why};
	int err;

	parser.scenario = calloc(1, sizeof(*parser.scenario));
	if (!parser.scenario)
		return -ENOMEM;
	lines_init(&parser.lines, text, length);
	err = keep(&parser.scenario->file, file);
	if (!err)
		err = parse_text(&parser);
	if (err)
		scenario_free(parser.scenario);
	else
		*out = parser.scenario;
	return err;
}
