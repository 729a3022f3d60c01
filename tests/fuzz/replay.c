/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target once over every file of the folders that are its arguments. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own size, so that sanitizers see a read beyond the end. */
static int replay_open(int fd, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	size_t filled = 0;

	while (data && filled < size) {
		ssize_t got = read(fd, data + filled, size - filled);

		if (got <= 0)
			break;
		filled += (size_t)got;
	}
	if (data && filled == size)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	return data && filled == size ? 0 : -1;
}

static int replay_file(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct stat status;
	int err = -1;

	if (fd >= 0 && fstat(fd, &status) == 0)
		err = replay_open(fd, (size_t)status.st_size);
	if (err)
		perror(name);
	if (fd >= 0)
		close(fd);
	return err;
}

static int replay_folder(const char *path, size_t *count)
{
	DIR *folder = opendir(path);
	int err = 0;

	if (!folder) {
		perror(path);
		return -1;
	}
	for (struct dirent *entry; !err && (entry = readdir(folder));)
		if (entry->d_name[0] != '.') {
			err = replay_file(dirfd(folder), entry->d_name);
			++*count;
		}
	closedir(folder);
	return err;
}

int main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++)
		if (replay_folder(argv[i], &count))
			return EXIT_FAILURE;
	printf("%zu inputs\n", count);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
