"""The order of the rooms, read from the imports: docs/architecture.md says why."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From the bottom up: a package may import itself and those before it.
FEATURES = ["images", "networks", "containers", "volumes", "pruning", "events"]
ORDER = ["engine", "hosts", "audit", "access", "transfers", "jobs", "web", *FEATURES]
PACKAGES = [*ORDER, "dashboard"]
ROOF = {"urls", "views", "sockets", "api", "actions", "forms"}
ROOF_ENDINGS = ("_urls", "_views", "_socket", "_sockets", "_forms")
# A container is made from an image, its page of files shows the form for uploads, and it comes
# into networks from its page, too; a volume's files are sent as a container's are.
BRIDGES = {
    ("containers", "images.actions"),
    ("containers", "transfers.forms"),
    ("containers", "networks.actions"),
    ("containers", "networks.forms"),
    ("volumes", "containers.views"),
}


class Import(NamedTuple):
    """One import: by which file, of which module."""

    file: Path
    module: str

    @property
    def package(self) -> str:
        return self.file.parts[0]

    @property
    def target(self) -> str:
        return self.module.split(".")[0]

    def __str__(self) -> str:
        return f"{self.file} imports {self.module}"


@functools.cache
def imports() -> list[Import]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    files = [path for path in paths if "migrations" not in path.parts]
    return [
        found for path in files for found in imports_of(path.relative_to(ROOT), path.read_text())
    ]


def imports_of(file: Path, source: str) -> Iterator[Import]:
    """Every module named by an import, ``from a import b`` as both ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(file, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield Import(file, node.module)
            yield from (Import(file, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            raise AssertionError(f"{file} imports relatively: name the package.")


def is_roof(parts: tuple[str, ...]) -> bool:
    """A feature's transport and pages. ``web`` holds what they share, so it is ground."""
    if len(parts) < 2 or parts[0] == "web":
        return False
    name = parts[1].removesuffix(".py")
    return name in ROOF or name.endswith(ROOF_ENDINGS)


def climbs(found: Import) -> bool:
    """Whether a lower ground stands on a higher one. A roof may look at every ground."""
    if found.package == "dashboard" or found.target not in PACKAGES:
        return False
    if found.target == "dashboard":
        return True
    if is_roof(found.file.parts):
        return False
    return ORDER.index(found.target) > ORDER.index(found.package)


def leaves_the_ground(found: Import) -> bool:
    """Whether a ground module imports a roof. The site itself is all roof."""
    ours = found.package != "dashboard" and found.target in ORDER
    return ours and not is_roof(found.file.parts) and is_roof(tuple(found.module.split(".")))


def crosses_roofs(found: Import) -> bool:
    """Whether a package imports another one's roof, but over a bridge."""
    parts = tuple(found.module.split("."))
    if found.package in ("dashboard", found.target) or found.target not in ORDER:
        return False
    return is_roof(parts) and (found.package, ".".join(parts[:2])) not in BRIDGES


def test_no_package_imports_one_above_it() -> None:
    assert [str(found) for found in imports() if climbs(found)] == []


def test_ground_never_imports_roof() -> None:
    assert [str(found) for found in imports() if leaves_the_ground(found)] == []


def test_a_roof_imports_no_foreign_roof() -> None:
    assert [str(found) for found in imports() if crosses_roofs(found)] == []


def test_docker_is_imported_by_the_engine_room_only() -> None:
    wrong = [found for found in imports() if found.target == "docker" and found.package != "engine"]
    assert [str(found) for found in wrong] == []


def test_the_engine_room_knows_nothing_of_django() -> None:
    strangers = {"django", "channels", "daphne"}
    wrong = [
        found for found in imports() if found.package == "engine" and found.target in strangers
    ]
    assert [str(found) for found in wrong] == []


def test_the_server_is_known_in_one_place() -> None:
    servers = {"daphne", "twisted", "autobahn", "uvicorn"}
    wrong = [
        found
        for found in imports()
        if found.target in servers and found.file.parts[:2] != ("dashboard", "server")
    ]
    assert [str(found) for found in wrong] == []


@pytest.mark.parametrize(
    ("file", "source", "rule"),
    [
        ("hosts/live.py", "from access.gate import may", climbs),
        ("engine/hub.py", "import dashboard.runtime", climbs),
        ("images/pulling.py", "from containers import listing", climbs),
        ("jobs/models.py", "from jobs.views import job_list", leaves_the_ground),
        ("jobs/models.py", "from jobs import views", leaves_the_ground),
        ("images/views/page.py", "from jobs import views", crosses_roofs),
    ],
)
def test_the_rules_see_what_they_are_for(file: str, source: str, rule: object) -> None:
    assert any(rule(found) for found in imports_of(Path(file), source))  # type: ignore[operator]


def test_what_is_allowed_passes() -> None:
    allowed = imports_of(Path("containers/views/run.py"), "from images.actions import pull")
    assert not any(climbs(found) or crosses_roofs(found) for found in allowed)
