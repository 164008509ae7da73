"""Our scripts in few files: every module once, in the order in which it would have run."""

import re
from collections import Counter
from pathlib import Path

import pytest

from dashboard.bundles import BadScript, bundles

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
OURS = {
    path.relative_to(STATIC).as_posix(): path.read_text() for path in (STATIC / "js").glob("*.js")
}
TAKEN = re.compile(r'^import .*?"\./([\w.]+)";', re.MULTILINE)
NAMED = re.compile(r"""static '(js/[\w.]+)'""")
APP = {
    "js/app.js": 'import { say } from "./words.js";\nimport "./quiet.js";\nsay("app");\n',
    "js/words.js": "let said = 0;\nexport function say(word) { said += 1; }\n",
    "js/quiet.js": "document.title;\n",
}
PAGE = APP | {
    "js/page.js": 'import { say as tell } from "./words.js";\n'
    'import { part } from "./part.js";\n'
    'tell(part);\nconst find = async () => (await import("./find.js")).find();\n',
    "js/part.js": "export const part = 1;\n",
    "js/find.js": 'import { part } from "./part.js";\nimport { match } from "./match.js";\n'
    "export const find = () => match(part);\n",
    "js/match.js": "export const match = (what) => what;\n",
    "js/worker.js": 'import { match } from "./match.js";\npostMessage(match(1));\n',
}


def made_of(text: str) -> list[str]:
    """The modules that stand in a bundle, by what they hold."""
    bodies = {"said += 1": "words", "document.title": "quiet", 'say("app")': "app"}
    bodies |= {"tell(part)": "page", "part = 1": "part", "match(part)": "find"}
    bodies |= {"=> what": "match", "postMessage": "worker"}
    found = [(text.index(body), name) for body, name in bodies.items() if body in text]
    return [name for _, name in sorted(found)]


def test_a_page_has_one_bundle_beside_that_of_all_pages() -> None:
    made = {name: made_of(text) for name, text in bundles(PAGE).items()}
    assert made == {
        "js/app.js": ["words", "quiet", "app"],
        "js/page.js": ["part", "page"],
        "js/find.js": ["find"],
        "js/match.js": ["match"],  # of page and worker: neither may run the other
        "js/worker.js": ["worker"],
    }


def test_bundles_take_from_each_other_what_they_hold() -> None:
    made = bundles(PAGE)
    assert made["js/page.js"].startswith('import { __js_words_js } from "./app.js";\n')
    assert "const { say: tell } = __js_words_js;" in made["js/page.js"]
    assert made["js/app.js"].endswith("export { __js_words_js };\n")
    assert made["js/page.js"].endswith("export { __js_part_js };\n")
    assert made["js/find.js"].endswith("export const { find } = __js_find_js;\n")
    assert 'import { __js_match_js } from "./match.js";' in made["js/worker.js"]


def test_what_others_wrote_is_imported_as_it_is() -> None:
    text = 'import { Box } from "../vendor/box.mjs";\nnew Box();\n'
    made = bundles({"js/page.js": text})["js/page.js"]
    assert 'import * as __vendor_box_mjs from "../vendor/box.mjs";' in made
    assert "const { Box } = __vendor_box_mjs;" in made


@pytest.mark.parametrize(
    "text",
    [
        "export let count = 1;\n",
        "export default 1;\n",
        'export * from "./words.js";\n',
        'import words from "./words.js";\n',
        'import { shout } from "./words.js";\n',
        'const words = await fetch("/");\n',
        "const here = import.meta.url;\n",
        'import "./page.js";\n',
    ],
)
def test_what_would_not_run_the_same_is_refused(text: str) -> None:
    with pytest.raises(BadScript, match=r"js/page\.js"):
        bundles(APP | {"js/page.js": text})


def test_every_module_of_ours_is_served_once() -> None:
    texts = list(bundles(OURS).values())
    for name, text in OURS.items():
        body = max(text.split("\n"), key=len).removeprefix("export ")
        assert sum(body in made for made in texts) == 1, name


def test_templates_name_bundles_and_no_bundle_is_idle() -> None:
    made = bundles(OURS)
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    later = re.findall(r'import\("\./([\w.]+)"\)', "".join(OURS.values()))
    named = set(NAMED.findall(templates))
    assert named <= set(made)
    taken = Counter(TAKEN.findall("".join(made.values())))
    shared = {f"js/{name}" for name, bundles in taken.items() if bundles > 1}
    assert set(made) == named | {f"js/{name}" for name in later} | shared


def test_the_log_page_takes_two_scripts_of_ours() -> None:
    assert set(TAKEN.findall(bundles(OURS)["js/logs.js"])) == {"app.js"}
