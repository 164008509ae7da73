"""One container in another's place, step by step, and back again: engine calls and nothing else.

The old one keeps its name, its networks and runs until the new one is made. Whatever fails or is
cut off before ``finish`` is undone, from the row alone, as often as it takes.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from containers.models import Replacement
from containers.originals import Original, carried
from engine.commands import Commands
from engine.engine import Engine
from engine.errors import Conflict, EngineDown, EngineError, EngineSilent, NotFound, Refused
from engine.spec_values import MountKind
from engine.specs import ContainerSpec
from engine.volume_plan import VolumePlan

STOP_SECONDS, LONGEST_STOP = 10, 300
ALIVE_SECONDS = 3.0  # that it has to run before the old one goes
LONGEST_CHECK = 600.0  # for one whose health is asked for
GOING = ("removing", "dead")
MADE_FOR = "wharfinger.made-for"  # on volumes that are new with it: the token of its row
Step = tuple[str, Callable[[], None]]


@dataclass(slots=True)
class Swap:
    """``spec`` is as the fence let it through; ``make`` is what makes a container of one."""

    commands: Commands
    row: Replacement
    old: Original
    spec: ContainerSpec
    make: Callable[[ContainerSpec, ContainerSpec], str]  # as it was judged, and as it is made

    def steps(self) -> Iterator[Step]:
        """In order, each with what to say once it is done."""
        yield _("The new container is made."), self.create
        if self.spec.networks[1:]:
            yield _("It joined its further networks."), self.connect
        if self.row.ran:
            yield _("The old one is stopped."), self.stop
        yield _("The old one has made room for its name."), self.step_aside
        yield _("The new one has the name."), self.take_name
        if self.row.ran:
            yield _("The new one is started."), self.start

    def create(self) -> None:
        whole = replace(carried(self.spec, self.old), name=self.row.coming)
        self.row.new_id = self.make(self.spec, whole)
        self.row.save(update_fields=["new_id"])

    def connect(self) -> None:
        for network in self.spec.networks[1:]:
            self.commands.connect(self.row.new_id, network)

    def stop(self) -> None:
        with suppress(Conflict):  # it ended by itself
            self.commands.stop(self.row.old_id, stop_seconds(self.old))

    def step_aside(self) -> None:
        self.commands.rename(self.row.old_id, self.row.aside)

    def take_name(self) -> None:
        self.commands.rename(self.row.new_id, self.row.name)

    def start(self) -> None:
        self.commands.start(self.row.new_id)

    def stands(self, seconds: float) -> bool:
        """Whether it is well, ``seconds`` after its start. Raises Refused where it will not be."""
        state = self.commands.inspect_container(self.row.new_id)["State"]
        if not state.get("Running") or state.get("Restarting"):
            words = _("The new container ended at once, with exit code %(code)s. %(error)s")
            told = {"code": state.get("ExitCode"), "error": state.get("Error") or ""}
            raise Refused((words % told).strip())
        health = str((state.get("Health") or {}).get("Status") or "none")
        if health == "unhealthy":
            raise Refused(_("The new container is unhealthy: %(output)s") % last_probe(state))
        if health == "starting" and seconds > LONGEST_CHECK:
            raise Refused(_("The new container does not become healthy."))
        return health == "healthy" or (health == "none" and seconds >= ALIVE_SECONDS)

    def finish(self) -> bool:
        """The old one goes, for good; its volumes stay. Whether it is gone: where the engine said
        nothing, or has it half removed, there is no way back, and it is removed later.

        Raises EngineErrors where it is as it was, so that the swap can be undone.
        """
        self.row.kept = True
        self.row.save(update_fields=["kept"])
        try:
            return remove_old(self.commands, self.row)
        except (EngineDown, EngineSilent):
            return False
        except EngineError:
            if not whole(self.commands, self.row.old_id):
                return False
            self.row.kept = False
            self.row.save(update_fields=["kept"])
            raise


def begin(
    host: str, container_id: str, old: Original, spec: ContainerSpec, commands: Commands, **who: Any
) -> Replacement:
    """Its row. Raises Conflict where it is being replaced already."""
    there = {str(volume["Name"]) for volume in commands.volumes()} if spec.mounts else set()
    asked = {m.source for m in spec.mounts if m.kind is MountKind.VOLUME and m.source}
    try:
        with transaction.atomic():
            return Replacement.objects.create(
                host=host,
                old_id=container_id,
                name=str(old.inspect["Name"]).removeprefix("/"),
                token=secrets.token_hex(4),
                ran=old.running,
                volumes=sorted(asked - there),
                **who,
            )
    except IntegrityError:
        raise Conflict(_("This container is being made anew already: wait for that.")) from None


def make_volumes(commands: Commands, row: Replacement, spec: ContainerSpec) -> None:
    """Those that are new with it, each with the mark by which ``undo`` knows it: what has the
    name without that is somebody else's, who was quicker."""
    mark = ((MADE_FOR, row.token),)
    for mount in spec.mounts:
        if mount.kind is MountKind.VOLUME and mount.source in row.volumes:
            commands.create_volume(VolumePlan.of_mount(mount, spec.volume_driver, mark))


