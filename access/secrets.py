"""Masking: the one place that decides which values look secret."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

MASK = "••••••••"
_NAME = re.compile(
    r"(?:pass(?:word|wd|phrase)?|secret|token|api_?key|access_?key|private_?key|credential|auth"
    r"|dsn|encryption_?key|signing_?key|cookie|salt|license_?key|_key$|^key$|_pw$|^pw$|_pwd$|^pwd_)",
    re.IGNORECASE,
)
_USERINFO = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://[^\s/:@]*:)(?P<password>[^\s/@]+)@", re.IGNORECASE
)
_SHAPES = re.compile(
    r"(?:-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_[A-Za-z0-9]{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+|\bxox[abprs]-[\w-]{10,}"
    r"|\bwharf_[a-z2-7]{32}\b)"
)
# --password value, -password value: a word behind an option whose name says so. What begins with a
# hyphen is the next option; an option of one letter says nothing (-p is a port to most).
_OPTION = re.compile(r"--?[A-Za-z][\w.-]+")
_OPTION_VALUE = re.compile(
    r"""(?<![\w.-])(?P<name>--?[A-Za-z][\w.-]+)(?P<gap>["']?,?\s+)"""
    r"""(?P<value>"[^"]*"?|'[^']*'?|[^\s"'-][^\s"']*)"""
)
_NO_SECRET = re.compile(  # it names where one is, how it is asked for, or who wrote it
    r"author(?!i)|compass|bypass|passive|passthrough|tokenizer|^-+(?:max|num)[-_.]"
    r"|(?:files?|path|dir|stdin|type|mode|name|id|ttl|timeout|policy|ur[il]|plugin|length|size)$",
    re.IGNORECASE,
)

# NAME=value in a command; in a Dockerfile's ENV the value may hold blanks. A quote that is not
# closed goes to the end.
_ASSIGNED = re.compile(r"""(?P<name>[A-Za-z_][\w.-]*)=(?P<value>"[^"]*"?|'[^']*'?|[^\s"']+)""")
# user=app,password=x or ?page=1&token=x: pairs within one value; an equals sign comes behind.
_INNER = re.compile(r"(?:^|[=,;&?])\s?(?P<name>[A-Za-z_][\w.-]*)(?==)")
_INNER_VALUE = re.compile(r"""=(?P<value>[^\s"',;&]+)""")
_ENV_STEP = re.compile(r"(?:/bin/sh -c )?(?:#\(nop\)\s+)?(?:ENV|ARG|LABEL)\s")
_ENV_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*)=(?P<value>.+?)(?=\s+[A-Za-z_][\w.-]*=|\s*$)", re.DOTALL
)


def names_secret(name: str) -> bool:
    """``api-key`` as ``API_KEY``."""
    return bool(_NAME.search(name.replace("-", "_")))


def looks_secret(name: str, value: str) -> bool:
    """Whether an env pair looks like it holds a secret, by its name or its shape."""
    return bool(value) and bool(
        names_secret(name) or _SHAPES.search(value) or _USERINFO.search(value)
    )


def masked(name: str, value: str) -> str:
    """All of it, or the pairs in it that look secret."""
    return MASK if looks_secret(name, value) else without_inner(value)


def is_secret_option(word: str) -> bool:
    """Whether what follows it is a secret."""
    plain = bool(_OPTION.fullmatch(word)) and not _NO_SECRET.search(word)
    return plain and names_secret(word.lstrip("-"))


def is_value_of(option: Any, word: Any) -> bool:
    """Of two that follow each other."""
    texts = isinstance(option, str) and isinstance(word, str)
    return texts and is_secret_option(option) and bool(word) and not word.startswith("-")


def masked_words(words: Sequence[str]) -> list[str]:
    """The words of a command, one by one."""
    behind = ["", *words]
    return [
        MASK if is_value_of(before, word) else masked_text(word)
        for before, word in zip(behind, words, strict=False)
    ]


def masked_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Names with their values, those that look secret masked."""
    return tuple((name, masked(name, value)) for name, value in pairs)


def masked_env(pairs: Iterable[str]) -> list[str]:
    """``NAME=value`` texts, with the secret-looking values masked."""
    out = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        out.append(f"{name}{equals}{masked(name, value)}")
    return out


def masked_json(value: Any, name: str = "") -> Any:
    """A copy of an inspect answer with secret-looking values masked, env lists included."""
    if isinstance(value, dict):
        return {key: masked_json(item, str(key)) for key, item in value.items()}
    if isinstance(value, list) and name == "Env":
        return masked_env(str(item) for item in value)
    if isinstance(value, list):
        behind = ["", *value]
        return [
            MASK if is_value_of(before, item) else masked_json(item)
            for before, item in zip(behind, value, strict=False)
        ]
    if isinstance(value, str):
        return masked_text(value) if not looks_secret(name, value) else MASK
    return value


def masked_text(text: str) -> str:
    """A free text (a command, a step of an image, a log of ours) with secret-looking values of
    ``NAME=value`` and ``--name value``, passwords in URLs and known key shapes masked."""
    pairs = _ENV_PAIR if _ENV_STEP.match(text) else _ASSIGNED
    text = pairs.sub(lambda pair: f"{pair['name']}={masked(pair['name'], pair['value'])}", text)
    text = without_inner(text)
    text = _OPTION_VALUE.sub(hidden_value, text)
    return _SHAPES.sub(MASK, _USERINFO.sub(rf"\g<scheme>{MASK}@", text))


def hidden_value(found: re.Match[str]) -> str:
    if not is_secret_option(found["name"]):
        return found[0]
    return f"{found['name']}{found['gap']}{MASK}"


def without_inner(text: str) -> str:
    """Pairs of one value, as mount options and addresses have them, with secret ones masked."""
    parts, at = list[str](), 0
    for found in _INNER.finditer(text):
        if found.start() < at or not names_secret(found["name"]):
            continue
        if value := _INNER_VALUE.match(text, found.end()):
            parts += [text[at : value.start("value")], MASK]
            at = value.end()
    return "".join([*parts, text[at:]])
