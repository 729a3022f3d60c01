# SPDX-License-Identifier: MIT
"""What somebody without privilege may try on a host with claims: python3 nobody_claims KIND TRY; without arguments, the list.

What a try reaches that it must not is told in /run/nobody/reached. KIND is when it is made, and so what root sees of it:

BESIDE  a process of nobody's, while root claims and releases: says "ready", and tries until it is killed
INSIDE  the command of a claim of nobody's own: it tries, and ends; then the claim ends
LEAVES  the same, but it leaves something behind that has not the group: the claim ends all the same. Once
        /run/nobody/next is there, root has the group for itself, and what was left behind tries again
HOLDS   the same, but what it leaves behind has the group: root's release ends in time, without it
"""
import sys

from beside import BESIDE
from holds import HOLDS
from inside import INSIDE
from leaves import LEAVES

KINDS = {"beside": BESIDE, "inside": INSIDE, "leaves": LEAVES, "holds": HOLDS}


def main():
    if len(sys.argv) == 1:
        for kind, tries in KINDS.items():
            for name in tries:
                print(kind, name)
        return
    KINDS[sys.argv[1]][sys.argv[2]]()


main()
