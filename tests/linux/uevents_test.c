/* SPDX-License-Identifier: MIT */
/* A uevent tells which device it is of, or is none; only the kernel's count. */
#include "rows.h"
#include "uevents.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT(text) text, sizeof(text)

struct row {
	const char *name;
	const char *message;
	size_t size;
	const char *syspath, *subsystem; /* NULL: it is of no device */
};

static const struct row rows[] = {
	{"device@bound",
	 TEXT("bind@/devices/pci0000:00/0000:00:02.0\0ACTION=bind\0"
	      "DEVPATH=/devices/pci0000:00/0000:00:02.0\0SUBSYSTEM=pci\0DRIVER=e1000\0SEQNUM=7"),
	 "/sys/devices/pci0000:00/0000:00:02.0", "pci"},
	{"device@names-in-another-order", TEXT("x@/y\0SUBSYSTEM=platform\0DEVPATH=/y"), "/sys/y",
	 "platform"},
	{"device@value-with-equals-sign", TEXT("DEVPATH=/a=b\0SUBSYSTEM=pci"), "/sys/a=b", "pci"},
	{"device@the-first-counts", TEXT("DEVPATH=/a\0DEVPATH=/b\0SUBSYSTEM=pci"), "/sys/a", "pci"},
	{"none@nothing", "", 0, NULL, NULL},
	{"none@nul", TEXT(""), NULL, NULL},
	{"none@no-end", "DEVPATH=/a\0SUBSYSTEM=pci", 24, NULL, NULL},
	{"none@no-path", TEXT("add@/a\0SUBSYSTEM=pci"), NULL, NULL},
	{"none@no-subsystem", TEXT("add@/a\0DEVPATH=/a"), NULL, NULL},
	{"none@path-that-is-relative", TEXT("DEVPATH=a\0SUBSYSTEM=pci"), NULL, NULL},
	{"none@path-that-is-empty", TEXT("DEVPATH=\0SUBSYSTEM=pci"), NULL, NULL},
	{"none@name-without-value", TEXT("DEVPATH\0SUBSYSTEM=pci"), NULL, NULL},
	{"none@longer-name", TEXT("DEVPATH_OLD=/a\0SUBSYSTEM=pci"), NULL, NULL},
	{"none@name-inside-a-value", TEXT("X=DEVPATH=/a\0SUBSYSTEM=pci"), NULL, NULL},
	{"none@subsystem-of-34-letters",
	 TEXT("DEVPATH=/a\0SUBSYSTEM=abcdefghijklmnopqrstuvwxyzabcdefgh"), NULL, NULL},
	{"none@udevs-own", TEXT("libudev\0\xfe\xed\xca\xfe"), NULL, NULL},
};

static void a_message_is_of_its_device(void **state)
{
	const struct row *row = *state;
	struct uevent uevent = {"before", "before"};
	/* Exactly as long as the message, for valgrind and sanitizers. */
	char *message = malloc(row->size ? row->size : 1);

	assert_non_null(message);
	memcpy(message, row->message, row->size);
	assert_int_equal(uevent_parse(message, row->size, &uevent), row->syspath ? 0 : -EINVAL);
	assert_string_equal(uevent.syspath, row->syspath ? row->syspath : "before");
	assert_string_equal(uevent.subsystem, row->subsystem ? row->subsystem : "before");
	free(message);
}

/* A message whose path is that long. */
static int parse_path_of(size_t length, struct uevent *uevent)
{
	char message[2 * PATH_MAX] = "SUBSYSTEM=pci\0DEVPATH=";
	size_t begin = sizeof("SUBSYSTEM=pci\0DEVPATH=") - 1;

	memset(message + begin, '/', length);
	return uevent_parse(message, begin + length + 1, uevent);
}

static void a_path_fits_or_is_none(void **state)
{
	struct uevent uevent = {"", ""};

	assert_int_equal(parse_path_of(PATH_MAX - sizeof("/sys"), &uevent), 0);
	assert_int_equal(strlen(uevent.syspath), PATH_MAX - 1);
	assert_int_equal(parse_path_of(PATH_MAX - sizeof("/sys") + 1, &uevent), -EINVAL);
}

/* Two sockets in place of netlink's, whose messages come from no address: as the kernel's. */
static void what_names_no_device_is_lost(void **state)
{
	struct uevent uevent;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	assert_int_equal(send(ends[1], TEXT("add@/a\0DEVPATH=/a"), 0),
			 sizeof("add@/a\0DEVPATH=/a"));
	assert_int_equal(send(ends[1], TEXT("DEVPATH=/b\0SUBSYSTEM=pci"), 0),
			 sizeof("DEVPATH=/b\0SUBSYSTEM=pci"));
	assert_int_equal(uevents_next(ends[0], &uevent), -ENOBUFS);
	assert_int_equal(uevents_next(ends[0], &uevent), 0);
	assert_string_equal(uevent.syspath, "/sys/b");
	assert_int_equal(uevents_next(ends[0], &uevent), -EAGAIN);
	close(ends[0]);
	close(ends[1]);
}

static void what_was_cut_short_is_lost(void **state)
{
	static char message[10000] = "DEVPATH=/b\0SUBSYSTEM=pci";
	struct uevent uevent;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	assert_int_equal(send(ends[1], message, sizeof(message), 0), sizeof(message));
	assert_int_equal(uevents_next(ends[0], &uevent), -ENOBUFS);
	close(ends[0]);
	close(ends[1]);
}

/* Root may send to the kernel's group, but not from the kernel's address. */
static void another_processes_message_is_none(void **state)
{
	static const char message[] = "DEVPATH=/b\0SUBSYSTEM=pci";
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	socklen_t size = sizeof(address);
	struct uevent uevent;
	int to = uevents_open(), from = uevents_open();

	assert_true(to >= 0 && from >= 0);
	assert_int_equal(getsockname(to, (struct sockaddr *)&address, &size), 0);
	address.nl_groups = 0;
	if (sendto(from, message, sizeof(message), 0, (struct sockaddr *)&address, size) < 0)
		assert_true(errno == EPERM || errno == ECONNREFUSED);
	while (uevents_next(to, &uevent) == 0)
		assert_string_not_equal(uevent.syspath, "/sys/b");
	close(to);
	close(from);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_fits_or_is_none),
		cmocka_unit_test(what_names_no_device_is_lost),
		cmocka_unit_test(what_was_cut_short_is_lost),
		cmocka_unit_test(another_processes_message_is_none),
	};
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, a_message_is_of_its_device);
	ADD_TESTS(&suite, tests);
	return suite_run(&suite, "uevents");
}
