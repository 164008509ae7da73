"""Who walks the routes, what they walk to, and what each may: the table of rights, typed by hand.

Nothing here is computed from the product's own tables: it is what they are held against.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from access.models import FencePolicy, Holding, OwnedContainer, Team, User
from access.roles import Role
from audit import chain
from audit.models import Recording, Result
from containers import removals
from containers.models import RemovedContainer
from hosts.live import engine_of
from images.models import Registry
from jobs.models import Job
from tests.access.people import dock, grant, team, user
from tests.runtime import until
from transfers import spool
from transfers.models import Upload

SEES = (
    "host.see container.see container.logs image.see image.search job.see job.cancel audit.see"
    " audit.export network.see volume.see"
)
RUNS = " ".join(
    f"container.{verb}"
    for verb in ("start", "stop", "restart", "kill", "pause", "unpause", "rename")
)
OPERATES = f"{SEES} {RUNS} image.pull registry.use"
CHANGES = "container.update container.connect container.disconnect"
NETS = "network.use network.create network.remove"
VOLUMES = "volume.use volume.create volume.remove"
MAKES = "container.create container.remove image.build image.load image.push image.tag image.remove"
DEVELOPS = f"{OPERATES} {MAKES} {CHANGES} {NETS} {VOLUMES}"
DEVELOPS = f"{DEVELOPS} container.duplicate container.edit container.recreate container.forget"
INSIDE = (
    "container.exec container.attach container.files_read container.files_write container.export"
    " container.commit image.save image.files_read"
)
READS = (
    "host.see container.see container.logs image.see image.search registry.use job.see audit.see"
    " audit.export audit.verify user.see team.see terminal.watch network.see volume.see"
)
OVER = "terminal.watch terminal.end"  # the terminals of others
PRUNES = "container.prune image.prune volume.prune network.prune build.prune"
EVERYTHING = "everything"
HAS: Mapping[str, str] = {
    "stranger": "",
    "viewer": SEES,
    "operator": OPERATES,
    "developer": DEVELOPS,
    "ticked": f"{DEVELOPS} {INSIDE} container.reveal_env",
    "host-admin": f"{DEVELOPS} {INSIDE} container.beyond_fence {OVER} {PRUNES}",
    "auditor": READS,
    "superuser": EVERYTHING,
}
TICKS = [*INSIDE.split(), "container.reveal_env"]
# Whom the table of rights lets look beyond their own team.
SEE_ALL = ("host-admin", "auditor", "superuser")


def has(name: str, right: str) -> bool:
    return HAS[name] == EVERYTHING or right in HAS[name].split()


def person(name: str, shop: Team) -> User:
    """One of HAS, in the team ``shop``, with nothing but their own grant."""
    flags = {"auditor": name == "auditor", "is_superuser": name == "superuser"}
    made = user(f"the-{name}", **flags)
    # Where it is off, beyond the fence is nobody's, as its own test says.
    FencePolicy.objects.update_or_create(host=dock(), defaults={"beyond_fence": True})
    role = "developer" if name == "ticked" else name
    if role in Role.values:
        shop.members.add(made)
        grant(shop, role, extras=TICKS if name == "ticked" else [])
    return made


@dataclass(frozen=True)
class Thing:
    """One object of a route: ``seen_by`` says whom its existence is no secret to."""

    whose: str
    value: Any
    seen_by: Callable[[str], bool]


def own(value: Any, right: str) -> Thing:
    return Thing("own", value, lambda name: has(name, right))


def others(value: Any, right: str, whose: str = "theirs") -> Thing:
    return Thing(whose, value, lambda name: name in SEE_ALL and has(name, right))


@dataclass(frozen=True)
class World:
    """Two teams on one host; ``boxes``: own, theirs, nobodys → full id."""

    shop: Team
    bank: Team
    boxes: dict[str, str]
    images: dict[str, str]
    networks: dict[str, str]
    volumes: dict[str, str]

    def things(self, name: str, walker: User) -> dict[str, list[Thing]]:
        """The parameter of a route → the objects that it is walked with, for this person."""
        made = Maker(self, walker)
        return {
            "container_id": made.containers(),
            "removed_id": made.removed(),
            "image_id": made.images(),
            "network_id": made.networks(),
            "volume_id": made.volumes(),
            "registry_id": made.registries(),
            "job_id": made.jobs(),
            "upload_id": made.uploads(),
            "context_id": made.contexts(),
            "recording_id": made.recordings(),
            "user_id": made.people(),
            "slug": made.teams(),
            "grant_id": made.grants(),
            "seq": made.entries(),
        }


def world_of(
    boxes: dict[str, str],
    images: dict[str, str],
    networks: dict[str, tuple[str, str]] | None = None,
    volumes: dict[str, str] | None = None,
) -> World:
    """``networks``: own, theirs → name and full id; ``volumes``: → name."""
    shop, bank = team("shop"), team("bank")
    for whose, by in (("own", shop), ("theirs", bank)):
        OwnedContainer.objects.create(
            host="dock", container_id=boxes[whose], team=by, how="created"
        )
        Holding.objects.create(host="dock", kind="image", name=images[whose], team=by)
        for name, _id in [networks[whose]] if networks else []:
            Holding.objects.create(host="dock", kind="network", name=name, team=by)
        for name in [volumes[whose]] if volumes else []:
            Holding.objects.create(host="dock", kind="volume", name=name, team=by)
    grant(bank, Role.DEVELOPER)
    ids = {whose: id for whose, (_name, id) in (networks or {}).items()}
    return World(shop, bank, boxes, images, ids, volumes or {})


def until_known(id: str) -> None:
    """Until the mirror knows whether it is dangerous: before that it is nobody's to enter."""
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].dangers is not None, 30)


