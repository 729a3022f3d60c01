/* SPDX-License-Identifier: MIT */
/*
 * Holds an IOMMU group as a user's driver does, with a device of it open: hold_group NODE ADDRESS.
 * Prints its process id when it has them, and ends when there is a byte to read.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void hold(const char *node, const char *address)
{
	int container = open_file("/dev/vfio/vfio");
	int group = open_file(node);

	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) != 0)
		err(1, "%s does not join a container", node);
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0)
		err(1, "the container gets no IOMMU of type 1");
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address) < 0)
		err(1, "%s cannot be opened", address);
}

int main(int argc, char **argv)
{
	char byte;

	if (argc != 3)
		errx(2, "usage: hold_group NODE ADDRESS");
	hold(argv[1], argv[2]);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	return read(STDIN_FILENO, &byte, 1) == 1 ? 0 : 1;
}
