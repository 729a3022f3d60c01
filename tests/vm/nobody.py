#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What somebody without privilege may try: nobody.py TRICK [NODE]. Says "ready" when it stands, then waits.

The first tricks mean to make a claim of root's impossible: they must not count as a use of any device. Those with a
NODE, which is open to everybody, use its device and mean to hide that.
"""
import ctypes
import mmap
import os
import signal
import socket
import sys
import tempfile
import threading

libc = ctypes.CDLL(None, use_errno=True)
CLONE_FILES, CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x400, 0x20000, 0x10000000, 0x20000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PR_SET_NAME, PR_SET_DUMPABLE = 15, 4
SYS_EXIT = 60


def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(source, target, kind, flags):
    must(libc.mount(source.encode(), target.encode(), kind.encode() if kind else None, flags, None))


def own_namespaces(flags=0):
    """Becomes root of a user and mount namespace of its own."""
    uid = os.getuid()
    must(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | flags))
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {uid} 1")):
        with open(f"/proc/self/{file}", "w") as out:
            out.write(text)
    mount("none", "/", None, MS_REC | MS_PRIVATE)


def folder():
    return tempfile.mkdtemp(dir="/run/nobody")


def device():
    return "/sys/bus/pci/devices/" + os.environ["CARD"]


def block():
    return os.environ.get("BLOCK", "/dev/nvme0n1")


def ready():
    print("ready", flush=True)
    while True:
        signal.pause()


# ---- to be in root's way ----

def hold(*names):
    return [os.open(f"{device()}/{name}", os.O_RDONLY) for name in names]


def mount_tmpfs_as(source, where="mnt"):
    own_namespaces()
    place = os.path.join(folder(), where)
    os.mkdir(place)
    mount(source, place, "tmpfs", 0)


def bind_over_vfio():
    """A node that is /dev/null, under the name of the device's group."""
    own_namespaces()
    group = os.path.basename(os.readlink(f"{device()}/iommu_group"))
    place = folder()
    os.makedirs(f"{place}/vfio")
    open(f"{place}/vfio/{group}", "w").close()
    mount("/dev/null", f"{place}/vfio/{group}", None, MS_BIND)
    mount(place, "/dev", None, MS_BIND | MS_REC)
    return os.open(f"/dev/vfio/{group}", os.O_RDWR)


def false_resource():
    place = folder() + os.path.realpath(device())
    os.makedirs(place)
    return os.open(f"{place}/resource0", os.O_RDWR | os.O_CREAT)


def false_resource_in_place():
    """A file of its own where sysfs is for everybody else."""
    own_namespaces()
    place, own = os.path.realpath(device()), folder()
    open(f"{own}/resource0", "w").close()
    mount(own, place, None, MS_BIND)
    file = os.open(f"{place}/resource0", os.O_RDWR)
    os.write(file, bytes(4096))
    return file, mmap.mmap(file, 4096)


def many_descriptors():
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    file = os.open("/dev/null", os.O_RDONLY)
    for _ in range(min(20000, hard - 20)):
        os.dup(file)


def many_processes():
    for _ in range(300):
        if os.fork() == 0:
            while True:
                signal.pause()


def zombies():
    for _ in range(100):
        if os.fork() == 0:
            os._exit(0)


def named(name):
    must(libc.prctl(PR_SET_NAME, name, 0, 0, 0))
    return hold("resource")


def odd_paths():
    place = folder()
    for name in ("a\nb", "\x1b[31mred", "x" * 200, "(deleted)"):
        os.mkdir(os.path.join(place, name))
        os.open(os.path.join(place, name, "dev"), os.O_RDWR | os.O_CREAT)


def lock_records():
    """Records and locks must be nobody's to hold."""
    import fcntl
    for where, _, files in os.walk("/run/dmaown"):
        for name in files:
            try:
                fcntl.flock(os.open(os.path.join(where, name), os.O_RDONLY), fcntl.LOCK_EX)
            except OSError:
                pass


def own_network():
    own_namespaces(CLONE_NEWNET)
    os.system("ip link add eth0 type dummy; ip link add eth1 type dummy; ip link set eth0 up; ip link set eth1 up")


def network_that_changes():
    """Interfaces for several datagrams of rtnetlink, of which the last one comes and goes."""
    own_namespaces(CLONE_NEWNET)
    os.system("for i in $(seq 60); do ip link add d$i type dummy; done")
    if os.fork() == 0:
        while True:
            os.system("ip link add last type dummy; ip link del last")


def many_networks():
    for _ in range(100):
        reader, writer = os.pipe()
        if os.fork() == 0:
            own_namespaces(CLONE_NEWNET)
            os.close(writer)
            while True:
                signal.pause()
        os.close(writer)
        os.read(reader, 1)


