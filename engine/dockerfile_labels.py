"""Which labels a Dockerfile gives: those that are ours stand on nothing that others make. Pure."""

import re
from collections.abc import Iterator

from engine.build_spec import OUR_LABEL
from engine.dockerfile import BadLine, Instruction, instruction
from engine.sentences import gettext_noop as _

# A word as builders cut it: blanks within quotes, or behind a backslash, are part of it.
_WORD = re.compile(r"""(?:\\.?|"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|[^\s"'\\])+""")
_QUOTES = str.maketrans("", "", "\"'\\")


def check_labels(each: Instruction) -> None:
    """Raises BadLine for one of ours, under whatever quotes, and for a name that may become one
    once its variables are filled in."""
    if each.word == "ONBUILD":
        return check_labels(instruction(each.line, each.rest))
    if each.word != "LABEL":
        return None
    for key in map(str.casefold, keys(each.rest)):
        plain, dollar, _rest = key.partition("$")
        if key.startswith(OUR_LABEL) or (dollar and OUR_LABEL.startswith(plain)):
            words = _("LABEL: “%(name)s” begins with wharfinger., or may: such labels are ours.")
            raise BadLine(each.line, words, name=key[:80])
    return None


def keys(rest: str) -> Iterator[str]:
    """``a=1 "b c"=2``, or in the old way ``a all the rest``."""
    words = _WORD.findall(rest)
    if words and "=" not in words[0]:
        words = rest.split()[:1]
    for word in words:
        yield word.partition("=")[0].translate(_QUOTES)
