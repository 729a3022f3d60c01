# SPDX-License-Identifier: MIT
"""What a round does, drawn before it begins, so that it does not depend on how fast things go.

A step is a tuple: what, then its arguments; round.py does it. `how` a command is run: 'wait', 'leave' (it goes on
beside what follows) or how many seconds until it is killed.
"""
from . import world

TARGETS = [(world.TRIO[0],), (world.TRIO[2],), (world.CARD,), (world.PHYSICAL,), (world.VIRTUAL[0],),
           (world.VIRTUAL[1],), (world.TRIO[1], world.CARD), world.VIRTUAL, (world.CARD, world.PHYSICAL)]
OWNERS = ('alice', 'bob')
BEFORE = ('none', 'stub', 'vfio', 'nobodys-vfio')
REMOVABLE = world.TRIO + (world.CARD, world.PHYSICAL)
OUTSIDE = ('native', 'stub', 'stub', 'none', 'vfio')
WEIGHTS = {'claim': 8, 'claim_for': 4, 'race': 3, 'kill_holder': 1, 'let_go': 2, 'remove': 3, 'rescan': 1, 'vfs': 2,
           'outside': 6, 'release': 3, 'recover': 2, 'look': 1}


class Focus:
    """What a round is mostly about, so that its steps meet: draws what they are done to."""

    def __init__(self, rng):
        self.rng = rng
        self.targets = rng.sample(TARGETS, 2)

    def target(self):
        return self.rng.choice(self.targets if self.rng.random() < 0.85 else TARGETS)

    def device(self, among):
        devices = [device for device in sum(self.targets, ()) if device in among]
        return self.rng.choice(devices if devices and self.rng.random() < 0.85 else among)


def how(rng):
    kind = rng.choice(('wait', 'wait', 'wait', 'wait', 'leave', 'kill'))
    return round(rng.uniform(0, 0.5), 3) if kind == 'kill' else kind


def claim_words(rng, focus):
    user = ('--user', 'nobody') if rng.random() < 0.3 else ()
    return ('claim', '--owner', rng.choice(OWNERS), *user, *focus.target())


def release_words(rng, focus):
    which = rng.choice((focus.target(), focus.target(), ('--all',), ('--owner', rng.choice(OWNERS))))
    force = ('--force',) if rng.random() < 0.3 else ()
    return ('release', *force, *which)


def command_words(rng, focus):
    return rng.choice((claim_words, claim_words, release_words, lambda *_: ('recover',)))(rng, focus)


def race_words(rng, focus):
    """Two commands, often about the same."""
    devices = focus.target()
    pairs = ((('claim', '--owner', 'alice', *devices), ('claim', '--owner', 'bob', *devices)),
             (('claim', '--owner', 'alice', *devices), ('release', *devices)),
             (('release', *devices), ('release', *devices)), (('recover',), ('recover',)),
             (('release', '--all'), ('recover',)), (('recover',), ('claim', '--owner', 'alice', *devices)),
             (command_words(rng, focus), command_words(rng, focus)))
    return rng.choice(pairs)


def step(rng, focus):
    what = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    arguments = {
        'claim': lambda: (claim_words(rng, focus), how(rng)),
        'claim_for': lambda: (focus.target(), rng.choice(('holds', 'holds', 'idle', 'leaves-a-child')), how(rng)),
        'race': lambda: race_words(rng, focus),
        'remove': lambda: (focus.device(REMOVABLE),),
        'vfs': lambda: (rng.choice((0, 2, 'again')),),
        'outside': lambda: (focus.device(world.ALL), rng.choice(OUTSIDE)),
        'release': lambda: (release_words(rng, focus), how(rng)),
        'recover': lambda: (('recover',), how(rng)),
        'look': lambda: (rng.choice((('list',), ('claims',), ('show', world.CARD))),),
    }
    return (what, *arguments.get(what, tuple)())


def prepare(rng):
    """What was there before: now and then a device that is not on its driver."""
    devices = [device for device in world.ALL if rng.random() < 0.15]
    return [('before', device, rng.choice(BEFORE)) for device in devices]


def steps(rng):
    focus = Focus(rng)
    return prepare(rng) + [step(rng, focus) for _ in range(rng.randint(5, 11))] + [('end', rng.random() < 0.5)]
