# SPDX-License-Identifier: MIT
"""What the command of a claim of nobody's own tries, before it ends."""
import ctypes
import fcntl
import mmap
import os
import resource
import signal
import struct
import time

from attempt import (
    ACL, descriptors, device, disturb, KEYCTL_READ, KEYCTL_SEARCH, libc, lock_record, must_fail, nodes,
    OFD_SETLK, open_group, PLACE, reached, records, reopen, RUNTIME, SESSION_KEYRING, SYS_KEYCTL,
    SYS_PIDFD_GETFD, SYS_PIDFD_OPEN, TIOCLINUX)


def write_record():
    for fd, path in records().items():
        must_fail(f"write {path}", os.write, fd, b"forged\n")
        must_fail(f"truncate {path}", os.ftruncate, fd, 0)
        for how in (os.O_RDWR, os.O_WRONLY, os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_TRUNC):
            must_fail(f"reopen {path}", reopen, fd, how)
        must_fail(f"mode of {path}", os.fchmod, fd, 0o666)
        must_fail(f"owner of {path}", os.fchown, fd, os.getuid(), -1)
        must_fail(f"link of {path}", os.link, f"/proc/self/fd/{fd}", f"{PLACE}/link")
        must_fail(f"unlink {path}", os.unlink, path)
        must_fail(f"map {path}", mmap.mmap, fd, 4096, mmap.MAP_SHARED, mmap.PROT_WRITE)


def lock_records():
    for fd in records():
        lock_record(fd)


def unlock_records():
    """Nobody may think that the claim has ended."""
    for fd in records():
        for command in (OFD_SETLK, fcntl.F_SETLK):
            try:
                fcntl.fcntl(fd, command, struct.pack("hhqqi4x", fcntl.F_UNLCK, os.SEEK_SET, 0, 0, 0))
            except OSError:
                pass
        fcntl.flock(fd, fcntl.LOCK_UN)


def other_descriptors():
    for fd, path in descriptors().items():
        if RUNTIME not in path and not path.startswith("pipe:"):
            reached(f"descriptor {fd}: {path}")
        elif path.startswith("pipe:"):
            must_fail(f"read {path}", lambda fd=fd: os.set_blocking(fd, False) or os.read(fd, 1) or -1)


def signal_dmaown():
    for number in range(1, 65):
        if number != signal.SIGCONT:
            must_fail(f"signal {number}", os.kill, os.getppid(), number)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for whom in (0, -1):
        try:
            os.kill(whom, signal.SIGTERM)
        except OSError:
            pass


def look_into_dmaown():
    disturb(os.getppid())
    fd = libc.syscall(SYS_PIDFD_OPEN, os.getppid(), 0)
    for number in range(12):
        must_fail(f"descriptor {number} of dmaown", libc.syscall, SYS_PIDFD_GETFD, fd, number, 0)


def limit_dmaown():
    pid = os.getppid()
    for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
        must_fail(f"limit {which} of dmaown", resource.prlimit, pid, which, (0, 0))
    must_fail("affinity of dmaown", os.sched_setaffinity, pid, {0})
    must_fail("scheduler of dmaown", os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))
    must_fail("priority of dmaown", os.setpriority, os.PRIO_PROCESS, pid, 19)
    must_fail("group of dmaown", os.setpgid, pid, os.getpid())


def take_terminal():
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        terminal = 0
    must_fail("TIOCSTI", fcntl.ioctl, terminal, 0x5412, b"x")
    must_fail("TIOCSTI with more bits", libc.syscall, 16, terminal, ctypes.c_ulong(0x100005412), b"x")
    for what in (2, 3, 4):
        must_fail(f"TIOCLINUX {what}", fcntl.ioctl, terminal, TIOCLINUX, struct.pack("b15x", what))


def read_keys():
    key = libc.syscall(SYS_KEYCTL, KEYCTL_SEARCH, SESSION_KEYRING, b"user", b"dmaown-test", 0)
    out = ctypes.create_string_buffer(64)
    must_fail("root's key", libc.syscall, SYS_KEYCTL, KEYCTL_READ, key, out, 64)
    for line in open("/proc/keys"):
        if "dmaown-test" in line:
            must_fail("a key by its number", libc.syscall, SYS_KEYCTL, KEYCTL_READ, int(line.split()[0], 16), out, 64)


