"""What is served is what was written, less what only its readers need."""

import re
from pathlib import Path

import pytest

from dashboard.lean import lean_css, lean_js

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_imported_sheets_stand_in_the_place_of_their_names_in_order() -> None:
    sheets = {"a.css": "a { top: 0; }\n", "b.css": "b { left: 0 }"}
    text = '/* all */\n@import "a.css";\n@import "b.css";\nc { }'
    assert lean_css(text, sheets.__getitem__) == "a{top: 0;}b{left: 0}c{}\n"


def test_texts_and_meaningful_blanks_stay() -> None:
    text = """
      .a > .b + c::after , d e { content: "a  /* no */ ; { \\" }"; width: calc(1px + 2px) }
      /* gone
         "too" */
      @media (width > 3px) and (hover) { & f:is(g h) { quotes: '  ' "\\'" } }
    """
    assert lean_css(text, str) == (
        '.a > .b + c::after , d e{content: "a  /* no */ ; { \\" }";width: calc(1px + 2px)}'
        "@media (width > 3px) and (hover){& f:is(g h){quotes: '  ' \"\\'\"}}\n"
    )


def test_lines_that_only_comment_become_empty_and_keep_the_number_of_the_rest() -> None:
    text = "// a\nlet a = 1; // stays\n  /* b\n  b */\n/* c */\nlet u = 'http://x/*y';\n"
    assert lean_js(text) == "\nlet a = 1; // stays\n\n\n\nlet u = 'http://x/*y';\n"


@pytest.mark.parametrize(
    "text",
    [
        "const t = `\n// text\n`;\n",
        "const t = 'a\\\n// text';\n",
        "/* a */ let a = 1;\n",
        "/* a\n*/ let a = 1; /* b */\n",
    ],
)
def test_a_script_that_cannot_be_told_by_lines_is_left_alone(text: str) -> None:
    assert lean_js(text) == text


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda p: p.name)
def test_our_sheets_lose_comments_and_blanks_alone(path: Path) -> None:
    def bare(text: str) -> str:
        return re.sub(r"/\*.*?\*/|\s", "", text, flags=re.DOTALL)

    def read(name: str) -> str:
        return (path.parent / name).read_text()

    whole = re.sub(r'@import "(.*?)";', lambda found: read(found[1]), path.read_text())
    assert bare(lean_css(path.read_text(), read)) == bare(whole)


@pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=lambda p: p.name)
def test_our_scripts_lose_whole_lines_alone(path: Path) -> None:
    before, after = path.read_text().split("\n"), lean_js(path.read_text()).split("\n")
    assert len(before) == len(after)
    assert all(new in ("", old) for old, new in zip(before, after, strict=True))
