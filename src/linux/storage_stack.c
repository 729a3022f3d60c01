/* SPDX-License-Identifier: MIT */
/*
 * What stands on a block, found by going up: its holders (device-mapper, md, bcache ...), its ties,
 * and so on; wherever a place or an export is met, it is told of with the way that leads there. Of
 * several the first is named, and one of the home views before all others.
 */
#define _GNU_SOURCE
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEEPEST = 16, MOST_SEEN = 256, WAY_SIZE = 384 };

/* The first thing of a kind, and how many there are. */
struct first {
	char words[REASON_SIZE - 32];
	size_t count;
};

struct stack {
	struct storage *storage;
	char way[WAY_SIZE]; /* " through dm-0 (vg-root)"; empty at the bottom */
	unsigned int depth;
	char seen[MOST_SEEN][BLOCK_NAME];
	size_t seen_count;
	struct first here, elsewhere; /* "elsewhere": in views that are not home */
	char top[WAY_SIZE];           /* the last holder on the way, used or not */
	bool free;                    /* nobody has the lowest block for himself */
	bool unseen, vital;           /* as in a burden */
	int cut;                      /* -ELOOP: something was not looked at */
};

/* ---- what is met ---- */

__attribute__((format(printf, 3, 4))) static void note(const struct stack *stack,
						       struct first *first, const char *format, ...)
{
	va_list args;
	size_t length;

	if (first->count++ > 0)
		return;
	va_start(args, format);
	vsnprintf(first->words, sizeof(first->words), format, args);
	va_end(args);
	length = strlen(first->words);
	snprintf(first->words + length, sizeof(first->words) - length, "%s", stack->way);
}

/* Stores the name of a process, "?" if that can't be read. */
static void read_program(const struct survey *survey, long pid, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%ld/comm", pid);
	if (sysfs_read_path(survey->root, path, out, size) <= 0)
		snprintf(out, size, "?");
}

static void note_place(struct stack *stack, const struct place *place)
{
	const struct survey *survey = stack->storage->survey;
	const struct mount_view *view =
		place->mount ? &survey->mounts->views[place->mount->view] : NULL;
	char program[64];

	stack->vital |= place->vital;
	if (!view) {
		note(stack, &stack->here, "swap");
	} else if (view->home) {
		note(stack, &stack->here, "mounted on %.200s", place->mount->where);
	} else {
		read_program(survey, view->pid, program, sizeof(program));
		note(stack, &stack->elsewhere,
		     "mounted on %.200s in another mount namespace, of %s (process %ld)",
		     place->mount->where, program, view->pid);
	}
}

static bool is_of(const struct place *place, const char *block, dev_t number, const char *set)
{
	if (place->set && *set)
		return strcmp(place->set, set) == 0;
	if (place->block)
		return strcmp(place->block, block) == 0;
	return number && place->number == number;
}

static int note_places(struct stack *stack, const char *block)
{
	const struct places *places = &stack->storage->places;
	const struct survey *survey = stack->storage->survey;
	char set[SET_NAME];
	size_t met = stack->here.count + stack->elsewhere.count;
	dev_t number;
	int err = block_number(survey, block, &number);

	if (!err)
		err = find_set(survey, block, set, sizeof(set));
	if (!err)
		err = read_places(stack->storage);
	if (err)
		return err;
	for (size_t i = 0; i < places->count; i++) {
		if (is_of(&places->all[i], block, number, set))
			note_place(stack, &places->all[i]);
	}
	if (*set && met == stack->here.count + stack->elsewhere.count) {
		snprintf(stack->top, sizeof(stack->top), "a %.*s", (int)strcspn(set, " "), set);
		stack->unseen = true;
	}
	return 0;
}

/* ---- the way up ---- */

static int climb(struct stack *stack, const char *block);

/* Goes up to what stands on the block, and comes back with the way as it was. */
static int climb_to(struct stack *stack, const char *block)
{
	size_t length = strlen(stack->way);
	char description[192];
	int err;

	if (stack->depth == DEEPEST || strlen(block) >= BLOCK_NAME) {
		stack->cut = -ELOOP;
		return 0;
	}
	describe_block(stack->storage->survey, block, description, sizeof(description));
	snprintf(stack->way + length, sizeof(stack->way) - length, "%s%s",
		 length ? ", " : " through ", description);
	snprintf(stack->top, sizeof(stack->top), "%s", description);
	stack->depth++;
	err = climb(stack, block);
	stack->depth--;
	stack->way[length] = '\0';
	return err;
}

static int look_at_holder(void *context, int folder, const char *name)
{
	return climb_to(context, name);
}

