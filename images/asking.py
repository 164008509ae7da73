"""Registries asked what tags name now: a job, at somebody's word, of what that person may ask."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from access.actors import Actor
from access.gate import may
from access.models import User
from access.sight import seen
from access.targets import ImageTarget, Target
from engine.errors import EngineError
from engine.threads import door
from engine.types import EngineState, ImageRow
from hosts.live import engine_of, slugs
from images import allowed, manifests, registries
from images.errors import RegistryDown
from images.models import Registry, TagAnswer
from images.newer import Newer, asked_tags, registry_of, standing
from images.references import HUB, parse
from images.registries import Anonymous
from images.registry_api import RegistryClient
from jobs.errors import Unfinished
from jobs.kinds import Kind, Link, Order, Params, Work
from jobs.progress import Part, Progress

AT_ONCE = 4
MOST = 500  # tags in one check: those that were asked about longest ago
MOST_DOWN = 3  # so often a registry is away before it is asked nothing more
RIGHT = "image.search"
WORDS = {
    Newer.YES: gettext_lazy("newer"),
    Newer.NO: gettext_lazy("the same"),
    Newer.UNKNOWN: gettext_lazy("could not be asked"),
    Newer.NONE: gettext_lazy("not asked"),
}


def place_of(actor: Actor, host: str, address: str) -> Registry | Anonymous | None:
    """Whom this person may ask: a registry that is set up here and theirs to use, or Docker Hub
    without a login; nothing else is called. None where nobody is."""
    listed = allowed.allowed_on(actor, host)
    if not address or (listed is not None and address not in listed):
        return None
    registry = registries.find(address)
    if registry is not None and may(actor, "registry.use", registry.target):
        return registry
    return Anonymous() if address == HUB else None


def askable(actor: Actor, host: str, rows: Iterable[ImageRow]) -> list[str]:
    """The tags of these images that the person may ask about, at most MOST."""
    tags = dict.fromkeys(tag for row in rows for tag in asked_tags(row))
    addresses = {registry_of(tag) for tag in tags}
    open_to = {each for each in addresses if place_of(actor, host, each) is not None}
    tried = dict(TagAnswer.objects.filter(host=host).values_list("reference", "tried"))
    found = [tag for tag in tags if registry_of(tag) in open_to]
    found.sort(key=lambda tag: (tried[tag].timestamp() if tag in tried else 0.0, tag))
    return found[:MOST]


def order(host: str, params: Params) -> Order:
    tags = params["references"]
    count = ngettext("%(count)d tag", "%(count)d tags", len(tags)) % {"count": len(tags)}
    return Order(
        key="\n".join(sorted(tags)),
        title=tags[0] if len(tags) == 1 else count,
        target=target_of(host, params.get("image_id", "")),
    )


def target_of(host: str, image_id: str) -> Target:
    if not image_id:
        return Target("host", host, host, host)
    row = engine_of(host).mirror.snapshot.images.get(image_id)
    return ImageTarget.of(host, row) if row else Target("image", image_id, image_id[:12], host)


async def run(work: Work) -> dict[str, Any]:
    """``{"newer", "same", "unknown", "status"}``, numbers of tags and a sentence; ``image_id``
    where it was one image's. Raises Unfinished where nothing could be asked."""
    check = Check(work.host, work.user_id, work.progress, deque(work.params["references"]))
    await check.all()
    await door.run(forget_gone, work.host)
    image_id = work.params.get("image_id")
    return check.result() | ({"image_id": image_id} if image_id else {})


