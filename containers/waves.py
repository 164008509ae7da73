"""In what order the services of compose projects start, as far as their labels tell. Pure."""

from collections.abc import Iterable

from engine.types import ContainerRow

SERVICE = "com.docker.compose.service"
DEPENDS_ON = "com.docker.compose.depends_on"
Service = tuple[str, str]  # project, service


def waves(rows: Iterable[ContainerRow], backwards: bool = False) -> list[list[ContainerRow]]:
    """The rows in groups, each after those that it depends on; of a circle, all in one.

    What is not among the rows is not waited for: nobody asked for it. ``backwards``: who depends
    goes before what it depends on, as a stop wants it.
    """
    left = {row.id: row for row in rows}
    found: list[list[ContainerRow]] = []
    while left:
        there = {service_of(row) for row in left.values() if row.project}
        ready = [row for row in left.values() if not needs(row) & there] or list(left.values())
        found.append(ready)
        for row in ready:
            del left[row.id]
    return found[::-1] if backwards else found


def needs(row: ContainerRow) -> set[Service]:
    """``db:service_started:false,cache:service_healthy:true`` names two services, first words."""
    parts = row.labels.get(DEPENDS_ON, "").split(",") if row.project else []
    names = (part.partition(":")[0].strip() for part in parts)
    return {(row.project, name) for name in names if name} - {service_of(row)}


def service_of(row: ContainerRow) -> Service:
    return row.project, row.labels.get(SERVICE, "")
