/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces of our namespace: in use while they are up, or have an address, a route, a
 * master, an interface on top of them or a packet socket on them.
 *
 * sysfs shows the namespace of whoever mounted it, /proc/net and the kernel's answers are of that
 * of this process: of an interface that those do not know they tell nothing.
 */
#define _GNU_SOURCE
#include "array.h"
#include "proc_files.h"
#include "sysfs.h"
#include "uses.h"
#include "uses_elsewhere.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REASON_SIZE = 512, MOST_ADDRESSES = 4 }; /* addresses that are named */

/* One interface, and what is said of it so far. */
struct interface {
	const char *name;
	int index; /* 0: not told */
	char reason[REASON_SIZE];
	bool cut; /* there would be more to say than there is room for */
	unsigned int addresses;
};

/* What there is no room for is left out, with all that would come after it. */
__attribute__((format(printf, 2, 3))) static void say(struct interface *interface,
						      const char *format, ...)
{
	static const char more[] = ", ...";
	size_t length = strlen(interface->reason);
	char text[REASON_SIZE / 2];
	va_list args;

	if (interface->cut)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	interface->cut = length + 2 + strlen(text) + sizeof(more) > REASON_SIZE;
	snprintf(interface->reason + length, REASON_SIZE - length, "%s%s",
		 length > 0 && !interface->cut ? ", " : "", interface->cut ? more : text);
}

static unsigned int prefix_length(const struct sockaddr *mask)
{
	const uint8_t *bytes;
	size_t size;
	unsigned int length = 0;

	if (!mask)
		return 0;
	if (mask->sa_family == AF_INET) {
		bytes = (const uint8_t *)&((const struct sockaddr_in *)(const void *)mask)
				->sin_addr;
		size = 4;
	} else {
		bytes = ((const struct sockaddr_in6 *)(const void *)mask)->sin6_addr.s6_addr;
		size = 16;
	}
	for (size_t i = 0; i < size; i++)
		length += (unsigned int)__builtin_popcount(bytes[i]);
	return length;
}

static void say_address(struct interface *interface, const char *text, unsigned int length)
{
	if (interface->addresses++ < MOST_ADDRESSES)
		say(interface, "%s/%u", text, length);
}

