"""The texts of the sources that go through gettext: read from Python and templates, by Python.

Pure, and without GNU gettext, so that any machine that runs the site can keep its catalogues.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import template as tags
from django.utils.translation import trim_whitespace

# The first text's place among the arguments, after a context where the function takes one.
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
ERRORS = {"EngineError", "EngineDown", "EngineSilent", "NotFound", "Conflict", "Refused"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
ELSEWHERE = {"tests", "static", "script"}


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A text to translate; ``plural`` is "" where it has none, ``context`` where it needs none."""

    text: str
    context: str = ""
    plural: str = ""


def messages_of(root: Path) -> frozenset[Message]:
    """All that the sources below ``root`` name, as the running site asks for it."""
    found: set[Message] = set()
    for path in python_files(root):
        found.update(of_python(path.read_text()))
    for path in sorted(root.rglob("*.html")):
        if shown(path, root):
            found.update(of_template(path.read_text()))
    return frozenset(one_each(found))


def one_each(messages: Iterable[Message]) -> Iterable[Message]:
    """A catalogue has one entry for a text: that with the plural serves both."""
    ordered = sorted(messages, key=lambda message: bool(message.plural))
    return {(message.text, message.context): message for message in ordered}.values()


def python_files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*.py")) if shown(path, root))


def shown(path: Path, root: Path) -> bool:
    first = path.relative_to(root).parts[0]
    return not first.startswith(".") and first not in ELSEWHERE


def of_python(source: str) -> Iterator[Message]:
    if "gettext" not in source and "engine.errors" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from of_call(node)


def of_call(call: ast.Call) -> Iterator[Message]:
    """What a call of a gettext function asks for: texts written out, which ast joins already."""
    name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if name in PLAIN | ERRORS and len(texts) == 1:
        yield Message(texts[0])
    elif name in PLURAL and len(texts) == 2:
        yield Message(texts[0], plural=texts[1])
    elif name in IN_CONTEXT and len(texts) == 2:
        yield Message(texts[1], texts[0])


def of_template(source: str) -> Iterator[Message]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type == TokenType.BLOCK and tags.block_re.match(token.contents):
            yield of_block(token, tokens)
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from of_token(token)


def of_token(token: Token) -> Iterator[Message]:
    if token.token_type == TokenType.BLOCK and (match := tags.inline_re.match(token.contents)):
        yield Message(as_asked(match[1][1:-1]), (match[3] or "")[1:-1])
    for text in tags.constant_re.findall(token.contents):
        yield Message(as_asked(text[1:-1]))


def as_asked(text: str) -> str:
    """Django doubles the percent signs of a template's texts before it looks them up."""
    return text.replace("%", "%%")


def of_block(opening: Token, rest: Iterable[Token]) -> Message:
    """A ``{% blocktranslate %}`` up to its end."""
    parts: list[str] = [""]
    for token in rest:
        if token.token_type == TokenType.BLOCK:
            if tags.endblock_re.match(token.contents):
                break
            parts.append("")  # {% plural %}
        elif token.token_type == TokenType.VAR:
            parts[-1] += f"%({token.contents})s"
        else:
            parts[-1] += as_asked(token.contents)
    if " trimmed" in opening.contents:
        parts = [trim_whitespace(part) for part in parts]
    match = tags.block_re.match(opening.contents)
    context = (match[2] or "")[1:-1] if match else ""
    return Message(parts[0], context, parts[1] if len(parts) > 1 else "")
