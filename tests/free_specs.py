"""Specs with any of their fields at once, and a change of one of them; for property tests."""

import secrets
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st

from engine.specs import ContainerSpec, RestartPolicy
from tests.conftest import LABEL, DockerCli
from tests.free_fields import Cast, free_fields

# An image that says something of all that an image can say.
RICH = """FROM {busybox}
ENV FROM_IMAGE=1 SHARED="of the image"
LABEL own=image shared=image
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["sleep 3600"]
EXPOSE 80 9000/udp
VOLUME /of-image /data /of-image-too/
USER 1000
WORKDIR /tmp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=70s --timeout=5s --retries=2 CMD test -d /tmp
"""


@pytest.fixture(scope="module")
def free_cast(docker_cli: DockerCli, busybox: str) -> Iterator[Cast]:
    """Gone again afterwards."""
    key = secrets.token_hex(4)
    other, volume, nets = f"free-other-{key}", f"free-vol-{key}", (f"free-a-{key}", f"free-b-{key}")
    subnet = f"10.{218 + secrets.randbelow(8)}.{secrets.randbelow(256)}"
    build = ("build", "-q", "-t", f"free-image:{key}", "-")
    image = docker_cli(*build, input=RICH.format(busybox=busybox)).stdout.strip()
    create = ("network", "create", "--label", LABEL)
    ids = (
        docker_cli(*create, "--internal", "--subnet", f"{subnet}.0/24", nets[0]).stdout.strip(),
        docker_cli(*create, "--internal", nets[1]).stdout.strip(),
    )
    docker_cli("volume", "create", "--label", LABEL, volume)
    options = ("--label", LABEL, "--ipc", "shareable", "-v", "/shared", "-v", f"{volume}:/both")
    docker_cli("run", "-d", "--name", other, *options, busybox, "sleep", "3000")
    images = (busybox, f"free-image:{key}", image)
    yield Cast(images, nets, ids, subnet, other, volume)
    docker_cli("rm", "-fv", other, check=False)
    docker_cli("network", "rm", *nets, check=False)
    docker_cli("volume", "rm", volume, check=False)
    docker_cli("rmi", "-f", f"free-image:{key}", check=False)


@st.composite
def free_specs(draw: st.DrawFn, cast: Cast) -> ContainerSpec:
    """Any of the fields; what an engine would refuse of them together is taken back."""
    fields = free_fields(cast)
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), min_size=6, max_size=24, unique=True))
    values = {name: draw(fields[name]) for name in chosen}
    return at_one(ContainerSpec(draw(st.sampled_from(cast.images)), **values))


@st.composite
def changes(
    draw: st.DrawFn, cast: Cast, spec: ContainerSpec, among: Collection[str] = (), most: int = 1
) -> dict[str, Any]:
    """Up to ``most`` fields, and at least half as many, of these where some are named: another
    value, or none in the place of one that the spec has."""
    fields = free_fields(cast)
    names = [name for name in sorted(fields) if not among or name in among]
    some = st.lists(st.sampled_from(names), min_size=(most + 1) // 2, max_size=most, unique=True)
    plain, chosen = ContainerSpec(""), draw(some)
    values = {name: [fields[name]] for name in chosen}
    for name in chosen:
        if getattr(spec, name) != (none := getattr(plain, name)):
            values[name].append(st.just(none))
    return {name: draw(st.one_of(values[name])) for name in chosen}


def at_one(spec: ContainerSpec) -> ContainerSpec:
    """Without what contradicts another of its fields."""
    if spec.network == "host" or spec.network.startswith("container:"):
        spec = replace(spec, ports=(), publish_all=False, links=(), mac_address="")
    if spec.network.startswith("container:"):
        spec = replace(spec, hostname="", dns=(), extra_hosts=(), expose=(), sysctls=())
    if spec.network == "none":
        spec = replace(spec, ports=(), links=())
    if spec.uts_mode:
        spec = replace(spec, hostname="", domainname="")
    if spec.auto_remove:
        spec = replace(spec, restart=RestartPolicy())
    if spec.nano_cpus:
        spec = replace(spec, cpu_period=0, cpu_quota=0)
    if spec.cpu_rt_runtime and not spec.cpu_rt_period:
        spec = replace(spec, cpu_rt_runtime=0)
    if spec.memory_swap > 0:
        spec = replace(spec, memory_swap=spec.memory and 2 * spec.memory)
    if spec.memory_reservation > spec.memory > 0:
        spec = replace(spec, memory_reservation=spec.memory)
    if spec.log_driver in ("none", "syslog"):
        spec = replace(spec, log_options=())
    if spec.health_test == ("NONE",):
        spans = ("interval", "timeout", "start_period", "start_interval", "retries")
        spec = replace(spec, **{f"health_{name}": 0 for name in spans})
    return spec
