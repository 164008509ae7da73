"""A replacement that fails or is cut off at any step leaves the container as it was."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings

from access.actors import Actor
from audit.models import Entry
from containers import actions, replacements, swap
from containers.models import Replacement
from engine.errors import EngineError, Refused
from jobs.models import Job
from tests.access.people import actor, user
from tests.conftest import DockerCli
from tests.containers.replacing_cast import changed, ended, spec_of, standing
from tests.containers.replacing_cast import net as net
from tests.containers.replacing_cast import old as old
from tests.containers.replacing_cast import root as root
from tests.faults import FaultyEngine
from tests.runtime import runtime as runtime
from tests.runtime import site_before, until

STEPS = ("create", "connect", "stop", "step_aside", "take_name", "start", "stands", "finish")
FEW = ("connect", "stands", "finish")  # of them in the ordinary run
# What is asked of the engine for one replacement: a create, a connect, a stop, two names, a start,
# a removal; and what is only looked at meanwhile, by the mirror, too.
CHANGES = r"^(POST|DELETE) /(containers|networks|volumes)/"
CALLS = 7
LOOKS = r"^GET /(containers/\w+/json|images/|volumes)"
REFUSED = {"answer": (500, b'{"message": "injected"}')}
UNHEARD = {"cut_after": 0}  # it was done, and the answer is lost


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


@pytest.fixture
def shaky(
    transactional_db: None,
    faulty_engine: FaultyEngine,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FaultyEngine]:
    """A site in front of an engine that fails when it is told to."""
    monkeypatch.setattr(swap, "ALIVE_SECONDS", 0.3)
    with site_before(faulty_engine.url, settings):
        yield faulty_engine


def broken_edit(
    shaky: FaultyEngine, name: str, mark: str, pattern: str, **fault: Any
) -> Job | None:
    """An edit during which one call fails; None where it was refused before it began."""
    target, spec = changed(name, env=(("A", mark),))
    root = actor(user("root", is_superuser=True))
    injected = shaky.inject(pattern, times=1, **fault)
    try:
        job = ended(actions.edit(root, target, spec))
    except EngineError:
        job = None
    finally:
        shaky.heal()
    until(lambda: not Replacement.objects.exists(), 30)  # what is left is removed by and by
    assert injected.times == 0 or pattern == LOOKS
    return job


@pytest.mark.parametrize(
    ("fault", "numbers"),
    [
        (REFUSED, range(1, CALLS, 4)),
        pytest.param(REFUSED, range(CALLS), marks=pytest.mark.long),
        (UNHEARD, range(0, CALLS, 5)),
        pytest.param(UNHEARD, range(CALLS), marks=pytest.mark.long),
    ],
    ids=("refused", "refused-all", "unheard", "unheard-all"),
)
def test_whichever_call_to_the_engine_fails_it_runs_as_it_was(
    fault: dict[str, Any], numbers: range, old: str, shaky: FaultyEngine, docker_cli: DockerCli
) -> None:
    """The last one unheard is no failure: the new one runs, and the old one is gone."""
    before = standing(docker_cli, old)
    for number in numbers:
        job = broken_edit(shaky, old, str(number), CHANGES, after=number, **fault)
        assert job is not None
        if fault is UNHEARD and number == CALLS - 1:
            assert job.state == "done", job.error
            assert f"A={number}" in standing(docker_cli, old)["config"]["Env"]
        else:
            assert job.state == "failed", number
            assert standing(docker_cli, old) == before, number
        assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1


@pytest.mark.long
def test_whichever_look_at_the_engine_fails_it_runs_and_is_one(
    old: str, shaky: FaultyEngine, docker_cli: DockerCli
) -> None:
    """Anew, where the look was not the replacement's own or came after it."""
    for number in range(16):
        before = standing(docker_cli, old)
        job = broken_edit(shaky, old, str(number), LOOKS, after=number, **REFUSED)
        now = standing(docker_cli, old)
        if job is None or job.state == "failed":
            assert now == before, number
        else:
            assert now["running"]
            assert f"A={number}" in now["config"]["Env"], number
        assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
