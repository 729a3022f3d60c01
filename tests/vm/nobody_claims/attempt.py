# SPDX-License-Identifier: MIT
"""What every try is made of: what is told, what a claim's command has, what it can do to others."""
import ctypes
import fcntl
import os
import signal
import struct
import sys
import tempfile
import time

libc = ctypes.CDLL(None, use_errno=True)
PLACE = "/run/nobody"
RUNTIME = "/run/dmaown"
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
PR_SET_DUMPABLE = 4
SYS_KEYCTL, SYS_PIDFD_OPEN, SYS_PIDFD_GETFD, SYS_RING_SETUP, SYS_RING_REGISTER = 250, 434, 438, 425, 427
SYS_EXIT, REGISTER_FILES = 60, 2
KEYCTL_SEARCH, KEYCTL_READ, SESSION_KEYRING = 10, 11, -3
SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD, MAP_DMA = 0x3B68, 0x3B66, 0x3B6A, 0x3B71
OFD_SETLK = 37
TIOCLINUX = 0x541C
ACL = "system.posix_acl_access"


def reached(what):
    with open(f"{PLACE}/reached", "a") as out:
        out.write(f"{what}\n")


def must_fail(what, function, *arguments):
    """Whether it failed; if not, that is told."""
    try:
        result = function(*arguments)
    except (OSError, ValueError):
        return True
    if isinstance(result, int) and result < 0:
        return True
    reached(f"{what}: {result!r:.60}")
    return False


def ready():
    print("ready", flush=True)


def wait():
    while True:
        signal.pause()


def again(function):
    """Until we are killed."""
    ready()
    while True:
        function()
        time.sleep(0.001)


def nodes():
    return os.environ["DMAOWN_NODES"].split()


def node():
    return nodes()[0]


def device():
    return os.environ["DMAOWN_DEVICES"].split()[0]


def card():
    return os.environ.get("CARD") or device()


def descriptors():
    """All that we have but the first three, by number, with what they lead to."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            if int(name) > 2:
                found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass
    return {fd: path for fd, path in found.items() if not path.startswith("/proc/")}


def records():
    return {fd: path for fd, path in descriptors().items() if path.startswith(RUNTIME)}


def open_group():
    """The group and its container, and a device of it, as a user's driver has them."""
    group, container = os.open(node(), os.O_RDWR), os.open("/dev/vfio/vfio", os.O_RDWR)
    fcntl.ioctl(group, SET_CONTAINER, struct.pack("i", container))
    fcntl.ioctl(container, SET_IOMMU, 3)
    file = libc.ioctl(group, ctypes.c_ulong(GET_DEVICE_FD), device().encode())
    if file < 0:
        raise OSError(ctypes.get_errno(), f"no descriptor of {device()}")
    return group, container, file


def reopen(fd, how=os.O_RDWR):
    return os.open(f"/proc/self/fd/{fd}", how)


def must_not_open(fd, what):
    must_fail(what, reopen, fd)
    must_fail(what, reopen, fd, os.O_RDONLY)


def own_namespaces(flags=0):
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | flags) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{file}", "w") as out:
            out.write(text)
    libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)


def bind(source, target):
    if libc.mount(source.encode(), target.encode(), None, MS_BIND, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount on {target}")


def folder():
    return tempfile.mkdtemp(dir=PLACE)


def disturb(pid):
    """All of it must fail; a process that is gone makes it fail too."""
    try:
        if os.stat(f"/proc/{pid}").st_uid != 0:
            return
    except OSError:
        return
    for file in ("mem", "environ", "auxv", "maps", "io", "stack", "syscall", "pagemap"):
        must_fail(f"{file} of dmaown", lambda file=file: open(f"/proc/{pid}/{file}", "rb").read(16) or -1)
    must_fail("descriptors of dmaown", os.listdir, f"/proc/{pid}/fd")
    for link in ("cwd", "root", "exe"):
        must_fail(f"{link} of dmaown", os.readlink, f"/proc/{pid}/{link}")
    for how in (PTRACE_ATTACH, PTRACE_SEIZE):
        must_fail("ptrace of dmaown", libc.ptrace, how, pid, 0, 0)
    must_fail("oom_score_adj of dmaown", lambda: open(f"/proc/{pid}/oom_score_adj", "w").write("1000"))
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGUSR1, signal.SIGCONT):
        if number != signal.SIGCONT:
            must_fail(f"signal {number} to dmaown", os.kill, pid, number)


def lock_record(file):
    """All kinds of locks that a descriptor gives."""
    for function, how in ((fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB), (fcntl.flock, fcntl.LOCK_SH | fcntl.LOCK_NB)):
        try:
            function(file, how)
        except OSError:
            pass
    for command in (OFD_SETLK, fcntl.F_SETLK):
        for kind in (fcntl.F_WRLCK, fcntl.F_RDLCK):
            try:
                fcntl.fcntl(file, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 0, 0))
            except OSError:
                pass
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError:
        pass


def detach():
    """From the terminal: who waits for that to be closed is not to wait for us."""
    os.setsid()
    for fd, path in ((0, "/dev/null"), (1, "/dev/null"), (2, f"{PLACE}/errors")):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), fd)


def tell(name):
    with open(f"{PLACE}/{name}", "w"):
        pass


def until(name):
    while not os.path.exists(f"{PLACE}/{name}"):
        time.sleep(0.02)


def in_child(function):
    """In a process that makes ready what it leaves behind before the command ends."""
    child = os.fork()
    if child == 0:
        function()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
