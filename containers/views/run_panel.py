"""What stands beside the run form: the equal line and file, checks, what the image offers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from containers.image_offers import Offers, offers
from containers.run_checks import Check, checks, expansions
from containers.run_fence import Ruling, judged, may_go_beyond
from containers.run_form import RunForm, label_of
from containers.run_known import known, known_checks
from engine.command_line import FOLD, line_pieces
from engine.compose import to_compose
from engine.engine import Engine
from engine.errors import EngineError
from engine.specs import ContainerSpec
from engine.types import EngineState
from web import fetch
from web.request import Request

LEVELS = ("bad", "warn", "info", "ok")


def preview(request: Request, form: RunForm, engine: Engine) -> dict[str, Any]:
    """The panel of a form that was asked ``is_valid``."""
    spec = form.spec()
    ruled = judged(request.actor, engine.name, spec, request.POST.get("team", ""))
    seen = fetch.sight(request, engine.name)
    told = checks(spec, seen, engine.mirror.snapshot, ruled.made)
    told += known_checks(spec, seen, known(request.actor, engine, seen))
    return panel(request, engine.name, form, spec, told, ruled)


def panel(
    request: Request,
    host: str,
    form: RunForm,
    spec: ContainerSpec,
    told: Sequence[Check],
    ruled: Ruling,
) -> dict[str, Any]:
    """``line`` as pieces, ``compose``, ``checks`` and ``faults``, and what the fence says."""
    whole = spec if spec.image else replace(spec, image="IMAGE")
    unknown = form.unknown_flags()
    pieces = line_pieces(whole, unknown)
    faults = [
        ("" if name not in form.fields else label_of(form, name), text)
        for name, errors in form.errors.items()
        for text in errors
        if name != "image" or spec.image
    ]
    return {
        "host": host,
        "line": [(FOLD if place else "", *piece) for place, piece in enumerate(pieces)],
        "compose": to_compose(whole, unknown),
        "checks": in_order([*told, *expansions(spec, form.expanded())]),
        "faults": faults,
        "fence": [(label_of(form, at), reason) for at, reason in ruled.breaches],
        "remedies": ruled.remedies,
        "added": ruled.added,
        "goes_beyond": may_go_beyond(request.actor, host),
    }


def in_order(told: Sequence[Check]) -> list[Check]:
    """Each once, what keeps it from running first."""
    return sorted(dict.fromkeys(told), key=lambda check: LEVELS.index(check.level))


def offered(request: Request, engine: Engine, image: str) -> Offers | None:
    """What the image offers; None where it is not here, or the engine does not answer."""
    row = fetch.sight(request, engine.name).find_image(image) if image else None
    if row is None or engine.mirror.snapshot.state is not EngineState.UP:
        return None
    try:
        return offers(engine.commands.inspect_image(row.id))
    except EngineError:
        return None