def read_environment():
    allowed = ("DMAOWN_", "LC_")
    names = ("HOME", "USER", "LOGNAME", "SHELL", "PATH", "XDG_RUNTIME_DIR", "TERM", "LANG", "PWD", "SHLVL", "_")
    for name, value in os.environ.items():
        if name not in names and not name.startswith(allowed):
            reached(f"{name}={value}")
        elif "root" in value or value == "/run/user/0":
            reached(f"{name}={value}")


def change_node():
    entry = [struct.pack("<HHI", tag, mode, who) for tag, mode, who in
             ((1, 6, 2**32 - 1), (2, 6, os.getuid()), (4, 0, 2**32 - 1), (16, 6, 2**32 - 1), (32, 0, 2**32 - 1))]
    for path in nodes():
        must_fail("mode of the node", os.chmod, path, 0o666)
        must_fail("owner of the node", os.chown, path, os.getuid(), os.getgid())
        must_fail("ACL of the node", os.setxattr, path, ACL, struct.pack("<I", 2) + b"".join(entry))
        must_fail("no ACL of the node", os.removexattr, path, ACL)
        must_fail("another name of the node", os.rename, path, path + "0")
        must_fail("a link to the node", os.link, path, f"{PLACE}/link")
        must_fail("unlink the node", os.unlink, path)
        must_fail("a new node", os.mknod, f"{PLACE}/new", 0o20666, os.stat(path).st_rdev)


def open_others():
    for name in os.listdir("/dev/vfio"):
        path = f"/dev/vfio/{name}"
        if name.isdigit() and path not in nodes():
            must_fail(path, os.open, path, os.O_RDWR)
    for path in ("/dev/mem", "/dev/port", "/dev/iommu", "/dev/nvme0", "/dev/kmsg"):
        must_fail(path, os.open, path, os.O_RDWR)


def get_rights():
    """Programs that root has made for this, setuid and with capabilities."""
    for name in ("setuid", "capable"):
        said = os.popen(f"/run/rights/{name} -c 20 /etc/shadow 2>/dev/null").read()
        if said.strip():
            reached(f"{name}: {said.strip():.40}")
    status = open("/proc/self/status").read()
    for line in status.splitlines():
        if line.startswith("Cap") and int(line.split()[1], 16) and not line.startswith("CapBnd"):
            reached(line)
    for function, number in ((os.setuid, 0), (os.setgid, 0), (os.setgroups, [0])):
        must_fail("an id of root's", function, number)
    if os.getresuid() != (os.getuid(),) * 3 or os.getresgid() != (os.getgid(),) * 3 or 0 in os.getgroups():
        reached(f"ids: {os.getresuid()} {os.getresgid()} {os.getgroups()}")


def write_sysfs():
    path = f"/sys/bus/pci/devices/{device()}"
    for name in ("driver_override", "driver/unbind", "driver/bind", "driver/new_id", "remove", "rescan", "reset", "enable",
                 "config", "power/control", "iommu_group/type", "../rescan"):
        must_fail(name, lambda name=name: open(f"{path}/{name}", "wb", buffering=0).write(b"1"))
    for name in ("resource0", "config"):
        must_fail(name, os.open, f"{path}/{name}", os.O_RDWR)


def stop_itself():
    if os.fork() == 0:
        time.sleep(1)
        os.kill(os.getppid(), signal.SIGCONT)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)


def use_and_close():
    """A plain user; all that follows is measured by it."""
    for _ in range(20):
        for fd in open_group():
            os.close(fd)


INSIDE = {
    "uses-and-closes": use_and_close,
    "writes-the-record": write_record,
    "locks-the-record": lock_records,
    "unlocks-the-record": unlock_records,
    "other-descriptors": other_descriptors,
    "signals-dmaown": signal_dmaown,
    "looks-into-dmaown": look_into_dmaown,
    "limits-dmaown": limit_dmaown,
    "takes-the-terminal": take_terminal,
    "reads-keys": read_keys,
    "reads-the-environment": read_environment,
    "changes-the-node": change_node,
    "opens-other-nodes": open_others,
    "gets-rights": get_rights,
    "writes-sysfs": write_sysfs,
    "stops-itself": stop_itself,
}
