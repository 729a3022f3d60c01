/* SPDX-License-Identifier: MIT */
/*
 * DMA with `edu`, a PCI device (1234:11e8) that copies between a buffer of its own and memory when
 * it is told to. Its registers, in BAR 0:
 *
 *	0x80 source, 0x88 destination, 0x90 byte count
 *	0x98 command: 1 starts a copy and reads 1 until it is done, 2 makes it go to memory
 *	0x40000 its buffer of 4096 bytes, as an address for source or destination
 *
 * QEMU 7.2 ends itself when a copy touches the buffer's last byte, so copies are made in
 * pieces at the buffer's start. The buffer itself can't be read, so what is in it is seen by
 *copying it to a page of ours, the scratch page. Whether a copy went through shows in what is there
 *afterwards: a faulting one leaves what was there before, or nothing.
 */
#define _GNU_SOURCE
#include "edu.h"
#include "vfio_mappings.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
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
	EDU_START = 1,
	EDU_TO_MEMORY = 2,
	EDU_BUFFER = 0x40000,
	EDU_BUFFER_SIZE = 4096,
	EDU_PIECE = EDU_BUFFER_SIZE / 2,

	POLL_MILLISECONDS = 5,
	POLLS = 1000,
};

/* What stands in memory before a copy, and what the copy should put there. */
enum { BEFORE = 0x5a, COPIED = 0xc3 };

struct edu {
	struct vfio_file *vfio;
	int fd;
	uint64_t registers, config; /* where they begin in the device's file */
	uint8_t *scratch;
};

static int write_register(const struct edu *edu, uint64_t at, uint64_t value)
{
	ssize_t written = pwrite(edu->fd, &value, sizeof(value), (off_t)(edu->registers + at));

	return written == sizeof(value) ? 0 : written < 0 ? -errno : -EIO;
}

static int read_command(const struct edu *edu, uint32_t *out)
{
	ssize_t got = pread(edu->fd, out, sizeof(*out), (off_t)(edu->registers + EDU_COMMAND));

	return got == sizeof(*out) ? 0 : got < 0 ? -errno : -EIO;
}

static int find_region(int fd, uint32_t index, uint64_t *offset)
{
	struct vfio_region_info region = {.argsz = sizeof(region), .index = index};

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &region) != 0)
		return -errno;
	*offset = region.offset;
	return 0;
}

/* The device tells by an interrupt or in its register that it is done; it takes about 100 ms. */
static int wait_until_done(const struct edu *edu)
{
	const struct timespec pause = {.tv_nsec = POLL_MILLISECONDS * 1000000L};

	for (int i = 0; i < POLLS; i++) {
		uint32_t command;
		int err = read_command(edu, &command);

		if (err)
			return err;
		if (!(command & EDU_START))
			return 0;
		nanosleep(&pause, NULL);
	}
	return -EIO;
}

static int copy(const struct edu *edu, uint64_t source, uint64_t destination, uint64_t size,
		uint64_t command)
{
	int err = write_register(edu, EDU_SOURCE, source);

	if (!err)
		err = write_register(edu, EDU_DESTINATION, destination);
	if (!err)
		err = write_register(edu, EDU_COUNT, size);
	if (!err)
		err = write_register(edu, EDU_COMMAND, command | EDU_START);
	return err ? err : wait_until_done(edu);
}

static int buffer_to(const struct edu *edu, uint64_t iova, uint64_t size)
{
	return copy(edu, EDU_BUFFER, iova, size, EDU_TO_MEMORY);
}

static int buffer_from(const struct edu *edu, uint64_t iova, uint64_t size)
{
	return copy(edu, iova, EDU_BUFFER, size, 0);
}

