#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""dead_9p.py FOLDER [nodev] [copies N] [detached] [overlay FOLDER]: a 9p file system without a cache, with one file,
that a process has open, and a server that answers no more. `copies`: by so many descriptors; `detached`: it is mounted
nowhere any more; `overlay`: the file is open by an overlay over it. Says "held" when that is so, and ends with its
input."""
import ctypes
import os
import socket
import struct
import sys

VERSION, ATTACH, GETATTR, WALK, OPEN, CLUNK, STATFS, ERROR = 100, 104, 24, 110, 12, 120, 8, 6
FOLDER, FILE = (0x80, 1, 0o40755), (0, 2, 0o100644)
NODEV, DETACH = 4, 2
libc = ctypes.CDLL(None, use_errno=True)


def option(name, default=None):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def number(kind):
    return struct.pack('<BIQ', kind[0], 0, kind[1])


def text(string):
    return struct.pack('<H', len(string)) + string


class Server:
    def __init__(self, end):
        self.end = end
        self.files = {}

    def answer_to(self, kind, body):
        """The body of the answer, or the number of an error."""
        fid = struct.unpack_from('<I', body)[0] if len(body) >= 4 else 0
        if kind == VERSION:
            return struct.pack('<I', min(fid, 8192)) + text(b'9P2000.L')
        if kind == ATTACH:
            self.files[fid] = FOLDER
            return number(FOLDER)
        if kind == WALK:
            to, names = struct.unpack_from('<IH', body, 4)
            if names and not body.endswith(b'\x04\0file'):
                return 2
            self.files[to] = FILE if names else self.files[fid]
            return struct.pack('<H', names) + (number(FILE) if names else b'')
        if kind == GETATTR:
            file = self.files[fid]
            return struct.pack('<Q', 0x7ff) + number(file) + struct.pack('<3I15Q', file[2], 0, 0, 1, *[0] * 14)
        if kind == OPEN:
            return number(self.files[fid]) + struct.pack('<I', 0)
        if kind == STATFS:
            return struct.pack('<2I6QI', 0x01021997, 4096, 0, 0, 0, 0, 0, 0, 255)
        return b'' if kind == CLUNK else 95

    def serve(self):
        """Until the file is open."""
        while True:
            message = self.end.recv(1 << 17)
            while message:
                size, kind, tag = struct.unpack_from('<IBH', message)
                body, message = message[7:size], message[size:]
                answer = self.answer_to(kind, body)
                if isinstance(answer, int):
                    kind, answer = ERROR, struct.pack('<I', answer)
                self.end.sendall(struct.pack('<IBH', 7 + len(answer), kind + 1, tag) + answer)
                if kind == OPEN and self.files[struct.unpack_from('<I', body)[0]] == FILE:
                    return


def mount(kind, folder, flags, options):
    if libc.mount(b'dead', folder.encode(), kind, flags, options.encode()):
        sys.exit(f'mount {folder}: {os.strerror(ctypes.get_errno())}')


def hold(folder, end):
    mount(b'9p', folder, NODEV if 'nodev' in sys.argv else 0,
          f'trans=fd,rfdno={end.fileno()},wfdno={end.fileno()},version=9p2000.L,access=any')
    over = option('overlay')
    if over:
        mount(b'overlay', over, 0, f'lowerdir={folder}:.')
    held = os.open((over or folder) + '/file', os.O_RDONLY)
    if 'detached' in sys.argv:
        libc.umount2(folder.encode(), DETACH)
    for _ in range(1, int(option('copies', 1))):
        os.dup(held)
    print('held', flush=True)
    os.read(0, 1)
    os._exit(0)


folder = sys.argv[1]
theirs, ours = socket.socketpair()
if not os.fork():
    ours.close()
    hold(folder, theirs)
theirs.close()
Server(ours).serve()
os.read(0, 1)
ours.close()
os.wait()
if option('overlay'):
    libc.umount2(option('overlay').encode(), DETACH)
libc.umount2(folder.encode(), DETACH)
