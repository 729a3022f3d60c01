/* SPDX-License-Identifier: MIT */
/*
 * A program that is given an IOMMU group: it does DMA with `edu`, QEMU's device for teaching, and
 * shows that the device reaches the memory that was mapped for it, and no other.
 *
 *	dmaown claim 0000:02:01.0 -- examples/edu-dma
 *
 * dmaown says in the environment what was claimed: DMAOWN_NODES are the files of the groups
 * (/dev/vfio/8), DMAOWN_DEVICES the addresses of their devices. The rest is the kernel's interface:
 *
 *	container	an address space, into which memory is mapped
 *	group		joins a container: from then on all its devices are in that address space
 *	device		a file with a region for its config space and one for each BAR
 *
 * edu (1234:11e8) copies between memory and a buffer of its own, when its registers say so.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
	EDU_IDS = 0x11e81234,
	EDU_SOURCE = 0x80,
	EDU_DESTINATION = 0x88,
	EDU_COUNT = 0x90,
	EDU_COMMAND = 0x98,
	EDU_START = 1, /* reads as set until the copy is done */
	EDU_TO_MEMORY = 2,
	EDU_BUFFER = 0x40000, /* of 4 KiB, whose last byte QEMU 7.2 does not survive */
	COPY_SIZE = 2048,

	PAGE = 4096,
	MAPPED = 0x10000,
	OUTSIDE = 0x200000,

	MAX_WORDS = 64,
};

struct edu {
	const char *address;
	int fd;
	uint64_t registers; /* where BAR 0 begins in fd */
};

static size_t split(const char *variable, char *words[MAX_WORDS])
{
	const char *value = getenv(variable);
	size_t count = 0;

	if (!value)
		errx(1, "%s is not set: run this with dmaown claim WHAT -- edu-dma", variable);
	for (char *word = strtok(strdup(value), " "); word; word = strtok(NULL, " ")) {
		if (count == MAX_WORDS)
			errx(1, "%s has more than %d words", variable, MAX_WORDS);
		words[count++] = word;
	}
	return count;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* A container with the groups in it, which takes an IOMMU only once it has a group. */
static int open_container(char *nodes[], int groups[], size_t count)
{
	int container = open_file("/dev/vfio/vfio");

	for (size_t i = 0; i < count; i++) {
		groups[i] = open_file(nodes[i]);
		if (ioctl(groups[i], VFIO_GROUP_SET_CONTAINER, &container) != 0)
			err(1, "%s does not join a container", nodes[i]);
	}
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0)
		err(1, "the container gets no IOMMU of type 1");
	return container;
}

static void map(int container, void *memory, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map request = {
		.argsz = sizeof(request),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = PAGE,
	};

	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &request) != 0)
		err(1, "memory is not mapped at 0x%jx", (uintmax_t)iova);
}

static void unmap(int container, uint64_t iova)
{
	struct vfio_iommu_type1_dma_unmap request = {
		.argsz = sizeof(request), .iova = iova, .size = PAGE};

	if (ioctl(container, VFIO_IOMMU_UNMAP_DMA, &request) != 0)
		err(1, "memory stays mapped at 0x%jx", (uintmax_t)iova);
}

static uint64_t region(int device, uint32_t index)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = index};

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) != 0)
		err(1, "a device does not tell where its region %u is", index);
	return info.offset;
}

static uint32_t read_32(int device, uint64_t at)
{
	uint32_t value;

	if (pread(device, &value, sizeof(value), (off_t)at) != sizeof(value))
		err(1, "a register cannot be read");
	return value;
}

static void write_32(int device, uint64_t at, uint32_t value)
{
	if (pwrite(device, &value, sizeof(value), (off_t)at) != sizeof(value))
		err(1, "a register cannot be written");
}

