"""Lines that are shown to be copied: whatever is masked in them, a shell reads the same words."""

import shlex
from typing import Any, cast
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.targets import ContainerTarget, Target
from containers import committing, copy_across
from containers.masked_line import masked_line
from containers.shells import ShellOrder
from engine.build_spec import BuildSpec
from engine.command_line import to_line
from engine.commit_spec import CommitSpec
from engine.specs import ContainerSpec
from images import building, loading

TRAP = "PASSWORD='; touch /tmp/trapped #"
pieces = st.sampled_from(
    ["'", '"', "\\", " ", ";", "PASSWORD=", "--token", "x", "a=", ",", "$(id)"]
)
words = st.lists(st.lists(pieces, max_size=8).map("".join), max_size=4).map(tuple)


@pytest.mark.parametrize("folded", [False, True])
@given(command=words, env=st.lists(pieces, max_size=6).map("".join))
def test_a_masked_run_line_has_the_words_of_the_plain_one(
    command: tuple[str, ...], env: str, folded: bool
) -> None:
    spec = ContainerSpec("x", command=command, env=(("A", env),), user=env)
    masked = shlex.split(masked_line(spec, (env,), folded=folded))
    assert len(masked) == len(shlex.split(to_line(spec, (env,), folded=folded)))


@pytest.mark.parametrize("text", [TRAP, TRAP.replace("'", '"'), f"{TRAP}'"])
def test_a_secret_in_quotes_lets_nothing_out_of_them(text: str) -> None:
    web = cast(ContainerTarget, Target("container", "1", "web", "dock"))
    lines = [
        ShellOrder(web, ("sh", "-c", text)).command_line,
        masked_line(ContainerSpec("x", command=("sh", "-c", text), labels=(("a", text),))),
        committing.masked_line(CommitSpec(message=text, author=text), "web"),
        building.masked_line(BuildSpec(tags=(), args=(("A", text),), upload="1", path=text)),
    ]
    for line in lines:
        assert "touch" not in shlex.split(line)
        assert ";" not in shlex.split(line)


@pytest.mark.parametrize("name", ["a b", "x; touch /tmp/trapped #", "$(id)", "it's"])
def test_a_file_of_any_name_is_one_word_of_its_line(name: str) -> None:
    target = Target("container", "1", "web", "dock")
    params: dict[str, Any] = {"from_host": "dock", "from": "1", "from_path": f"/{name}"}
    params |= {"container": "2", "directory": f"/{name}", "name": name, "conflict": "ask"}
    with patch.object(copy_across, "known", return_value=target):
        across = shlex.split(copy_across.order("dock", params).command_line)
    assert across == ["docker", "cp", f"web:/{name}", "-", "|", "docker", "cp", "-", f"web:/{name}"]
    load = loading.order("dock", {"upload": "1", "file": name}).command_line
    assert shlex.split(load) == ["docker", "load", "-i", name]
