#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""dead_fuse.py FOLDER [bad]: a FUSE file system with one file, that a process has open, and a server that answers no
more. `bad`: the kernel has given the file up before. Says "held" when that is so, and ends with its input."""
import ctypes
import os
import struct
import sys

LOOKUP, GETATTR, OPEN, INIT = 1, 3, 14, 26
FOLDER, FILE = 0o40755, 0o100644
libc = ctypes.CDLL(None, use_errno=True)
bad = 'bad' in sys.argv


def attributes(node, kind):
    return struct.pack('<6Q10I', node, 0, 0, 0, 0, 0, 0, 0, 0, kind, 1, 0, 0, 0, 512, 0)


def answer(fuse, unique, body=b'', error=0):
    os.write(fuse, struct.pack('<IiQ', 16 + len(body), error, unique) + body)


def serve(fuse):
    """Until the file is open and, if that is to be bad, has been looked at again and was another kind of file."""
    is_open = False
    while not is_open or bad:
        _, operation, unique, node = struct.unpack_from('<IIQQ', os.read(fuse, 1 << 17))
        if operation == INIT:
            answer(fuse, unique, struct.pack('<4I2H2I2HI7I', 7, 31, 0, 0, 0, 0, 1 << 16, 1, 0, 0, 0, *[0] * 7))
        elif operation == LOOKUP:
            answer(fuse, unique, struct.pack('<4Q2I', 2, 0, 0, 0, 0, 0) + attributes(2, FILE))
        elif operation == GETATTR:
            kind = FOLDER if node == 1 or is_open else FILE
            answer(fuse, unique, struct.pack('<Q2I', 0, 0, 0) + attributes(node, kind))
            if is_open:
                return
        elif operation == OPEN:
            answer(fuse, unique, struct.pack('<Q2I', 0, 0, 0))
            is_open = True
        else:
            answer(fuse, unique, error=-38)


def hold(path):
    os.close(fuse)
    held = os.open(path, os.O_RDONLY)
    try:
        if bad:
            os.fstat(held)
    except OSError:
        pass
    print('held', flush=True)
    os.read(0, 1)
    os._exit(0)


folder = sys.argv[1]
fuse = os.open('/dev/fuse', os.O_RDWR)
options = f'fd={fuse},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}'
if libc.mount(b'dead', folder.encode(), b'fuse', 0, options.encode()):
    sys.exit('mount: ' + os.strerror(ctypes.get_errno()))
if not os.fork():
    hold(folder + '/file')
serve(fuse)
os.read(0, 1)
libc.umount2(folder.encode(), 2)
