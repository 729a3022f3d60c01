/* SPDX-License-Identifier: MIT */
/*
 * Listens to the kernel itself: there need not be a udev daemon, nor are its rules waited for. Only
 * the kernel's messages count: who else may send to its group (root) has an address, the kernel has
 * none.
 */
#include "uevents.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KERNEL_GROUP = 1, LONGEST_MESSAGE = 8192 };

int uevents_open(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* The value of a message's name, which stands in the message with its NUL; NULL if it has none. */
static const char *value_of(const char *message, size_t size, const char *name)
{
	size_t length = strlen(name);

	for (const char *word = message, *end = message + size; word < end;
	     word += strlen(word) + 1)
		if (strncmp(word, name, length) == 0 && word[length] == '=')
			return word + length + 1;
	return NULL;
}

int uevent_parse(const char *message, size_t size, struct uevent *out)
{
	const char *path, *subsystem;

	if (size == 0 || message[size - 1] != '\0')
		return -EINVAL;
	path = value_of(message, size, "DEVPATH");
	subsystem = value_of(message, size, "SUBSYSTEM");
	if (!path || *path != '/' || strlen(path) + sizeof("/sys") > sizeof(out->syspath) ||
	    !subsystem || strlen(subsystem) >= sizeof(out->subsystem))
		return -EINVAL;
	snprintf(out->syspath, sizeof(out->syspath), "/sys%s", path);
	snprintf(out->subsystem, sizeof(out->subsystem), "%s", subsystem);
	return 0;
}

/* What was cut short is as lost as what the socket had no room for. Another process's message has
 * no size. */
static int receive(int socket, char *message, size_t *size)
{
	struct sockaddr_nl from = {0};
	struct iovec where = {.iov_base = message, .iov_len = *size};
	struct msghdr header = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &where, .msg_iovlen = 1};
	ssize_t length;

	do {
		length = recvmsg(socket, &header, 0);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	*size = from.nl_pid == 0 ? (size_t)length : 0;
	return header.msg_flags & MSG_TRUNC ? -ENOBUFS : 0;
}

int uevents_next(int socket, struct uevent *out)
{
	char message[LONGEST_MESSAGE];

	for (;;) {
		size_t size = sizeof(message);
		int err = receive(socket, message, &size);

		if (err)
			return err;
		/* The kernel names a device in each of its messages: one that can't be read is
		 * lost. */
		if (size > 0)
			return uevent_parse(message, size, out) == 0 ? 0 : -ENOBUFS;
	}
}
