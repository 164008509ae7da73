"""Static files: hashed, packed, immutable once prepared; as they are before that."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.utils.functional import empty

from dashboard.static import StaticFiles

SOURCES = {
    "page.js": 'import { rows } from "./rows.js";\n'
    "// all of them\n"
    'import("./later.js").then(({ more }) => more(rows));\n'
    'import { term } from "./vendor/term.mjs";\n',
    "later.js": 'import { rows } from "./rows.js";\nexport const more = () => rows;\n',
    "rows.js": "export const rows = [" + "1, " * 500 + "1];\n",
    "vendor/term.mjs": "export const term = 1; // theirs\n",
    "look.css": "body { background: url(mark.svg); }\n",
    "all.css": '/* all */ @import "look.css";\np { top: 0 }\n',
    "mark.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "code.wasm": "\0asm",
}


@pytest.fixture
def sources(tmp_path: Path, settings: Any) -> Iterator[Path]:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "vendor").mkdir()
    for name, content in SOURCES.items():
        (folder / name).write_text(content)
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "root")
    forget()
    yield folder
    forget()


def forget() -> None:
    """The storage and the finders read the settings once."""
    staticfiles_storage._wrapped = empty
    finders.get_finder.cache_clear()


@pytest.fixture
def prepared(sources: Path) -> Path:
    call_command("collectstatic", interactive=False, verbosity=0)
    forget()
    return sources


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"elsewhere"})


async def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": pairs}
    await StaticFiles(elsewhere)(scope, None, send)
    got = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], got, sent[1]["body"]


async def test_a_prepared_file_is_immutable_and_packed(prepared: Path) -> None:
    address = staticfiles_storage.url("page.js")
    assert address != "/static/page.js"
    status, headers, body = await ask(address, accept_encoding="br, gzip")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "accept-encoding"
    plain = await ask(address)
    assert gzip.decompress(body) == plain[2]
    assert "content-encoding" not in plain[1]
    assert "etag" not in headers


async def test_scripts_come_in_bundles_that_name_each_other_by_their_hashed_names(
    prepared: Path,
) -> None:
    page, later, term = map(staticfiles_storage.url, ("page.js", "later.js", "vendor/term.mjs"))
    body = (await ask(page))[2].decode()
    assert "1,1,1" in body
    assert "all of them" not in body
    assert f'import("./{later.removeprefix("/static/")}")' in body
    assert f'from "./{term.removeprefix("/static/")}"' in body
    assert f'from "./{page.removeprefix("/static/")}"' in (await ask(later))[2].decode()
    assert (await ask(term))[2].decode() == SOURCES["vendor/term.mjs"]
    with pytest.raises(ValueError, match=r"rows\.js"):
        staticfiles_storage.url("rows.js")


async def test_all_bundles_are_named_anew_when_any_script_changes(prepared: Path) -> None:
    before = [staticfiles_storage.url(name) for name in ("page.js", "later.js")]
    (prepared / "vendor/term.mjs").write_text("export const term = 2;\n")
    call_command("collectstatic", interactive=False, verbosity=0)
    forget()
    after = [staticfiles_storage.url(name) for name in ("page.js", "later.js")]
    assert set(before).isdisjoint(after)


async def test_a_sheet_names_the_hashed_picture(prepared: Path) -> None:
    look = (await ask(staticfiles_storage.url("look.css")))[2].decode()
    assert staticfiles_storage.url("mark.svg").removeprefix("/static/") in look


async def test_a_sheet_that_imports_is_one_file(prepared: Path) -> None:
    body = (await ask(staticfiles_storage.url("all.css")))[2].decode()
    mark = staticfiles_storage.url("mark.svg").removeprefix("/static/")
    assert re.sub(r"[\"']", "", body) == f"body{{background: url({mark});}}p{{top: 0}}\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("vendor/term.mjs", "text/javascript; charset=utf-8"),
        ("page.js", "text/javascript; charset=utf-8"),
        ("look.css", "text/css; charset=utf-8"),
        ("mark.svg", "image/svg+xml; charset=utf-8"),
        ("code.wasm", "application/wasm"),
    ],
)
async def test_types(prepared: Path, name: str, kind: str) -> None:
    assert (await ask(staticfiles_storage.url(name)))[1]["content-type"] == kind


async def test_head_has_no_body(prepared: Path) -> None:
    status, headers, body = await ask(staticfiles_storage.url("look.css"), "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    asked = await ask(staticfiles_storage.url("look.css"), if_none_match='"a", ""')
    assert asked[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/staticfiles.json",
        "/static/rows.js.gz",
        "/static/../settings.py",
        "/static//etc/passwd",
        "/static/",
        "/static/no\0.js",
    ],
)
async def test_nothing_else_of_the_folder_is_served(prepared: Path, path: str) -> None:
    assert (await ask(path))[0] == 404


@pytest.mark.parametrize("path", ["/static/../conftest.py", "/static//etc/passwd", "/static/\0"])
async def test_nor_beside_the_sources(sources: Path, path: str) -> None:
    assert (await ask(path))[0] == 404


async def test_before_it_is_prepared_the_source_is_served(sources: Path) -> None:
    assert staticfiles_storage.url("rows.js") == "/static/rows.js"
    status, headers, body = await ask("/static/rows.js")
    assert (status, body.decode()) == (200, SOURCES["rows.js"])
    assert headers["cache-control"] == "no-cache"
    again = await ask("/static/rows.js", if_none_match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")
    (sources / "rows.js").write_text("changed")
    assert (await ask("/static/rows.js"))[2] == b"changed"


async def test_only_reading_and_only_below_static(prepared: Path) -> None:
    assert (await ask("/static/rows.js", "POST"))[0] == 405
    assert (await ask("/elsewhere/"))[0] == 299