/* A block of a bcache has a folder of it; the device above, if there is one yet, is named in it. */
static int look_at_bcache(struct stack *stack, const char *block)
{
	const struct survey *survey = stack->storage->survey;
	char path[128], above[BLOCK_NAME];
	struct answer there;
	int folder, err;

	snprintf(path, sizeof(path), "sys/class/block/%s/bcache", block);
	there = sysfs_exists(survey->root, path);
	if (!answer_is_yes(there))
		return there.hidden_by;
	snprintf(stack->top, sizeof(stack->top), "a bcache");
	folder = sysfs_open(survey->root, path, O_PATH | O_DIRECTORY);
	if (folder < 0)
		return sysfs_unless_absent(folder);
	err = sysfs_link_name(folder, "dev", above, sizeof(above));
	close(folder);
	return err ? sysfs_unless_absent(err) : climb_to(stack, above);
}

struct answer ask_for_block(struct storage *storage, const char *block)
{
	dev_t number = 0;
	int err;

	if (!storage->survey->live)
		return answer_hidden(0);
	err = block_number(storage->survey, block, &number);
	if (err)
		return answer_hidden(err);
	return number ? block_is_taken(storage->survey, &storage->nodes, block, number)
		      : answer_of(false);
}

/* What has a block for itself. Where nothing of the kind shows, only the kernel knows. */
static int look_at_holders(struct stack *stack, const char *block)
{
	size_t seen = stack->seen_count, met = stack->here.count + stack->elsewhere.count;
	char path[128];
	int err = note_places(stack, block);

	snprintf(path, sizeof(path), "sys/class/block/%s/holders", block);
	if (!err)
		err = sysfs_for_each_entry_if_any(stack->storage->survey->root, path,
						  look_at_holder, stack);
	if (!err)
		err = look_at_bcache(stack, block);
	if (!err && stack->depth && seen == stack->seen_count &&
	    met == stack->here.count + stack->elsewhere.count &&
	    !answer_is_no(ask_for_block(stack->storage, block)))
		stack->unseen = true;
	return err;
}

/* Reads what uses blocks without holding them; the first time only. What can't be told of it is
 * noted in ties.hidden. -ENOMEM. */
static int read_ties(struct storage *storage)
{
	int err;

	if (storage->ties.read)
		return 0;
	storage->ties.read = true;
	err = tie_loops(storage);
	return err ? err : tie_exports(storage);
}

static int look_at_ties(struct stack *stack, const char *block)
{
	const struct ties *ties = &stack->storage->ties;
	int err = read_ties(stack->storage);

	for (size_t i = 0; i < ties->count && !err; i++) {
		const struct tie *tie = &ties->all[i];

		if (strcmp(tie->below, block) != 0)
			continue;
		if (tie->words)
			note(stack, &stack->here, "%s", tie->words);
		if (*tie->above)
			err = climb_to(stack, tie->above);
	}
	return err;
}

/* Each block is looked at once, whatever ways lead to it. */
static bool is_seen(struct stack *stack, const char *block)
{
	for (size_t i = 0; i < stack->seen_count; i++) {
		if (strcmp(stack->seen[i], block) == 0)
			return true;
	}
	if (stack->seen_count == MOST_SEEN) {
		stack->cut = -ELOOP;
		return true;
	}
	strcpy(stack->seen[stack->seen_count++], block);
	return false;
}

static int climb(struct stack *stack, const char *block)
{
	int err = 0;

	if (is_seen(stack, block))
		return 0;
	if (stack->depth || !stack->free)
		err = look_at_holders(stack, block);
	return err ? err : look_at_ties(stack, block);
}

/* ---- what it comes to ---- */

static void conclude(const struct stack *stack, struct burden *out)
{
	const struct first *first = stack->here.count ? &stack->here : &stack->elsewhere;

	*out = (struct burden) {.unseen = stack->unseen, .vital = stack->vital};
	if (first->count > 1)
		snprintf(out->words, sizeof(out->words), "%s, and %zu more", first->words,
			 first->count - 1);
	else if (first->count)
		snprintf(out->words, sizeof(out->words), "%s", first->words);
	else if (*stack->top)
		snprintf(out->words, sizeof(out->words), "part of %s", stack->top);
}

int find_stack(struct storage *storage, const char *block, bool free, struct burden *out)
{
	struct stack stack = {.storage = storage, .free = free};
	int err = strlen(block) < BLOCK_NAME ? climb(&stack, block) : -ENAMETOOLONG;

	conclude(&stack, out);
	return err ? err : stack.cut;
}
