"""Pulls as jobs: one engine operation, its layers as rows, the image as the result."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from access import ownership
from access.actors import Actor
from access.targets import Target
from engine.threads import door
from hosts.live import engine_of
from images import allowed, registries
from images.layers import show
from images.made import links
from images.references import Reference, parse
from jobs.kinds import Kind, Order, Params, Work
from jobs.progress import Progress


def order(host: str, params: Params) -> Order:
    reference = parse(params["reference"]).wanted
    return Order(
        key=reference,
        title=reference,
        target=Target("image", "", reference, host),
        command_line=f"docker pull {reference}",
    )


async def run(work: Work) -> dict[str, Any]:
    return await fetch(work.host, parse(work.params["reference"]), work.progress)


async def fetch(
    host: str, reference: Reference, progress: Progress, platform: str = ""
) -> dict[str, Any]:
    """Pull with the registry's stored credentials; the job's result.

    ``{"reference", "image_id", "digest", "status"}``: status is the engine's last sentence.
    Raises EngineErrors with the registry's own words. Cancelling it cancels the engine's pull.
    """
    engine = engine_of(host)
    auth = await door.run(registries.auth_for, reference.registry)
    before = engine.mirror.snapshot.version
    result = {"reference": reference.wanted, "status": "", "digest": ""}
    async with engine.streams.pull(reference.wanted, auth, platform) as objects:
        async for item in objects:
            show(progress, item)
            note_end(result, item)
    row = await door.run(engine.commands.image, reference.wanted)
    await door.run(engine.mirror.wait_seen, "image", row.id, before)
    return result | {"image_id": row.id}


async def fetch_held(work: Work, reference: Reference, platform: str = "") -> dict[str, Any]:
    """The same, and who asked for it has it at once: what the job makes of it is judged next."""
    pulled = await fetch(work.host, reference, work.progress, platform)
    users = [int(work.user_id)] if work.user_id else []
    await door.run(settle, work.host, work.params, pulled, users)
    return pulled


def note_end(result: dict[str, str], item: Mapping[str, Any]) -> None:
    """The engine's last two lines belong to no layer: "Digest: …" and "Status: …"."""
    label, _, words = str(item.get("status") or "").partition(": ")
    if not item.get("id") and label in ("Digest", "Status"):
        result[label.lower()] = words


def check(actor: Actor, host: str, params: Params) -> None:
    """Raises Denied or Hidden where the registry is not for this host or its login not for this
    person."""
    allowed.check_registry(actor, host, params["reference"])
    registries.check_use(actor, parse(params["reference"]).registry)


def settle(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    """Whoever asked for the pull has the image now, with their team where they have one."""
    for user_id in user_ids if result.get("image_id") else ():
        ownership.holds_image(host, result["image_id"], user_id, ownership.only_team(user_id, host))


KIND = Kind(
    "image.pull", gettext_lazy("Pull"), run, order, links, settle=settle, check=check, takes="pulls"
)
