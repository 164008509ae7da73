"""The run form and the line are two ways to write one spec: nothing is lost between them."""

import shlex
from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings

from containers.image_offers import offers
from containers.run_filled import initial_of, initial_of_line
from containers.run_form import RunForm
from engine.command_line import from_line, to_line
from engine.spec_values import MountFlag
from engine.specs import FIELDS, ContainerSpec, NetworkSpec, RestartPolicy
from tests.spec_cases import WORDS, specs


def posted(initial: dict[str, Any]) -> dict[str, Any]:
    """As a browser sends it: ticks as "on", line ends as CR LF, empty ones too."""
    texts = {name: value for name, value in initial.items() if value not in (None, False)}
    return {k: "on" if v is True else str(v).replace("\n", "\r\n") for k, v in texts.items()}


def bound(line: str) -> RunForm:
    parsed = from_line(line)
    form = RunForm(posted(initial_of_line(parsed)))
    form.is_valid()
    return form


quiet = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@quiet
@given(specs)
def test_a_spec_goes_into_the_form_and_comes_back(spec: ContainerSpec) -> None:
    form = RunForm(posted(initial_of(spec)))
    form.is_valid()
    assert in_order(form.spec()) == in_order(spec)


@quiet
@given(specs)
def test_a_line_goes_into_the_form_and_comes_back(spec: ContainerSpec) -> None:
    """As it was, but for the places of what a field and the other options share; then for good."""
    line = to_line(spec)
    form = bound(line)
    once = to_line(form.spec(), form.unknown_flags())
    assert in_order(from_line(once).spec) == in_order(spec)
    assert dict(from_line(once).spec.env) == dict(spec.env)
    again = bound(once)
    assert to_line(again.spec(), again.unknown_flags()) == once


@quiet
@given(WORDS)
def test_whatever_is_pasted_the_forms_line_is_stable(words: list[str]) -> None:
    form = bound(shlex.join(["docker", "run", *words]))
    line = to_line(form.spec(), form.unknown_flags())
    again = bound(line)
    assert again.unknown_flags() == form.unknown_flags()
    assert to_line(again.spec(), again.unknown_flags()) == line


def in_order(spec: ContainerSpec) -> ContainerSpec:
    """Lists that a field and the other options share come one after the other."""
    shared = {name: tuple(sorted(getattr(spec, name), key=str)) for name in ("env", "labels")}
    return replace(spec, mounts=tuple(sorted(spec.mounts, key=str)), **shared)


@pytest.mark.parametrize(
    "line",
    [
        "docker run -d --name web -p 8080:80 -p 127.0.0.1:5353:53/udp nginx:1.27",
        "docker run -it --rm alpine sh -c 'echo \"$HOME\" && exit 3'",
        "docker run -d --network shop --restart on-failure:4 -m 64m --cpus 0.5 x",
        "docker run -d --entrypoint '' -e 'ONE= x ' -e 'TWO=a\nb' -l 'a=b c' x",
        "docker run --health-cmd 'curl -f localhost || exit 1' --health-interval 5s x",
        "docker run --no-healthcheck -v data:/data:ro -v /srv:/srv --tmpfs /run x",
        "docker run --network a --network-alias b --cap-drop ALL --init --foo=1 x",
        "docker run --mount type=bind,source=/a,target=/b --pull always --platform linux/arm64 x",
        "docker run -e 'A=one\ntwo' -e A=3 -e B=4 -l 'a=\n' -l a=b x",
        "docker run '--foo=two words' '--bar=a\nb' --restart sometimes --pull now x",
    ],
)
def test_a_pasted_line_is_the_line_of_the_form(line: str) -> None:
    parsed = from_line(line)
    form = bound(line)
    assert ("unknown" in form.errors) is bool(parsed.unknown)
    assert parsed.spec.problems() or set(form.errors) <= {"unknown"}
    assert to_line(form.spec(), form.unknown_flags()) == to_line(parsed.spec, parsed.unknown)


def test_what_no_field_says_becomes_other_options() -> None:
    initial = initial_of(from_line("docker run --cap-drop ALL -e 'A=1\n2' -e B=2 --init x").spec)
    assert initial["env"] == "B=2"
    assert initial["other"] == "-e 'A=1\n2'\n--init\n--cap-drop ALL"


