"""Which images a build may read, what it may be called, and whose it is: asked when a build is
started and again when it runs.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Denied, Fenced
from access.gate import authorize
from access.remedies import remedy
from access.sight import seen
from access.targets import Target
from engine.answers import Json
from engine.build_spec import BuildSpec
from engine.dockerfile import BadLine, instruction, parse
from engine.dockerfile_labels import check_labels
from engine.dockerfile_uses import Recipe, Use, check_fetching, recipe
from engine.snapshot import Snapshot
from engine.types import ImageRow
from hosts.live import engine_of
from images import allowed, naming, registries
from images.references import BadReference, Reference
from images.references import parse as reference_of
from web.wording import worded

FIELD = "dockerfile"
MOST_SOURCES = 100


@dataclass(frozen=True, slots=True)
class Base:
    """An image that is read: the one that is here, or else where it is pulled from."""

    use: Use
    row: ImageRow | None
    pulled: Reference | None


def read(dockerfile: bytes, spec: BuildSpec) -> Recipe:
    """Raises Fenced, with the line, for what cannot be judged."""
    try:
        return recipe(parse(dockerfile), dict(spec.args))
    except BadLine as error:
        raise fenced(error.line, worded(error.sentence)) from error


def fenced(line: int, words: str, *remedies: str) -> Fenced:
    at = _("line %(line)d: ") % {"line": line} if line else ""
    return Fenced([(FIELD, at + words)], [each for each in remedies if each])


def bases(actor: Actor, host: str, found: Recipe, spec: BuildSpec) -> list[Base]:
    """Each image that is read, once. Raises Fenced or Denied where one is not for this person.

    What is here for others only is as if it were not: it is asked of its registry, as by anybody.
    """
    snapshot = seen(actor, host, engine_of(host).mirror.snapshot)
    uses = dict.fromkeys(found.uses.values())
    return [base(actor, host, snapshot, use, spec) for use in uses]


def base(actor: Actor, host: str, snapshot: Snapshot, use: Use, spec: BuildSpec) -> Base:
    row = snapshot.find_image(use.reference)
    if words := allowed.refusal(actor, host, use.reference, snapshot):
        raise fenced(use.line, words, remedy("image", host, beyond=False))
    named = row is None or not row.id.startswith(use.reference.removeprefix("sha256:"))
    wanted = use.platform or spec.platform
    fits = row is not None and (not wanted or row.platform.startswith(wanted))
    if fits and not (spec.pull and named):
        return Base(use, row, None)
    try:
        reference = reference_of(use.reference)
    except BadReference as error:
        raise fenced(use.line, error.message) from error
    authorize(actor, "image.pull", Target("image", "", reference.wanted, host))
    registries.check_use(actor, reference.registry)
    return Base(use, None, reference)


def check_triggers(use: Use, inspect: Json) -> None:
    """What the image does to those that are built from it is judged as if it stood there."""
    for text in (inspect.get("Config") or {}).get("OnBuild") or ():
        try:
            step = instruction(use.line, f"ONBUILD {text}")
            check_fetching(step)
            check_labels(step)
        except BadLine as error:
            words = _("%(image)s adds “%(step)s”: %(why)s")
            told = {"image": use.reference, "step": str(text)[:200], "why": worded(error.sentence)}
            raise fenced(use.line, words % told) from error


def check_names(actor: Actor, host: str, spec: BuildSpec) -> None:
    """Raises Denied where one of the names is another's. The result may have it already."""
    for tag in spec.tags:
        naming.check_free(actor, host, tag)


def references(spec: BuildSpec) -> list[Reference]:
    return [reference_of(tag) for tag in spec.tags]


def cache_sources(actor: Actor, host: str) -> list[str]:
    """Ids of the newest images that the person or their teams have: nobody else's steps are used
    again, for what made them may be a secret of theirs."""
    own = naming.held_by_own(actor, host)
    rows = engine_of(host).mirror.snapshot.images.values()
    mine = sorted((row for row in rows if row.id in own), key=lambda row: row.created)
    return [row.id for row in mine[-MOST_SOURCES:]]


def check_result(actor: Actor, host: str, image_id: str, before: Snapshot) -> None:
    """A build of nothing but FROM is an image that was there: it stays whose it was."""
    there = image_id in before.images or naming.has_others(actor, host, image_id)
    if there and image_id not in naming.held_by_own(actor, host) and not actor.reaches_all:
        raise Denied(_("The build added nothing: the result is an image that was here before."))
