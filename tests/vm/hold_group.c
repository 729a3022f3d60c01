/* SPDX-License-Identifier: MIT */
/*
 * Holds an IOMMU group as a user's driver does, with a device of it open: hold_group NODE ADDRESS.
 * Prints its process id when it has them, and ends when there is a byte to read. With --again it
 * prints that when it begins, and opens and closes them until it is killed; with --until-taken it
 * keeps them once the node may not be opened any more.
 */
#include "user_group.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void hold(const char *node, const char *address)
{
	int group;

	open_user_group(node, &group);
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address) < 0)
		err(1, "%s cannot be opened", address);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* For as long as it has the device the node is looked at; what is taken away then is kept. */
static void keep_if_taken(const char *node)
{
	for (int i = 0; i < 20; i++) {
		while (access(node, R_OK | W_OK) != 0)
			pause();
		usleep(1000);
	}
}

static void hold_for_a_moment(const char *node, const char *address, bool keeps)
{
	int container = open_file("/dev/vfio/vfio"), group = open(node, O_RDWR | O_CLOEXEC);
	int device = -1;

	if (group >= 0 && ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) == 0 &&
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0)
		device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
	if (device >= 0 && keeps)
		keep_if_taken(node);
	close_if_open(device);
	close_if_open(group);
	close(container);
}

static void say_who(void)
{
	printf("%d\n", (int)getpid());
	fflush(stdout);
}

/* Which of the ways to hold a group again and again an option names. */
static bool is_again(const char *option, bool *keeps)
{
	*keeps = strcmp(option, "--until-taken") == 0;
	return *keeps || strcmp(option, "--again") == 0;
}

int main(int argc, char **argv)
{
	bool keeps;
	char byte;

	if (argc == 4 && is_again(argv[1], &keeps)) {
		say_who();
		while (true)
			hold_for_a_moment(argv[2], argv[3], keeps);
	}
	if (argc != 3)
		errx(2, "usage: hold_group [--again | --until-taken] NODE ADDRESS");
	hold(argv[1], argv[2]);
	say_who();
	return read(STDIN_FILENO, &byte, 1) == 1 ? 0 : 1;
}
