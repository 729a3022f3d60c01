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
OUTSIDE = ('native', 'stub', 'none', 'vfio')
WEIGHTS = {'claim': 5, 'claim_for': 5, 'race': 3, 'kill_holder': 1, 'let_go': 2, 'remove': 2, 'rescan': 1, 'vfs': 2,
           'outside': 3, 'release': 4, 'recover': 2, 'look': 1}


def target(rng):
    # VFs only sometimes: most claims of them are of devices that nothing else happens to.
    return rng.choice(TARGETS)


def how(rng):
    kind = rng.choice(('wait', 'wait', 'wait', 'leave', 'kill'))
    return round(rng.uniform(0, 0.5), 3) if kind == 'kill' else kind


def claim_words(rng):
    user = ('--user', 'nobody') if rng.random() < 0.3 else ()
    return ('claim', '--owner', rng.choice(OWNERS), *user, *target(rng))


def release_words(rng):
    which = rng.choice((target(rng), target(rng), ('--all',), ('--owner', rng.choice(OWNERS))))
    force = ('--force',) if rng.random() < 0.3 else ()
    return ('release', *force, *which)


def command_words(rng):
    return rng.choice((claim_words, claim_words, release_words, lambda _: ('recover',)))(rng)


def race_words(rng):
    """Two commands, often about the same."""
    devices = target(rng)
    pairs = ((('claim', '--owner', 'alice', *devices), ('claim', '--owner', 'bob', *devices)),
             (('claim', '--owner', 'alice', *devices), ('release', *devices)),
             (('release', *devices), ('release', *devices)), (('recover',), ('recover',)),
             (('release', '--all'), ('recover',)), (('recover',), ('claim', '--owner', 'alice', *devices)),
             (command_words(rng), command_words(rng)))
    return rng.choice(pairs)


def removable(rng):
    return rng.choice(world.TRIO + (world.CARD, world.CARD, world.PHYSICAL))


def step(rng):
    what = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    arguments = {
        'claim': lambda: (claim_words(rng), how(rng)),
        'claim_for': lambda: (rng.choice(TARGETS), rng.choice(('holds', 'holds', 'idle', 'leaves-a-child')), how(rng)),
        'race': lambda: race_words(rng),
        'remove': lambda: (removable(rng),),
        'vfs': lambda: (rng.choice((0, 2, 'again')),),
        'outside': lambda: (rng.choice(world.ALL), rng.choice(OUTSIDE)),
        'release': lambda: (release_words(rng), how(rng)),
        'recover': lambda: (('recover',), how(rng)),
        'look': lambda: (rng.choice((('list',), ('claims',), ('show', world.CARD))),),
    }
    return (what, *arguments.get(what, tuple)())


def prepare(rng):
    """What was there before: now and then a device that is not on its driver."""
    devices = [device for device in world.ALL if rng.random() < 0.15]
    return [('before', device, rng.choice(BEFORE)) for device in devices]


def steps(rng):
    return prepare(rng) + [step(rng) for _ in range(rng.randint(4, 9))] + [('end', rng.random() < 0.5)]
