"""What is asked before a container is made anew: state, rights, fence, quota, a registry's name."""

import re
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from access import beyond, quotas
from access.actors import Actor
from access.book import book
from access.errors import Fenced
from access.gate import authorize
from access.names import check_changed
from access.sight import seen
from access.targets import ContainerTarget, Target
from containers import running
from containers.models import Replacement
from containers.originals import Original, is_anonymous, read_only_paths
from containers.run_fence import fenced
from engine.errors import Conflict, Refused
from engine.specs import ContainerSpec
from engine.types import ContainerRow
from hosts.live import engine_of
from images import registries
from images.references import BadReference, Reference, parse

IMAGE_ID = re.compile(r"(sha256:)?[0-9a-f]{12,64}")


def ruled(
    actor: Actor,
    target: ContainerTarget,
    right: str,
    spec: ContainerSpec,
    reason: str = "",
    pulls: bool = False,
) -> tuple[ContainerSpec, str]:
    """The spec as this person may have it in the container's place, and the reason if that is
    beyond the fence. The whole of it is judged, whatever of it is old; with ``pulls`` but for the
    image, which is judged once it came: one that is here for others only is as good as not here.

    Raises Denied, Fenced, StepUpNeeded, and Conflict where it cannot be replaced now.
    """
    host = target.host
    spec = replace(spec, name=target.name)
    if not pulls:
        running.check_image(actor, host, spec)
    check_changed(actor, target, planned(actor, target, spec), right)
    team = book().owner(host, target.id)
    reason = reason or beyond.passes.reason(actor, host, target.id)
    spec, reason = fenced(actor, host, spec, team, reason)
    quotas.check(team, host, spec, target.id)
    return spec, reason


def planned(actor: Actor, target: ContainerTarget, spec: ContainerSpec) -> ContainerRow:
    """As selectors will see it, as far as the person sees its image."""
    snapshot = seen(actor, target.host, engine_of(target.host).mirror.snapshot)
    image = snapshot.find_image(spec.image)
    labels = running.as_labelled(spec, image).labels
    assert target.row is not None
    return replace(target.row, labels=labels, image=spec.image)


def check_state(old: Original) -> None:
    """Raises Conflict where it could not be kept, or not be brought back as it is now."""
    if old.running and old.spec.auto_remove:
        words = _(
            "It removes itself when it stops (--rm), so it cannot wait until the new one runs."
        )
        raise Conflict(f"{words} {_('Duplicate it instead, or stop it.')}")
    if old.state == "paused":
        raise Conflict(_("It is paused: unpause or stop it first."))
    if old.state in ("removing", "dead"):
        raise Conflict(_("The engine is removing it."))


def check_read_only(old: Original, spec: ContainerSpec) -> None:
    """Raises Fenced where a volume that it may only read would come back to be written: nobody
    named it, so nobody can say whose it is."""
    closed = read_only_paths(old.inspect.get("Mounts") or ())
    opened = [
        mount.target
        for mount in spec.mounts
        if is_anonymous(mount) and mount.target in closed and not mount.read_only
    ]
    said = {mount.target for mount in old.spec.mounts if mount in spec.mounts}
    for path in (path for path in opened if path not in said):
        words = _("%(path)s: it has the volume there only to read. Name another one to write.")
        raise Fenced([("mounts", words % {"path": path})])


def check_free(target: ContainerTarget) -> None:
    """Raises Conflict where it is being replaced already."""
    if Replacement.objects.filter(host=target.host, old_id=target.id).exists():
        raise Conflict(_("This container is being made anew already: wait for that."))


def check_pull(actor: Actor, host: str, spec: ContainerSpec) -> None:
    """Raises Denied where the person may not pull its image."""
    authorize(actor, "image.pull", Target("image", "", spec.image, host))
    if (reference := running.reference_of(spec)) is not None:
        registries.check_use(actor, reference.registry)


def wants_pull(actor: Actor, host: str, spec: ContainerSpec) -> bool:
    return running.wants_pull(seen(actor, host, engine_of(host).mirror.snapshot), spec)


def reference_of(image: str) -> Reference:
    """Raises Refused where no registry can know a newer one."""
    words = _("It was made from %(image)s, which is no name that a registry has a newer image of.")
    refusal = Refused(words % {"image": image})
    if IMAGE_ID.fullmatch(image):
        raise refusal
    try:
        return parse(image)
    except BadReference:
        raise refusal from None


def params(
    target: ContainerTarget, spec: ContainerSpec, reason: str, old: Original
) -> dict[str, Any]:
    """What the record and the job keep of it: nothing secret."""
    team = book().owner(target.host, target.id)
    new = set(running.volumes_of(spec)) - set(running.volumes_of(old.spec))
    kept = running.params(spec, team, reason)
    return kept | {"container": target.id, "name": target.name, "volumes": sorted(new)}
