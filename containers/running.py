"""From a spec to a running container: create, join networks, start; and that after a pull, a job.

A spec may hold secrets, so a job's stored parameters only name it: it waits in memory.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import ownership, quotas
from access.actors import Actor
from access.errors import Denied
from access.gate import may
from access.models import Team, User
from access.names import check_made, planned, team_for
from access.targets import ImageTarget, Target
from containers.masked_line import masked_line
from containers.run_fence import REASON, check_inherited, check_volumes, fenced
from engine.errors import Conflict, EngineError, NotFound, Refused
from engine.snapshot import Snapshot
from engine.spec_values import MountKind
from engine.specs import ContainerSpec
from engine.threads import door
from engine.types import ContainerRow, ImageRow
from hosts.live import engine_of
from images import pulling, registries
from images.references import BadReference, Reference, parse
from jobs.errors import Unfinished
from jobs.kinds import Kind, Link, Order, Params, Work
from jobs.waiting import Waiting

KIND_NAME = "container.create"


class NotStarted(EngineError):
    """It was created, and the engine refused to start it. ``container_id`` is "" if it is gone."""

    def __init__(self, error: EngineError, container_id: str) -> None:
        super().__init__(error.message)
        self.status, self.container_id = error.status, container_id


waiting = Waiting[ContainerSpec]()
making: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # of each host


def wants_pull(snapshot: Snapshot, spec: ContainerSpec) -> bool:
    """Whether its image has to come from a registry first. ``snapshot`` is what the person sees:
    an image that is here for others only is asked of its registry, as whoever asks there."""
    if spec.pull == "always":
        return reference_of(spec) is not None
    present = snapshot.find_image(spec.image) is not None
    return spec.pull == "missing" and not present and reference_of(spec) is not None


def reference_of(spec: ContainerSpec) -> Reference | None:
    """None where the image is named by an id, or by nothing that a registry knows."""
    try:
        return parse(spec.image)
    except BadReference:
        return None


def owner(actor: Actor, host: str, spec: ContainerSpec, team: str = "") -> int | None:
    """The team that will own it. Raises Denied where none of the actor's may have such a one."""
    image = engine_of(host).mirror.find_image(spec.image)
    if image is not None and not may(actor, "image.see", ImageTarget.of(host, image)):
        image = None  # pulled for this person first, and judged again then
    return team_for(actor, host, as_labelled(spec, image), team)


def as_labelled(spec: ContainerSpec, image: ImageRow | None) -> ContainerRow:
    """As selectors will see it: the engine adds the labels of its image."""
    inherited = image.labels if image else {}
    return planned(spec.name, {**inherited, **dict(spec.labels)}, spec.image)


def params(spec: ContainerSpec, team: int | None, reason: str = "") -> dict[str, Any]:
    """What the record and the job keep of it: nothing secret. ``reason``: why beyond the fence."""
    return ({REASON: reason} if reason else {}) | {
        "image": spec.image,
        "name": spec.name,
        "team": team,
        "volumes": volumes_of(spec),
    }


def volumes_of(spec: ContainerSpec) -> list[str]:
    """Names of volumes that it mounts: those that are new become its team's."""
    return sorted({m.source for m in spec.mounts if m.kind is MountKind.VOLUME and m.source})


def check_image(actor: Actor, host: str, spec: ContainerSpec) -> None:
    """Raises NotFound where the image is here, but not for this person: as if it were not."""
    row = engine_of(host).mirror.find_image(spec.image)
    if row is not None and not may(actor, "image.see", ImageTarget.of(host, row)):
        raise NotFound(_("There is no image %(image)s here.") % {"image": spec.image})


def check(actor: Actor, host: str, params: Params) -> None:
    """Of a run that waits: its image's registry, whose it will be, the fence and the quota, as they
    are now. Raises Denied or Hidden.
    """
    spec = waiting.get(params["spec"])
    if spec is None:
        return  # nothing will be run
    if (reference := reference_of(spec)) is not None:
        registries.check_use(actor, reference.registry)
    team = Team.objects.filter(pk=params["team"]).first() if params.get("team") else None
    own = owner(actor, host, spec, team.slug if team else "")
    fenced(actor, host, spec, own, params.get(REASON, ""))
    quotas.check(own, host, spec)