def dead_fuse():
    """A file system of its own that never answers, and a file in it that is open as far as it gets."""
    own_namespaces()
    fuse = os.open("/dev/fuse", os.O_RDWR)
    place = folder()
    os.mkdir(f"{place}/mnt")
    options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
    must(libc.mount(block().encode(), f"{place}/mnt".encode(), b"fuse", 0, options.encode()))
    threading.Thread(target=lambda: os.open(f"{place}/mnt/dev", os.O_RDONLY), daemon=True).start()
    return os.open(f"{place}/mnt", os.O_PATH)


def change_sysfs():
    """All writes that nobody may do: they must fail."""
    for name in ("driver_override", "remove", "rescan", "enable", "reset", "driver/unbind"):
        try:
            with open(f"{device()}/{name}", "w") as out:
                out.write("1")
        except OSError:
            continue
        print(f"may write {name}")


BLOCKING = {
    "holds-resource": lambda: hold("resource"),
    "names-registers": lambda: os.open(f"{device()}/resource0", os.O_PATH),
    "holds-config": lambda: hold("config"),
    "holds-attributes": lambda: hold("uevent", "vendor", "driver_override", "numa_node"),
    "mounts-tmpfs-named-as-the-disk": lambda: mount_tmpfs_as(block()),
    "mounts-tmpfs-named-as-a-mapped-disk": lambda: mount_tmpfs_as("/dev/mapper/vg-root"),
    "mounts-on-odd-names": lambda: mount_tmpfs_as("a b\n\x1b[31m", "x\ny - ext4 " + block().replace("/", "_")),
    "dead-fuse-named-as-the-disk": dead_fuse,
    "null-as-the-groups-node": bind_over_vfio,
    "a-file-called-resource": false_resource,
    "a-file-in-the-place-of-resource": false_resource_in_place,
    "memory-called-as-a-node": lambda: os.memfd_create("/dev/vfio/8"),
    "socket-called-as-a-node": lambda: socket.socket(socket.AF_UNIX).bind("\0/dev/vfio/8"),
    "many-descriptors": many_descriptors,
    "many-processes": many_processes,
    "zombies": zombies,
    "odd-process-name": lambda: named(b"a\nb\x1b[31m"),
    "process-named-dmaown": lambda: named(b"dmaown"),
    "odd-paths": odd_paths,
    "not-dumpable": lambda: must(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)),
    "locks-records": lock_records,
    "own-network": own_network,
    "network-that-changes": network_that_changes,
    "many-networks": many_networks,
    "watches-sysfs": lambda: libc.inotify_add_watch(libc.inotify_init1(0), device().encode(), 0xfff),
    "writes-sysfs": change_sysfs,
    "stopped": lambda: (print("ready", flush=True), os.kill(os.getpid(), signal.SIGSTOP)),
}


# ---- to hide a use ----

def open_node(node):
    return os.open(node, os.O_RDWR)


def in_own_table(node):
    """In a thread that shares its descriptors with nobody."""
    def use():
        must(libc.unshare(CLONE_FILES))
        open_node(node)
        ready()
    threading.Thread(target=use).start()
    signal.pause()


def leader_has_gone(node):
    def use():
        open_node(node)
        ready_thread.wait()
        print("ready", flush=True)
        threading.Event().wait()
    ready_thread = threading.Event()
    threading.Thread(target=use).start()
    threading.Timer(0.3, ready_thread.set).start()
    libc.syscall(SYS_EXIT, 0)


def under_another_name(node):
    own_namespaces()
    place = os.path.join(folder(), "plain")
    open(place, "w").close()
    mount(node, place, None, MS_BIND)
    return open_node(place)


def behind_another_root(node):
    file = under_another_name(node)
    os.chroot(folder())
    return file


def in_own_pids(node):
    own_namespaces(CLONE_NEWPID)
    file = open_node(node)
    if os.fork() == 0:
        ready()
    os.close(file)
    signal.pause()


def high_descriptor(node):
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    file = open_node(node)
    os.dup2(file, min(hard, 1000000) - 1)
    os.close(file)


def undumpable(node):
    must(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
    return open_node(node)


def read_only(node):
    return os.open(node, os.O_RDONLY)


def among_many(node):
    many_descriptors()
    return open_node(node)


HIDING = {
    "plainly": open_node,
    "read-only": read_only,
    "in-a-thread-with-its-own-table": in_own_table,
    "leader-has-gone": leader_has_gone,
    "under-another-name": under_another_name,
    "behind-another-root": behind_another_root,
    "in-own-pid-namespace": in_own_pids,
    "at-a-high-descriptor": high_descriptor,
    "undumpable": undumpable,
    "among-many": among_many,
}


def main():
    if len(sys.argv) == 1:
        print(*BLOCKING)
        print(*HIDING)
        return
    kept = HIDING[sys.argv[1]](sys.argv[2]) if len(sys.argv) > 2 else BLOCKING[sys.argv[1]]()
    ready()
    del kept


main()
