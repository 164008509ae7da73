"""The filter box: what its words mean, and that no text breaks it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containers.query import KEYS, STATE_WORDS, Around, grammar, measures, parse
from engine.meter import Reading
from engine.snapshot import Snapshot
from engine.types import Mount, PortBinding
from tests.containers.rows import NOW, row
from web.filters import Term

WEB = row(
    health="healthy",
    labels={"com.docker.compose.project": "shop", "tier": "front", "note": "two words"},
    ports=(PortBinding(443, "tcp", "0.0.0.0", 8443), PortBinding(53, "udp")),
    networks=("shop_default",),
    mounts=(Mount("volume", "/data", name="shop_data"),),
)
DB = row(id="b" * 64, name="db", image="postgres:17", state="exited", exit_code=3, finished_at=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web",
        "WEB acme",
        "aaaa",
        "-postgres",
        "name:shop",
        "id:aaa",
        "image:acme/shop",
        "image:postgres,acme",
        "state:running",
        "state:exited,running",
        "state:healthy",
        "-state:stopped",
        "health:healthy",
        "label:tier",
        "label:tier=front",
        "LABEL:tier=front,tier=back",
        'label:"note=two words"',
        "-label:tier=back",
        "port:8443",
        "port:443",
        "port:8000-9000",
        "port:53/udp",
        "project:shop",
        "network:shop_default",
        "volume:shop_data",
        '"shop-web:2.41"',
        "image:",
        "web state:running -name:db",
    ],
)
def test_matches(text: str) -> None:
    query = parse(text)
    assert query.problems == ()
    assert query.matches(WEB, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "-web",
        "state:stopped",
        "state:attention",
        "port:53/tcp",
        "port:8000-8100",
        "label:tier=back",
        "label:front",
        "project:sho",
        "health:none",
        "web state:exited",
    ],
)
def test_does_not_match(text: str) -> None:
    query = parse(text)
    assert query.problems == ()
    assert not query.matches(WEB, NOW)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("imge:postgres", ["no filter imge:", "image:"]),
        ("state:runing", ["state:runing", "running"]),
        ("ghcr.io:5000/x", ["ghcr"]),
        ("port:http", ["port:http", "443"]),
        ("postgres:17", ["postgres:", "double quotes"]),
        ("created:yesterday", ["created:yesterday", "<2d"]),
        ("sort:colour", ["sort:colour", "name"]),
    ],
)
def test_a_mistake_is_named_and_matches_nothing(text: str, words: list[str]) -> None:
    query = parse(text)
    if text.startswith("ghcr"):  # a dot is no part of a key: plain text
        assert query.problems == ()
        return
    assert len(query.problems) == 1
    for word in words:
        assert word in query.problems[0]
    assert not query.matches(WEB, NOW)
    assert not parse(f"-{text}").matches(WEB, NOW)


def test_attention_forgets_after_a_day_and_forgives_a_stop() -> None:
    attention = parse("state:attention")
    assert attention.matches(DB, NOW)
    assert not attention.matches(DB, NOW + timedelta(days=2))
    assert not attention.matches(row(state="exited", exit_code=137, finished_at=NOW), NOW)
    killed = row(state="exited", exit_code=137, finished_at=NOW, oom_killed=True)
    assert attention.matches(killed, NOW)
    assert attention.matches(row(health="unhealthy"), NOW)
    assert attention.matches(row(state="restarting"), NOW)


def test_a_segment_writes_the_text() -> None:
    query = parse('web state:exited -test "a b"')
    assert str(query.with_state("running")) == 'web -test "a b" state:running'
    assert str(query.with_state("")) == 'web -test "a b"'
    assert query.state == "exited"
    assert parse("state:exited,running").state == ""
    assert parse("-state:exited").state == ""


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    query = parse(text)
    query.matches(WEB, NOW)
    assert parse(str(query)) == query


@given(st.text(alphabet=st.characters(exclude_characters='"'), min_size=1, max_size=20))
def test_quoted_text_is_looked_for_as_it_is(text: str) -> None:
    named = row(name=f"<{text}>")
    assert parse(f'"{text}"').matches(named, NOW)


@given(st.sampled_from(["web", "state:running", "label:tier", "port:443", "project:x", "zzz"]))
def test_a_minus_means_the_opposite(word: str) -> None:
    assert parse(f"-{word}").matches(WEB, NOW) != parse(word).matches(WEB, NOW)


@given(st.lists(st.sampled_from(STATE_WORDS), min_size=1, max_size=3))
def test_a_comma_means_or(words: list[str]) -> None:
    either = parse("state:" + ",".join(words)).matches(WEB, NOW)
    assert either == any(parse(f"state:{word}").matches(WEB, NOW) for word in words)


def test_every_key_is_known() -> None:
    assert set(KEYS) >= {"image", "state", "label", "port", "project", "name", "id", "health"}


USED = Reading(NOW, 82.5, 700 * 2**20, 2**30)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cpu:>80", True),
        ("cpu:80", True),
        ("cpu:<80%", False),
        ("cpu:>=90", False),
        ("mem:>0.5g", True),
        ("mem:>1GiB", False),
        ("mem:<800m", True),
        ("mem:>60%", True),
        ("mem:734003200", True),
        ("created:<2d", True),
        ("created:>1.5h", True),
        ("created:>1w", False),
        ("host:dock", True),
        ("-host:dock-0", False),
        ("host:other", False),
        ("sort:-cpu web", True),
        ("is:outdated", False),
        ("is:dangerous", True),
        ("team:shop", True),
        ("team:SHOP,bank", True),
        ("team:bank", False),
    ],
)
def test_what_takes_more_than_a_row(text: str, found: bool) -> None:
    known = grammar(Around("dock-01", Snapshot(), {WEB.id: USED}, {WEB.id: "shop"}.get))
    query = known.parse(text)
    assert query.problems == ()
    assert query.matches(WEB, NOW + timedelta(hours=2)) == found


@pytest.mark.parametrize("text", ["cpu:>80", "mem:>1k", "-cpu:>80"])
def test_of_what_was_not_measured_nothing_is_said(text: str) -> None:
    query = grammar(Around("dock", Snapshot(), {})).parse(text)
    assert query.matches(WEB, NOW) == text.startswith("-")
    assert measures(query, "name")


@pytest.mark.parametrize(
    ("text", "word"),
    [("cpu:lots", ">80"), ("mem:>", ">1g"), ("hots:x", "host:"), ("is:new", "out")],
)
def test_a_mistake_in_those_is_named_too(text: str, word: str) -> None:
    (problem,) = grammar(Around("dock", Snapshot(), {})).parse(text).problems
    assert word in problem


@pytest.mark.parametrize(
    ("text", "key", "value", "pressed"),
    [
        ("", "state", "running", "state:running"),
        ("web state:running", "state", "exited", "web state:running,exited"),
        ("state:running,exited web", "state", "Running", "state:exited web"),
        ("state:exited web", "state", "exited", "web"),
        ("-state:exited", "state", "exited", "-state:exited state:exited"),
        ("", "project", "two words", 'project:"two words"'),
        ('project:"two words",Shop', "project", "shop", 'project:"two words"'),
        ("is:outdated", "is", "dangerous", "is:outdated is:dangerous"),
        ("cpu:>80 cpu:<90", "cpu", ">80", "cpu:<90"),
    ],
)
def test_a_chip_writes_its_word_and_takes_it_out(
    text: str, key: str, value: str, pressed: str
) -> None:
    query = grammar(Around("dock", Snapshot(), {})).parse(text)
    assert str(query.toggled(key, value, apart=key in ("is", "cpu"))) == pressed


@given(
    st.lists(
        st.sampled_from(["web", "-x", "state:exited,running", 'project:"a b"', "is:outdated"])
    ),
    st.sampled_from(
        [("state", "paused"), ("project", "c, d"), ("team", "Shop"), ("image", "a/b:1")]
    ),
)
def test_pressed_twice_the_text_is_as_it_was(words: list[str], chip: tuple[str, str]) -> None:
    known = grammar(Around("dock", Snapshot(), {}))
    once = known.parse(str(known.parse(" ".join(words)).toggled(*chip)))
    assert once.asks(*chip)
    again = known.parse(str(once.toggled(*chip)))
    assert not again.asks(*chip)
    assert sorted(map(meant, again.terms)) == sorted(map(meant, known.parse(" ".join(words)).terms))


def meant(term: Term) -> tuple[str, tuple[str, ...], bool]:
    return term.key, term.values, term.negated


def test_the_sort_stands_in_the_text() -> None:
    query = parse("web sort:-created")
    assert query.only("sort") == "-created"
    assert str(query.with_only("sort", "")) == "web"
    assert not measures(query, "since")
    assert measures(query, "-cpu")
