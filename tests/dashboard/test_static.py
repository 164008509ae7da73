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
    "page.js": 'import { rows } from "./rows.js";\nconsole.log(rows);\n',
    "rows.js": "export const rows = [" + "1, " * 500 + "1];\n",
    "term.mjs": "export const term = 1;\n",
    "look.css": "body { background: url(mark.svg); }\n",
    "all.css": '/* all */ @import "look.css";\np { top: 0 }\n',
    "mark.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "code.wasm": "\0asm",
}


@pytest.fixture
def sources(tmp_path: Path, settings: Any) -> Iterator[Path]:
    folder = tmp_path / "source"
    folder.mkdir()
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
    address = staticfiles_storage.url("rows.js")
    assert address != "/static/rows.js"
    status, headers, body = await ask(address, accept_encoding="br, gzip")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "accept-encoding"
    assert gzip.decompress(body).decode() == SOURCES["rows.js"]
    plain = await ask(address)
    assert plain[2].decode() == SOURCES["rows.js"]
    assert "content-encoding" not in plain[1]
    assert plain[1]["etag"] != headers["etag"]


async def test_a_module_imports_the_hashed_name(prepared: Path) -> None:
    body = (await ask(staticfiles_storage.url("page.js")))[2].decode()
    hashed = staticfiles_storage.url("rows.js").removeprefix("/static/")
    assert f'from "./{hashed}"' in body
    look = (await ask(staticfiles_storage.url("look.css")))[2].decode()
    assert staticfiles_storage.url("mark.svg").removeprefix("/static/") in look


async def test_a_sheet_that_imports_is_one_file(prepared: Path) -> None:
    body = (await ask(staticfiles_storage.url("all.css")))[2].decode()
    mark = staticfiles_storage.url("mark.svg").removeprefix("/static/")
    assert re.sub(r"[\"']", "", body) == f"body{{background: url({mark});}}p{{top: 0}}\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("term.mjs", "text/javascript; charset=utf-8"),
        ("page.js", "text/javascript; charset=utf-8"),
        ("look.css", "text/css; charset=utf-8"),
        ("mark.svg", "image/svg+xml; charset=utf-8"),
        ("code.wasm", "application/wasm"),
    ],
)
async def test_types(prepared: Path, name: str, kind: str) -> None:
    assert (await ask(staticfiles_storage.url(name)))[1]["content-type"] == kind


async def test_an_etag_answers_304_and_head_has_no_body(prepared: Path) -> None:
    address = staticfiles_storage.url("look.css")
    status, headers, body = await ask(address, "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    again = await ask(address, if_none_match=headers["etag"])
    assert again[0] == 304
    assert again[2] == b""


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
    (sources / "rows.js").write_text("changed")
    assert (await ask("/static/rows.js"))[2] == b"changed"


async def test_only_reading_and_only_below_static(prepared: Path) -> None:
    assert (await ask("/static/rows.js", "POST"))[0] == 405
    assert (await ask("/elsewhere/"))[0] == 299
