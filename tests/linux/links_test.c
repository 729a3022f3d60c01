/* SPDX-License-Identifier: MIT */
/* What rtnetlink answers, from the other end of a socket: links, their end, and what is no answer.
 */
#define _GNU_SOURCE
#include "links.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A datagram that is being written. */
struct datagram {
	_Alignas(8) char bytes[65536];
	size_t length;
	struct nlmsghdr *message; /* the last one */
};

struct wire {
	int ours, kernels;
	char told[4096];
};

static void begin(struct datagram *datagram, int type, int flags, const void *body, size_t size)
{
	datagram->message = (void *)(datagram->bytes + datagram->length);
	*datagram->message = (struct nlmsghdr) {.nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
						.nlmsg_type = (uint16_t)type,
						.nlmsg_flags = (uint16_t)flags};
	memcpy(NLMSG_DATA(datagram->message), body, size);
	datagram->length += NLMSG_SPACE(size);
}

static void add(struct datagram *datagram, int type, const void *value, size_t size)
{
	struct rtattr *attribute = (void *)(datagram->bytes + datagram->length);

	*attribute =
		(struct rtattr) {.rta_type = (uint16_t)type, .rta_len = (uint16_t)RTA_LENGTH(size)};
	memcpy(RTA_DATA(attribute), value, size);
	datagram->length += RTA_SPACE(size);
	datagram->message->nlmsg_len =
		(uint32_t)(datagram->bytes + datagram->length - (char *)datagram->message);
}

static void add_link(struct datagram *datagram, int flags, const char *name)
{
	begin(datagram, RTM_NEWLINK, flags, &(struct ifinfomsg) {0}, sizeof(struct ifinfomsg));
	if (name)
		add(datagram, IFLA_IFNAME, name, strlen(name) + 1);
}

static void add_end(struct datagram *datagram, int error)
{
	begin(datagram, NLMSG_DONE, 0, &error, sizeof(error));
}

static void say(const struct wire *wire, const struct datagram *datagram)
{
	assert_int_equal(send(wire->kernels, datagram->bytes, datagram->length, 0),
			 datagram->length);
}

static int tell(void *context, const struct link *link)
{
	struct wire *wire = context;
	size_t length = strlen(wire->told);

	snprintf(wire->told + length, sizeof(wire->told) - length, "%s %s %d %d\n", link->name,
		 link->parent ? link->parent : "-", link->lower, link->lower_namespace);
	return 0;
}

static void expect(struct wire *wire, int result, const char *told)
{
	assert_int_equal(links_for_each(wire->ours, tell, wire), result);
	assert_string_equal(wire->told, told);
}

static int open_wire(void **state)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	int ends[2];

	if (!wire || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	wire->ours = ends[0];
	wire->kernels = ends[1];
	*state = wire;
	return 0;
}

static int close_wire(void **state)
{
	struct wire *wire = *state;

	close(wire->ours);
	close(wire->kernels);
	free(wire);
	return 0;
}

static void links_of_several_datagrams(void **state)
{
	struct wire *wire = *state;
	struct datagram first = {0}, second = {0};

	add_link(&first, 0, "lo");
	add_link(&first, 0, "top0");
	add(&first, IFLA_LINK, &(int) {2}, sizeof(int));
	add(&first, IFLA_LINK_NETNSID, &(int) {0}, sizeof(int));
	add_link(&second, 0, "eth0");
	add(&second, IFLA_PARENT_DEV_NAME, "0000:01:00.0", sizeof("0000:01:00.0"));
	add_end(&second, 0);
	say(wire, &first);
	say(wire, &second);
	expect(wire, 0, "lo - 0 -1\ntop0 - 2 0\neth0 0000:01:00.0 0 -1\n");
}

static void what_follows_an_interruption_is_told(void **state)
{
	struct wire *wire = *state;
	struct datagram first = {0}, second = {0};

	add_link(&first, NLM_F_DUMP_INTR, "lo");
	add_link(&second, 0, "eth0");
	add_end(&second, 0);
	say(wire, &first);
	say(wire, &second);
	expect(wire, -EINTR, "lo - 0 -1\neth0 - 0 -1\n");
}

static void an_end_with_an_error(void **state)
{
	struct datagram datagram = {0};

	add_link(&datagram, 0, "lo");
	add_end(&datagram, -ENOMEM);
	say(*state, &datagram);
	expect(*state, -ENOMEM, "lo - 0 -1\n");
}

