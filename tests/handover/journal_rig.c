/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "journal_rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct journal *open_at(const struct rig *rig, const char *state, const char *boot)
{
	const struct journal_place place = {.root = rig->root,
					    .name = rig->folder,
					    .state = state,
					    .locks = state,
					    .boot = boot};
	struct journal *journal;

	assert_int_equal(journal_open(&place, &journal), 0);
	return journal;
}

void move_to(struct rig *rig, const char *below)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", rig->folder, below);
	journal_close(rig->journal);
	rig->journal = open_at(rig, below, "boot");
	assert_string_equal(journal_state_folder(rig->journal), path);
	strcat(path, "/claims");
	assert_string_equal(journal_folder(rig->journal), path);
	assert_string_equal(journal_boot(rig->journal), "boot");
}

void set_up(struct rig *rig)
{
	strcpy(rig->folder, "/tmp/dmaown-journal.XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->claims, sizeof(rig->claims), "%s/claims", rig->folder);
	snprintf(rig->locks, sizeof(rig->locks), "%s/locks", rig->folder);
	assert_int_equal(mkdir(rig->claims, 0700), 0);
	rig->root = open(rig->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rig->at = open(rig->claims, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rig->at >= 0);
	rig->journal = open_at(rig, ".", "boot");
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

void tear_down(struct rig *rig)
{
	journal_close(rig->journal);
	fchmod(rig->at, 0700);
	close(rig->at);
	close(rig->root);
	nftw(rig->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

void run_case(void **state)
{
	const struct journal_case *which = *state;
	struct rig rig;

	set_up(&rig);
	which->run(&rig);
	tear_down(&rig);
}

/* ---- files ---- */

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Does with each name of a folder, in their order, what the caller says. */
static void for_names(int folder, void (*each)(const char *name, void *with), void *with)
{
	struct dirent **names;
	int count = scandirat(folder, ".", &names, is_name, alphasort);

	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		each(names[i]->d_name, with);
		free(names[i]);
	}
	free(names);
}

static void print_name(const char *name, void *out)
{
	fprintf(out, "%s ", name);
}

void assert_names_in(int folder, const char *expected)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	for_names(folder, print_name, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

void assert_names(const struct rig *rig, const char *expected)
{
	assert_names_in(rig->at, expected);
}

void assert_names_below(const struct rig *rig, const char *below, const char *expected)
{
	int folder = openat(rig->root, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(folder >= 0);
	assert_names_in(folder, expected);
	close(folder);
}

void write_file(const struct rig *rig, const char *name, const char *text)
{
	int fd = openat(rig->at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

void assert_file(const struct rig *rig, const char *name, const char *expected)
{
	char text[1024] = "";
	int fd = openat(rig->at, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	close(fd);
	assert_string_equal(text, expected);
}

/* ---- claims ---- */

char *line_of(int group, bool kept, const char *boot)
{
	char *line;

	assert_true(asprintf(&line,
			     "{\"dmaown-claim\":2,\"boot\":\"%s\",\"owner\":\"lab\",\"pid\":4711,"
			     "\"uid\":1000,\"user\":null,\"user_uid\":0,\"kept\":%s,"
			     "\"groups\":[{\"id\":%d,\"node\":null}],"
			     "\"devices\":[{\"address\":\"0000:02:%02d.0\",\"bus\":\"pci\","
			     "\"instance\":77,\"vendor\":null,\"device\":null,\"class\":null,"
			     "\"group\":%d,"
			     "\"driver\":null,\"driver_override\":null,\"managed_dma\":false,"
			     "\"treatment\":\"give\",\"to\":\"vfio-pci\"}]}\n",
			     boot, kept ? "true" : "false", group, group, group) > 0);
	return line;
}

void make_record_of(int group, bool kept, struct record *out)
{
	char *line = line_of(group, kept, "boot");

	assert_int_equal(record_parse(line, strlen(line), out), 0);
	free(line);
}

void begin(struct rig *rig, int group, bool kept, struct entry *out)
{
	struct record record;

	make_record_of(group, kept, &record);
	assert_int_equal(journal_begin(rig->journal, &record, out), 0);
	assert_null(record.owner);
}

void write_record(struct rig *rig, int group, bool kept, const char *tail)
{
	char name[32], *line = line_of(group, kept, "boot"), *text;

	snprintf(name, sizeof(name), "claim-%d.json", group);
	assert_true(asprintf(&text, "%s%s", line, tail) > 0);
	write_file(rig, name, text);
	free(text);
	free(line);
}

void read_one(struct rig *rig, struct entries *out)
{
	assert_int_equal(journal_read(rig->journal, out), 0);
	assert_int_equal(out->count, 1);
}

int try_groups(struct rig *rig, const int *groups, size_t count)
{
	struct group_locks locks;
	int err = journal_lock(rig->journal, groups, count, 0, &locks);

	if (!err)
		journal_unlock(&locks);
	return err;
}

int aside(struct rig *rig, struct entry *entry, char name[NAME_SIZE])
{
	return journal_set_aside(rig->journal, entry, 0, name, NAME_SIZE);
}

/* ---- other processes ---- */

void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "in the other process: %s\n", what);
	_exit(1);
}

void other_begin(struct rig *rig, void (*run)(struct rig *rig), struct other *out)
{
	int ready[2], until[2];
	char byte = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(until, O_CLOEXEC), 0);
	*out = (struct other) {.pid = fork(), .until = until[1]};
	assert_true(out->pid >= 0);
	if (out->pid == 0) {
		close(until[1]);
		run(rig);
		must(write(ready[1], &byte, 1) == 1, "it says that it is there");
		must(read(until[0], &byte, 1) == 0, "it waits");
		_exit(0);
	}
	close(ready[1]);
	close(until[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

void assert_killed(const struct other *other)
{
	int status;

	assert_int_equal(waitpid(other->pid, &status, 0), other->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(other->until);
}

void other_kill(const struct other *other)
{
	assert_int_equal(kill(other->pid, SIGKILL), 0);
	assert_killed(other);
}

void elsewhere(struct rig *rig, void (*run)(struct rig *rig))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		run(rig);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void become_nobody(void)
{
	if (geteuid() == 0)
		must(setgid(NOBODY) == 0 && setuid(NOBODY) == 0, "it is nobody");
}

void begin_8(struct rig *rig)
{
	struct record record;
	struct entry entry;

	make_record_of(8, false, &record);
	must(journal_begin(rig->journal, &record, &entry) == 0, "it begins");
	must(journal_hold(&entry) == 0, "it holds");
}
