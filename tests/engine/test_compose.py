"""A spec as a Compose file: every reader of YAML reads what was meant, and no field is lost."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.command_line import from_line, to_flags
from engine.compose import service_name, to_compose
from engine.spec_values import (
    Device,
    DeviceLimit,
    DeviceRequest,
    MountKind,
    MountSpec,
    NetworkSpec,
    PublishedPort,
    RestartPolicy,
    Ulimit,
)
from engine.specs import FIELDS, ContainerSpec
from engine.yaml_text import Inline, yaml_text
from tests.spec_cases import specs

quiet = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NASTY = st.sampled_from(
    (
        *("", "no", "Y", "~", "null", "1e3", "0x10", "12:30", "8080:80", "2026-11-28", "-", "- a"),
        *("a: b", "a #b", "#", "&a", "*a", "!a", "%", "@", "`", "|", ">", "=", "<<", ".inf", "\\"),
        *("'", '"', "\x85", "\u2028", "\ufeff", "\x7f", "\0", "\t", "\r\n", "é", "\U0001f600"),
        *(" a", "a "),
    )
)
TEXTS = st.one_of(NASTY, st.text(st.characters(exclude_categories=("Cs",)), max_size=12))
LEAVES = st.one_of(TEXTS, st.booleans(), st.integers(), st.lists(TEXTS).map(Inline))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(st.one_of(TEXTS, st.dictionaries(TEXTS, inner, max_size=3)), max_size=3),
        st.dictionaries(TEXTS, inner, max_size=3),
    ),
    max_leaves=12,
)


@quiet
@given(st.dictionaries(TEXTS, TREES, max_size=4))
def test_what_is_written_is_read(tree: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(tree)) == (listed(tree) or None)


def listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: listed(each) for key, each in value.items()}
    return [listed(each) for each in value] if isinstance(value, list | tuple) else value


def test_long_keys_and_decimals() -> None:
    tree = {"k" * 2000: {"cpus": Decimal("0.5"), "all": Decimal(2)}}
    assert yaml.safe_load(yaml_text(tree)) == {"k" * 2000: {"cpus": 0.5, "all": 2}}


def service(spec: ContainerSpec) -> dict[str, Any]:
    tree = yaml.safe_load(to_compose(spec))
    found: dict[str, Any] = tree["services"][service_name(spec)]
    return found


@quiet
@given(specs)
def test_words_variables_and_ports_come_through(spec: ContainerSpec) -> None:
    """What Compose makes of the values: a double dollar is one."""
    found = undoubled(service(spec))
    assert found["image"] == spec.image
    assert tuple(found.get("command", ())) == spec.command
    assert found.get("entrypoint") == (None if spec.entrypoint is None else list(spec.entrypoint))
    assert found.get("environment", {}) == dict(spec.env)
    assert found.get("labels", {}) == dict(spec.labels)
    again = " ".join(f"-p {port}" for port in found.get("ports", ()))
    assert set(from_line(f"docker run {again} x").spec.ports) == set(spec.ports)


def undoubled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: undoubled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [undoubled(each) for each in value]
    return value.replace("$$", "$") if isinstance(value, str) else value


LIMIT = (DeviceLimit("/dev/sda", 500),)
SET: dict[str, Any] = {
    "image": "other", "command": ("a",), "name": "web", "pull": "always", "entrypoint": ("a",),
    "restart": RestartPolicy("always"), "env": (("A", "b"),), "labels": (("a", "b"),),
    "annotations": (("a", "b"),), "init": False, "stop_timeout": 0, "ports": (PublishedPort(80),),
    "expose": ("80/tcp",), "networks": (NetworkSpec("shop"),), "links": ("a:b",),
    "extra_hosts": ("db:10.0.0.1",), "dns": ("10.0.0.1",), "dns_search": ("a",),
    "dns_options": ("ndots:1",), "mounts": (MountSpec(MountKind.VOLUME, "/a", "b"),),
    "volumes_from": ("a",), "storage_options": (("size", "1g"),), "memory_swappiness": 0,
    "pids_limit": -1, "blkio_weight_devices": LIMIT, "device_read_bps": LIMIT,
    "device_write_bps": LIMIT, "device_read_iops": LIMIT, "device_write_iops": LIMIT,
    "ulimits": (Ulimit("nofile", 1, 2),), "health_test": ("NONE",), "log_options": (("a", "b"),),
    "cap_add": ("A",), "cap_drop": ("A",), "security_options": ("a",), "group_add": ("a",),
    "sysctls": (("a", "b"),), "devices": (Device("/dev/fuse"),),
    "device_requests": (DeviceRequest(count=-1),), "device_cgroup_rules": ("c 1:1 r",),
}  # fmt: skip
PLAIN = {bool: True, int: 7, str: "some"}


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"detach"}))
def test_no_field_is_lost(field: str) -> None:
    """It changes the file, or stands in a comment as its flag. How one attaches is no part of it"""
    plain = ContainerSpec("image")
    value = SET[field] if field in SET else PLAIN[type(getattr(plain, field))]
    spec = replace(plain, **{field: value})
    text = to_compose(spec)
    assert text != to_compose(plain)
    if yaml.safe_load(text) == yaml.safe_load(to_compose(plain)):
        assert all(f"# Not in Compose: {flag}\n" in text for flag in to_flags(spec))


def test_a_file_as_a_person_would_write_it() -> None:
    line = """docker run -d --rm --name web --restart unless-stopped -p 8080:80
        -e 'GREETING=$5 a day' -e DEBUG=no -v data:/data --tmpfs /run
        --mount type=bind,source=/srv,target=/srv,readonly
        --network shop --network-alias www --cpus 1.5 -m 512m --health-cmd 'curl -f localhost'
        --health-interval 1m30s --mystery=1 nginx:1.27 nginx -g 'daemon off;'"""
    parsed = from_line(line.replace("\n", " "))
    assert (
        to_compose(parsed.spec, parsed.unknown)
        == """\
