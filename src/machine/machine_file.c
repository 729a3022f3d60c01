/* SPDX-License-Identifier: MIT */
#include "machine_file.h"

#include "facts_json.h"

#include <errno.h>
#include <stdlib.h>

int machine_file_parse(const char *bytes, size_t length, const char *name, struct facts *out,
		       char **why)
{
	struct json_source source = {.name = name, .text = bytes, .length = length};
	json_error_t error;
	json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
	int err;

	if (!root)
		return json_syntax_fault(&source, &error, why);
	err = facts_from_json(root, &source, out, why);
	json_decref(root);
	return err;
}

/* Doubles the room for a file's bytes. */
static int make_room(char **bytes, size_t *capacity)
{
	size_t wanted = *capacity ? 2 * *capacity : 1 << 16;
	char *larger;

	if (wanted > MACHINE_FILE_LIMIT)
		return -EFBIG;
	larger = realloc(*bytes, wanted);
	if (!larger)
		return -ENOMEM;
	*bytes = larger;
	*capacity = wanted;
	return 0;
}

/* Reads all that `file` has left; *bytes, NULL before, is the caller's to free also on failure. */
static int read_all(FILE *file, char **bytes, size_t *length)
{
	size_t capacity = 0, filled = 0;
	int err = 0;

	while (!err && filled == capacity) {
		err = make_room(bytes, &capacity);
		if (err)
			break;
		errno = 0;
		filled += fread(*bytes + filled, 1, capacity - filled, file);
		if (ferror(file))
			err = errno ? -errno : -EIO;
	}
	*length = filled;
	return err;
}

int machine_file_read(FILE *file, const char *name, struct facts *out, char **why)
{
	char *bytes = NULL;
	size_t length;
	int err = read_all(file, &bytes, &length);

	if (!err)
		err = machine_file_parse(bytes, length, name, out, why);
	free(bytes);
	return err;
}

/* jansson does not say why it failed: where the stream is fine, memory ran out. */
static int dump(const json_t *root, FILE *file)
{
	errno = 0;
	if (json_dumpf(root, file, JSON_INDENT(2) | JSON_ENSURE_ASCII) && !ferror(file))
		return -ENOMEM;
	if (ferror(file) || fputc('\n', file) == EOF || fflush(file))
		return errno ? -errno : -EIO;
	return 0;
}

int machine_file_write(const struct facts *facts, FILE *file)
{
	json_t *root = facts_to_json(facts);
	int err;

	if (!root)
		return -ENOMEM;
	err = dump(root, file);
	json_decref(root);
	return err;
}