static bool all_are(const uint8_t *bytes, uint64_t size, uint8_t value)
{
	for (uint64_t i = 0; i < size; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

/* Fills the device's buffer by way of the scratch page. */
static int fill_buffer(const struct edu *edu, uint8_t value, uint64_t size)
{
	memset(edu->scratch, value, size);
	return buffer_from(edu, EDU_SCRATCH, size);
}

/* Only where the memory is a mapping of ours can anyone see that something came. */
static int to_memory(const struct edu *edu, uint64_t iova, uint64_t size, bool *reached)
{
	struct vfio_mapping *mapping = vfio_find_mapping(edu->vfio, iova, size);
	uint8_t *memory = mapping ? (uint8_t *)mapping->memory + (iova - mapping->iova) : NULL;
	int err = fill_buffer(edu, COPIED, size);

	if (memory)
		memset(memory, BEFORE, size);
	if (!err)
		err = buffer_to(edu, iova, size);
	if (!err)
		*reached = memory && all_are(memory, size, COPIED);
	return err;
}

static int from_memory(const struct edu *edu, uint64_t iova, uint64_t size, bool *reached)
{
	struct vfio_mapping *mapping = vfio_find_mapping(edu->vfio, iova, size);
	int err = fill_buffer(edu, BEFORE, size);

	if (mapping)
		memset((uint8_t *)mapping->memory + (iova - mapping->iova), COPIED, size);
	if (!err)
		err = buffer_from(edu, iova, size);
	if (!err)
		err = buffer_to(edu, EDU_SCRATCH, size);
	if (!err)
		*reached = all_are(edu->scratch, size, COPIED);
	return err;
}

static int check_ids(const struct edu *edu)
{
	uint32_t ids;
	ssize_t got = pread(edu->fd, &ids, sizeof(ids), (off_t)edu->config);

	return got == sizeof(ids) && ids == EDU_IDS ? 0 : -EOPNOTSUPP;
}

/* VFIO opens a device with its DMA off. */
static int switch_dma_on(const struct edu *edu)
{
	uint16_t command;
	off_t at = (off_t)(edu->config + PCI_COMMAND);

	if (pread(edu->fd, &command, sizeof(command), at) != sizeof(command))
		return -EIO;
	command |= PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY;
	return pwrite(edu->fd, &command, sizeof(command), at) == sizeof(command) ? 0 : -EIO;
}

static int map_scratch(struct edu *edu)
{
	struct vfio_mapping *mapping = vfio_find_mapping(edu->vfio, EDU_SCRATCH, EDU_BUFFER_SIZE);
	int err = 0;

	if (!mapping || mapping->iova != EDU_SCRATCH)
		err = vfio_map(edu->vfio, EDU_SCRATCH, EDU_BUFFER_SIZE, &mapping);
	if (!err)
		edu->scratch = mapping->memory;
	return err;
}

static int copy_pieces(const struct edu *edu, enum dma_direction direction, uint64_t iova,
		       uint64_t size, bool *reached)
{
	bool all = true;

	for (uint64_t done = 0; done < size; done += EDU_PIECE) {
		uint64_t piece = size - done < EDU_PIECE ? size - done : EDU_PIECE;
		bool one;
		int err = direction == DMA_TO_MEMORY ? to_memory(edu, iova + done, piece, &one)
						     : from_memory(edu, iova + done, piece, &one);

		if (err)
			return err;
		all &= one;
	}
	*reached = all;
	return 0;
}

int edu_dma(struct vfio_file *vfio, struct vfio_device *device, enum dma_direction direction,
	    uint64_t iova, uint64_t size, bool *reached)
{
	struct edu edu = {.vfio = vfio, .fd = device->fd};
	int err;

	if (size == 0 || size > EDU_BUFFER_SIZE)
		return -EINVAL;
	err = find_region(edu.fd, VFIO_PCI_CONFIG_REGION_INDEX, &edu.config);
	if (!err)
		err = check_ids(&edu);
	if (!err)
		err = find_region(edu.fd, VFIO_PCI_BAR0_REGION_INDEX, &edu.registers);
	if (!err)
		err = switch_dma_on(&edu);
	if (!err)
		err = map_scratch(&edu);
	if (!err)
		err = copy_pieces(&edu, direction, iova, size, reached);
	return err;
}
