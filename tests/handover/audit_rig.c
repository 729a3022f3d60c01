/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "audit_rig.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	strcpy(rig->path, "/tmp/dmaown-audit.XXXXXX");
	assert_non_null(mkdtemp(rig->path));
	rig->folder = open(rig->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rig->folder >= 0);
	*state = rig;
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

int tear_down(void **state)
{
	struct rig *rig = *state;

	close(rig->folder);
	nftw(rig->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(rig);
	return 0;
}

struct record_device devices[3] = {
	{.address = OWN("0000:02:01.0"),
	 .group = 8,
	 .treatment = TREATMENT_GIVE,
	 .driver = OWN("e1000e"),
	 .to = OWN("vfio-pci")},
	{.address = OWN("0000:02:02.0"),
	 .group = 8,
	 .treatment = TREATMENT_LEAVE,
	 .driver = OWN("pcieport")},
	{.address = OWN("0000:02:03.0"),
	 .group = 8,
	 .treatment = TREATMENT_GIVE,
	 .to = OWN("vfio-pci")},
};
static struct device_progress progress[] = {
	{.where = BACK, .driver = {"e1000e"}}, {.where = NOT_LOOKED_AT}, {.where = GONE}};
static struct record_group groups[] = {{.id = 8}};
const struct record record = {.owner = OWN("vm7"),
			      .user = OWN("alice"),
			      .groups = groups,
			      .group_count = 1,
			      .devices = devices,
			      .device_count = 3,
			      .progress = progress};
static char *const words[] = {OWN("dmaown"), OWN("release"), OWN("--owner"), OWN("vm7"), NULL};

const struct audit_event release = {.what = AUDIT_RELEASE,
				    .exit_code = 0,
				    .status = -1,
				    .boot = "this-boot",
				    .record = &record,
				    .command = words};

char *long_text(size_t length)
{
	char *text = malloc(length + 1);

	memset(text, '\001', length);
	text[length] = '\0';
	return text;
}
