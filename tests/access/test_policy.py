"""A host's policy: ranges, addresses, registries in one spelling; what cannot be read is shut."""

import pytest
from django.test import Client

from access.fence import Means, breaches
from access.fence_forms import FencePolicyForm
from access.models import FencePolicy
from access.policy import AS_NEW, Policy, address_of, policy_from, spans_of
from audit.models import Entry, Result
from engine.command_line import from_line
from engine.specs import ContainerSpec, PublishedPort
from tests.access.people import dock, user
from tests.runtime import Loop
from tests.runtime import runtime as runtime

LOOPBACKS = frozenset({"127.0.0.1", "::1"})
ALL = frozenset({"0.0.0.0", "::"})


def refused(words: str, policy: Policy) -> bool:
    spec = from_line(f"docker run {words} busybox").spec
    return {breach.field for breach in breaches(spec, Means(policy=policy))} == {"ports"}


@pytest.mark.parametrize(
    ("words", "spans", "fine"),
    [
        ("-p 8000:80", "8000-8999", True),
        ("-p 8999:80/udp", "8000-8999", True),
        ("-p 7999:80", "8000-8999", False),
        ("-p 9000:80", "8000-8999", False),
        ("-p 9100:80", "8000-8999, 9100", True),
        ("-p 8000-8010:80-90", "8000-8999", True),
        ("-p 8000-8010:80", "8000-8999", True),
        ("-p 8990-9010:80", "8000-8999, 9000-9100", False),
        ("-p 8000:80 -p 22000:22", "8000-8999", False),
        ("-p 80", "8000-8999", False),
        ("-p 80", "1024-65535", True),
        ("-p 80", "32768-60999", True),
        ("-p 80", "32768-60998", False),
        ("-p [::1]:7000:80", "8000-8999", False),
        ("-p 127.0.0.1::80", "8000-8999", False),
        ("-p 8000:80", "", False),
    ],
)
def test_ports_are_of_one_range_that_is_allowed(words: str, spans: str, fine: bool) -> None:
    assert refused(words, Policy(ports=spans_of(spans))) is not fine


@pytest.mark.parametrize("port", ["-22", "8000-", "\u0668\u0660\u0668\u0660", " 8000", "8000-x"])
def test_what_is_no_port_is_refused_as_one(port: str) -> None:
    spec = ContainerSpec("busybox", ports=(PublishedPort(80, "tcp", "", port),))
    assert [breach.field for breach in breaches(spec, Means())] == ["ports"]


def test_no_port_below_1024_whatever_is_stored() -> None:
    assert refused("-p 80:80", Policy(ports=((1, 65535),)))
    assert not AS_NEW.covers(1023, 1024)


@pytest.mark.parametrize(
    ("words", "addresses", "fine"),
    [
        ("-p 127.0.0.1:8000:80", LOOPBACKS, True),
        ("-p [::1]:8000:80", LOOPBACKS, True),
        ("-p [0:0:0:0:0:0:0:1]:8000:80", LOOPBACKS, True),
        ("-p [::ffff:127.0.0.1]:8000:80", LOOPBACKS, True),
        ("-p 127.0.0.2:8000:80", LOOPBACKS, False),
        ("-p 8000:80", LOOPBACKS, False),
        ("-p 0.0.0.0:8000:80", LOOPBACKS, False),
        ("-p [::]:8000:80", LOOPBACKS, False),
        ("-p 8000:80", frozenset({"0.0.0.0"}), False),
        ("-p 8000:80", ALL, True),
        ("-p 127.0.0.1::80", LOOPBACKS, True),
    ],
)
def test_ports_are_bound_to_addresses_that_are_allowed(
    words: str, addresses: frozenset[str], fine: bool
) -> None:
    assert refused(words, Policy(addresses=addresses)) is not fine


@pytest.mark.parametrize("row", [{"ports": "x"}, {"ports": "80"}, {"addresses": "here"}])
def test_what_cannot_be_read_allows_nothing(row: dict[str, str]) -> None:
    policy = policy_from(FencePolicy(beyond_fence=True, **row))
    assert refused("-p 8000:80", policy)
    assert policy.registries
    assert not policy.beyond
    with pytest.raises(ValueError, match="is not an address"):
        address_of("localhost")


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("ports", "80", "ports are from 1024"),
        ("ports", "9000-8000", "the smaller one first"),
        ("ports", "\u0661\u0662\u0663\u0664\u0665", "is no port and no range"),
        ("ports", "8000-70000", "ports are from 1024"),
        ("addresses", "127.0.0.1, all", "“all” is not an address"),
        ("registries", "https://ghcr.io", "is not a registry"),
        ("registries", "user@ghcr.io", "is not a registry"),
        ("registries", " ".join(f"r{n}.io" for n in range(201)), "At most 200"),
    ],
)
def test_the_form_names_what_it_cannot_read(field: str, text: str, words: str) -> None:
    form = FencePolicyForm({field: text}, instance=FencePolicy())
    assert not form.is_valid()
    assert words in str(form.errors[field])


def test_it_is_kept_in_one_spelling_with_old_and_new_on_record(runtime: Loop) -> None:
    root, page = Client(), "/hosts/dock/settings/fence/"
    root.force_login(user("root", is_superuser=True))
    asked = {
        "registries": "GHCR.io index.docker.io\ndocker.io reg.example:5000",
        "ports": "9100,8000-8999",
        "addresses": "[::0001], ::ffff:127.0.0.1",
        "beyond_fence": "on",
    }
    assert root.post(page, asked).status_code == 302
    row = FencePolicy.objects.get(host=dock())
    assert row.registries.split() == ["ghcr.io", "docker.io", "reg.example:5000"]
    assert (row.ports, row.addresses) == ("9100, 8000-8999", "::1, 127.0.0.1")
    assert root.post(page, {"ports": "80"}).status_code == 422
    recorded = Entry.objects.get(event="host.manage", result=Result.INTENT).parameters
    assert (recorded["was"]["beyond_fence"], recorded["now"]["beyond_fence"]) == (False, True)
    other = Client()
    other.force_login(user("bob"))
    assert other.get(page).status_code == 404
