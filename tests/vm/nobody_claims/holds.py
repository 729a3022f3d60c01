# SPDX-License-Identifier: MIT
"""What such a command leaves behind that has the group, in ways that are hard to see."""
import array
import ctypes
import os
import signal
import socket
import threading

from attempt import (
    CLONE_NEWPID, detach, in_child, libc, open_group, own_namespaces, PR_SET_DUMPABLE, REGISTER_FILES,
    SYS_EXIT, SYS_RING_REGISTER, SYS_RING_SETUP, tell, until, wait)


def stay():
    """The process that has it; the command itself ends."""
    if os.fork() != 0:
        return
    detach()
    tell("holds")
    wait()


def hold_in_child():
    open_group()
    stay()


def hold_device_only():
    group, container, _ = open_group()
    os.close(group)
    os.close(container)
    stay()


def hold_in_socket():
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    files = open_group()
    ends[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
    for fd in files:
        os.close(fd)
    stay()


def hold_in_ring():
    """Registered with io_uring, the files are in no table of descriptors."""
    files = open_group()
    ring = libc.syscall(SYS_RING_SETUP, 4, ctypes.create_string_buffer(120))
    numbers = (ctypes.c_int * len(files))(*files)
    if ring >= 0 and libc.syscall(SYS_RING_REGISTER, ring, REGISTER_FILES, numbers, len(files)) == 0:
        for fd in files:
            os.close(fd)
    stay()


def hold_in_map():
    """Of the device's registers; there is no descriptor any more."""
    if os.fork() != 0:
        return until("holds")
    detach()
    files = open_group()
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, ctypes.c_size_t(4096), 3, 1, files[2], ctypes.c_long(0)) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap of the registers")
    for fd in files:
        os.close(fd)
    tell("holds")
    wait()


def hold_in_namespaces():
    def make():
        own_namespaces(CLONE_NEWPID)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        open_group()
        stay()
    in_child(make)


def hold_and_stop():
    open_group()
    if os.fork() != 0:
        return
    detach()
    tell("holds")
    os.kill(os.getpid(), signal.SIGSTOP)


def hold_in_thread():
    """Whose process has no first thread any more."""
    if os.fork() != 0:
        return until("holds")
    detach()
    opened = threading.Event()

    def hold():
        opened.wait()
        open_group()
        tell("holds")
        threading.Event().wait()
    threading.Thread(target=hold).start()
    opened.set()
    libc.syscall(SYS_EXIT, 0)


HOLDS = {
    "in-a-child": hold_in_child,
    "by-the-device-only": hold_device_only,
    "in-a-socket": hold_in_socket,
    "in-a-ring": hold_in_ring,
    "in-a-map": hold_in_map,
    "in-namespaces": hold_in_namespaces,
    "in-a-stopped-process": hold_and_stop,
    "in-a-thread": hold_in_thread,
}
