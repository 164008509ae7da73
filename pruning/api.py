"""Prunes in the JSON API: look, then say yes to exactly what you saw."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field

from jobs.told import StartedJob
from jobs.told import told as told_job
from pruning import actions
from pruning.options import Options, OptionsForm
from pruning.previews import Preview
from pruning.what import WHATS, What
from web import fetch
from web.operations import In, Operations, Out
from web.problems import Problem
from web.request import Request
from web.typed import Text, Words

pruning = Operations("prune")


class Leftover(Out):
    """``size``: the bytes that go with it; ``since``: made, of a cache record last used then."""

    kind: str
    id: str
    name: str
    size: int
    since: datetime | None
    detail: str
    volumes: list[str]


class PrunePreview(Out):
    """``preview`` is good for 15 minutes and for whoever asked. ``more``: further objects fit, for
    another time. ``exact``: not a byte more or less than ``bytes`` goes."""

    preview: str
    items: list[Leftover]
    bytes: int
    exact: bool
    more: int
    command_line: str


class Confirmed(In):
    """The ``preview`` that you looked at."""

    preview: Text


def told(shown: Preview) -> PrunePreview:
    return PrunePreview(
        preview=shown.key,
        items=[Leftover.from_orm(thing) for thing in shown.things],
        bytes=shown.bytes,
        exact=shown.found.exact,
        more=shown.found.more,
        command_line=shown.options.line(shown.what),
    )


Older = Annotated[Words, Field(description="Only what is older: 90m, 24h, 7d, 2w.")]
Labels = Annotated[Words, Field(description="Labels, as `team=shop -keep`: all must fit.")]
Everything = Annotated[bool, Field(description="Not only what is surely rubbish.")]
Volumes = Annotated[bool, Field(description="Containers: their anonymous volumes, too.")]


def looks(what: What) -> Callable[..., Any]:
    def look(
        request: Request,
        host: str,
        everything: Everything = False,
        older: Older = "",
        labels: Labels = "",
        volumes: Volumes = False,
    ) -> Any:
        fetch.host(request, host)
        asked = {"everything": everything, "older": older, "labels": labels, "volumes": volumes}
        options = options_of(what, {name: value for name, value in asked.items() if value})
        return told(actions.preview(request.actor, host, what, options))

    return look


def options_of(what: What, asked: dict[str, Any]) -> Options:
    """Raises Problem, which names the field."""
    form = OptionsForm(what, asked)
    errors = [(name, _("There is no such option here.")) for name in form.strange if name in asked]
    if not form.is_valid():
        errors += [(name, str(words[0])) for name, words in form.errors.items()]
    if errors:
        raise Problem(422, errors[0][1], errors)
    return form.options()


def prunes(what: What) -> Callable[..., Any]:
    def prune(request: Request, host: str, yes: Confirmed) -> Any:
        fetch.host(request, host)
        job = actions.prune(request.actor, host, what, yes.preview)
        return StartedJob(job=told_job(job))

    return prune


def declare(what: What) -> None:
    path, name = f"/hosts/{{host}}/prune/{what.slug}", what.slug.replace("-", "_")
    look, prune = looks(what), prunes(what)
    look.__name__, prune.__name__ = f"{name}_prune_preview", f"{name}_prune"
    look.__doc__ = f"What a prune of {what.slug} would remove now: every object, and its bytes."
    prune.__doc__ = f"Remove what a preview of {what.slug} showed, and nothing else: a job."
    pruning.get(path, what.right, PrunePreview)(look)
    pruning.post(path, what.right, {202: StartedJob})(prune)


for each in WHATS:
    declare(each)
