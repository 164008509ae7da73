"""Whether a registry's tag names something newer than what is here.

Judged as it is read: from what registries said when somebody had them asked, and what the mirror
knows now. So nothing is newer any more once it was pulled. Nobody is asked anything here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from access.actors import Actor
from engine.types import ImageRow
from images import registries
from images.models import TagAnswer
from images.references import registries_of

Answers = Mapping[str, TagAnswer]  # by the tag that they are about
NONE_YET: Answers = MappingProxyType({})


class Newer(StrEnum):
    """The words of the filter. NONE: no tag of it is a registry's, so there is nothing to ask."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Standing:
    """One tag. ``digest`` is what its registry said at ``checked``; ``problem`` why it did not
    say, when it was ``tried`` last. None of them where nobody asked."""

    reference: str
    newer: Newer
    digest: str = ""
    checked: datetime | None = None
    problem: str = ""
    tried: datetime | None = None


def answers_for(actor: Actor, host: str) -> Answers:
    """What this person is told: what a registry said under its login is for those who may use
    that. One query, two where there is such a thing."""
    rows = list(TagAnswer.objects.filter(host=host).order_by("by_login"))
    usable: set[str] = set()
    if any(row.by_login for row in rows):
        usable = {registry.address for registry in registries.usable(actor)}
    told = (row for row in rows if not row.by_login or registry_of(row.reference) in usable)
    return {row.reference: row for row in told}  # under a login more is known: it stands last


def registry_of(tag: str) -> str:
    """The address of the registry that a tag is of; "" where only an older engine took it."""
    return next(iter(registries_of([tag])), "")


def asked_tags(row: ImageRow) -> tuple[str, ...]:
    """Its tags that came from a registry: it has that repository's digest."""
    there = {digest.partition("@")[0] for digest in row.digests}
    return tuple(tag for tag in row.tags if tag.rpartition(":")[0] in there)


def standings(row: ImageRow, answers: Answers) -> tuple[Standing, ...]:
    return tuple(standing(row, tag, answers.get(tag)) for tag in asked_tags(row))


def standing(row: ImageRow, tag: str, answer: TagAnswer | None) -> Standing:
    """An older answer that it is newer stands, although its registry cannot be asked now."""
    if answer is None:
        return Standing(tag, Newer.UNKNOWN)
    here = f"{tag.rpartition(':')[0]}@{answer.digest}" in row.digests
    if answer.digest and not here:
        newer = Newer.YES
    else:
        newer = Newer.UNKNOWN if answer.problem else Newer.NO
    return Standing(tag, newer, answer.digest, answer.checked, answer.problem, answer.tried)


def of_image(row: ImageRow, answers: Answers) -> Newer:
    """Of several tags the first of yes, unknown, no."""
    found = {each.newer for each in standings(row, answers)}
    order = (Newer.YES, Newer.UNKNOWN, Newer.NO)
    return next((each for each in order if each in found), Newer.NONE)


def last_asked(answers: Answers) -> datetime | None:
    return max((answer.tried for answer in answers.values()), default=None)
