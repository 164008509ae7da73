"""Every operation on containers."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from ninja import Header, Query, Status
from pydantic import Field

from access.gate import may
from access.secrets import masked_json
from access.targets import ContainerTarget
from containers import actions
from containers.api import logs, runs
from containers.query import ONLY_LIVE, Around, grammar, measures
from containers.spec_schema import schema_of
from containers.told import ContainerOut, told
from containers.verb_forms import LONGEST_STOP, NAME, SIGNALS
from containers.views.export import send_export
from containers.views.files import send_path
from containers.whose import owners
from engine.specs import ContainerSpec
from engine.types import ContainerRow
from hosts.live import engine_of
from jobs.told import StartedJob
from web import fetch
from web.operations import In, Operations, Out, streamed
from web.paging import page
from web.problems import need_understood
from web.request import Request
from web.typed import PAGE, Cursor, Id, Limit, Words

containers = Operations("containers")
ALL = "/hosts/{host}/containers"
ONE = "/hosts/{host}/containers/{container_id}"
SpecIn: Any = schema_of(ContainerSpec, "ContainerSpec")
STREAMS = {
    "logs": streamed("text/plain", "application/x-ndjson"),
    "files": streamed("application/octet-stream", ranges=True),
}


class ContainerPage(Out):
    items: list[ContainerOut]
    next: str | None


class Acted(Out):
    """``container`` as it is now; null where it is gone again, or is not for your eyes."""

    id: str
    container: ContainerOut | None


class Patience(In):
    """Seconds that its main process has to end by itself, before it is killed."""

    timeout: Annotated[int, Field(ge=0, le=LONGEST_STOP)] = actions.STOP_SECONDS


class Signal(In):
    """What its main process is sent."""

    signal: Literal[SIGNALS] = "SIGKILL"  # type: ignore[valid-type]


class NewName(In):
    """Two or more letters, digits, underscores, dots and hyphens."""

    name: Annotated[str, Field(max_length=255, pattern=NAME)]


@containers.get(ALL, "container.see", ContainerPage)
def container_list(
    request: Request, host: str, q: Words = "", cursor: Cursor = "", limit: Limit = PAGE
) -> Any:
    """The containers that you may see, the oldest first.

    ``q`` is the filter language of the page: `state:running label:tier=web -name:test`.
    """
    snapshot = fetch.snapshot(request, host)
    query = grammar(Around(host, snapshot, {}, owners(request.actor, host))).parse(q)
    need_understood([str(ONLY_LIVE)] if measures(query, "") else [])
    need_understood(query.problems)
    rows, rest = page(query.select(snapshot.containers.values()), key, cursor, limit)
    return ContainerPage(items=[told(row) for row in rows], next=rest)


def key(row: ContainerRow) -> tuple[str, ...]:
    """A later inspect knows parts of the second that the list did not."""
    return row.created.replace(microsecond=0).isoformat(), row.id


@containers.get(ONE, "container.see", ContainerOut)
def container_detail(request: Request, host: str, container_id: Id) -> Any:
    """One container by its full id."""
    target = fetch.container(request, host, container_id)
    assert target.row is not None
    return told(target.row)


@containers.get(f"{ONE}/inspect", "container.see", dict[str, Any])
def container_inspect(request: Request, host: str, container_id: Id) -> Any:
    """All that the engine knows of it, values that look secret masked."""
    target = fetch.container(request, host, container_id)
    return masked_json(engine_of(host).commands.inspect_container(target.id))


@containers.post(ALL, "container.create", {201: Acted, 202: StartedJob})
def container_run(
    request: Request,
    host: str,
    spec: SpecIn,
    team: Annotated[Words, Field(description="Short name of the team that will own it.")] = "",
    idempotency_key: Annotated[
        str, Header(max_length=255, description="The same key never runs two: see the docs.")
    ] = "",
) -> Any:
    """Run a new container: 201 once it was started, or 202 with a job where its image has to be
    pulled first.

    Every field stands for the option of ``docker run`` of that name.
    """
    fetch.host(request, host)
    wanted = runs.checked(spec)

    def run() -> tuple[int, Out | StartedJob]:
        job, container_id = runs.run(request, host, wanted, team)
        if job is not None:
            return 202, StartedJob(job=job)
        return 201, acted(request, host, container_id)

    if not idempotency_key:
        return Status(*run())
    return runs.once(request, idempotency_key, (host, team, spec.model_dump_json()), run)


@containers.post(f"{ONE}/start", "container.start", {200: Acted})
def container_start(request: Request, host: str, container_id: Id) -> Any:
    """Start it. 409 where it runs already."""
    return after(request, host, container_id, actions.start)


@containers.post(f"{ONE}/stop", "container.stop", {200: Acted})
def container_stop(
    request: Request, host: str, container_id: Id, patience: Patience | None = None
) -> Any:
    """Stop it. 409 where it does not run."""
    return after(request, host, container_id, actions.stop, patience or Patience())


@containers.post(f"{ONE}/restart", "container.restart", {200: Acted})
def container_restart(
    request: Request, host: str, container_id: Id, patience: Patience | None = None
) -> Any:
    """Stop and start it."""
    return after(request, host, container_id, actions.restart, patience or Patience())


@containers.post(f"{ONE}/kill", "container.kill", {200: Acted})
def container_kill(
    request: Request, host: str, container_id: Id, what: Signal | None = None
) -> Any:
    """Send its main process a signal: SIGKILL unless said. 409 where it does not run."""
    return after(request, host, container_id, actions.kill, what or Signal())


@containers.post(f"{ONE}/pause", "container.pause", {200: Acted})
def container_pause(request: Request, host: str, container_id: Id) -> Any:
    """Hold its processes where they are. 409 where it is paused already or does not run."""
    return after(request, host, container_id, actions.pause)


@containers.post(f"{ONE}/unpause", "container.unpause", {200: Acted})
def container_unpause(request: Request, host: str, container_id: Id) -> Any:
    """Let them go on. 422 where it is not paused."""
    return after(request, host, container_id, actions.unpause)


@containers.post(f"{ONE}/rename", "container.rename", {200: Acted})
def container_rename(request: Request, host: str, container_id: Id, what: NewName) -> Any:
    """Give it another name, within your team's reach. 409 where the name is taken."""
    return after(request, host, container_id, actions.rename, what)


