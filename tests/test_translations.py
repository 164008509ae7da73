"""Every catalogue is whole and fits the sources, and no page shows a text that none could hold.

When this fails: `.venv/bin/python manage.py translations`, then docs/translating.md.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.template.base import Lexer, TokenType

from dashboard import catalogues
from dashboard.messages import Message, messages_of, of_python, of_template

ROOT = Path(__file__).resolve().parent.parent
BOOKS = catalogues.catalogues(ROOT / "locale")
PLACES = re.compile(r"%\(\w+\)[sdr]|%%|\{\w+\}|</?\w+>|\n")
TEMPLATES = [p for p in sorted((ROOT / "templates").rglob("*.html")) if "styleguide" not in str(p)]
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))

SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-label|data-pending)="([^"]*)"')
VERBATIM = re.compile(r"<(code|kbd|pre|samp)\b.*?</\1>", re.DOTALL)
# What reads the same in every language: names, formats, keys, words that one types.
SAME = re.compile(
    r"\b(Wharfinger|Docker|OpenAPI|JSON|CSV|CPU|IPv6|sha256|Aa|ada|team|NAME|Esc|Tab|Ctrl|path"
    r"|tcp|udp|sctp|stdout|stderr|(level|stream):\w+|container\.?\w*)\b"
    r"|\.tar\b|docker (run|export) .*"
)
SHOWN = re.compile(
    r"(?:textContent|title|ariaLabel|placeholder|innerText)\s*=\s*[\"`][^\"`$]*[A-Za-z]{2}"
    r"|(?:toast|note|append|alert|confirm)\([^()\n]*[\"`][A-Z][a-z]+ [a-z]+"
    r"|[\"`][A-Z][a-z]+(?: [a-z]+){2,}"
)


@pytest.fixture(scope="module")
def messages() -> frozenset[Message]:
    return messages_of(ROOT)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.parent.parent.name)
def test_catalogue_has_each_text_translated(path: Path, messages: frozenset[Message]) -> None:
    book = catalogues.read(path)
    there = {catalogues.key(entry) for entry in book if not entry.obsolete}
    assert sorted(messages - there) == [], "run `manage.py translations`, then translate these"
    assert sorted(there - messages) == [], "no source has these: run `manage.py translations`"
    assert [entry.msgid for entry in book if entry.fuzzy or not entry.translated()] == []
    assert len(book) == len(there), "a text stands there twice: run it"


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.parent.parent.name)
def test_translation_has_the_same_places(path: Path) -> None:
    wrong = [entry.msgid for entry in catalogues.read(path) if not fits(entry)]
    assert wrong == []


def fits(entry: polib.POEntry) -> bool:
    """Every place for a value and every tag; those of the plural are enough."""
    most = entry.msgid_plural or entry.msgid
    given = list(entry.msgstr_plural.values()) or [entry.msgstr]
    places = sorted(PLACES.findall(most))
    return all(
        sorted(PLACES.findall(text)) == places and text.strip() == text.strip("\n\t ")
        for text in given
    )


def test_there_is_simplified_chinese() -> None:
    assert [path.parent.parent.name for path in BOOKS] == ["zh_Hans"]


def test_templates_show_only_texts_that_are_translated() -> None:
    found = {path: list(naked(path.read_text())) for path in TEMPLATES}
    assert len(found) > 100
    assert {path.name: words for path, words in found.items() if words} == {}


def test_scripts_show_only_texts_that_are_translated() -> None:
    found = {path: SHOWN.findall(without_comments(path.read_text())) for path in SCRIPTS}
    assert len(found) > 30
    assert {path.name: words for path, words in found.items() if words} == {}


def naked(source: str) -> Iterator[str]:
    """Pieces of a template with words in them that are neither tags nor translated."""
    text = VERBATIM.sub("\0", plain(source))
    pieces = [*SPOKEN.findall(text), *re.split(r"<[^>]*>", text, flags=re.DOTALL)]
    for piece in "\0".join(pieces).split("\0"):
        words = html.unescape(piece).strip()
        if re.search(r"[A-Za-z]{2}", SAME.sub("", words)):
            yield words


def plain(source: str) -> str:
    """The template without its tags: a NUL where one stood; blocks of attributes left out."""
    out, inside = [], ""
    for token in Lexer(source).tokenize():
        word = token.contents.split(" ")[0]
        if token.token_type == TokenType.TEXT:
            out.append("" if inside else token.contents)
            continue
        if token.token_type == TokenType.BLOCK and inside and word == f"end{inside}":
            inside = ""
        elif token.token_type == TokenType.BLOCK and not inside and apart(token.contents):
            inside = word
        out.append("\0")
    return "".join(out)


def apart(contents: str) -> bool:
    """Whether what follows is a translated text, a comment, or attributes and classes."""
    return bool(re.match(r"blocktrans|comment\b|block (shell_class|body_attrs)\b", contents))


def without_comments(script: str) -> str:
    return re.sub(r"(?m:^\s*//.*$|\s// .*$)|(?s:/\*.*?\*/)", "", script)


@pytest.mark.parametrize(
    "sample",
    [
        "<p>Hello there</p>",
        '<button aria-label="Close">{% icon "x" %}</button>',
        "{% if a %}<td>{{ n }} rows</td>{% endif %}",
        '<input placeholder="Search images">',
    ],
)
def test_the_scan_finds_a_bare_text(sample: str) -> None:
    assert list(naked(sample))


@pytest.mark.parametrize(
    "sample",
    [
        'cell.textContent = "Gone";',
        'toast("bad", "Could not be sent.");',
        "const words = `Try again in a minute`;",
    ],
)
def test_the_scan_finds_a_text_in_a_script(sample: str) -> None:
    assert SHOWN.search(without_comments(f"// what it is for\n{sample} // why\n"))
    assert not SHOWN.search(without_comments(f"// {sample}\n/* {sample} */"))


def test_the_places_are_compared() -> None:
    for text in ("%(n)s 个", "{n} 个", "个"):
        entry = polib.POEntry(msgid="%(n)s of %(m)s", msgstr=text)
        assert not fits(entry)
    assert fits(polib.POEntry(msgid="%(n)s of %(m)s", msgstr="共 %(m)s / %(n)s"))


def test_texts_are_found_as_gettext_is_asked_for_them() -> None:
    python = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
_("a %(b)s" " c"); ngettext("one", "%(n)d", n); pgettext_lazy("state", "Created"); _(name)
"""
    assert set(of_python(python)) == {
        Message("a %(b)s c"),
        Message("one", plural="%(n)d"),
        Message("Created", "state"),
    }
    template = (
        '{% translate "100 %" %}{% include "x.html" with a=_("To go") %}{{ b|default:_("none") }}'
        '{% translate "To" context "column" as to %}{# {% translate "no" %} #}'
        "{% blocktranslate count n=n trimmed %} one {{ a }}\n{% plural %}\n {{ n }} \n"
        "{% endblocktranslate %}"
    )
    assert set(of_template(template)) == {
        Message("100 %%"),
        Message("To go"),
        Message("none"),
        Message("To", "column"),
        Message("one %(a)s", plural="%(n)s"),
    }


def test_what_is_compiled_is_what_gettext_reads(tmp_path: Path) -> None:
    catalogues.prepare(ROOT / "locale", tmp_path)
    made = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    first = made.stat().st_mtime_ns
    assert {entry.msgid: entry.msgstr for entry in polib.mofile(str(made))}["Containers"] == "容器"
    catalogues.prepare(ROOT / "locale", tmp_path)
    assert made.stat().st_mtime_ns == first


def test_merging_keeps_what_is_translated(tmp_path: Path) -> None:
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "b"\nmsgstr "乙"\n\nmsgid "gone"\nmsgstr "去"\n'
    )
    assert catalogues.merge(path, [Message("b"), Message("a", plural="as")]) == [
        Message("a", plural="as")
    ]
    assert path.read_text().endswith(
        'msgid "a"\nmsgid_plural "as"\nmsgstr[0] ""\n\nmsgid "b"\nmsgstr "乙"\n'
    )
