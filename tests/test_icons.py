"""Every icon that a template or a script names stands in the sprite."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = [
    *("access", "audit", "containers", "dashboard", "events", "images", "jobs", "networks"),
    *("pruning", "volumes", "web"),
]
SPRITE, MORE = ((ROOT / "static" / f"{name}.svg").read_text() for name in ("icons", "icons-more"))
SYMBOLS = re.findall(r'<symbol id="([^"]+)"', SPRITE + MORE)
NAMED = re.compile(
    r"""\{% icon "([a-z0-9-]+)"|\bicon\("([a-z0-9-]+)"|\bicon(?: =|=|:) ?"([a-z0-9-]+)\""""
)


def sources() -> list[Path]:
    scripts = (ROOT / "static" / "js").rglob("*.js")
    code = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return [*(ROOT / "templates").rglob("*.html"), *scripts, *code]


def used() -> set[str]:
    hits = (hit for path in sources() for hit in NAMED.findall(path.read_text()))
    return {name for hit in hits for name in hit if name}


def test_every_used_icon_is_in_the_sprite() -> None:
    assert used() <= set(SYMBOLS), sorted(used() - set(SYMBOLS))


def test_no_icon_stands_twice() -> None:
    assert sorted(SYMBOLS) == sorted(set(SYMBOLS))
