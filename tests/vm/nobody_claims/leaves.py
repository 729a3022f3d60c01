# SPDX-License-Identifier: MIT
"""What such a command leaves behind that has not the group, and tries when root has it."""
import array
import ctypes
import fcntl
import mmap
import os
import socket
import struct

from attempt import (
    ACL, bind, detach, folder, in_child, lock_record, MAP_DMA, must_fail, must_not_open, node, open_group,
    own_namespaces, reached, records, reopen, SET_CONTAINER, tell, until, wait)


def leave(function, *arguments):
    """Goes on in a process of its own, when root has the group for itself."""
    if os.fork() != 0:
        return
    detach()
    until("next")
    function(*arguments)
    tell("tried")
    wait()


def leave_child():
    leave(lambda: None)


def leave_lock():
    for fd in records():
        lock_record(fd)
    leave(lambda: [lock_record(fd) for fd in records()])


def pass_lock():
    """To somebody outside, through a socket."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for fd in records():
        ends[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
        os.close(fd)
    leave(lambda: None)


def leave_path():
    leave(must_not_open, os.open(node(), os.O_PATH), "the node, by a descriptor of its path")


def leave_mount():
    """The node, in a mount namespace of its own: it is there when it is nowhere else."""
    place, path = f"{folder()}/node", node()

    def look():
        for how in (os.O_RDWR, os.O_RDONLY):
            must_fail("the node, by a mount of it", os.open, place, how)

    def make():
        open(place, "w").close()
        own_namespaces()
        bind(path, place)
        leave(look)
    in_child(make)


def leave_in_namespace():
    """As root of a user namespace of its own, with all capabilities that are to be had there."""
    file, name = os.open(node(), os.O_PATH), node()

    def look():
        must_not_open(file, "the node, as root of a namespace")
        must_fail("the node's name, as root of a namespace", os.open, name, os.O_RDWR)
        must_fail("the node's mode, as root of a namespace", os.chmod, f"/proc/self/fd/{file}", 0o666)

    def make():
        own_namespaces()
        leave(look)
    in_child(make)


def leave_name():
    name = node()

    def look():
        for how in (os.O_RDWR, os.O_RDONLY):
            must_fail("the node, by its name", os.open, name, how)
        if os.stat(name).st_mode & 0o077 and ACL in os.listxattr(name):
            reached(f"the node's ACL: {os.getxattr(name, ACL)!r}")
    leave(look)


def leave_container():
    """A container without a group, in which there was one."""
    group, container, file = open_group()
    memory = mmap.mmap(-1, 1 << 20)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    fcntl.ioctl(container, MAP_DMA, struct.pack("IIQQQ", 32, 3, address, 1 << 20, 1 << 20))
    os.close(file)
    os.close(group)
    leave(must_fail, "a map in a container without a group", fcntl.ioctl, container, MAP_DMA,
          struct.pack("IIQQQ", 32, 3, address, 2 << 20, 1 << 20))


def leave_container_to_join():
    """The same; the group, or what is left of it, is to join it again."""
    group, container, file = open_group()
    os.close(file)
    os.close(group)
    path = os.open(node(), os.O_PATH)

    def join():
        fcntl.ioctl(reopen(path), SET_CONTAINER, struct.pack("i", container))
    leave(must_fail, "the group, in a container of before", join)


def leave_records_name():
    paths = list(records().values())

    def look():
        for path in paths:
            must_fail(f"read {path}", os.open, path, os.O_RDONLY)
        for fd in records():
            must_fail(f"write {fd}", os.write, fd, b"forged\n")
    leave(look)


def leave_sender():
    """Signals to every process that may be root's next command."""
    def look():
        for name in os.listdir("/proc"):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == 0:
                must_fail(f"signal to {name}", os.kill, int(name), 0)
    leave(look)


LEAVES = {
    "a-child": leave_child,
    "a-lock": leave_lock,
    "the-lock-in-a-socket": pass_lock,
    "the-nodes-path": leave_path,
    "the-nodes-name": leave_name,
    "the-node-in-a-mount": leave_mount,
    "the-node-in-a-user-namespace": leave_in_namespace,
    "a-container": leave_container,
    "a-container-to-join": leave_container_to_join,
    "the-records-name": leave_records_name,
    "a-sender-of-signals": leave_sender,
}
