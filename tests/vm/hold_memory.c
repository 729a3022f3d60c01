/* SPDX-License-Identifier: MIT */
/*
 * Claims an IOMMU group as a user does and maps a page of its own: hold_memory NODE ADDRESS, an I/O
 * address in hexadecimal. Prints its process id when the page is there; when there is a byte to
 * read, prints "touched" if something has written to the page, else "untouched", and ends.
 */
#include "user_group.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, NOT_ZERO = 0x75 };

static void map(const char *node, void *page, uint64_t address)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uint64_t)(uintptr_t)page,
		.iova = address & ~(uint64_t)(PAGE - 1),
		.size = PAGE,
	};
	int group, container = open_user_group(node, &group);

	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &map) != 0)
		err(1, "the page cannot be mapped");
}

int main(int argc, char **argv)
{
	unsigned char *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t at = 0;
	char byte;

	if (argc != 3 || page == MAP_FAILED)
		errx(2, "usage: hold_memory NODE ADDRESS");
	memset(page, NOT_ZERO, PAGE);
	map(argv[1], page, strtoull(argv[2], NULL, 0));
	printf("%d\n", (int)getpid());
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) != 1)
		return 1;
	while (at < PAGE && ((volatile unsigned char *)page)[at] == NOT_ZERO)
		at++;
	puts(at < PAGE ? "touched" : "untouched");
	return 0;
}
