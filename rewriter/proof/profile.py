"""How much is tried: named profiles."""

from __future__ import annotations

from attrs import frozen

from rewriter.errors import UsageError


@frozen
class Profile:
    """How much is tried for each rule.

    Attributes:
        examples: How many instances.
        seconds: After so many no further instance is begun.
    """

    name: str
    examples: int
    seconds: float


PROFILES = {
    each.name: each for each in (Profile("quick", 50, 10.0), Profile("ci", 200, 30.0), Profile("thorough", 5000, 600.0))
}


def profile_named(name: str) -> Profile:
    """A profile by its name.

    Raises:
        UsageError: There is none of this name.
    """
    if name not in PROFILES:
        raise UsageError(f"there is no profile {name!r}", hint=", ".join(PROFILES))
    return PROFILES[name]