def settle(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    """A container that was made belongs to its team; what was pulled for it is held like a pull."""
    if result.get("object_id"):
        user_id = user_ids[0] if user_ids else None
        ownership.created(host, result["object_id"], user_id, params.get("team"))
        for name in params.get("volumes", ()) if params.get("team") else ():
            ownership.holds_volume(host, name, params["team"])
    pulling.settle(host, params, result, user_ids)
    transaction.on_commit(lambda: quotas.release(params.get("spec")))


def nothing() -> None:
    """The engine makes what a container names."""


def create(
    host: str,
    spec: ContainerSpec,
    actor: Actor | None,
    whole: ContainerSpec | None = None,
    volumes: Callable[[], None] = nothing,
) -> str:
    """Of two that name one new volume, the second finds it there. Raises Fenced then. ``whole`` is
    the spec with what the person need not have a right to: volumes of one that it replaces;
    ``volumes`` makes the new ones of their own accord, else the engine does."""
    judged = check_inherited(host, spec) if actor is not None else ""
    with making[host] if volumes_of(spec) else nullcontext():
        if actor is not None and volumes_of(spec):
            check_volumes(actor, host, spec)
        volumes()
        made = engine_of(host).commands.create(whole or spec)
    if judged:
        need_judged(host, made, judged, spec.image)
    return made


def need_judged(host: str, container_id: str, image_id: str, name: str) -> None:
    """Raises Conflict, and nothing stays, where the engine made it from another image: its name
    was given away after that one was judged."""
    commands = engine_of(host).commands
    if commands.inspect_container(container_id)["Image"] != image_id:
        commands.remove(container_id, force=True, volumes=True)
        raise Conflict(_("%(name)s is the name of another image now: try again.") % {"name": name})


def create_and_start(host: str, spec: ContainerSpec, actor: Actor | None = None) -> str:
    """The new container's id. ``actor`` is whose volumes they have to be; None beyond the fence.
    Raises NotStarted, Fenced, and what the engine says to a create."""
    engine = engine_of(host)
    before = engine.mirror.snapshot.version
    container_id = create(host, spec, actor)
    try:
        for network in spec.networks[1:]:
            engine.commands.connect(container_id, network)
        engine.commands.start(container_id)
    except EngineError as error:
        engine.mirror.wait_seen("container", container_id, before)
        left = container_id in engine.mirror.snapshot.containers
        raise NotStarted(error, container_id if left else "") from error
    engine.mirror.wait_seen("container", container_id, before)
    return container_id


def order(host: str, params: Params) -> Order:
    spec = waiting.get(params["spec"])
    name, image = params["name"], params["image"]
    return Order(
        key=params["spec"],
        title=f"{name} ({image})" if name else image,
        target=Target("container", "", name, host),
        command_line=masked_line(spec) if spec else "",
    )


async def run(work: Work) -> dict[str, Any]:
    """Pull, create, start: ``{"object_id", "opens", …}`` with the pull's result.

    Raises Unfinished where it was created and did not start.
    """
    spec = waiting.get(work.params["spec"])
    if spec is None:
        raise Refused(_("The settings of this run are not kept any more: fill in the form again."))
    reference = reference_of(spec)
    if reference is None:
        raise Refused(_("“%(image)s” is no image of a registry.") % {"image": spec.image})
    pulled = await pulling.fetch(work.host, reference, work.progress, spec.platform)
    params = work.params
    try:
        # While it was pulled, the room may have gone. Given back by ``settle``: it always comes.
        await door.run(quotas.take, params["team"], work.host, spec, params["spec"])
        container_id = await door.run(create_pulled, work, spec)
    except Denied as error:
        raise Unfinished(error.message, pulled) from error
    except NotStarted as error:
        left = {"object_id": error.container_id, "opens": "left"}
        raise Unfinished(error.message, pulled | left) from error
    return pulled | {"object_id": container_id, "opens": opens(spec)}


def create_pulled(work: Work, spec: ContainerSpec) -> str:
    """What the pull brought, and what others made in the meantime, may be another team's."""
    image = engine_of(work.host).commands.image(spec.image)
    check_made(work.host, as_labelled(spec, image), work.params["team"])
    person = None if work.params.get(REASON) else User.objects.filter(pk=work.user_id or 0).first()
    return create_and_start(work.host, spec, Actor.of_user(person) if person else None)


def opens(spec: ContainerSpec) -> str:
    """The page that follows a start: as the command line's, where it stays attached."""
    if spec.detach:
        return "container-detail"
    return "container-terminal" if spec.tty else "container-logs"


def links(host: str, result: Mapping[str, Any]) -> list[Link]:
    """Where a job's result leads."""
    container_id, page = result.get("object_id"), result.get("opens")
    if not container_id or not page:
        return []
    if page == "left":
        return [
            (reverse("container-detail", args=[host, container_id]), _("Look at it")),
            (reverse("container-remove", args=[host, container_id]), _("Remove it")),
        ]
    return [(reverse(page, args=[host, container_id]), _("Open the container"))]


KIND = Kind(
    KIND_NAME, gettext_lazy("Run"), run, order, links, settle=settle, check=check, takes="pulls"
)