@containers.delete(ONE, "container.remove", {204: None})
def container_remove(
    request: Request,
    host: str,
    container_id: Id,
    force: Annotated[bool, Field(description="Kill it first where it runs.")] = False,
    volumes: Annotated[bool, Field(description="With its anonymous volumes.")] = False,
) -> Any:
    """Remove it. 409 where it runs and ``force`` is not set."""
    target = fetch.container(request, host, container_id)
    actions.remove(request.actor, target, force=force, volumes=volumes)
    return Status(204, None)


def after(
    request: Request, host: str, container_id: str, act: Callable[..., None], sent: In | None = None
) -> Acted:
    """What comes of an action, with the options that were sent for it."""
    target = fetch.container(request, host, container_id)
    act(request.actor, target, **(sent.model_dump() if sent else {}))
    return acted(request, host, target.id)


def acted(request: Request, host: str, container_id: str) -> Acted:
    row = engine_of(host).mirror.snapshot.containers.get(container_id)
    shown = row and may(request.actor, "container.see", ContainerTarget.of(host, row))
    return Acted(id=container_id, container=told(row) if row and shown else None)


@containers.get(f"{ONE}/logs", "container.logs", None, openapi=STREAMS["logs"])
def container_logs(
    request: Request,
    host: str,
    container_id: Id,
    tail: Annotated[str, Field(pattern=r"^(\d{1,7}|all)$")] = "1000",
    since: Annotated[Words, Field(description="`15m`, `2h`, or an ISO time.")] = "",
    until: Annotated[Words, Field(description="As `since`. Nothing is followed then.")] = "",
    stream: Literal["", "stdout", "stderr"] = "",
    after: Annotated[Words, Field(description="The `cursor` of the last line you have.")] = "",
    follow: Annotated[bool, Field(description="Go on until the container ends.")] = False,
    shape: Annotated[Literal["text", "json"], Query(alias="format")] = "text",
) -> Any:
    """The last lines of its log, streamed: as they were written, or as JSON, one object a line.

    An empty line says nothing but that the connection stands. A token that ends, ends the stream.
    """
    target = fetch.container(request, host, container_id)
    fields = {"tail": tail, "since": since, "until": until, "stream": stream, "after": after}
    return logs.answer(request, target, logs.range_of(fields, follow), shape)


@containers.get(f"{ONE}/files", "container.files_read", None, openapi=STREAMS["files"])
def container_files(
    request: Request,
    host: str,
    container_id: Id,
    path: Annotated[Words, Field(description="Absolute.")],
    shape: Annotated[Literal["", "zip"], Query(alias="as")] = "",
) -> Any:
    """A file raw, a folder as tar or zip. Uploads go by tus: see the docs.

    `Range` with the `ETag` as `If-Range` goes on where it was cut: 206, or 416 behind the end.
    """
    return send_path(request, fetch.container(request, host, container_id), path, shape)


@containers.get(f"{ONE}/export", "container.export", None, openapi=STREAMS["files"])
def container_export(request: Request, host: str, container_id: Id) -> Any:
    """Its whole file system as a tar, without what is mounted into it; ranges as for files."""
    return send_export(request, fetch.container(request, host, container_id))
