"""What can go, worked out from the engine's figures: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from engine import leftovers
from engine.layer_chains import chains, freed, sizes_of
from engine.leftovers import Leftover
from engine.types import ImageRow, Layer
from pruning.options import Options, OptionsForm
from pruning.what import BY_SLUG

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def image(id: str, parent: str = "", *tags: str) -> ImageRow:
    return ImageRow(id, tags, (), NOW, 10, parent_id=parent)


def ids(*rows: ImageRow, used: tuple[str, ...] = (), wanted: tuple[str, ...]) -> list[str]:
    return [row.id for row in leftovers.images(rows, used, wanted)]


def test_an_image_goes_after_those_on_top_of_it_and_stays_with_one_that_stays() -> None:
    below, between, top = image("a", "", "a:1"), image("b", "a"), image("c", "b", "c:1")
    assert ids(below, between, top, wanted=("a", "c")) == ["c", "a"]
    assert ids(below, between, top, wanted=("a",)) == []
    assert ids(below, between, top, wanted=("a", "c"), used=("c",)) == []
    assert ids(below, between, top, wanted=("a", "c"), used=("b",)) == ["c"]
    assert ids(below, between, wanted=("b",)) == ["b"]


def test_a_layer_goes_with_the_last_image_that_has_it() -> None:
    base, one, two = (f"sha256:{letter * 64}" for letter in "abc")
    first = dict(zip(chains([base, one]), (100, 7), strict=True))
    second = dict(zip(chains([base, two]), (100, 5), strict=True))
    assert freed({"x": first, "y": second}, ()) == {"x": 7, "y": 105}
    assert freed({"x": first, "y": second}, chains([base])) == {"x": 7, "y": 5}
    assert freed({"x": first}, chains([base, one])) == {"x": 0}


def test_the_chain_id_is_the_stores_own() -> None:
    below, above = chains(["sha256:" + "0" * 64, "sha256:" + "1" * 64])
    assert below == "sha256:" + "0" * 64
    assert above == "sha256:f94b891e05f6e37c90d87edfd5bb98a02d618a437c35f3a94b3b00e48e894631"
    assert sizes_of([Layer("RUN x", NOW, 5)]) is None
    assert sizes_of([Layer("CMD x", NOW, 0)]) == {}


def test_the_cache_goes_from_its_leaves() -> None:
    def row(id: str, parent: str = "", **more: object) -> dict[str, object]:
        return {"ID": id, "Parent": parent, "Size": 3, "InUse": False, **more}

    rows = [row("a"), row("b", "a"), row("c", "b"), row("d", "a", InUse=True)]
    found = leftovers.cache(rows, False, lambda thing: True)
    assert [thing.id for thing in found] == ["c", "b"]
    assert leftovers.cache(rows, False, lambda thing: thing.id != "c") == []
    shared = [row("s", Shared=True), row("i", Type="internal")]
    assert leftovers.cache(shared, False, lambda thing: True) == []
    assert len(leftovers.cache(shared, True, lambda thing: True)) == 2


def test_anonymous_volumes_go_where_nothing_else_has_them() -> None:
    name, other = "a" * 64, "b" * 64
    mount = {"Type": "volume", "Name": name}
    rows = [
        {"Id": "1", "Mounts": [mount, {"Type": "volume", "Name": "kept"}]},
        {"Id": "2", "Mounts": [{"Type": "volume", "Name": other}]},
        {"Id": "3", "Mounts": [{"Type": "volume", "Name": other}]},
    ]
    assert leftovers.left_alone(rows, {"1", "2"}) == {name: "1"}
    assert set(leftovers.left_alone(rows, {"1", "2", "3"})) == {name, other}


def test_volumes_that_the_engine_does_not_count_are_left_alone() -> None:
    def row(name: str, count: int) -> dict[str, object]:
        return {"Name": name, "UsageData": {"RefCount": count, "Size": 9}}

    rows = [row("a" * 64, 0), row("named", 0), row("b" * 64, 1), row("c" * 64, -1)]
    rows.append({"Name": "d" * 64, "UsageData": None})
    assert [v.id for v in leftovers.volumes(rows, (), named=False)] == ["a" * 64]
    assert [v.id for v in leftovers.volumes(rows, (), named=True)] == ["a" * 64, "named"]
    assert leftovers.volumes(rows, ("a" * 64, "named"), named=True) == []


def options(slug: str = "containers", **fields: str) -> Options:
    form = OptionsForm(BY_SLUG[slug], fields)
    assert form.is_valid(), form.errors
    return form.options()


def test_options_are_the_commands() -> None:
    asked = options(older="2d", labels="stage=test -keep label:team")
    words = "--filter until=172800s --filter label=stage=test --filter 'label!=keep'"
    line = f"docker container prune {words} --filter label=team"
    assert asked.line(BY_SLUG["containers"]) == line
    everything = options("build-cache", everything="on").line(BY_SLUG["build-cache"])
    assert everything == "docker builder prune --all"


def test_age_and_labels_must_all_fit() -> None:
    old = Leftover("container", "1", "x", since=NOW - timedelta(hours=3), labels={"stage": "test"})
    assert options().fits(old, NOW)
    assert options(older="2h").fits(old, NOW)
    assert not options(older="4h").fits(old, NOW)
    assert options(labels="stage=test").fits(old, NOW)
    for words in ("stage=prod", "-stage", "stage keep", "Stage=test"):
        assert not options(labels=words).fits(old, NOW), words
    assert not options(older="1s").fits(Leftover("volume", "1", "x"), NOW)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("older", "soon", "is no age"),
        ("older", "12", "is no age"),
        ("labels", '"x', "not closed"),
        ("labels", "-", "names no label"),
        ("labels", "=x", "names no label"),
        ("labels", " ".join(map(str, range(21))), "At most 20"),
    ],
)
def test_bad_options_are_told_by_field(field: str, text: str, words: str) -> None:
    form = OptionsForm(BY_SLUG["containers"], {field: text})
    assert not form.is_valid()
    assert words in str(form.errors[field])
