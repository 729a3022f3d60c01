#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# openvswitch.py BRIDGE PORT: makes a bridge of Open vSwitch with one port, as its daemon does.
# openvswitch.py -d BRIDGE: removes it.
import socket
import struct
import sys

GENERIC_NETLINK, CONTROL, GET_FAMILY = 16, 16, 3
REQUEST, ACKNOWLEDGE = 1, 4
NEW, DELETE = 1, 2


def attribute(kind, value):
    value = value.encode() + b"\0" if isinstance(value, str) else value
    length = 4 + len(value)
    return struct.pack("=HH", length, kind) + value + b"\0" * (-length % 4)


class Netlink:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, GENERIC_NETLINK)
        self.socket.bind((0, 0))

    def ask(self, family, command, version, body, flags=REQUEST):
        body = struct.pack("=BBH", command, version, 0) + body
        self.socket.send(struct.pack("=IHHII", 16 + len(body), family, flags, 1, 0) + body)
        answer = self.socket.recv(65536)
        if struct.unpack("=IHHII", answer[:16])[1] == 2:
            error = -struct.unpack("=i", answer[16:20])[0]
            if error:
                raise OSError(error, "netlink")
        return answer[20:]

    def family(self, name):
        attributes = self.ask(CONTROL, GET_FAMILY, 1, attribute(2, name))
        while attributes:
            length, kind = struct.unpack("=HH", attributes[:4])
            if kind == 1:
                return struct.unpack("=H", attributes[4:6])[0]
            attributes = attributes[(length + 3) & ~3 :]

    def change(self, family, command, body):
        self.ask(self.family(family), command, 2, body, REQUEST | ACKNOWLEDGE)


def number(kind, value):
    return attribute(kind, struct.pack("=I", value))


netlink = Netlink()
if sys.argv[1] == "-d":
    netlink.change("ovs_datapath", DELETE, struct.pack("=i", 0) + attribute(1, sys.argv[2]))
else:
    bridge, port = sys.argv[1:]
    netlink.change("ovs_datapath", NEW, struct.pack("=i", 0) + attribute(1, bridge) + number(2, 0))
    index = socket.if_nametoindex(bridge)
    body = struct.pack("=i", index) + number(2, 1) + attribute(3, port) + number(5, 0)
    netlink.change("ovs_vport", NEW, body)