@dataclass(frozen=True)
class Maker:
    """Makes, for one walker, an object of their own and one of somebody else, of each kind."""

    world: World
    walker: User

    def containers(self) -> list[Thing]:
        boxes = self.world.boxes
        return [
            own(boxes["own"], "container.see"),
            others(boxes["theirs"], "container.see"),
            others(boxes["nobodys"], "container.see", "nobodys"),
        ]

    def removed(self) -> list[Thing]:
        """Of containers that are gone: their settings are kept."""
        for id, by in (("a1" * 32, self.world.shop), ("b2" * 32, self.world.bank)):
            sealed = removals.closed({"Id": id, "Config": {"Image": "mx"}}, None, {})
            fields = {"name": "mx-gone", "image": "mx", "team": by.pk, "sealed": sealed}
            fields["removed"] = timezone.now()
            RemovedContainer.objects.update_or_create(host="dock", container_id=id, defaults=fields)
        return [own("a1" * 32, "container.see"), others("b2" * 32, "container.see")]

    def images(self) -> list[Thing]:
        images = self.world.images
        return [own(images["own"], "image.see"), others(images["theirs"], "image.see")]

    def networks(self) -> list[Thing]:
        networks = self.world.networks
        return [own(networks["own"], "network.see"), others(networks["theirs"], "network.see")]

    def volumes(self) -> list[Thing]:
        volumes = self.world.volumes
        return [own(volumes["own"], "volume.see"), others(volumes["theirs"], "volume.see")]

    def registries(self) -> list[Thing]:
        made = []
        for by, thing in ((self.world.shop, own), (self.world.bank, others)):
            address = f"{by.slug}.example.org"
            registry, _new = Registry.objects.get_or_create(address=address)
            Holding.objects.get_or_create(host="", kind="registry", name=address, team=by)
            made.append(thing(registry.pk, "registry.use"))
        return made

    def jobs(self) -> list[Thing]:
        other = user("of-the-bank")
        self.world.bank.members.add(other)
        return [
            thing(self.job(by).pk, "job.see") for by, thing in ((self.walker, own), (other, others))
        ]

    def job(self, by: User) -> Job:
        fields = {"kind": "image.pull", "title": "x", "host": "dock", "state": "done"}
        return Job.objects.create(user_id=str(by.pk), user=by.username, intent_seq=0, **fields)

    def recordings(self) -> list[Thing]:
        other = user("of-the-bank")
        return [
            thing(self.recording(by).pk, "audit.see")
            for by, thing in ((self.walker, own), (other, others))
        ]

    def recording(self, by: User) -> Recording:
        fields = {"intent_seq": 0, "user_id": str(by.pk), "host": "dock", "state": "whole"}
        fields["started"] = timezone.now()
        return Recording.objects.get_or_create(id=f"{by.pk:032x}", defaults=fields)[0]

    def uploads(self) -> list[Thing]:
        """Nobody sees another's upload, an administrator neither."""
        mine = self.upload(self.walker.pk)
        theirs = self.upload(self.walker.pk + 1000)
        return [
            Thing("own", mine.pk, lambda name: has(name, "container.files_write")),
            Thing("theirs", theirs.pk, lambda name: False),
        ]

    def upload(self, user_id: int) -> Upload:
        return Upload.objects.create(
            user_id=user_id,
            kind="container",
            host="dock",
            object_id=self.world.boxes["own"],
            directory="/tmp",
            name="x",
            size=5,
            expires=timezone.now() + timedelta(hours=1),
        )

    def contexts(self) -> list[Thing]:
        """Of a build; as uploads, but one's own are closed only where one may not build."""
        mine, theirs = self.upload(self.walker.pk), self.upload(self.walker.pk + 1000)
        Upload.objects.filter(pk__in=[mine.pk, theirs.pk]).update(kind="build", object_id="")
        spool.file_of(mine.pk).touch()
        return [own(mine.pk, "host.see"), Thing("theirs", theirs.pk, lambda name: False)]

    def people(self) -> list[Thing]:
        return [
            Thing("oneself", self.walker.pk, lambda name: True),
            Thing("theirs", user("of-the-bank").pk, lambda name: has(name, "user.see")),
        ]

    def teams(self) -> list[Thing]:
        both = (("own", self.world.shop), ("theirs", self.world.bank))
        return [Thing(whose, of.slug, lambda name: has(name, "team.see")) for whose, of in both]

    def grants(self) -> list[Thing]:
        given = self.world.bank.grants.get()
        return [Thing("theirs", given.pk, lambda name: has(name, "team.see"))]

    def entries(self) -> list[Thing]:
        """Rows of the record: the walker's own, and one of another person on the same host."""
        mine, theirs = (
            chain.append("image.pull", Result.OK, user_id=str(by), host="dock").seq
            for by in (self.walker.pk, user("of-the-bank").pk)
        )
        return [own(mine, "audit.see"), others(theirs, "audit.see")]
