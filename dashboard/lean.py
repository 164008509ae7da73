"""Sources without what only their readers need, as they are served once prepared. Pure."""

import re
from collections.abc import Callable

from rjsmin import jsmin

_IMPORT = re.compile(r'@import "([\w./-]+\.css)";')
_CSS = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/|\s+""", re.DOTALL)
_AROUND = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\s*([{};])\s*""")


def lean_css(text: str, read: Callable[[str], str]) -> str:
    """Imported files in the place of their ``@import``, without comments and idle blanks.

    ``read`` gives the text of a file that is imported by this name.
    """
    whole = _IMPORT.sub(lambda found: read(found[1]), text)
    single = _CSS.sub(lambda found: found[1] or " ", whole)
    return _AROUND.sub(lambda found: found[1] or found[2], single).strip() + "\n"


def lean_js(text: str) -> str:
    """A script without comments and idle blanks."""
    return str(jsmin(text)) + "\n"
