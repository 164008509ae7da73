"""One verb on many objects: done in parallel, answered for each."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from access.errors import Denied
from access.targets import Target
from engine.errors import EngineError
from engine.threads import door
from web.request import Request
from web.shape import Step, done, equal_line, is_fragment, shaped, shown_line

AT_ONCE = 6  # of the engine's eight calls at a time: somebody else wants one too
MOST = 500
T = TypeVar("T", bound=Target)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one object; ``error`` is a "" where all went well."""

    name: str
    error: str = ""


def each(targets: Sequence[T], act: Callable[[T], Any], seconds: float) -> list[Outcome]:
    """Do it to each, some at a time; one takes at most ``seconds``."""

    def one(target: T) -> Outcome:
        try:
            act(target)
        except (EngineError, Denied) as error:
            return Outcome(target.name, error.message)
        return Outcome(target.name)

    async def all_of_them() -> list[Outcome]:
        slots = asyncio.Semaphore(AT_ONCE)

        async def in_turn(target: T) -> Outcome:
            async with slots:
                return await door.run(one, target)

        return await asyncio.gather(*map(in_turn, targets))

    turns = len(targets) // AT_ONCE + 1
    return door.call(all_of_them(), timeout=turns * seconds)


def answer(
    request: Request,
    event: str,
    word: str | Promise,
    outcomes: list[Outcome],
    back: str,
    step: Step | None = None,
    **detail: Any,
) -> HttpResponse:
    """The result of each; where all went well, a toast is enough that has room for the line."""
    failed = [outcome for outcome in outcomes if outcome.error]
    good = len(outcomes) - len(failed)
    line = equal_line()
    if is_fragment(request) and not failed and line == shown_line():
        return done(request, event, all_done(word, outcomes), back, step, **detail)
    context = {"outcomes": outcomes, "failed": failed, "good": good, "back": back, "line": line}
    context["link"] = step if good and step and step.fields is None else None
    response = shaped(request, "results.html", "_results.html", context)
    response["HX-Trigger"] = json.dumps({event: detail})
    return response


def all_done(word: str | Promise, outcomes: list[Outcome]) -> str:
    names = ", ".join(outcome.name for outcome in outcomes[:5]) + "…" * (len(outcomes) > 5)
    return _("%(verb)s: %(count)d done (%(names)s).") % {
        "verb": word,
        "count": len(outcomes),
        "names": names,
    }