/* VFIO opens a device with its DMA off. Zeros leave the status, the upper half, as it is. */
static void switch_dma_on(int device)
{
	uint64_t at = region(device, VFIO_PCI_CONFIG_REGION_INDEX) + PCI_COMMAND;
	uint32_t command = read_32(device, at) & 0xffff;

	write_32(device, at, command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* Fills in *edu if the device is one. A device is opened by its own group; others say ENODEV. */
static int open_edu(const char *address, const int groups[], size_t count, struct edu *edu)
{
	for (size_t i = 0; i < count; i++) {
		int fd = ioctl(groups[i], VFIO_GROUP_GET_DEVICE_FD, address);

		if (fd < 0 && errno != ENODEV)
			err(1, "%s cannot be opened", address);
		if (fd < 0 || read_32(fd, region(fd, VFIO_PCI_CONFIG_REGION_INDEX)) != EDU_IDS)
			continue;
		switch_dma_on(fd);
		*edu = (struct edu) {address, fd, region(fd, VFIO_PCI_BAR0_REGION_INDEX)};
		return 1;
	}
	return 0;
}

static void copy(const struct edu *edu, uint32_t source, uint32_t destination, uint32_t command)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	write_32(edu->fd, edu->registers + EDU_SOURCE, source);
	write_32(edu->fd, edu->registers + EDU_DESTINATION, destination);
	write_32(edu->fd, edu->registers + EDU_COUNT, COPY_SIZE);
	write_32(edu->fd, edu->registers + EDU_COMMAND, command | EDU_START);
	while (read_32(edu->fd, edu->registers + EDU_COMMAND) & EDU_START)
		nanosleep(&pause, NULL);
}

/* From memory to the device, and, when the memory has been cleared, back. */
static void copy_there_and_back(const struct edu *edu, uint8_t *memory)
{
	uint8_t pattern[COPY_SIZE];

	for (int i = 0; i < COPY_SIZE; i++)
		pattern[i] = (uint8_t)(i * 7 + 1);
	memcpy(memory, pattern, COPY_SIZE);
	copy(edu, MAPPED, EDU_BUFFER, 0);
	memset(memory, 0, COPY_SIZE);
	copy(edu, EDU_BUFFER, MAPPED, EDU_TO_MEMORY);
	if (memcmp(memory, pattern, COPY_SIZE) != 0)
		errx(1, "%s: DMA to 0x%x did not arrive as it was sent", edu->address, MAPPED);
	printf("%s: %d bytes written to memory at 0x%x\n", edu->address, COPY_SIZE, MAPPED);
}

/* `memory` is full of zeros. It was mapped there, and is no more. */
static void copy_outside(const struct edu *edu, const uint8_t *memory)
{
	static const uint8_t zeros[PAGE];

	copy(edu, EDU_BUFFER, OUTSIDE, EDU_TO_MEMORY);
	if (memcmp(memory, zeros, PAGE) != 0)
		errx(1, "%s: DMA to 0x%x, outside the map, arrived", edu->address, OUTSIDE);
	printf("%s: DMA to 0x%x, outside the map: nothing arrived\n", edu->address, OUTSIDE);
}

int main(void)
{
	static _Alignas(PAGE) uint8_t inside[PAGE], outside[PAGE];
	char *nodes[MAX_WORDS], *devices[MAX_WORDS];
	int groups[MAX_WORDS];
	size_t node_count = split("DMAOWN_NODES", nodes);
	size_t device_count = split("DMAOWN_DEVICES", devices);
	int container = open_container(nodes, groups, node_count);
	struct edu edu;

	map(container, inside, MAPPED);
	map(container, outside, OUTSIDE);
	unmap(container, OUTSIDE);
	for (size_t i = 0; i < device_count; i++) {
		if (!open_edu(devices[i], groups, node_count, &edu))
			continue;
		copy_there_and_back(&edu, inside);
		copy_outside(&edu, outside);
		return 0;
	}
	errx(1, "no device of DMAOWN_DEVICES is an edu (1234:11e8)");
}
