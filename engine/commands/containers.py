"""Calls about containers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine import rows
from engine.answers import path_stat
from engine.commands.calls import DEADLINE, Calls
from engine.commands.client import Client
from engine.commands.reach import Reach
from engine.errors import Conflict, NotFound
from engine.stats import Sample, sample_of
from engine.types import ContainerRow, PathStat

if TYPE_CHECKING:
    from engine.specs import ContainerSpec
    from engine.update import Update

REMOVE_DEADLINE = 60.0
STAT_HEADER = "X-Docker-Container-Path-Stat"


class ContainerCommands:
    _calls: Calls
    _reach: Reach

    def containers(self) -> list[ContainerRow]:
        """All containers, stopped ones too, in the engine's order: one request."""
        return self._calls.make(
            lambda client: [rows.container_from_list(item) for item in client.containers(all=True)]
        )

    def container(self, id: str, deadline: float = DEADLINE) -> ContainerRow:
        """One container from its inspect, and the first time from those of its volumes; ``id`` may
        be a name or the start of an id.
        """
        row = rows.container_from_inspect(self.inspect_container(id, deadline))
        return replace(row, reaches=reaches) if (reaches := self._reach.of(row, deadline)) else row

    def inspect_container(self, id: str, deadline: float = DEADLINE) -> dict[str, Any]:
        return self._calls.make(lambda client: client.inspect_container(id), deadline)

    def create(self, spec: "ContainerSpec") -> str:
        """Create, not start. The answer is the full id."""

        def use(client: Client) -> str:
            params = {"name": spec.name or None, "platform": spec.platform or None}
            return str(client.post_json("/containers/create", spec.to_body(), params)["Id"])

        return self._calls.make(use)

    def start(self, id: str) -> None:
        """Raises Conflict where it runs already."""
        self._calls.make(lambda client: client.start(id))

    def stop(self, id: str, timeout: int) -> None:
        """Raises Conflict where it does not run. Waits ``timeout`` s for it, then it is killed."""
        self._calls.make(lambda client: client.stop(id, timeout), timeout + DEADLINE, long=True)

    def restart(self, id: str, timeout: int) -> None:
        self._calls.make(lambda client: client.restart(id, timeout), timeout + DEADLINE, long=True)

    def kill(self, id: str, signal: str) -> None:
        self._calls.make(lambda client: client.kill(id, signal))

    def pause(self, id: str) -> None:
        self._calls.make(lambda client: client.pause(id))

    def unpause(self, id: str) -> None:
        self._calls.make(lambda client: client.unpause(id))

    def rename(self, id: str, name: str) -> None:
        self._calls.make(lambda client: client.rename(id, name))

    def update(self, id: str, changes: "Update") -> tuple[str, ...]:
        """Change limits while it stays; the answer is what the engine warns of."""

        def use(client: Client) -> tuple[str, ...]:
            body, path = changes.to_body(), "/containers/{0}/update"
            answer = client.post_json(path, body, names=(id,)) or {}
            return tuple(map(str, answer.get("Warnings") or ()))

        return self._calls.make(use)

    def remove(self, id: str, force: bool, volumes: bool) -> None:
        """``force`` kills it first; ``volumes`` removes its anonymous volumes too."""
        self._calls.make(
            lambda client: client.remove_container(id, v=volumes, force=force),
            REMOVE_DEADLINE,
            long=True,
        )

    def resize(self, id: str, rows: int, cols: int) -> None:
        self._calls.make(lambda client: client.resize(id, rows, cols))

    def exec_create(
        self,
        id: str,
        argv: Sequence[str],
        *,
        tty: bool,
        user: str = "",
        workdir: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Prepare a command with stdin, stdout and stderr; the answer is the exec's id."""

        def use(client: Client) -> str:
            answer = client.exec_create(
                id,
                list(argv),
                stdin=True,
                tty=tty,
                user=user,
                workdir=workdir or None,
                environment=dict(env or {}),
            )
            return str(answer["Id"])

        return self._calls.make(use)

    def exec_resize(self, exec_id: str, rows: int, cols: int) -> None:
        """Only after the exec was started: before, the engine refuses."""
        self._calls.make(lambda client: client.exec_resize(exec_id, rows, cols))

    def exec_inspect(self, exec_id: str) -> dict[str, Any]:
        """``Running`` and, once it ended, ``ExitCode``."""
        return self._calls.make(lambda client: client.exec_inspect(exec_id))

    def stat(self, id: str, path: str) -> PathStat:
        """One path inside a container, running or not. Links are not followed."""

        def use(client: Client) -> PathStat:
            headers = client.head_path("/containers/{0}/archive", id, params={"path": path})
            return path_stat(headers[STAT_HEADER])

        try:
            return self._calls.make(use)
        except NotFound as error:
            # An answer to HEAD has no body, so the engine cannot say what it misses.
            self.inspect_container(id)
            raise NotFound("There is no %(path)s in this container.", path=path) from error

    def top(self, id: str, args: str = "") -> dict[str, Any]:
        """``Titles`` and ``Processes``; ``args`` are those of ``ps``."""
        return self._calls.make(lambda client: dict(client.top(id, args or None)))

    def sample(self, id: str) -> Sample:
        """What it uses now; the engine takes two readings, a second or two apart.

        Raises Conflict where it does not run.
        """
        use = lambda client: dict(client.stats(id, stream=False))  # noqa: E731
        sample = sample_of(self._calls.make(use, long=True))
        if sample is None:
            raise Conflict("The container is not running.")
        return sample
