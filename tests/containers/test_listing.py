"""Order, groups, counts and what goes with a container."""

from datetime import timedelta

from containers.belongings import belongings
from containers.listing import in_order, listing
from containers.query import parse
from engine.meter import Reading
from engine.types import Mount, PortBinding
from tests.containers.rows import NOW, row, rows

PROJECT = "com.docker.compose.project"
SHOP = {PROJECT: "shop"}


def names(text: str = "", sort: str = "name", grouped: bool = True) -> list[str]:
    some = [
        row(id="1", name="zeta", labels=SHOP, started_at=NOW),
        row(
            id="2", name="Alpha", state="exited", exit_code=3, finished_at=NOW - timedelta(hours=1)
        ),
        row(id="3", name="beta", health="unhealthy", ports=(PortBinding(80, host_port=8080),)),
        row(id="4", name="eta", labels={PROJECT: "Auth"}, started_at=NOW - timedelta(days=2)),
    ]
    return [
        found.name
        for found in listing(in_order(some, sort, grouped), parse(text), grouped, NOW).rows
    ]


def test_projects_come_first_and_rows_are_sorted_within() -> None:
    assert names() == ["eta", "zeta", "Alpha", "beta"]
    assert names(grouped=False) == ["Alpha", "beta", "eta", "zeta"]
    assert names(grouped=False, sort="-name") == ["zeta", "eta", "beta", "Alpha"]
    assert names(grouped=False, sort="state")[0] == "beta"
    assert names(grouped=False, sort="ports")[0] == "beta"
    assert names(grouped=False, sort="nonsense") == names(grouped=False)
    assert names("state:running", grouped=False) == ["beta", "eta", "zeta"]


def test_since_has_the_newest_first() -> None:
    assert names(grouped=False, sort="since")[-1] == "eta"
    assert names(grouped=False, sort="-since")[0] == "eta"


def test_what_is_used_sorts_and_what_is_not_known_comes_first() -> None:
    some = [row(id="1", name="a"), row(id="2", name="b"), row(id="3", name="c")]
    used = {"1": Reading(NOW, 9.0, 1, 9), "2": Reading(NOW, 10.0, 2, 9)}
    rising = [found.name for found in in_order(some, "cpu", False, used)]
    falling = [found.name for found in in_order(some, "-mem", False, used)]
    assert (rising, falling) == (["c", "a", "b"], ["b", "a", "c"])


def test_groups_of_a_page_say_the_whole_size_and_go_on() -> None:
    found = listing(rows(5, labels=SHOP) + rows(0), parse(""), now=NOW)
    first, rest = found.groups(0, 2), found.groups(2, 4)
    assert [(g.name, len(g.rows), g.count, g.continued) for g in first] == [("shop", 2, 5, False)]
    assert [(g.name, len(g.rows), g.count, g.continued) for g in rest] == [("shop", 2, 5, True)]
    assert first[0].anchor == rest[0].anchor


def test_counts_ignore_the_open_segment_but_not_the_rest_of_the_filter() -> None:
    some = [
        row(id="1"),
        row(id="2", state="exited", exit_code=1),
        row(id="3", name="other", image="x"),
    ]
    found = listing(some, parse("shop state:stopped"), now=NOW)
    assert found.counts == {"": 2, "running": 1, "attention": 1, "stopped": 1}
    assert len(found.rows) == 1


def test_only_anonymous_volumes_that_nobody_else_uses_can_go() -> None:
    own, both = "1" * 64, "2" * 64
    mounts = (
        Mount("volume", "/a", name=own),
        Mount("volume", "/b", name=both),
        Mount("volume", "/c", name="data"),
        Mount("bind", "/d", source="/srv/d"),
        Mount("tmpfs", "/e"),
    )
    other = row(id="b" * 64, mounts=(Mount("volume", "/x", name=both),))
    goes = belongings(row(mounts=mounts), [row(mounts=mounts), other])
    assert [mount.name for mount in goes.anonymous] == [own]
    assert [mount.name for mount in goes.shared] == [both]
    assert [mount.name for mount in goes.named] == ["data"]
    assert [mount.source for mount in goes.binds] == ["/srv/d"]
