# SPDX-License-Identifier: MIT
"""A round: its steps are done, then everything is let go, and what is there is compared with what was.

The oracle knows from sysfs alone what a device may be on afterwards: what it was on before the round; or, if somebody
changed it while no record told of it, what they made of it. Anything else has to have been named by what dmaown said.
"""
import os
import re
import subprocess
import time

from . import world
from .world import State

LIMIT = 60  # seconds for a command
SETTLE = 15  # seconds for what the kernel does by itself
PATIENCE = ('--timeout', '3')
# 125 to 127: a claim for a command that failed. 2 (usage) and 6 (not permitted) would be a fault, and so is a signal.
STATUSES = {0, 1, 3, 4, 5, 7, 125, 126, 127}
ENDED_BY = {-9, 137}
# How dmaown says that a device is not as it was.
NAMES = re.compile(r'has gone|is on .* (instead of|where somebody else put it)|has the override|another claim|'
                   r"can't be (looked at|read)|does not end")


class Holder:
    """A claim for a command, under way: the command ends when a line comes."""

    def __init__(self, command, wire):
        self.command = command
        self.wire = wire
        self.killed = False

    def pid(self):
        found = re.search(r'^(\d+)$', self.command.said(), re.M)
        return int(found[1]) if found else None

    def lives(self):
        """Whether dmaown or the command does: the command stays where dmaown was killed."""
        return not self.command.has_ended() or bool(world.read_or_nothing(f'/proc/{self.pid()}/cmdline'))

    def let_go(self):
        try:
            os.write(self.wire, b'\n' * 8)
            os.close(self.wire)
        except OSError:
            pass