def errors(**fields: str) -> dict[str, list[str]]:
    form = RunForm({"image": "x", **fields})
    form.is_valid()
    return {name: list(found) for name, found in form.errors.items()}


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("image", {"image": ""}),
        ("image", {"image": "two words"}),
        ("name", {"name": "a"}),
        ("command", {"command": "sh -c 'open"}),
        ("ports", {"ports": "80:80\nhttp"}),
        ("ports", {"ports": "80:80\n80:81"}),
        ("env", {"env": "NAME"}),
        ("mounts", {"mounts": "./here:/there"}),
        ("memory", {"memory": "lots"}),
        ("memory", {"memory": "1m"}),
        ("nano_cpus", {"nano_cpus": "many"}),
        ("workdir", {"workdir": "app"}),
        ("retries", {"retries": "3"}),
        ("auto_remove", {"auto_remove": "on", "restart": "always"}),
        ("health_command", {"health": "command"}),
        ("health_interval", {"health_interval": "soon"}),
        ("health_interval", {"health_interval": "5us"}),
        ("health", {"health": "none", "health_retries": "3"}),
        ("other", {"other": "--no-such-flag"}),
        ("other", {"other": "-p http"}),
        ("other", {"other": "nginx"}),
        ("other", {"other": "--memory-swap 1g"}),
        ("pull", {"pull": "sometimes"}),
    ],
)
def test_an_error_stands_at_its_field(field: str, fields: dict[str, str]) -> None:
    found = errors(**fields)
    assert list(found) == [field]
    assert found[field][0].endswith(".")


def test_a_line_that_cannot_be_read_is_named_and_the_others_stand() -> None:
    form = RunForm({"image": "x", "ports": "8080:80\n80:http\n9090:90"})
    assert not form.is_valid()
    assert form.errors["ports"][0].startswith("Line 2: “80:http” is not a port")
    assert [port.host_port for port in form.spec().ports] == ["8080", "9090"]


def test_a_pasted_env_file() -> None:
    form = RunForm({"image": "x", "env": "# settings\r\n\r\nA=1\r\n  B=two words \r\nC=\r\n"})
    assert form.is_valid()
    assert form.spec().env == (("A", "1"), ("B", "two words "), ("C", ""))


def test_a_field_stands_over_the_flag_and_lists_come_together() -> None:
    sent = {"image": "x", "name": "web", "env": "A=1", "restart": "always", "network": "shop"}
    form = RunForm({**sent, "other": "--name other -e B=2 --restart no --cap-add NET_ADMIN"})
    assert form.is_valid()
    assert form.spec() == ContainerSpec(
        "x",
        name="web",
        env=(("A", "1"), ("B", "2")),
        restart=RestartPolicy("always"),
        networks=(NetworkSpec("shop"),),
        cap_add=("NET_ADMIN",),
    )


def test_every_field_can_be_said() -> None:
    """Fields of the form are named as those of the spec, or stand for one of them."""
    stand_ins = {"network", "retries", "health", "health_command", "other", "unknown", "offer"}
    hidden = {"source", "unstarted", "beyond_fence", "expansions"}
    assert set(RunForm.base_fields) - stand_ins - hidden <= set(FIELDS)
    assert MountFlag.TMPFS in {m.flag for m in bound("docker run --tmpfs /a x").spec().mounts}


def test_ticks_and_pasted_parts_are_bounded() -> None:
    """Two thousand ticks of a thousand ports each were two million of them."""
    ports = [f"publish {at}-{at + 999}:1-1000" for at in range(2000, 2050)]
    parts = "\n".join(f"$A{number}" for number in range(400))
    data = QueryDict("image=x", mutable=True)
    data.setlist("offer", ports)
    data["expansions"] = parts
    form = RunForm(data)
    assert not form.is_valid()
    assert "offer" in form.errors
    assert len(form.spec().ports) == 0
    assert form.expanded() == tuple(f"$A{number}" for number in range(50))


def test_what_an_image_exposes_that_is_no_port_is_not_offered() -> None:
    said = {"80/tcp": {}, "http/tcp": {}, "8000-8010": {}, "": {}, "\u0663": {}}
    found = offers({"Config": {"ExposedPorts": said, "Env": ["A=x?token=b", "B=c"]}})
    assert [each.line for each in found.ports] == ["8080:80"]
    assert [each.line for each in found.env] == ["B=c"]
