"""Sources without what only their readers need, as they are served once prepared. Pure."""

import re
from collections.abc import Callable

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
    """Comments that have lines to themselves become empty lines: a line keeps its number.

    A file with a text that goes on over lines is left as it is: what looks like a comment in
    there is none.
    """
    lines = text.split("\n")
    if any(line.count("`") % 2 or line.endswith("\\") for line in lines):
        return text
    within, kept = False, []
    for line in lines:
        bare = line.strip()
        opens = bare.startswith("/*")
        ends = bare.endswith("*/") and bare.count("*/") == 1
        if (opens or within) and "*/" in bare and not ends:
            return text  # code after a comment's end
        comment = within or opens or bare.startswith("//")
        within = (within or opens) and not ends
        kept.append("" if comment else line)
    return "\n".join(kept)
