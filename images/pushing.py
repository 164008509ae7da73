"""Pushes as jobs: one tag of one image to the registry that its name begins with."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy

from access.actors import Actor
from access.targets import ImageTarget, Target
from engine.threads import door
from hosts.live import engine_of
from images import allowed, naming, registries
from images.layers import show
from images.references import parse
from jobs.kinds import Kind, Order, Params, Work


def order(host: str, params: Params) -> Order:
    reference = parse(params["reference"])
    return Order(
        key=reference.wanted,
        title=reference.wanted,
        target=target(host, params["image_id"], reference.wanted),
        command_line=f"docker push {reference.wanted}",
    )


def target(host: str, image_id: str, name: str) -> Target:
    """The image as the mirror knows it now, or its id where it has gone since."""
    row = engine_of(host).mirror.snapshot.images.get(image_id)
    return ImageTarget.of(host, row) if row else Target("image", image_id, name, host)


def check(actor: Actor, host: str, params: Params) -> None:
    """Raises Denied or Hidden where the login, or this name, is not for this person."""
    reference = parse(params["reference"])
    allowed.check_registry(actor, host, reference.full)
    registries.check_use(actor, reference.registry)
    naming.check_push(actor, host, reference)


async def run(work: Work) -> dict[str, Any]:
    """``{"reference", "digest", "size"}``; size is the manifest's, in bytes."""
    reference = parse(work.params["reference"])
    engine = engine_of(work.host)
    auth = await door.run(registries.auth_for, reference.registry)
    pushed: dict[str, Any] = {}
    same = partial(naming.need_named, engine, reference.wanted, work.params["image_id"])
    await door.run(same)
    async with engine.streams.push(reference.wanted, auth) as objects:
        await door.run(same)  # the engine has looked up the name by now
        async for item in objects:
            show(work.progress, item)
            pushed = item.get("aux") or pushed
    return {
        "reference": reference.wanted,
        "digest": str(pushed.get("Digest") or ""),
        "size": int(pushed.get("Size") or 0),
    }


KIND = Kind("image.push", gettext_lazy("Push"), run, order, check=check)