@dataclass(slots=True)
class Check:
    """One check under way: four tags at a time. ``counts`` and ``problems`` are of what it did;
    ``down`` has the words of each registry that is away."""

    host: str
    user_id: str
    progress: Progress
    left: deque[str]
    counts: Counter[Newer] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    down: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def all(self) -> None:
        for address, count in Counter(map(registry_of, self.left)).items():
            self.progress.put(part(address, 0, count))
        async with asyncio.TaskGroup() as group:
            for _number in range(AT_ONCE):
                group.create_task(self.some())

    async def some(self) -> None:
        clients: dict[str, RegistryClient] = {}
        while self.left:
            tag = self.left.popleft()
            newer, problem = await door.run(self.one, tag, clients)
            self.note(tag, newer, problem)

    def one(self, tag: str, clients: dict[str, RegistryClient]) -> tuple[Newer, str]:
        """How the tag stands and, where its registry did not say, why. In threads. What the
        person may is asked again: it may have ended meanwhile."""
        actor = self.actor()
        row = seen(actor, self.host, engine_of(self.host).mirror.snapshot).find_image(tag)
        place = place_of(actor, self.host, registry_of(tag))
        if place is None or row is None or tag not in asked_tags(row):
            return Newer.NONE, ""
        by_login = isinstance(place, Registry) and place.has_login
        told = {"digest": "", "problem": ""}
        try:
            told["digest"] = self.ask(place, tag, clients)
        except EngineError as error:
            told["problem"] = error.message
        answer = keep(self.host, tag, by_login, **told)
        return standing(row, tag, answer).newer, told["problem"]

    def ask(self, place: Registry | Anonymous, tag: str, clients: dict[str, RegistryClient]) -> str:
        away = self.down[place.address]
        if len(away) >= MOST_DOWN:
            raise RegistryDown(away[-1])
        client = clients.get(place.address)
        if client is None:
            client = clients[place.address] = registries.client_of(place)
        try:
            return manifests.digest(client, parse(tag))
        except RegistryDown as error:
            away.append(error.message)
            raise

    def actor(self) -> Actor:
        person = User.objects.filter(pk=int(self.user_id or 0)).first()
        return Actor.of_user(person or AnonymousUser())

    def note(self, tag: str, newer: Newer, problem: str) -> None:
        self.counts[Newer.UNKNOWN if problem else newer] += 1
        self.problems += [problem] if problem else []
        address = registry_of(tag)
        if held := self.progress.part(address):
            self.progress.put(part(address, held.current + 1, held.total))
        self.progress.line(f"{tag}: {problem or WORDS[newer]}")

    def result(self) -> dict[str, Any]:
        names = {"newer": Newer.YES, "same": Newer.NO, "unknown": Newer.UNKNOWN}
        counts = {name: self.counts[newer] for name, newer in names.items()}
        words = _("%(newer)d newer, %(same)d the same, %(unknown)d could not be asked.")
        if self.problems and not counts["newer"] + counts["same"]:
            raise Unfinished(self.problems[-1], counts)
        return counts | {"status": words % counts}


def part(address: str, current: int, total: int) -> Part:
    """One registry's row: it counts tags, not bytes."""
    status = _("%(done)d of %(all)d") % {"done": current, "all": total}
    return Part(address, status, current, total, done=current == total, things=True)


def keep(host: str, tag: str, by_login: bool, digest: str, problem: str) -> TagAnswer:
    """A try that failed leaves what was told before."""
    now = timezone.now()
    fields: dict[str, Any] = {"tried": now, "problem": problem[:500]}
    if digest:
        fields |= {"digest": digest, "checked": now}
    key: dict[str, Any] = {"host": host, "reference": tag, "by_login": by_login}
    return TagAnswer.objects.update_or_create(**key, defaults=fields)[0]


def forget_gone(host: str) -> None:
    """What was said of tags, and hosts, that are not there any more."""
    TagAnswer.objects.exclude(host__in=slugs()).delete()
    snapshot = engine_of(host).mirror.snapshot
    if snapshot.state != EngineState.UP:
        return
    here = {tag for row in snapshot.images.values() for tag in row.tags}
    rows = TagAnswer.objects.filter(host=host).values_list("pk", "reference")
    gone = [pk for pk, reference in rows if reference not in here]
    TagAnswer.objects.filter(pk__in=gone).delete()


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    if image_id := result.get("image_id"):
        return [(reverse("image-detail", args=[host, image_id]), _("Open the image"))]
    if result.get("newer"):
        address = f"{reverse('image-list', args=[host])}?q=newer:{Newer.YES}"
        return [(address, _("Show what is newer"))]
    return [(reverse("image-list", args=[host]), _("All images"))] if result else []


KIND = Kind(RIGHT, gettext_lazy("Check"), run, order, links)