/* Link-local addresses of IPv6 come by themselves with an interface that is up. */
static const void *address_bytes(const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;

	if (address->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	return IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ? NULL : &six->sin6_addr;
}

/* The kernel is asked when the first interface of a device is met. */
static int ask_for_addresses(struct networks *networks)
{
	if (!networks->asked && getifaddrs(&networks->addresses) != 0) {
		networks->addresses = NULL;
		networks->refused = -errno;
	}
	networks->asked = true;
	return networks->refused;
}

/* The kernel tells of each interface of our namespace, whether it has an address or not. */
static bool is_ours(const struct networks *networks, const struct interface *interface)
{
	for (const struct ifaddrs *at = networks->addresses; at; at = at->ifa_next) {
		if (at->ifa_addr && at->ifa_addr->sa_family == AF_PACKET &&
		    strcmp(at->ifa_name, interface->name) == 0 &&
		    ((const struct sockaddr_ll *)(const void *)at->ifa_addr)->sll_ifindex ==
			    interface->index)
			return true;
	}
	return false;
}

/* The kernel tells of an address by its label: "eth0:1". No interface has a colon in its name. */
static bool is_labelled(const struct ifaddrs *address, const struct interface *interface)
{
	size_t length = strcspn(address->ifa_name, ":");

	return strlen(interface->name) == length &&
	       strncmp(address->ifa_name, interface->name, length) == 0;
}

static int say_own_addresses(struct networks *networks, struct interface *interface)
{
	int err = ask_for_addresses(networks);

	if (err)
		return err;
	if (!is_ours(networks, interface))
		return -ENXIO;
	for (const struct ifaddrs *at = networks->addresses; at; at = at->ifa_next) {
		char text[INET6_ADDRSTRLEN];
		const void *bytes;

		if (!at->ifa_addr || !is_labelled(at, interface) ||
		    (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6))
			continue;
		bytes = address_bytes(at->ifa_addr);
		if (bytes && inet_ntop(at->ifa_addr->sa_family, bytes, text, sizeof(text)))
			say_address(interface, text, prefix_length(at->ifa_netmask));
	}
	return 0;
}

/* "20010db8000000000000000000000001 02 40 00 80 eth0": address, index, length of the prefix, ... */
static int look_at_address(void *context, char *line)
{
	struct interface *interface = context;
	char digits[33], name[IFNAMSIZ + 1], text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	unsigned int length;

	if (sscanf(line, "%32[0-9a-f] %*x %2x %*x %*x %16s", digits, &length, name) != 3 ||
	    strlen(digits) != 32 || strcmp(name, interface->name) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(address.s6_addr); i++)
		sscanf(&digits[2 * i], "%2hhx", &address.s6_addr[i]);
	if (!IN6_IS_ADDR_LINKLOCAL(&address) && inet_ntop(AF_INET6, &address, text, sizeof(text)))
		say_address(interface, text, length);
	return 0;
}

/* Of another host there are files only, and no file has addresses of IPv4. */
static int say_addresses(struct networks *networks, struct interface *interface)
{
	int err = networks->survey->live
			  ? say_own_addresses(networks, interface)
			  : proc_for_each_line(networks->survey->root, "proc/net/if_inet6",
					       look_at_address, interface);

	if (interface->addresses > MOST_ADDRESSES)
		say(interface, "%u more address%s", interface->addresses - MOST_ADDRESSES,
		    interface->addresses == MOST_ADDRESSES + 1 ? "" : "es");
	return err;
}

/* ---- routes ---- */

struct routes {
	const char *interface;
	unsigned int others;
	bool standard;
};

/* "eth0 00000000 0102000A ...": interface, destination, gateway. */
static int look_at_route(void *context, char *line)
{
	struct routes *routes = context;
	char name[IFNAMSIZ + 1], destination[9];

	if (sscanf(line, "%16s %8s", name, destination) != 2 ||
	    strcmp(name, routes->interface) != 0)
		return 0;
	if (strcmp(destination, "00000000") == 0)
		routes->standard = true;
	else
		routes->others++;
	return 0;
}

/* "000... 00 000... 00 fe80... 00000400 00000001 00000000 00000003 eth0": destination and the
 * length of its prefix. Routes of IPv6 other than the default come by themselves with addresses. */
static int look_at_route6(void *context, char *line)
{
	struct routes *routes = context;
	char destination[33], length[3], name[IFNAMSIZ + 1];

	if (sscanf(line, "%32s %2s %*s %*s %*s %*s %*s %*s %*s %16s", destination, length, name) ==
		    3 &&
	    strspn(destination, "0") == 32 && strcmp(length, "00") == 0 &&
	    strcmp(name, routes->interface) == 0)
		routes->standard = true;
	return 0;
}

static int say_routes(const struct survey *survey, struct interface *interface)
{
	struct routes routes = {.interface = interface->name};
	int err = proc_for_each_line(survey->root, "proc/net/route", look_at_route, &routes);

	if (!err)
		err = proc_for_each_line(survey->root, "proc/net/ipv6_route", look_at_route6,
					 &routes);
	if (routes.standard)
		say(interface, "default route");
	else if (routes.others > 0)
		say(interface, "%u route%s", routes.others, routes.others == 1 ? "" : "s");
	return err;
}

/* ---- what is on top ---- */

/* Links "upper_NAME" to what stands on the interface; its master is told of by itself. */
struct uppers {
	struct interface *interface;
	const char *master;
};

static int look_at_upper(void *context, int folder, const char *name)
{
	static const char prefix[] = "upper_";
	struct uppers *uppers = context;

	if (strncmp(name, prefix, strlen(prefix)) == 0 &&
	    strcmp(name + strlen(prefix), uppers->master) != 0)
		say(uppers->interface, "below %s", name + strlen(prefix));
	return 0;
}

static int say_company(const struct survey *survey, const char *path, struct interface *interface)
{
	struct uppers uppers = {.interface = interface, .master = ""};
	char master[NAME_MAX + 1];
	int directory = sysfs_open(survey->root, path, O_PATH | O_DIRECTORY);
	int err;

	if (directory < 0)
		return sysfs_unless_absent(directory);
	err = sysfs_link_name(directory, "master", master, sizeof(master));
	close(directory);
	if (err && !sysfs_is_absent(err))
		return err;
	if (!err) {
		say(interface, "port of %s", master);
		uppers.master = master;
	}
	return sysfs_for_each_entry(survey->root, path, look_at_upper, &uppers);
}

struct sockets {
	const struct interface *interface;
	bool any;
};

/* "00000000f1c8 3 3 0003 2 1 0 0 17423": the fifth number is the interface's, 0 for all of them. */
static int look_at_socket(void *context, char *line)
{
	struct sockets *sockets = context;
	int index;

	if (sscanf(line, "%*s %*d %*d %*x %d", &index) != 1 || index == 0)
		return 0;
	if (sockets->interface->index == 0)
		return -ENODATA;
	sockets->any |= index == sockets->interface->index;
	return 0;
}

/* Who listens on an interface that is up is not worth a word. */
static int say_sockets(const struct survey *survey, struct interface *interface)
{
	struct sockets sockets = {.interface = interface};
	int err;

	if (*interface->reason)
		return 0;
	err = proc_for_each_line(survey->root, "proc/net/packet", look_at_socket, &sockets);
	if (sockets.any)
		say(interface, "a packet socket is on it");
	return err;
}

/* ---- one interface ---- */

/* Stores a number that is all of an attribute. -EBADMSG: it is something else. */
static int read_number(const struct survey *survey, const char *path, const char *name, int base,
		       unsigned long *out)
{
	char attribute[600], text[32], *end;
	unsigned long number;
	int length;

	snprintf(attribute, sizeof(attribute), "%s/%s", path, name);
	length = sysfs_read_path(survey->root, attribute, text, sizeof(text));
	if (length < 0)
		return length;
	if (!isxdigit((unsigned char)*text))
		return -EBADMSG;
	number = strtoul(text, &end, base);
	if (*end || number > INT_MAX)
		return -EBADMSG;
	*out = number;
	return 0;
}

/* A recorded tree may go without flags. Of a running system they are gone with their interface
 * only. */
static int check_missing_flags(const struct survey *survey, const char *path, int err)
{
	struct answer there;

	if (!survey->live || err == -ENODEV)
		return 0;
	there = sysfs_exists(survey->root, path);
	if (there.hidden_by)
		return there.hidden_by;
	return answer_is_yes(there) ? -ENODATA : 0;
}

static int read_interface(const struct survey *survey, const char *path,
			  struct interface *interface)
{
	unsigned long index = 0, flags = 0;
	int unnumbered = sysfs_unless_absent(read_number(survey, path, "ifindex", 10, &index));
	int err = read_number(survey, path, "flags", 16, &flags);

	interface->index = (int)index;
	if (flags & IFF_UP)
		say(interface, "up");
	if (sysfs_is_absent(err))
		err = check_missing_flags(survey, path, err);
	return err ? err : unnumbered;
}

struct listing {
	const char *interface;
	bool lines, listed;
};

/* "  eth0:  12345  67 ..." below two lines of headings. */
static int look_at_listed(void *context, char *line)
{
	struct listing *listing = context;
	char *name = line + strspn(line, " "), *end = strchr(name, ':');

	listing->lines = true;
	if (end)
		*end = '\0';
	listing->listed |= strcmp(name, listing->interface) == 0;
	return 0;
}

/*
 * Whether /proc/net is of the namespace that has the interface. Its list of interfaces is there
 * whatever protocols the kernel has: of one that has no file beside it, there is nothing. A
 * recorded root may go without the list.
 */
static int check_listed(const struct survey *survey, const struct interface *interface)
{
	struct listing listing = {.interface = interface->name};
	int err = sysfs_for_each_line(survey->root, "proc/net/dev", look_at_listed, &listing);

	if (sysfs_is_absent(err))
		return survey->live ? -ENODATA : proc_absence(survey->root);
	if (err)
		return err;
	return (listing.lines || survey->live) && !listing.listed ? -ENXIO : 0;
}

/* What is known is said, whatever is not. */
static int say_all(struct networks *networks, const char *path, struct interface *interface)
{
	const struct survey *survey = networks->survey;
	int attributes = read_interface(survey, path, interface);
	int protocols = check_listed(survey, interface), company, sockets;

	if (!protocols)
		protocols = say_addresses(networks, interface);
	if (!protocols)
		protocols = say_routes(survey, interface);
	company = say_company(survey, path, interface);
	sockets = say_sockets(survey, interface);
	if (attributes)
		return attributes;
	if (protocols)
		return protocols;
	return company ? company : sockets;
}

static int add_quiet(struct networks *networks, struct device_facts *device,
		     const struct interface *interface)
{
	struct quiet_interface *more =
		array_with_room(networks->quiet, networks->quiet_count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	networks->quiet = more;
	more = &networks->quiet[networks->quiet_count++];
	*more = (struct quiet_interface) {.device = device, .index = interface->index};
	snprintf(more->name, sizeof(more->name), "%s", interface->name);
	return 0;
}

static int look_at_interface(void *context, int folder, const char *name)
{
	static const char about[] = "network interfaces";
	struct networks *networks = context;
	struct interface interface = {.name = name};
	struct device_facts *device = NULL;
	char path[512];
	int err, failed;

	snprintf(path, sizeof(path), "sys/class/net/%s", name);
	err = device_behind(networks->survey, path, &device);
	if (err || !device)
		return note_unknown(networks->survey, NULL, about, sysfs_unless_absent(err));
	err = say_all(networks, path, &interface);
	failed = note_unknown(networks->survey, device, about, err);
	if (failed)
		return failed;
	if (*interface.reason)
		return add_use(device, "network", name, "%s", interface.reason);
	return err ? 0 : add_quiet(networks, device, &interface);
}

int find_network_uses(const struct survey *survey)
{
	struct networks networks = {.survey = survey};
	int err = sysfs_for_each_entry_if_any(survey->root, "sys/class/net", look_at_interface,
					      &networks);
	int failed = find_uses_elsewhere(&networks);

	if (networks.addresses)
		freeifaddrs(networks.addresses);
	free(networks.quiet);
	return err ? err : failed;
}
