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


def test_texts_templates_and_expressions_stay() -> None:
    text = """
      // gone
      const url = 'http://x/*y', expression = /[/"'`]\\/\\//g; /* gone */
      const words = `${url} // stays  ${`in ${ url }`}
        as it is`;
      if (/a  b/.test(words)) a = b + +c;
    """
    lean = lean_js(text)
    assert "gone" not in lean
    for kept in ("'http://x/*y'", """/[/"'`]\\/\\//g""", "// stays  ${`in ", "/a  b/", "+ +c"):
        assert kept in lean
    assert "}\n        as it is`" in lean


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda p: p.name)
def test_our_sheets_lose_comments_and_blanks_alone(path: Path) -> None:
    def bare(text: str) -> str:
        return re.sub(r"/\*.*?\*/|\s", "", text, flags=re.DOTALL)

    def read(name: str) -> str:
        return (path.parent / name).read_text()

    whole = re.sub(r'@import "(.*?)";', lambda found: read(found[1]), path.read_text())
    assert bare(lean_css(path.read_text(), read)) == bare(whole)