static void an_error(void **state)
{
	struct datagram datagram = {0};

	begin(&datagram, NLMSG_ERROR, 0, &(struct nlmsgerr) {.error = -EPERM},
	      sizeof(struct nlmsgerr));
	say(*state, &datagram);
	expect(*state, -EPERM, "");
}

static void a_link_without_a_name(void **state)
{
	struct datagram datagram = {0};

	add_link(&datagram, 0, NULL);
	say(*state, &datagram);
	expect(*state, -EPROTO, "");
}

static void a_name_without_an_end(void **state)
{
	struct datagram datagram = {0};

	add_link(&datagram, 0, NULL);
	add(&datagram, IFLA_IFNAME, "eth0", 4);
	say(*state, &datagram);
	expect(*state, -EPROTO, "");
}

static void numbers_of_another_size(void **state)
{
	struct datagram datagram = {0};

	add_link(&datagram, 0, "eth0");
	add(&datagram, IFLA_LINK, "\7", 1);
	add_end(&datagram, 0);
	say(*state, &datagram);
	expect(*state, 0, "eth0 - 0 -1\n");
}

static void an_attribute_that_is_too_long(void **state)
{
	struct datagram datagram = {0};
	struct rtattr *attribute;

	add_link(&datagram, 0, NULL);
	attribute = (void *)(datagram.bytes + datagram.length);
	add(&datagram, IFLA_IFNAME, "eth0", 5);
	attribute->rta_len = 1000;
	say(*state, &datagram);
	expect(*state, -EPROTO, "");
}

static void a_message_that_is_too_long(void **state)
{
	struct datagram datagram = {0};

	add_link(&datagram, 0, "eth0");
	datagram.message->nlmsg_len = 1000;
	say(*state, &datagram);
	expect(*state, -EPROTO, "");
}

static void a_datagram_that_is_cut_off(void **state)
{
	struct datagram datagram = {0};

	add_link(&datagram, 0, "eth0");
	datagram.length = 40000;
	say(*state, &datagram);
	expect(*state, -EMSGSIZE, "");
}

static void nothing_more(void **state)
{
	struct wire *wire = *state;
	struct datagram datagram = {0};

	add_link(&datagram, 0, "eth0");
	say(wire, &datagram);
	assert_int_equal(shutdown(wire->kernels, SHUT_WR), 0);
	expect(wire, -EPROTO, "eth0 - 0 -1\n");
}

static void the_name_of_a_namespace(void **state)
{
	struct wire *wire = *state;
	struct datagram datagram = {0}, other = {0};
	int name = 5;

	begin(&datagram, RTM_NEWNSID, 0, &(struct rtgenmsg) {0}, sizeof(struct rtgenmsg));
	add(&datagram, NETNSA_NSID, &(int) {3}, sizeof(int));
	say(wire, &datagram);
	assert_int_equal(links_name_namespace(wire->ours, 0, &name), 0);
	assert_int_equal(name, 3);
	begin(&other, RTM_NEWNSID, 0, &(struct rtgenmsg) {0}, sizeof(struct rtgenmsg));
	say(wire, &other);
	assert_int_equal(links_name_namespace(wire->ours, 0, &name), 0);
	assert_int_equal(name, -1);
}

static void no_name_of_a_namespace(void **state)
{
	struct wire *wire = *state;
	struct datagram datagram = {0}, other = {0};
	int name = 5;

	begin(&datagram, NLMSG_ERROR, 0, &(struct nlmsgerr) {.error = -EBADF},
	      sizeof(struct nlmsgerr));
	say(wire, &datagram);
	assert_int_equal(links_name_namespace(wire->ours, 0, &name), -EBADF);
	add_link(&other, 0, "eth0");
	say(wire, &other);
	assert_int_equal(links_name_namespace(wire->ours, 0, &name), -EPROTO);
	assert_int_equal(name, 5);
}

#define WIRED(test) cmocka_unit_test_setup_teardown(test, open_wire, close_wire)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WIRED(links_of_several_datagrams),
		WIRED(what_follows_an_interruption_is_told),
		WIRED(an_end_with_an_error),
		WIRED(an_error),
		WIRED(a_link_without_a_name),
		WIRED(a_name_without_an_end),
		WIRED(numbers_of_another_size),
		WIRED(an_attribute_that_is_too_long),
		WIRED(a_message_that_is_too_long),
		WIRED(a_datagram_that_is_cut_off),
		WIRED(nothing_more),
		WIRED(the_name_of_a_namespace),
		WIRED(no_name_of_a_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
