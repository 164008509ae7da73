"""Which request bodies are read at all: one table by address, judged before the body comes."""

import re
from dataclasses import dataclass

KIB, MIB = 2**10, 2**20
ANONYMOUS = 64 * KIB  # all that a login form needs; never enough to reach the disk
USUAL = 2_621_440  # Django's own bound for a form (DATA_UPLOAD_MAX_MEMORY_SIZE)
SLOWEST = 16 * KIB  # bytes a second below which a body is given up
PATIENCE = 30  # seconds on top of that


@dataclass(frozen=True, slots=True)
class Rule:
    """Bodies sent to addresses that match: how long, and whether only after a login."""

    address: re.Pattern[str]
    methods: frozenset[str]
    limit: int
    login: bool = True


RULES = (
    Rule(re.compile(r"/hosts/[^/]+/uploads/"), frozenset({"PATCH"}), 16 * MIB),
    Rule(re.compile(r"/hosts/[^/]+/images/build/contexts/"), frozenset({"PATCH"}), 16 * MIB),
    Rule(re.compile(r"/hosts/[^/]+/images/load/uploads/"), frozenset({"PATCH"}), 16 * MIB),
    # The form for browsers without JavaScript: 64 MiB of files, and what a form wraps them in.
    Rule(re.compile(r"/hosts/[^/]+/containers/[^/]+/files/upload/"), frozenset({"POST"}), 65 * MIB),
    Rule(re.compile(r"/hosts/[^/]+/images/build/\Z"), frozenset({"POST"}), 65 * MIB),
    Rule(re.compile(r"/hosts/[^/]+/images/load/\Z"), frozenset({"POST"}), 65 * MIB),
    Rule(re.compile(r"/(login|setup)/"), frozenset({"POST"}), ANONYMOUS, login=False),
)
OTHERS = Rule(re.compile(r"/"), frozenset(), USUAL, login=False)


def rule_for(method: str, address: str) -> Rule:
    """The first rule that fits; ``address`` is the raw path, so an escaped one gets the least."""
    for rule in RULES:
        if method in rule.methods and rule.address.match(address):
            return rule
    return OTHERS


def seconds_for(length: int) -> float:
    """How long a body of this many bytes may take."""
    return PATIENCE + length / SLOWEST


def in_words(count: int) -> str:
    """Bytes as a person says them: 16 MiB, 2.5 MiB, 64 KiB."""
    if count >= MIB:
        return f"{count / MIB:.3g} MiB"
    return f"{count / KIB:.3g} KiB"
