#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs on a terminal of their own: what they show, and keys for them.

typist.py [WORDS KEYS]... -- PROGRAM ARG...: waits each time until WORDS (an expression) were shown, and types KEYS
(with escapes as \\n, \\x1a); then waits for the program's end, prints all that it showed, and exits with its status.
"""
import os
import pty
import re
import select
import signal
import sys
import termios
import time


class Wrong(Exception):
    """What was waited for does not come."""


def while_waiting(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Wrong("not within the time")
        time.sleep(0.01)


class Typist:
    """A program on a terminal, of which it is the leader: what it shows, and keys for it."""
    left = []  # those that did not come to their end

    def __init__(self, *arguments):
        self.text = ""  # what nobody has waited for yet
        self.seen = ""
        self.left.append(self)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir("/")
            os.environ["PS1"] = "PROMPT "
            os.environ["TERM"] = "dumb"
            os.execvp(arguments[0], arguments)

    def until(self, words, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(words, self.text, re.DOTALL):
            if not self.read(end - time.monotonic()):
                raise Wrong(f"no {words!r} in: {self.text!r}")
        at = re.search(words, self.text, re.DOTALL).end()
        seen, self.text = self.text[:at], self.text[at:]
        return seen

    def read(self, seconds):
        try:
            ready = select.select([self.terminal], [], [], max(seconds, 0))[0]
            more = os.read(self.terminal, 4096) if ready else b""
        except OSError:
            more = b""
        self.text += more.decode(errors="replace")
        self.seen += more.decode(errors="replace")
        return more

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def settings(self):
        return termios.tcgetattr(self.terminal)

    def end_early(self):
        """What is on its terminal is hung up."""
        self.left.remove(self)
        os.close(self.terminal)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def end(self):
        while self.read(20):
            pass
        self.left.remove(self)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main(arguments):
    """Types as the command line says."""
    end = arguments.index("--")
    typist = Typist(*arguments[end + 1:])
    try:
        for words, keys in zip(arguments[:end:2], arguments[1:end:2]):
            typist.until(words)
            typist.type(keys.encode().decode("unicode_escape"))
        status = typist.end()
        print(typist.seen)
    except Wrong as why:
        print(f"{typist.seen}\n{why}")
        typist.end_early()
        status = 99
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
