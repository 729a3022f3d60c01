/* SPDX-License-Identifier: MIT */
/*
 * Who may open a group: /dev/vfio/N, its owner, mode and access list.
 *
 * The node is opened once, as a place only (O_PATH: to really open it would take the group), and
 * all is done to that: by its descriptor, or where the kernels that we know have no such call
 * (before 6.6 and 6.13) by the link to it in /proc. It is the group's if it has the number that
 * sysfs says. In a tree that has no such folder of sysfs, names are believed, as everywhere.
 *
 * A change first closes the node to all but root, and in the end gives it to its owner: who owns a
 * node may change what we make of it, and is not to be in our way. The steps are in that order
 * because taking a list away leaves its mask as what the owning group may do.
 *
 * Access lists are read and written as the kernel has them: libacl would have to be loaded by every
 * command.
 */
#define _GNU_SOURCE
#include "group_nodes.h"
#include "host.h"
#include "sysfs.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl_xattr.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACCESS_LIST "system.posix_acl_access"

/* As in system.posix_acl_access. */
struct list_bytes {
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entries[NODE_ACL_MOST];
};

/* A node that is open. */
struct place {
	int fd;
	char link[32]; /* to it, in /proc */
	struct stat status;
};

/* ---- opening ---- */

/* Stores the number that sysfs has for the group's node. -ENOENT: the kernel has made none. */
static int read_number(const struct host *host, int group, dev_t *out)
{
	char path[64], text[32];
	unsigned int upper, lower;
	int length;

	snprintf(path, sizeof(path), "sys/class/vfio/%d/dev", group);
	length = sysfs_read_path(host->root, path, text, sizeof(text));
	if (length < 0)
		return sysfs_is_absent(length) ? -ENOENT : length;
	if (sscanf(text, "%u:%u", &upper, &lower) != 2)
		return -EIO;
	*out = makedev(upper, lower);
	return 0;
}

static int judge(const struct host *host, int group, const struct stat *status)
{
	dev_t number;
	int err = read_number(host, group, &number);

	if (err == -ENOENT && !host->live)
		return S_ISLNK(status->st_mode) ? -ENXIO : 0;
	if (err)
		return err;
	return S_ISCHR(status->st_mode) && status->st_rdev == number ? 0 : -ENXIO;
}

static void close_place(const struct place *place)
{
	close(place->fd);
}

/* Undone by close_place(). -ENOENT: the group has no node; -ENXIO: that is not it. */
static int open_place(const struct host *host, int group, struct place *out)
{
	struct place place;
	char path[32];
	int err;

	snprintf(path, sizeof(path), "dev/vfio/%d", group);
	place.fd = sysfs_open(host->root, path, O_PATH | O_NOFOLLOW);
	if (place.fd < 0)
		return sysfs_is_absent(place.fd) ? -ENOENT : place.fd;
	snprintf(place.link, sizeof(place.link), "/proc/self/fd/%d", place.fd);
	err = fstat(place.fd, &place.status) == 0 ? judge(host, group, &place.status) : -errno;
	if (err)
		close_place(&place);
	else
		*out = place;
	return err;
}

/* Of a group that has no node. Where the kernel has made one, somebody took it away (-ENXIO). */
static int explain_missing(const struct host *host, int group)
{
	dev_t number;
	int err = read_number(host, group, &number);

	return err ? err : -ENXIO;
}

