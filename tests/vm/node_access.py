# SPDX-License-Identifier: MIT
"""What somebody tries at a group's node; says what it came to.

node_access.py open PATH           opens it
node_access.py take PATH           tries to get more of it than is his: by an access list, a mode, an owner
node_access.py list PATH UID...    puts an access list of its own on it, with UIDs
node_access.py keep PATH FIFO      keeps the place of it (O_PATH), waits for FIFO, and opens it by that
"""
import errno
import os
import struct
import sys

NOBODY = 0xFFFFFFFF
OWNER, USER, OWNING_GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20


def access_list(uids):
    users = [(USER, 6, uid) for uid in uids]
    entries = [(OWNER, 6, NOBODY), *users, (OWNING_GROUP, 4, NOBODY), (MASK, 6, NOBODY), (OTHER, 0, NOBODY)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def tell(what, call):
    try:
        call()
        print(what + ": done")
    except OSError as error:
        print(what + ": " + errno.errorcode[error.errno])


def set_list(path, *uids):
    os.setxattr(path, "system.posix_acl_access", access_list(uids))


def open_it(path):
    os.close(os.open(path, os.O_RDWR))


def take(path):
    tell("list", lambda: set_list(path, os.getuid()))
    tell("no list", lambda: os.removexattr(path, "system.posix_acl_access"))
    tell("mode", lambda: os.chmod(path, 0o666))
    tell("owner", lambda: os.chown(path, os.getuid(), -1))
    tell("group", lambda: os.chown(path, -1, os.getgid()))
    place = os.open(path, os.O_PATH)
    tell("by its place", lambda: os.chmod(f"/proc/self/fd/{place}", 0o666))


def keep(path, fifo):
    place = os.open(path, os.O_PATH)
    print("kept", flush=True)
    open(fifo).read()
    tell("open by its place", lambda: open_it(f"/proc/self/fd/{place}"))


what, path = sys.argv[1:3]
if what == "open":
    tell("open", lambda: open_it(path))
elif what == "take":
    take(path)
elif what == "list":
    set_list(path, *map(int, sys.argv[3:]))
else:
    keep(path, sys.argv[3])