class Round:
    def __init__(self, dmaown, hold_group, kernel):
        self.dmaown, self.hold_group, self.kernel = dmaown, hold_group, kernel
        self.log, self.faults = [], []
        self.was = {device: [state] for device, state in world.states().items()}
        self.nodes = world.nodes()
        self.beside, self.holders, self.writers = [], [], []
        self.lines = []  # of what release, recover and claim said
        self.counts = dict.fromkeys(('named', 'refused', 'killed', 'changed'), 0)

    # ---- telling ----

    def note(self, text):
        self.log.append(text)

    def fault(self, text):
        self.faults.append(text)
        self.note(f'FAULT: {text}')

    # ---- commands ----

    def start(self, words, stdin=subprocess.DEVNULL):
        patience = PATIENCE if words[0] in ('claim', 'release', 'recover') else ()
        return world.Command([self.dmaown, words[0], *patience, *words[1:]], stdin)

    def conclude(self, command, killed=False):
        """Waits for its end, and takes down what it said."""
        status = command.end(LIMIT)
        said = command.said()
        self.note(f'  {" ".join(command.words[1:])}: {status}\n' + ''.join(f'    {line}\n' for line in said.splitlines()))
        if status not in STATUSES and not (status in ENDED_BY and (killed or 'hold' in said or '--' in command.words)):
            self.fault(f'exit status {status}: {" ".join(command.words)}')
        if command.words[1] in ('release', 'recover', 'claim'):
            self.lines += said.splitlines()
        self.counts['refused'] += status in (3, 4)
        return status

    def alone(self):
        """Whether nobody else changes anything now."""
        return not self.writers and not any(not command.has_ended() for command in self.beside) and \
            all(holder.command.has_ended() for holder in self.holders)

    def is_ending(self):
        """Whether a claim may be ending now: then its devices may have been looked at for the last time."""
        return bool(self.beside) or any(holder.killed and not holder.command.has_ended() for holder in self.holders)

    def check_words(self, command):
        """What is said to be back on a driver is on it."""
        for device, driver in re.findall(r'^(\S+): back on (.+)$', command.said(), re.M):
            state = world.state_of(device)
            wanted = None if driver == 'no driver' else driver
            if not state or state.driver != wanted:
                self.fault(f'"{device}: back on {driver}" is not so: {state}')

    def check_claim(self, command, before):
        """A claim that failed has changed nothing."""
        if command.status in (1, 3, 4, 5) and world.states() != before and not world.recorded():
            changed = {device: (state, world.state_of(device)) for device, state in before.items()
                       if state != world.state_of(device)}
            self.fault(f'a claim that failed with {command.status} changed {changed}')

    def run(self, words, how):
        alone, before, recorded = self.alone(), world.states(), world.records()
        command = self.start(words)
        if how == 'leave':
            self.beside.append(command)
            return
        if how != 'wait':
            time.sleep(how)
            command.kill()
            self.counts['killed'] += 1
        self.conclude(command, how != 'wait')
        if how == 'wait' and alone:
            self.check_words(command)
            if words[0] == 'claim' and not recorded:
                self.check_claim(command, before)

    def quiet(self):
        """Waits until no command is under way but those that run for a command of their own."""
        for command in self.beside:
            self.conclude(command)
        self.beside = []
        ours = {holder.command.process.pid for holder in self.holders}

        def only_ours():
            return all(pid in ours or parent in ours for pid, parent in world.processes('dmaown').items())

        if not world.until(only_ours, SETTLE) and not self.writers:
            raise world.Hang(f'processes of dmaown are left\n{world.stacks()}')

    # ---- steps ----

    def step(self, what, *arguments):
        self.note(f'{what} {" ".join(map(str, arguments))}')
        getattr(self, 'do_' + what)(*arguments)

    def do_before(self, device, kind):
        driver, override = {'none': (None, None), 'stub': ('pci-stub', 'pci-stub'),
                            'vfio': ('vfio-pci', 'vfio-pci'), 'nobodys-vfio': ('vfio-pci', 'vfio-pci')}[kind]
        world.give(device, driver, override)
        if kind == 'nobodys-vfio' and world.state_of(device).driver == driver:
            os.chown(f'/dev/vfio/{world.group_of(device)}', 65534, 65534)
        self.was = {device: [state] for device, state in world.states().items()}
        self.nodes = world.nodes()

    def do_claim(self, words, how):
        self.run(words, how)

    do_release = do_recover = do_claim

    def do_look(self, words):
        command = self.start(words)
        if command.end(LIMIT) < 0:
            self.fault(f'{" ".join(words)}: ended by a signal')

    def command_of(self, device, kind):
        hold = f'{self.hold_group} "${{DMAOWN_NODES%% *}}" {device}'
        return {'holds': f'exec {hold}', 'idle': 'echo $$; read -r line',
                'leaves-a-child': f'exec 3<&0; {hold} <&3 & exit 0'}[kind]

    def do_claim_for(self, devices, kind, how):
        end, wire = os.pipe()
        command = self.start(('claim', *devices, '--', 'sh', '-c', self.command_of(devices[0], kind)), end)
        os.close(end)
        holder = Holder(command, wire)
        self.holders.append(holder)
        if how == 'leave':
            return
        if how != 'wait':
            time.sleep(how)
        world.until(lambda: how != 'wait' or holder.pid() or command.has_ended(), 30)
        if how != 'wait':
            command.kill()
            self.counts['killed'] += 1

    def do_race(self, *commands):
        started = [self.start(words) for words in commands]
        for command in started:
            self.conclude(command)

    def do_kill_holder(self):
        for holder in self.holders[-1:]:
            if holder.pid():
                holder.killed = True
                try:
                    os.kill(holder.pid(), 9)
                except ProcessLookupError:
                    pass

    def do_let_go(self):
        for holder in self.holders:
            holder.let_go()
        for holder in self.holders:
            self.conclude(holder.command, True)
        self.holders = []

    def write(self, path, text):
        """Through a process of its own: while a user has the device open the kernel waits for them."""
        writer = world.Command(['sh', '-c', f'echo {text} > {path}'])
        if world.until(writer.has_ended, 1):
            writer.end(1)
        else:
            self.writers.append(writer)

    def before_removal(self):
        """Where the kernel crashes if a group is attached to (tests/vm/not-here), nobody is."""
        if self.kernel == '6.1':
            self.do_let_go()
            self.quiet()

    def do_remove(self, device):
        self.before_removal()
        if device == world.PHYSICAL:
            # With virtual functions the kernel keeps half of it, and crashes when they are made anew (iov.c:333).
            self.do_vfs(0)
        if device == world.PHYSICAL and world.state_of(world.VIRTUAL[0]):
            return
        self.change(device, lambda: self.write(world.path_of(device, 'remove'), 1), State(world.NATIVE[device], None))

    def do_rescan(self):
        self.write(f'{world.PCI}/rescan', 1)

    def do_vfs(self, count):
        self.before_removal()
        path = world.path_of(world.PHYSICAL, 'sriov_numvfs')
        for virtual in world.VIRTUAL:
            self.expect_also(virtual, State(None, None))
        for number in (0, 2) if count == 'again' else (count,):
            self.write(path, number)

    def do_outside(self, device, kind):
        self.quiet()
        state = world.state_of(device)
        if not state or self.writers:
            return
        if any(holder.lives() for holder in self.holders):
            # Never an override while a command may end and its drivers be bound: the kernel uses freed memory.
            self.change(device, lambda: self.write(world.path_of(device, 'driver/unbind'), device),
                        State(None, state.override))
            return
        driver, override = {'native': (world.NATIVE[device], None), 'stub': ('pci-stub', 'pci-stub'),
                            'none': (None, state.override), 'vfio': ('vfio-pci', 'vfio-pci')}[kind]
        self.change(device, lambda: world.give(device, driver, override), None)

    def change(self, device, change, expected):
        """Somebody changes a device. If nothing of ours tells of it, that is what it is on from now on."""
        covered, ending = device in world.recorded(), self.is_ending()
        change()
        if covered:
            self.counts['changed'] += 1
            if ending:
                self.was[device].append(expected or world.state_of(device))
            return
        if self.alone():
            self.was[device] = [expected or world.state_of(device)]
        else:
            self.expect_also(device, expected or world.state_of(device))

    def expect_also(self, device, state):
        if device not in world.recorded() or not self.alone():
            self.was[device].append(state)

    # ---- the end ----

    def do_end(self, devices_first):
        self.do_let_go()
        self.quiet()
        for writer in self.writers:
            writer.end(LIMIT)
        self.writers = []
        if devices_first:
            self.all_there()
        for words in (('recover',), ('release', '--all')):
            self.run(words, 'wait')
        # Virtual functions could not be made while the physical one was claimed.
        self.all_there()
        self.quiet()

    def all_there(self):
        """What was removed comes back."""
        world.write(f'{world.PCI}/rescan', '1')
        if world.state_of(world.VIRTUAL[0]) is None:
            world.until(lambda: world.state_of(world.PHYSICAL).driver, SETTLE)
            world.write(world.path_of(world.PHYSICAL, 'sriov_numvfs'), '2')

    # ---- the oracle ----

    def is_named(self, device):
        return any(device in line and NAMES.search(line) for line in self.lines)

    def judge_device(self, device, seconds):
        """A driver may be a while at its probe after the device has come."""
        if world.until(lambda: world.state_of(device) in self.was[device], seconds):
            return
        if self.is_named(device):
            self.counts['named'] += 1
            return
        self.fault(f'{device} is {world.state_of(device)} instead of {self.was[device]}, and nobody said so')
        self.note(subprocess.run([self.dmaown, 'audit', device], check=False, capture_output=True, text=True).stdout)

    def judge_records(self):
        for path, text in world.records().items():
            name = os.path.basename(path)
            if not any(name in line or any(device in line for device in world.addresses_in(text)) for line in self.lines):
                self.fault(f'{path} is left, and nobody said so: {text}')

    def judge_nodes(self):
        """Of groups whose devices are as they were and that had a node."""
        now = world.nodes()
        for device, node in self.nodes.items():
            unchanged = self.was[device] == [world.state_of(device)] and self.was[device][0].driver == 'vfio-pci'
            if unchanged and now.get(device) != node and not self.is_named(device):
                self.fault(f'the node of {device} is {now.get(device)} instead of {node}')
        for device, node in now.items():
            if node[0] and node != self.nodes.get(device) and not self.is_named(device):
                self.fault(f'the node of {device} is left to {node}')

    def judge(self):
        for device in world.ALL:
            self.judge_device(device, 3)
        self.judge_records()
        self.judge_nodes()