def undo(engine: Engine, row: Replacement) -> bool:
    """The old one as it was, and nothing new left. Raises EngineErrors; may be called again.

    False: the old one was removed meanwhile, so the new one is kept, and stays to be finished.
    """
    commands = engine.commands
    new, old = find(commands, row.new_id or row.coming), find(commands, row.old_id)
    if new is not None and new["Id"] != row.old_id:
        if old is None:
            keep(commands, row, new)
            return False
        with suppress(NotFound):
            commands.remove(new["Id"], True, True)
    if old is not None:
        if old["Name"].removeprefix("/") != row.name:
            commands.rename(row.old_id, row.name)
        if row.ran:
            with suppress(Conflict):
                commands.start(row.old_id)
    for name in row.volumes:
        remove_made(engine, row, name)
    return True


def keep(commands: Commands, row: Replacement, new: dict[str, Any]) -> None:
    """There is nothing to go back to: the new one takes its place, and runs if that one did."""
    row.kept, row.new_id = True, str(new["Id"])
    row.save(update_fields=["kept", "new_id"])
    if new["Name"].removeprefix("/") != row.name:
        with suppress(Conflict):  # somebody has the name by now
            commands.rename(row.new_id, row.name)
    if row.ran:
        with suppress(EngineError):
            commands.start(row.new_id)


def remove_made(engine: Engine, row: Replacement, name: str) -> None:
    """Only the volume that this replacement has made. Raises Conflict while its files are read."""
    try:
        labels = engine.commands.inspect_volume(name).get("Labels") or {}
    except NotFound:
        return
    if labels.get(MADE_FOR) != row.token:
        return
    engine.helpers.release(volume=name)
    try:
        with suppress(NotFound):
            engine.commands.remove_volume(name)
    except Conflict:
        if engine.helpers.hold(name):
            raise


def remove_old(commands: Commands, row: Replacement) -> bool:
    """True: it is gone. Raises EngineErrors."""
    with suppress(NotFound):
        commands.remove(row.old_id, False, False)
    return True


def find(commands: Commands, id: str) -> dict[str, Any] | None:
    try:
        return commands.inspect_container(id)
    except NotFound:
        return None


def whole(commands: Commands, id: str) -> bool:
    """Whether a container whose removal was refused is still all there."""
    try:
        found = find(commands, id)
    except EngineError:
        return False
    return found is not None and found["State"].get("Status") not in GOING


def stop_seconds(old: Original) -> int:
    chosen = (old.inspect.get("Config") or {}).get("StopTimeout")
    return STOP_SECONDS if chosen is None else max(0, min(int(chosen), LONGEST_STOP))


def last_probe(state: dict[str, Any]) -> dict[str, str]:
    probes = (state.get("Health") or {}).get("Log") or [{}]
    return {"output": str(probes[-1].get("Output") or "").strip()[:500]}
