"""`--target trl==1.16.0`: the releases that a command line asks for."""

from __future__ import annotations

from collections.abc import Iterable

from confguard.checking.setting import BadUsage
from confguard.words.target import PACKAGES, numbers


def parse_targets(arguments: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The library and the release of each argument; raises `BadUsage`."""
    found: dict[str, str] = {}
    for argument in arguments:
        for part in argument.split(","):
            package, version = parse_target(part)
            if package in found:
                raise BadUsage(f"--target names {package} twice")
            found[package] = version
    return tuple(found.items())


def parse_target(argument: str) -> tuple[str, str]:
    """The library and the release of a `trl==1.16.0`; raises `BadUsage`."""
    from confguard.schemas.releases.table import known, releases

    package, sign, version = (part.strip() for part in argument.partition("=="))
    if package not in PACKAGES or not sign or not numbers(version):
        raise BadUsage(f"{argument}: write {' or '.join(f'{name}==X' for name in PACKAGES)}, such as trl=={releases('trl')[-1]}")
    if known(package, version) is None:
        raise BadUsage(f"{argument}: confguard knows {package} from {releases(package)[0]} on")
    return package, version