int host_open_node(const struct host *host, int group)
{
	struct place place;
	int fd, err = open_place(host, group, &place);

	if (err == -ENOENT)
		return explain_missing(host, group);
	if (err)
		return err;
	fd = open(place.link, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close_place(&place);
	return fd;
}

/* ---- access lists ---- */

static int decode(const struct list_bytes *bytes, size_t size, struct group_node *node)
{
	size_t count = (size - sizeof(bytes->header)) / sizeof(*bytes->entries);

	if (size < sizeof(bytes->header) ||
	    le32toh(bytes->header.a_version) != POSIX_ACL_XATTR_VERSION)
		return -EIO;
	for (size_t i = 0; i < count; i++)
		node->acl[i] = (struct acl_entry) {
			.tag = le16toh(bytes->entries[i].e_tag),
			.permissions = le16toh(bytes->entries[i].e_perm),
			.id = le32toh(bytes->entries[i].e_id),
		};
	node->acl_count = count;
	return 0;
}

/* A file system without access lists (EOPNOTSUPP) has none on the node, as a node without (ENODATA)
 * has none. */
static int read_list(const struct place *place, struct group_node *node)
{
	struct list_bytes bytes;
	ssize_t size = getxattr(place->link, ACCESS_LIST, &bytes, sizeof(bytes));

	node->acl_count = 0;
	if (size >= 0)
		return decode(&bytes, (size_t)size, node);
	if (errno == ERANGE)
		return -E2BIG;
	return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
}

static int write_list(const struct place *place, const struct group_node *node)
{
	struct list_bytes bytes = {.header.a_version = htole32(POSIX_ACL_XATTR_VERSION)};
	size_t size = sizeof(bytes.header) + node->acl_count * sizeof(*bytes.entries);

	for (size_t i = 0; i < node->acl_count; i++)
		bytes.entries[i] = (struct posix_acl_xattr_entry) {
			.e_tag = htole16((uint16_t)node->acl[i].tag),
			.e_perm = htole16((uint16_t)node->acl[i].permissions),
			.e_id = htole32(node->acl[i].id),
		};
	return setxattr(place->link, ACCESS_LIST, &bytes, size, 0) == 0 ? 0 : -errno;
}

static int remove_list(const struct place *place)
{
	if (removexattr(place->link, ACCESS_LIST) == 0 || errno == ENODATA || errno == EOPNOTSUPP)
		return 0;
	return -errno;
}

/* ---- reading ---- */

static int read_place(const struct place *place, struct group_node *out)
{
	struct stat status;

	if (fstat(place->fd, &status) != 0)
		return -errno;
	out->uid = status.st_uid;
	out->gid = status.st_gid;
	out->mode = status.st_mode & 0777;
	return read_list(place, out);
}

int host_node(struct machine *machine, int group, struct group_node *out)
{
	struct group_node node;
	struct place place;
	int err = open_place(host_of(machine), group, &place);

	if (err)
		return err;
	err = read_place(&place, &node);
	close_place(&place);
	if (err)
		return err;
	snprintf(node.path, sizeof(node.path), "/dev/vfio/%d", group);
	*out = node;
	return 0;
}

/* ---- changing ---- */

static int give_to(const struct place *place, unsigned int uid, unsigned int gid)
{
	return fchownat(place->fd, "", uid, gid, AT_EMPTY_PATH) == 0 ? 0 : -errno;
}

static int set_mode(const struct place *place, unsigned int mode)
{
	return chmod(place->link, mode) == 0 ? 0 : -errno;
}

/* Whoever owned it may undo the first step, and nothing once it is root's. */
static int close_to_all(const struct place *place)
{
	int err = set_mode(place, 0);

	if (!err)
		err = give_to(place, 0, 0);
	if (!err)
		err = set_mode(place, 0600);
	if (!err)
		err = remove_list(place);
	return err;
}

/* Whether it is that; -EKEYREJECTED: it is not. */
static int verify(const struct place *place, const struct group_node *node)
{
	struct group_node found;
	int err = read_place(place, &found);

	if (err)
		return err;
	return group_node_same(&found, node) ? 0 : -EKEYREJECTED;
}

/* Of a node that is closed to all. */
static int open_to(const struct place *place, const struct group_node *node)
{
	struct group_node roots = *node;
	int err = give_to(place, 0, node->gid);

	if (!err)
		err = node->acl_count > 0 ? write_list(place, node) : set_mode(place, node->mode);
	roots.uid = 0;
	if (!err)
		err = verify(place, &roots);
	return err;
}

/* It is the owner's from here on: what else it is has been verified. */
static int give_to_owner(const struct place *place, const struct group_node *node)
{
	struct stat status;
	int err = node->uid ? give_to(place, node->uid, node->gid) : 0;

	if (!err && fstat(place->fd, &status) != 0)
		err = -errno;
	if (!err && (status.st_uid != node->uid || status.st_gid != node->gid))
		err = -EKEYREJECTED;
	return err;
}

static int change(const struct place *place, const struct group_node *node)
{
	int err = verify(place, node);

	if (err != -EKEYREJECTED && err != -E2BIG)
		return err;
	err = close_to_all(place);
	if (!err)
		err = open_to(place, node);
	if (!err)
		err = give_to_owner(place, node);
	return err;
}

/* Whether the node that was changed is still the one that is opened by its path. */
static int still_there(const struct host *host, int group, const struct place *changed)
{
	struct place now;
	int err = open_place(host, group, &now);

	if (err)
		return err;
	if (now.status.st_dev != changed->status.st_dev ||
	    now.status.st_ino != changed->status.st_ino)
		err = -ESTALE;
	close_place(&now);
	return err;
}

int host_set_node(struct machine *machine, int group, const struct group_node *node)
{
	const struct host *host = host_of(machine);
	struct place place;
	int err = open_place(host, group, &place);

	if (err)
		return err;
	err = change(&place, node);
	if (!err)
		err = still_there(host, group, &place);
	close_place(&place);
	return err;
}
