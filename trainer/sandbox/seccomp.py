"""The filter of system calls: which are denied, as a table, and the BPF program that says so to the kernel.

The namespaces and limits hold without it. It takes away the calls through which kernels have been broken into, those that would undo the
namespaces, and those that take memory which no limit of a process counts.
"""

from __future__ import annotations

import errno
import struct
from typing import NamedTuple


class Machine(NamedTuple):
    """An architecture: how the kernel calls it, and the column of the tables below that has its numbers."""

    audit: int
    column: int
    clone: int
    alone: tuple[int, ...]
    """Calls that do nothing but make a process."""


MACHINES = {
    "x86_64": Machine(0xC000003E, 0, 56, (57, 58)),
    "aarch64": Machine(0xC00000B7, 1, 220, ()),
}

# The numbers on x86_64 and on aarch64; None where there is no such call.
DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # where kernels have been broken into
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "lookup_dcookie": (212, 18),
    "vmsplice": (278, 75),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "create_module": (174, None),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "ioperm": (173, None),
    "iopl": (172, None),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    # memory that is nobody's: it outlives a mapping, or the kernel keeps it
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "io_setup": (206, 0),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}
CLONE3 = 435
"""Its flags lie in memory, where a filter cannot read them. It is said to be missing, and the C library goes back to `clone`."""
LAST_KNOWN = 462
"""`mseal`. What newer kernels bring is said to be missing."""
X32 = 0x40000000
"""The bit of a second set of numbers that x86_64 has."""

NAMESPACES = 0x7E020000
"""All the flags of `clone` that make a namespace."""
CLONE_THREAD = 0x00010000
AF_UNIX = 1


class ByArgument(NamedTuple):
    """A call that is denied by the lower half of one of its arguments: where it is none of `only`, or where it is one of `never`."""

    numbers: tuple[int, int]
    argument: int
    only: tuple[int, ...] = ()
    never: tuple[int, ...] = ()


BY_ARGUMENT = {
    "socket": ByArgument((41, 198), 0, only=(AF_UNIX,)),
    "socketpair": ByArgument((53, 199), 0, only=(AF_UNIX,)),
    "ioctl": ByArgument((16, 29), 1, never=(0x5412, 0x541C)),  # TIOCSTI and TIOCLINUX type into a terminal
    "fcntl": ByArgument((72, 25), 1, never=(1031,)),  # F_SETPIPE_SZ: a pipe of 1 MiB for one of 64 KiB
}
BY_ARGUMENT_ALONE = {
    "fcntl": BY_ARGUMENT["fcntl"]._replace(never=(1031, 6, 7, 37, 38)),  # locks of ranges: kernel memory that only a cgroup counts
}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

Step = tuple[int, int, int, int]
"""Code, what to skip if true, what to skip if not, operand."""


def program(machine: str, *, is_alone: bool) -> bytes:
    """The filter for an architecture, as bubblewrap takes it; `is_alone`: threads only, no second process."""
    spec = MACHINES[machine]
    steps: list[Step] = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, spec.audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, X32), (_RETURN, 0, 0, _KILL)]
    steps += [(_AT_LEAST, 0, 1, LAST_KNOWN + 1), _denied(errno.ENOSYS), *_if(CLONE3, [_denied(errno.ENOSYS)])]
    for numbers in DENIED.values():
        number = numbers[spec.column]
        if number is not None:
            steps += _if(number, [_denied(errno.EPERM)])
    for rule in {**BY_ARGUMENT, **(BY_ARGUMENT_ALONE if is_alone else {})}.values():
        steps += _if(rule.numbers[spec.column], _by_argument(rule))
    steps += _if(spec.clone, _clone(is_alone))
    if is_alone:
        for number in spec.alone:
            steps += _if(number, [_denied(errno.EAGAIN)])
    return b"".join(struct.pack("=HBBI", *step) for step in [*steps, (_RETURN, 0, 0, _ALLOW)])


def _denied(number: int) -> Step:
    return (_RETURN, 0, 0, _ERRNO | number)


def _if(number: int, then: list[Step]) -> list[Step]:
    """Steps for one call, skipped for all others. They end the program, since they may load something else over the number."""
    return [(_EQUAL, 0, len(then), number), *then]


def _by_argument(rule: ByArgument) -> list[Step]:
    steps: list[Step] = [(_LOAD, 0, 0, 16 + 8 * rule.argument)]
    for value in rule.only:
        steps += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    for value in rule.never:
        steps += [(_EQUAL, 0, 1, value), _denied(errno.EPERM)]
    return [*steps, _denied(errno.EPERM) if rule.only else (_RETURN, 0, 0, _ALLOW)]


def _clone(is_alone: bool) -> list[Step]:
    steps: list[Step] = [(_LOAD, 0, 0, 16), (_ANY_BIT, 0, 1, NAMESPACES), _denied(errno.EPERM)]
    if is_alone:
        steps += [(_ANY_BIT, 1, 0, CLONE_THREAD), _denied(errno.EAGAIN)]
    return [*steps, (_RETURN, 0, 0, _ALLOW)]