# Not in Compose: --rm
# Not in Compose: --mystery=1
services:
  web:
    image: nginx:1.27
    container_name: web
    restart: unless-stopped
    command: ["nginx", "-g", "daemon off;"]
    environment:
      GREETING: "$$5 a day"
      DEBUG: "no"
    volumes:
      - data:/data
      - type: bind
        source: /srv
        target: /srv
        read_only: true
        bind:
          create_host_path: false
    tmpfs:
      - /run
    ports:
      - "8080:80"
    networks:
      shop:
        aliases:
          - www
    mem_limit: "512m"
    cpus: 1.5
    healthcheck:
      test: ["CMD-SHELL", "curl -f localhost"]
      interval: "1m30s"
networks:
  shop:
    name: shop
    external: true
volumes:
  data:
    name: data
"""
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--network host", {"network_mode": "host"}),
        ("--network container:db", {"network_mode": "container:db"}),
        ("--network a --network b", {"networks": ["a", "b"]}),
        ("--entrypoint ''", {"entrypoint": [""]}),
        ("--stop-timeout 0", {"stop_grace_period": "0s"}),
        ("--memory-swap -1", {"memswap_limit": "-1"}),
        ("--volumes-from db:ro", {"volumes_from": ["container:db:ro"]}),
        ("--link db:peer", {"external_links": ["db:peer"]}),
        ("--restart no", {}),
    ],
)
def test_what_is_written_another_way_there(flags: str, words: dict[str, Any]) -> None:
    assert service(from_line(f"docker run {flags} x").spec) == {"image": "x", **words}


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("ghcr.io:5000/a/web-app:1@sha256:0", "web-app"),
        ("nginx", "nginx"),
        ("///", "app"),
        ("", "app"),
    ],
)
def test_a_service_is_called_as_its_image(image: str, name: str) -> None:
    assert service_name(ContainerSpec(image)) == name
