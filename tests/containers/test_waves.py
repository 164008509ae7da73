"""Services of compose projects start after what they depend on, and end before it. Pure."""

from containers.waves import waves
from engine.types import PROJECT_LABEL, ContainerRow
from tests.containers.rows import row


def service(name: str, *needs: str, project: str = "shop") -> ContainerRow:
    labels = {
        PROJECT_LABEL: project,
        "com.docker.compose.service": name,
        "com.docker.compose.depends_on": ",".join(f"{n}:service_started:false" for n in needs),
    }
    return row(id=f"{project}-{name}", name=name, labels=labels)


def names(*rows: ContainerRow, backwards: bool = False) -> list[list[str]]:
    return [[each.name for each in wave] for wave in waves(rows, backwards)]


def test_each_after_what_it_depends_on() -> None:
    rows = (service("web", "api", "cache"), service("api", "db"), service("cache"), service("db"))
    assert names(*rows) == [["cache", "db"], ["api"], ["web"]]
    assert names(*rows, backwards=True) == [["web"], ["api"], ["cache", "db"]]


def test_what_is_not_among_them_is_not_waited_for() -> None:
    assert names(service("web", "db")) == [["web"]]
    other = service("db", project="bank")
    assert names(service("web", "db"), other) == [["web", "db"]]
    assert names(service("web", "web"), row(id="x", name="x")) == [["web", "x"]]
    assert names() == []


def test_a_circle_is_done_at_once_and_odd_labels_say_nothing() -> None:
    a, b = service("a", "b"), service("b", "a")
    assert names(a, b, service("c", "a")) == [["a", "b", "c"]]
    assert names(service("a", "", ":")) == [["a"]]
