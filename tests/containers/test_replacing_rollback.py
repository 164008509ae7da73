"""A replacement that fails or is cut off at any step leaves the container as it was."""

from dataclasses import replace
from typing import Any

import pytest

from access.actors import Actor
from audit.models import Entry
from containers import actions, replacements, swap
from containers.models import Replacement
from engine.errors import Refused
from tests.conftest import DockerCli
from tests.containers.replacing_cast import changed, ended, spec_of, standing
from tests.containers.replacing_cast import net as net
from tests.containers.replacing_cast import old as old
from tests.containers.replacing_cast import root as root
from tests.runtime import runtime as runtime

STEPS = ("create", "connect", "stop", "step_aside", "take_name", "start", "stands", "finish")
FEW = ("connect", "stands", "finish")  # of them in the ordinary run


def often(steps: tuple[str, ...], few: tuple[str, ...]) -> list[Any]:
    long = pytest.mark.long
    return [step if step in few else pytest.param(step, marks=long) for step in steps]


@pytest.mark.parametrize("step", often(STEPS, FEW))
def test_a_failure_at_any_step_leaves_it_as_it_was(
    step: str, old: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the step and after it: what it did is undone, too."""
    before = standing(docker_cli, old)
    target, spec = changed(old, env=(("A", "2"),))
    volume = f"{old}-new"
    mounts = (*spec.mounts, *spec_of(f"-v {volume}:/new").mounts)
    failing(monkeypatch, step)
    job = ended(actions.edit(root, target, replace(spec, mounts=mounts)))
    assert (job.state, "injected" in job.error) == ("failed", True), job.error
    assert standing(docker_cli, old) == before
    assert not docker_cli("volume", "ls", "-q", "--filter", f"name={volume}").stdout
    assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
    assert not Replacement.objects.exists()
    assert Entry.objects.filter(event="container.edit", result="failed").exists()


def failing(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The engine's call of this step fails; a step of ours fails after it was done."""
    if step == "finish":

        def refuse(*asked: Any) -> bool:
            raise Refused("injected")

        monkeypatch.setattr(swap, "remove_old", refuse)
        return
    done = getattr(swap.Swap, step)

    def then_fail(self: swap.Swap, *asked: Any) -> None:
        done(self, *asked)
        raise Refused("injected")

    monkeypatch.setattr(swap.Swap, step, then_fail)


@pytest.mark.parametrize("step", often(STEPS[:-1], ("take_name",)))
def test_what_a_crash_leaves_is_undone_by_the_next_start(
    step: str, old: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had been killed right after the step."""
    before = standing(docker_cli, old)
    target, spec = changed(old, env=(("A", "2"),))
    monkeypatch.setattr(replacements, "mend_all", lambda: None)
    monkeypatch.setattr("containers.replacing.undo", lambda commands, row: killed())
    failing(monkeypatch, step)
    ended(actions.edit(root, target, spec))
    row = Replacement.objects.get()
    replacements.mend(row)
    assert standing(docker_cli, old) == before
    assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
    assert not Replacement.objects.exists()


def killed() -> None:
    raise Refused("killed")
