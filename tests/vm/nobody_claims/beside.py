# SPDX-License-Identifier: MIT
"""What nobody tries beside root's claims: each says "ready" and goes on until it is killed."""
import fcntl
import os
import resource
import signal
import time

from attempt import (
    again, bind, card, disturb, folder, libc, must_fail, own_namespaces, PLACE, reached, ready, RUNTIME, wait)


def open_all_nodes():
    def look():
        for where in ("/dev/vfio", "/dev/vfio/devices", "/dev/vfio/noiommu"):
            for name in os.listdir(where) if os.path.isdir(where) else ():
                if name not in ("vfio", "devices", "noiommu"):
                    must_fail(f"{where}/{name}", os.open, f"{where}/{name}", os.O_RDWR)
                    must_fail(f"{where}/{name}", os.open, f"{where}/{name}", os.O_RDONLY)
    again(look)


def watch_nodes():
    """Told of each new node at once."""
    fd = libc.inotify_init1(0)
    libc.inotify_add_watch(fd, b"/dev/vfio", 0xFFF)
    ready()
    while True:
        os.read(fd, 4096)
        for name in os.listdir("/dev/vfio"):
            if name.isdigit():
                must_fail(name, os.open, f"/dev/vfio/{name}", os.O_RDWR)


def state_folder():
    """Every file of dmaown's, to read, to write, to lock; new names in its folders."""
    def look():
        for where, _, files in os.walk(RUNTIME):
            must_fail(f"a file in {where}", os.open, f"{where}/of-nobody", os.O_WRONLY | os.O_CREAT)
            must_fail(f"rename {where}", os.rename, where, f"{PLACE}/taken")
            for name in files:
                path = f"{where}/{name}"
                must_fail(f"write {path}", os.open, path, os.O_WRONLY)
                must_fail(f"unlink {path}", os.unlink, path)
                must_fail(f"link {path}", os.link, path, f"{PLACE}/link")
                if "claim-" in name:
                    must_fail(f"read {path}", os.open, path, os.O_RDONLY)
                if name.endswith(".lock"):
                    must_fail(f"lock {path}", os.open, path, os.O_RDONLY)
        for name in ("claims", "locks"):
            must_fail(f"list {name}", os.listdir, f"{RUNTIME}/{name}")
    again(look)


def lock_folder():
    """The folder itself can be opened by all."""
    fd = os.open(RUNTIME, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    for command in (fcntl.F_SETLEASE, fcntl.F_NOTIFY):
        for argument in (fcntl.F_WRLCK, fcntl.F_RDLCK, 0x8000003F):
            try:
                fcntl.fcntl(fd, command, argument)
            except OSError:
                pass
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    ready()
    wait()


def watch_all():
    """As many watches as one may have on what dmaown touches."""
    for _ in range(100):
        fd = libc.inotify_init1(0)
        for path in (RUNTIME, "/dev/vfio", f"/sys/bus/pci/devices/{card()}", "/sys/bus/pci/drivers/vfio-pci"):
            libc.inotify_add_watch(fd, path.encode(), 0xFFF)
    ready()
    wait()


def hold_attributes():
    """Everything of the device that all may read."""
    kept = []
    for where, _, files in os.walk(os.path.realpath(f"/sys/bus/pci/devices/{card()}")):
        for name in files:
            try:
                kept.append(os.open(f"{where}/{name}", os.O_RDONLY))
            except OSError:
                pass
    ready()
    wait()


def trace_all():
    """Every dmaown that comes: its descriptors, memory, environment, limits, signals."""
    def look():
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and open(f"/proc/{name}/comm").read() == "dmaown\n":
                    disturb(int(name))
            except OSError:
                pass
    again(look)


def own_dmaown():
    """dmaown as nobody, with a state folder of its own too."""
    dmaown = os.environ["DMAOWN"]
    os.makedirs(f"{PLACE}/own/claims", exist_ok=True)
    for setting in ("", f"DMAOWN_RUNTIME_DIR={PLACE}/own "):
        for command in ("recover", "release --all", f"claim --force {card()}"):
            status = os.system(f"{setting}{dmaown} {command} > /dev/null 2>&1") >> 8
            if status == 0 and command.startswith("claim"):
                reached(f"{setting}{command}: 0")
    ready()
    wait()


def prepared_folder():
    """A state folder that root's environment may name: full of links, of fifos and of records of nobody's."""
    for name in ("folder", "folder/claims", "folder/locks"):
        os.makedirs(f"{PLACE}/{name}", exist_ok=True)
        os.chmod(f"{PLACE}/{name}", 0o777)
    for number in range(64):
        os.symlink(f"{PLACE}/target", f"{PLACE}/folder/claims/.claim-{number}.new")
        os.mkfifo(f"{PLACE}/folder/locks/group-{number}.lock")
        os.mkfifo(f"{PLACE}/folder/group-{number}.lock")
    with open(f"{PLACE}/folder/claims/claim-7.json", "w") as out:
        out.write('{"dmaown-claim":1}\n')
    os.mkfifo(f"{PLACE}/folder/claims/claim-8.json")
    ready()
    wait()


def swapped_folder():
    """A state folder that is one thing and then another."""
    for name in ("one", "two"):
        os.makedirs(f"{PLACE}/{name}/claims", exist_ok=True)
    ready()
    while True:
        for name in ("one", "two"):
            os.symlink(name, f"{PLACE}/next-folder")
            os.rename(f"{PLACE}/next-folder", f"{PLACE}/folder")


def many_children():
    """As a fork bomb does, within its limits."""
    resource.setrlimit(resource.RLIMIT_NPROC, (150, 150))
    ready()
    while True:
        try:
            if os.fork() == 0:
                time.sleep(0.2)
                os._exit(0)
            os.waitpid(-1, os.WNOHANG)
        except OSError:
            time.sleep(0.05)


def mounts_over():
    """Root's folders, as a namespace of its own shows them."""
    own_namespaces()
    for path in (RUNTIME, "/dev/vfio", f"/sys/bus/pci/devices/{card()}"):
        bind(folder(), path)
    must_fail("a node of its own", os.mknod, f"/dev/vfio/{os.getpid()}", 0o20666, os.makedev(10, 196))
    ready()
    wait()


BESIDE = {
    "opens-all-nodes": open_all_nodes,
    "opens-nodes-as-they-come": watch_nodes,
    "reads-and-writes-the-state-folder": state_folder,
    "locks-the-state-folder": lock_folder,
    "watches-all-that-is-touched": watch_all,
    "holds-all-attributes": hold_attributes,
    "traces-every-dmaown": trace_all,
    "runs-dmaown-itself": own_dmaown,
    "prepares-a-state-folder": prepared_folder,
    "swaps-a-state-folder": swapped_folder,
    "many-children": many_children,
    "mounts-over-all": mounts_over,
}
