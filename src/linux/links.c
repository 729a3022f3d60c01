/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "links.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* The kernel fills a datagram of a dump up to what the reader has room for, at most so much. */
enum { DATAGRAM_SIZE = 32768 };

int links_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

/* Stores one datagram and returns its length, which is not 0. */
static int receive(int links, void *out, size_t size)
{
	ssize_t length = recv(links, out, size, MSG_TRUNC);

	if (length < 0)
		return -errno;
	if (length == 0)
		return -EPROTO;
	return (size_t)length > size ? -EMSGSIZE : (int)length;
}

static int error_of(const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) || !error->error)
		return -EPROTO;
	return error->error;
}

/* ---- attributes ---- */

/* The attributes of a message behind its body. */
struct attributes {
	const struct rtattr *first;
	int length; /* signed: the kernel's macros go below 0 where the last one is not padded */
};

static struct attributes attributes_of(const struct nlmsghdr *message, size_t body)
{
	int before = NLMSG_SPACE((int)body);

	if ((int)message->nlmsg_len < before)
		return (struct attributes) {0};
	return (struct attributes) {
		.first = (const void *)((const char *)message + before),
		.length = (int)message->nlmsg_len - before,
	};
}

static const struct rtattr *find_attribute(struct attributes attributes, int type)
{
	const struct rtattr *at = attributes.first;
	int length = attributes.length;

	for (; RTA_OK(at, length); at = RTA_NEXT(at, length)) {
		if (at->rta_type == type)
			return at;
	}
	return NULL;
}

static int number_in(struct attributes attributes, int type, int otherwise)
{
	const struct rtattr *attribute = find_attribute(attributes, type);
	int number = otherwise;

	if (attribute && RTA_PAYLOAD(attribute) == sizeof(number))
		memcpy(&number, RTA_DATA(attribute), sizeof(number));
	return number;
}

static const char *text_in(struct attributes attributes, int type)
{
	const struct rtattr *attribute = find_attribute(attributes, type);
	const char *text = attribute ? RTA_DATA(attribute) : NULL;

	return text && memchr(text, '\0', RTA_PAYLOAD(attribute)) ? text : NULL;
}

/* ---- interfaces ---- */

/* What becomes of an answer of several datagrams. */
struct telling {
	int (*visit)(void *context, const struct link *link);
	void *context;
	bool interrupted; /* the links changed meanwhile */
	bool ended;
};

static int show_link(const struct telling *telling, const struct nlmsghdr *message)
{
	struct attributes attributes = attributes_of(message, sizeof(struct ifinfomsg));
	struct link link = {
		.name = text_in(attributes, IFLA_IFNAME),
		.parent = text_in(attributes, IFLA_PARENT_DEV_NAME),
		.lower = number_in(attributes, IFLA_LINK, 0),
		.lower_namespace = number_in(attributes, IFLA_LINK_NETNSID, -1),
	};

	return link.name ? telling->visit(telling->context, &link) : -EPROTO;
}

/* The end has what went wrong, if anything. */
static int hear_end(struct telling *telling, const struct nlmsghdr *message)
{
	int err = 0;

	telling->ended = true;
	if (message->nlmsg_len >= NLMSG_LENGTH(sizeof(err)))
		memcpy(&err, NLMSG_DATA(message), sizeof(err));
	return err < 0 ? err : 0;
}

/* As NLMSG_OK(), whose comparison clang does not take. */
static bool is_whole(const struct nlmsghdr *message, int length)
{
	return length >= (int)sizeof(*message) && message->nlmsg_len >= sizeof(*message) &&
	       message->nlmsg_len <= (unsigned int)length;
}

/* What is left over is no message. */
static int hear(struct telling *telling, const struct nlmsghdr *message, int length)
{
	int err = 0;

	for (; !err && !telling->ended && is_whole(message, length);
	     message = NLMSG_NEXT(message, length)) {
		telling->interrupted |= message->nlmsg_flags & NLM_F_DUMP_INTR;
		if (message->nlmsg_type == NLMSG_DONE)
			err = hear_end(telling, message);
		else if (message->nlmsg_type == NLMSG_ERROR)
			err = error_of(message);
		else if (message->nlmsg_type == RTM_NEWLINK)
			err = show_link(telling, message);
	}
	return err || telling->ended || length <= 0 ? err : -EPROTO;
}

int links_for_each(int links, int (*visit)(void *context, const struct link *link), void *context)
{
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg body;
	} question = {
		.header = {.nlmsg_len = sizeof(question),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	};
	struct telling telling = {.visit = visit, .context = context};
	char datagram[DATAGRAM_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	int err = 0;

	if (send(links, &question, sizeof(question), 0) < 0)
		return -errno;
	while (!err && !telling.ended) {
		int length = receive(links, datagram, sizeof(datagram));

		err = length < 0 ? length : hear(&telling, (const void *)datagram, length);
	}
	return err || !telling.interrupted ? err : -EINTR;
}

int links_name_namespace(int links, int namespace, int *out)
{
	const struct {
		struct nlmsghdr header;
		struct rtgenmsg body __attribute__((aligned(NLMSG_ALIGNTO)));
		struct rtattr attribute __attribute__((aligned(NLMSG_ALIGNTO)));
		int descriptor;
	} question = {
		.header = {.nlmsg_len = sizeof(question),
			   .nlmsg_type = RTM_GETNSID,
			   .nlmsg_flags = NLM_F_REQUEST},
		.attribute = {.rta_len = RTA_LENGTH(sizeof(int)), .rta_type = NETNSA_FD},
		.descriptor = namespace,
	};
	char datagram[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *message = (const void *)datagram;
	int length;

	if (send(links, &question, sizeof(question), 0) < 0)
		return -errno;
	length = receive(links, datagram, sizeof(datagram));
	if (length < 0)
		return length;
	if (!is_whole(message, length))
		return -EPROTO;
	if (message->nlmsg_type != RTM_NEWNSID)
		return message->nlmsg_type == NLMSG_ERROR ? error_of(message) : -EPROTO;
	*out = number_in(attributes_of(message, sizeof(struct rtgenmsg)), NETNSA_NSID, -1);
	return 0;
}
