"""The fence: sixty ways to the host's root, each refused by its field; and what is inside."""

from dataclasses import fields
from typing import Any

import pytest

from access.fence import FREE, RULES, Means, breaches, forced
from engine.command_line import from_line
from engine.spec_values import MountFlag, MountKind, MountSpec
from engine.specs import ContainerSpec
from tests.access.payloads import PAYLOADS

MEANS = Means(
    networks=frozenset({"shop", "commons"}),
    common=frozenset({"commons"}),
    volumes=frozenset({"shop-data"}),
    taken=frozenset({"shop-data", "bank-data", "odd-data"}),
    paths={"/srv/allowed": False},
)
INSIDE = (
    "docker run -d --name web -p 8080:80 -p 127.0.0.1:9000:9000/udp -e A=b --env C=d -l tier=front"
    " -v shop-data:/data -v fresh:/more:ro -v /anonymous --tmpfs /tmp:size=64m,noexec"
    " --mount type=tmpfs,dst=/t,tmpfs-size=64m --network shop --restart unless-stopped"
    " --read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m --cpus 1.5"
    " --pids-limit 100 --ulimit nofile=1024 --log-driver json-file --log-opt max-size=10m"
    " --health-cmd true --user 1000 --workdir / --init --hostname web --add-host db:10.0.0.1"
    " --stop-signal TERM --stop-timeout 5 --dns 1.1.1.1 --expose 99 busybox sleep 60"
)


@pytest.mark.parametrize(("words", "field"), PAYLOADS, ids=lambda value: str(value)[:40])
def test_what_leads_to_the_host_is_refused_by_its_field(words: str, field: str) -> None:
    spec = from_line(f"docker run {words} busybox").spec
    assert getattr(spec, field) != getattr(ContainerSpec(""), field), "the payload says nothing"
    assert field in {breach.field for breach in breaches(spec, MEANS)}


def test_a_path_that_the_operator_allowed_is_inside_as_it_is() -> None:
    means = Means(paths={"/srv/a": False, "/srv/b": True})
    for words, fine in (
        ("-v /srv/a:/x:ro", True),
        ("-v /srv/a:/x", False),
        ("-v /srv/b:/x", True),
        ("--mount type=bind,src=/srv/b,dst=/x", True),
        ("-v /srv/b/below:/x:ro", False),
        ("-v /srv/b/../../etc:/x:ro", False),
        ("-v /srv/b/:/x:ro", False),
        ("-v /srv/b:/x:rshared", False),
        ("--mount type=bind,src=/srv/b,dst=/x,bind-propagation=shared", False),
    ):
        found = breaches(from_line(f"docker run {words} busybox").spec, means)
        assert (found == []) == fine, (words, found)


def test_a_tmpfs_that_names_a_path_of_the_host_is_none() -> None:
    """No form makes such a spec; as ``-v`` it would be written as a bind mount."""
    odd = MountSpec(MountKind.TMPFS, "/x", "/etc", options=(("size=1m", ""),), flag=MountFlag.TMPFS)
    found = breaches(ContainerSpec("busybox", mounts=(odd,)), MEANS)
    assert [breach.field for breach in found] == ["mounts"]


SIZE = ("size=1m", "")


@pytest.mark.parametrize(
    "mount",
    [
        MountSpec(MountKind.BIND, "/x:rshared", "/srv/b"),
        MountSpec(MountKind.BIND, "/x", "/srv/b", flag=MountFlag.TMPFS),
        MountSpec(MountKind.VOLUME, "/x", flag=MountFlag.TMPFS),
        MountSpec(MountKind.VOLUME, "/x:z", "shop-data"),
        MountSpec(MountKind.TMPFS, "/x", options=(SIZE,)),
        MountSpec(
            MountKind.TMPFS, "/x", options=(SIZE, ("mode=700,size=9g", "")), flag=MountFlag.TMPFS
        ),
        MountSpec(
            MountKind.TMPFS, "/x", options=(("tmpfs-size", "9g"), SIZE), flag=MountFlag.MOUNT
        ),
        MountSpec(MountKind.TMPFS, "/x", options=(SIZE,), flag=MountFlag.MOUNT),
        MountSpec(
            MountKind.TMPFS,
            "/x",
            options=(("tmpfs-size", "1m"), ("tmpfs-mode", "999")),
            flag=MountFlag.MOUNT,
        ),
    ],
    ids=str,
)
def test_a_mount_is_judged_as_the_engine_will_read_it(mount: MountSpec) -> None:
    """No command line makes such a one; the API takes the fields one by one."""
    means = Means(paths={"/srv/b": True}, volumes=frozenset({"shop-data"}))
    found = breaches(ContainerSpec("busybox", mounts=(mount,)), means)
    assert {breach.field for breach in found} == {"mounts"}


@pytest.mark.parametrize("value", [-1, 2**30 + 1])
def test_a_size_is_between_one_and_the_most(value: int) -> None:
    found = breaches(ContainerSpec("busybox", shm_size=value), MEANS)
    assert [breach.field for breach in found] == ["shm_size"]


def test_an_alias_is_for_a_network_of_ones_own() -> None:
    for words, fine in (
        ("--network name=shop,alias=db", True),
        ("--network commons", True),
        ("--network name=commons,alias=db", False),
    ):
        assert (breaches(from_line(f"docker run {words} busybox").spec, MEANS) == []) == fine


def test_daily_use_is_inside() -> None:
    parsed = from_line(INSIDE)
    assert parsed.unknown == ()
    assert breaches(parsed.spec, MEANS) == []


def test_a_field_that_nobody_thought_about_is_outside() -> None:
    known = {field.name for field in fields(ContainerSpec)}
    assert FREE | RULES.keys() <= known
    changed: dict[str, Any] = {name: "x" for name in known - FREE - RULES.keys() if name != "image"}
    spec = ContainerSpec("busybox", **changed)
    assert {breach.field for breach in breaches(spec, MEANS)} == set(changed)


def test_the_policy_is_forced() -> None:
    spec = forced(from_line("docker run busybox").spec)
    host = spec.to_body()["HostConfig"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["PidsLimit"] == 4096
    assert host["LogConfig"]["Config"]["max-size"] == "10m"
    kept = forced(from_line("docker run --pids-limit 9 --log-opt max-size=1m busybox").spec)
    assert kept.pids_limit == 9
    assert dict(kept.log_options)["max-size"] == "1m"


def test_a_name_of_our_own_helpers_is_refused() -> None:
    found = breaches(ContainerSpec("busybox", name="wharfinger-helper-0"), MEANS)
    assert [breach.field for breach in found] == ["name"]
    assert not breaches(ContainerSpec("busybox", name="wharfinger-helpers"), MEANS)
