/* SPDX-License-Identifier: MIT */
/*
 * What is mounted, in every mount namespace that a process is in; and, as the walk is the same, the
 * network namespaces that there are processes in.
 *
 * A *view* is what one mountinfo shows: the mounts of a namespace that lie below the root of the
 * process whose mountinfo it is. Threads with one namespace and one root have one view, which is
 * read once. The *home* views are ours and the first process's: the machine runs on what they show
 * at "/".
 *
 * Of a row the kernel vouches for id, number, root and type. Whoever mounts chooses `where` and,
 * of most types, `source`: any user does, in a namespace of his own. Strings are never NULL, are
 * decoded but for the options, whose commas part them, and may hold any byte but NUL. Of a view
 * that is not home they are empty, but for the type, where the mount can't be on a device.
 */
#ifndef DMAOWN_LINUX_MOUNTS_H
#define DMAOWN_LINUX_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mount {
	int id;            /* the kernel's, one for all namespaces */
	dev_t number;      /* of the file system; its disk's, if it says which that is */
	const char *root;  /* which folder of the file system is mounted */
	const char *where; /* as seen in the view */
	const char *type;  /* "ext4", "fuse.sshfs" */
	const char *source;
	const char *options; /* of the file system, as the kernel writes them */
	bool nodev;          /* no node there can be opened */
	size_t view;
	char *row; /* owned: the strings are in it */
};

struct mount_view {
	unsigned long space; /* number of the mount namespace; 0: not told */
	char *root;          /* of the process, as a path; owned; NULL: not told */
	long pid;            /* of a process that sees it; 0: we do */
	bool home;
};

/* A network namespace, by one task that is in it: the first that was met, ours before all. */
struct task_network {
	unsigned long space; /* its number */
	long pid;            /* 0: we are */
	long thread;         /* of that process; 0: its first */
};

/* Zeroed: nothing was read. */
struct mounts {
	struct mount *all; /* view by view, each in its kernel's order; ours is the first */
	size_t count;
	const struct mount **by_id;
	struct mount_view *views;
	size_t view_count;
	int hidden;      /* the -errno that hid a view, or a row of one; 0: all were seen */
	int home_hidden; /* the same of the home views */
	struct task_network *networks;
	size_t network_count;
	int networks_hidden; /* the -errno that hid which one a task is in; 0: none is hidden */
};

void mounts_release(struct mounts *mounts);

/* Notes the errno that hid a view, or a row of it; 0 is nothing. */
void mounts_hide(struct mounts *mounts, bool home, int err);

/* Adds the view of a task, whose folder is open; takes `view`'s root over. -ENOMEM. */
int mounts_add_view(struct mounts *mounts, int task, const struct mount_view *view);

/* Sorts them for mount_by_id(). -ENOMEM. */
int mounts_sort(struct mounts *mounts);

/* The mount with that id (fdinfo's mnt_id), or NULL: it is in no view. */
const struct mount *mount_by_id(const struct mounts *mounts, int id);

/* The mount of the view on which a path lies that begins with "/"; `but`, if not NULL, left aside.
 * NULL: none. */
const struct mount *mount_of_path(const struct mounts *mounts, size_t view, const char *path,
				  const struct mount *but);

/* Whether an option ("trans=virtio") is among those of the mount. */
bool mount_has_option(const struct mount *mount, const char *option);

/* Whether it is on a disk or a shared folder that a device may be behind: it has a number of a
 * disk, or is of a type that has none. */
bool mount_may_be_on_a_device(const struct mount *mount);

/*
 * Whether the kernel itself answers for what is mounted, so that to look at a file there waits for
 * no server, no process and no other file system. Told by the type; one that is not known to be so
 * may wait for ever.
 */
bool mount_is_local(const struct mount *mount);

/*
 * Whether the kernel tells of a file there, without waiting for anybody, what kind of file it is:
 * if it is local, and if it is on FUSE and whoever asks says that what is known already will do.
 * What stands on other file systems (overlay) waits if they do.
 */
bool mount_tells_kinds(const struct mount *mount);

/* Decodes in place what the kernel writes as "\040". */
void proc_decode(char *text);

#endif
