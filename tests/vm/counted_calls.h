/* SPDX-License-Identifier: MIT */
/* The system calls that decide or change something outside of a process, of one processor's. */
#ifndef DMAOWN_TESTS_VM_COUNTED_CALLS_H
#define DMAOWN_TESTS_VM_COUNTED_CALLS_H

#include <stdbool.h>
#include <sys/syscall.h>

enum { NONE = -1 };

/* Which argument of a call is a descriptor, and which a path, from there if both. */
struct call {
	int number;
	const char *name;
	int fd, path;
	bool looks; /* it changes nothing outside, and decides by what it tells */
};

#define CALL(name, fd, path) {SYS_##name, #name, fd, path, false},
#define LOOK(name, fd, path) {SYS_##name, #name, fd, path, true},

/* clang-format off */
static const struct call calls[] = {
	CALL(open, NONE, 0)
	CALL(openat, 0, 1)
	CALL(openat2, 0, 1)
	LOOK(read, 0, NONE)
	LOOK(pread64, 0, NONE)
	LOOK(getdents64, 0, NONE)
	LOOK(readlink, NONE, 0)
	LOOK(readlinkat, 0, 1)
	LOOK(fstat, 0, NONE)
	LOOK(newfstatat, 0, 1)
	LOOK(statx, 0, 1)
	LOOK(access, NONE, 0)
	LOOK(faccessat2, 0, 1)
	CALL(write, 0, NONE)
	CALL(pwrite64, 0, NONE)
	CALL(writev, 0, NONE)
	CALL(fsync, 0, NONE)
	CALL(fdatasync, 0, NONE)
	CALL(ftruncate, 0, NONE)
	CALL(fallocate, 0, NONE)
	CALL(flock, 0, NONE)
	CALL(fcntl, 0, NONE)
	CALL(ioctl, 0, NONE)
	CALL(rename, NONE, 1)
	CALL(renameat, 2, 3)
	CALL(renameat2, 2, 3)
	CALL(unlink, NONE, 0)
	CALL(unlinkat, 0, 1)
	CALL(link, NONE, 1)
	CALL(linkat, 2, 3)
	CALL(symlinkat, 1, 2)
	CALL(mkdir, NONE, 0)
	CALL(mkdirat, 0, 1)
	CALL(chown, NONE, 0)
	CALL(fchown, 0, NONE)
	CALL(fchownat, 0, 1)
	CALL(chmod, NONE, 0)
	CALL(fchmod, 0, NONE)
	CALL(fchmodat, 0, 1)
	LOOK(getxattr, NONE, 0)
	LOOK(lgetxattr, NONE, 0)
	LOOK(fgetxattr, 0, NONE)
	CALL(setxattr, NONE, 0)
	CALL(lsetxattr, NONE, 0)
	CALL(fsetxattr, 0, NONE)
	CALL(removexattr, NONE, 0)
	CALL(lremovexattr, NONE, 0)
	CALL(fremovexattr, 0, NONE)
	CALL(pipe2, NONE, NONE)
	CALL(socket, NONE, NONE)
	CALL(socketpair, NONE, NONE)
	CALL(connect, 0, NONE)
	CALL(sendto, 0, NONE)
	CALL(sendmsg, 0, NONE)
	LOOK(recvfrom, 0, NONE)
	LOOK(recvmsg, 0, NONE)
	LOOK(poll, NONE, NONE)
	LOOK(ppoll, NONE, NONE)
	CALL(epoll_create1, NONE, NONE)
	CALL(epoll_ctl, 0, NONE)
	CALL(signalfd4, NONE, NONE)
	CALL(timerfd_create, NONE, NONE)
	CALL(eventfd2, NONE, NONE)
	CALL(pidfd_open, NONE, NONE)
	CALL(dup3, 0, NONE)
	CALL(prctl, NONE, NONE)
	CALL(clone, NONE, NONE)
	CALL(clone3, NONE, NONE)
	CALL(fork, NONE, NONE)
	CALL(vfork, NONE, NONE)
	LOOK(mmap, NONE, NONE)
};
/* clang-format on */

#endif
