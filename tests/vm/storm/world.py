# SPDX-License-Identifier: MIT
"""The guest as sysfs shows it, and commands with time limits: nothing here knows what dmaown means to do.

Whatever may never end is done by a process of its own, so that it is seen that it does not.
"""
import collections
import glob
import json
import os
import re
import subprocess
import time

PCI = '/sys/bus/pci'
TRIO = ('0000:02:01.0', '0000:02:02.0', '0000:02:03.0')
CARD = '0000:03:00.0'
PHYSICAL = '0000:04:00.0'
VIRTUAL = ('0000:04:00.1', '0000:04:00.2')
ALL = TRIO + (CARD, PHYSICAL) + VIRTUAL
# The driver that the kernel finds for each: QEMU's virtual functions answer none.
NATIVE = dict.fromkeys(ALL) | {TRIO[0]: 'e1000', TRIO[2]: 'e1000', CARD: 'e1000e', PHYSICAL: 'nvme'}
RECORDS = ('/run/dmaown/claims', '/run/dmaown')

State = collections.namedtuple('State', 'driver override')


class Hang(Exception):
    """Something did not end in time."""


def path_of(device, attribute=''):
    return f'{PCI}/devices/{device}/{attribute}'


def state_of(device):
    """Its State; None: it is not there."""
    try:
        with open(path_of(device, 'driver_override'), encoding='ascii') as file:
            override = file.read().strip()
    except FileNotFoundError:
        return None
    try:
        driver = os.path.basename(os.readlink(path_of(device, 'driver')))
    except FileNotFoundError:
        driver = None
    return State(driver, None if override == '(null)' else override)


def states():
    return {device: state_of(device) for device in ALL}


def group_of(device):
    try:
        return os.path.basename(os.readlink(path_of(device, 'iommu_group')))
    except FileNotFoundError:
        return None


def acl_of(path):
    try:
        return os.getxattr(path, 'system.posix_acl_access').hex()
    except OSError:
        return None


def nodes():
    """Who may open each group's node, by a device of the group."""
    found = {}
    for device in ALL:
        path = f'/dev/vfio/{group_of(device)}'
        try:
            status = os.stat(path)
        except FileNotFoundError:
            continue
        found[device] = (status.st_uid, status.st_gid, oct(status.st_mode & 0o7777), acl_of(path))
    return found


def records():
    """The text of every record, by its path."""
    found = {}
    for path in [path for folder in RECORDS for path in glob.glob(f'{folder}/claim-*')]:
        try:
            with open(path, encoding='utf-8') as file:
                found[path] = file.read()
        except FileNotFoundError:
            pass
    return found


def addresses_in(record):
    try:
        devices = json.loads(record.split('\n', 1)[0])['devices']
        return {device['address'] for device in devices if device['treatment'] != 'leave'}
    except (ValueError, KeyError, TypeError):
        return set(re.findall(r'[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]', record))


def recorded():
    """The devices of which there is a record."""
    return set().union(*map(addresses_in, records().values()))


def write(path, text):
    """Gives the errno, or 0."""
    try:
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)
    except OSError as error:
        return error.errno
    return 0


def until(condition, seconds):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def give(device, driver, override):
    """As driverctl does it: override, unbind, and the kernel looks for a driver; or none."""
    write(path_of(device, 'driver_override'), (override or '') + '\n')
    if (state := state_of(device)) and state.driver not in (None, driver):
        write(path_of(device, 'driver/unbind'), device)
    if driver:
        write(f'{PCI}/drivers_probe', device)


def processes(name):
    """Those of that name that have not ended, each with its parent."""
    found = {}
    for path in glob.glob('/proc/[0-9]*/stat'):
        # The name may have brackets and blanks.
        before, _, after = read_or_nothing(path).rpartition(')')
        if before.endswith(f'({name}') and after.split()[0] not in 'ZX':
            found[int(path.split('/')[2])] = int(after.split()[1])
    return found


def read_or_nothing(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except OSError:  # no such file, or (ESRCH) no such process any more
        return ''


def stacks():
    """Where every process of dmaown, and whatever waits without end, is in the kernel."""
    lines = []
    for folder in glob.glob('/proc/[0-9]*'):
        state = re.search(r'^State:\s*(.*)$', read_or_nothing(f'{folder}/status'), re.M)
        name = read_or_nothing(f'{folder}/comm').strip()
        if state and (name == 'dmaown' or state[1].startswith('D')):
            lines += [f'{name} {os.path.basename(folder)} {state[1]}', read_or_nothing(f'{folder}/stack')]
    return '\n'.join(lines)


class Command:
    """A program that was started: its output goes to a file, so that nobody who has inherited it is waited for."""

    number = 0

    def __init__(self, words, stdin=subprocess.DEVNULL):
        Command.number += 1
        self.words = words
        self.file = f'said-{Command.number}'
        with open(self.file, 'wb') as out:
            self.process = subprocess.Popen(words, stdin=stdin, stdout=out, stderr=subprocess.STDOUT)
        self.status = None

    def has_ended(self):
        return self.process.poll() is not None

    def said(self):
        return read_or_nothing(self.file)

    def kill(self):
        self.process.kill()

    def end(self, limit):
        """Waits for it, and gives its status."""
        try:
            self.status = self.process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise Hang(f'{" ".join(self.words)}: not done after {limit} seconds: {self.said()}\n{stacks()}') from error
        return self.status


class KernelLog:
    """What the kernel has said since we looked last."""

    FAULTS = re.compile(r'WARNING:|BUG:|Oops|general protection|refcount_t|KASAN|Call Trace|corruption|hung_task|'
                        r'blocked for more than')

    def __init__(self):
        self.fd = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
        self.faults()

    def faults(self):
        """The lines of its faults."""
        found = []
        while True:
            try:
                line = os.read(self.fd, 8192).decode('utf-8', 'replace').rstrip()
            except BlockingIOError:
                return found
            except BrokenPipeError:
                continue
            if self.FAULTS.search(line):
                found.append(line)
