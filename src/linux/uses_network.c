/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces: in use while they are up, or have an address, a route, a master or an
 * interface on top of them.
 */
#define _GNU_SOURCE
#include "sysfs.h"
#include "uses.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REASON_SIZE = 512 };

struct networks {
	const struct search *search;
	struct ifaddrs *addresses; /* NULL: not asked for yet, or none */
	bool asked;
};

/* One interface, and what is said of it so far. */
struct interface {
	const char *name;
	char reason[REASON_SIZE];
};

__attribute__((format(printf, 2, 3))) static void say(struct interface *interface,
						      const char *format, ...)
{
	size_t length = strlen(interface->reason);
	va_list args;

	if (length > 0)
		length += (size_t)snprintf(interface->reason + length, REASON_SIZE - length, ", ");
	if (length >= REASON_SIZE)
		return;
	va_start(args, format);
	vsnprintf(interface->reason + length, REASON_SIZE - length, format, args);
	va_end(args);
}

static int prefix_length(const struct sockaddr *mask)
{
	const uint8_t *bytes;
	size_t size;
	int length = 0;

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
		length += __builtin_popcount(bytes[i]);
	return length;
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
static void say_own_addresses(struct networks *networks, struct interface *interface)
{
	if (!networks->asked && getifaddrs(&networks->addresses) != 0)
		networks->addresses = NULL;
	networks->asked = true;
	for (const struct ifaddrs *at = networks->addresses; at; at = at->ifa_next) {
		char text[INET6_ADDRSTRLEN];
		const void *bytes;

		if (!at->ifa_addr || strcmp(at->ifa_name, interface->name) != 0 ||
		    (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6))
			continue;
		bytes = address_bytes(at->ifa_addr);
		if (bytes && inet_ntop(at->ifa_addr->sa_family, bytes, text, sizeof(text)))
			say(interface, "%s/%d", text, prefix_length(at->ifa_netmask));
	}
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
		say(interface, "%s/%u", text, length);
	return 0;
}

/* Of another host there are files only, and no file has addresses of IPv4. */
static int say_addresses(struct networks *networks, struct interface *interface)
{
	if (!networks->search->live)
		return sysfs_for_each_line_if_any(networks->search->root, "proc/net/if_inet6",
						  look_at_address, interface);
	say_own_addresses(networks, interface);
	return 0;
}

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

static int say_routes(const struct search *search, struct interface *interface)
{
	struct routes routes = {.interface = interface->name};
	int err =
		sysfs_for_each_line_if_any(search->root, "proc/net/route", look_at_route, &routes);

	if (!err)
		err = sysfs_for_each_line_if_any(search->root, "proc/net/ipv6_route",
						 look_at_route6, &routes);
	if (routes.standard)
		say(interface, "default route");
	else if (routes.others > 0)
		say(interface, "%u route%s", routes.others, routes.others == 1 ? "" : "s");
	return err;
}

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

static int say_company(const struct search *search, const char *path, struct interface *interface)
{
	struct uppers uppers = {.interface = interface, .master = ""};
	char master[64];
	int directory = sysfs_open(search->root, path, O_PATH | O_DIRECTORY);

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
	return sysfs_for_each_entry(search->root, path, look_at_upper, &uppers);
}

static int say_flags(const struct search *search, const char *path, struct interface *interface)
{
	char attribute[600], text[32];
	int length;

	snprintf(attribute, sizeof(attribute), "%s/flags", path);
	length = sysfs_read_path(search->root, attribute, text, sizeof(text));
	if (length < 0)
		return sysfs_unless_absent(length);
	if (strtoul(text, NULL, 16) & IFF_UP)
		say(interface, "up");
	return 0;
}

static int look_at_interface(void *context, int folder, const char *name)
{
	struct networks *networks = context;
	struct interface interface = {.name = name};
	struct device_facts *device = NULL;
	char path[512];
	int err;

	snprintf(path, sizeof(path), "sys/class/net/%s", name);
	err = device_behind(networks->search, path, &device);
	if (err || !device)
		return note_unknown(networks->search, NULL, name, sysfs_unless_absent(err));
	err = say_flags(networks->search, path, &interface);
	if (!err)
		err = say_addresses(networks, &interface);
	if (!err)
		err = say_routes(networks->search, &interface);
	if (!err)
		err = say_company(networks->search, path, &interface);
	if (err)
		err = note_unknown(networks->search, device, name, err);
	if (err || !*interface.reason)
		return err;
	return add_use(device, "network", name, "%s", interface.reason);
}

static int is_entry(void *context, int folder, const char *name)
{
	return 1;
}

/*
 * Each process sees the interfaces of its own network only: what a container has been given is
 * gone from here, but the folder that it stood in remains.
 */
static int find_interfaces_elsewhere(const struct search *search, struct device_facts *device)
{
	struct answer there;
	char path[512];
	int err;

	if (!device->driver || (device->class && strncmp(device->class, "02", 2) != 0))
		return 0;
	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s/net", device->bus, device->address);
	there = sysfs_exists(search->root, path);
	if (!answer_is_yes(there))
		return note_unknown(search, device, "network interfaces", there.hidden_by);
	err = sysfs_for_each_entry_if_any(search->root, path, is_entry, NULL);
	if (err)
		return err > 0 ? 0 : note_unknown(search, device, "network interfaces", err);
	return add_use(device, "network", "net",
		       "an interface of it is in another network namespace");
}

int find_network_uses(const struct search *search)
{
	struct networks networks = {.search = search};
	int err = sysfs_for_each_entry_if_any(search->root, "sys/class/net", look_at_interface,
					      &networks);
	for (size_t i = 0; i < search->facts->device_count && !err; i++)
		err = find_interfaces_elsewhere(search, &search->facts->devices[i]);
	if (networks.addresses)
		freeifaddrs(networks.addresses);
	return err;
}
