"""Secrets planted wherever somebody may put one, and looked for wherever they must not be.

In every page and answer of the API, the server's log, the record, and all that the server keeps on
its disk: the database with its journal, the spool, recordings.
"""

import gzip
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.http import Person as Kept
from tests.conftest import DockerCli
from tests.containers.test_terminal_site import Held, address
from tests.runtime import until
from tests.site import Site, running_site
from tests.transfers.person import Person
from web.routes import patterns

BOX = "/hosts/local/containers/{}"
UNECHOED = "stty -echo; echo ready-$((40+2)); read secret; stty echo; echo done-$((40+2))\n"
# Nothing of a person's is in these, or they end what the walk needs.
APART = ("static", "sign-on", "setup", "healthz")


@pytest.fixture
def site(engine_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(engine_url, tmp_path / "site") as running:
        yield running


def planted(word: str) -> str:
    return f"canary-{word}-{secrets.token_hex(8)}"


def test_what_is_secret_is_found_nowhere(
    site: Site, container: Callable[..., str], docker_cli: DockerCli, busybox: str
) -> None:
    env, run, label = planted("env"), planted("run"), planted("label")
    options = ("-e", f"DB_PASSWORD={env}", "--label", f"api_token={label}")
    box = container(options=options)
    person = Person(site)
    keys = {
        "env": env,
        "label": label,
        "run": run_with(person, busybox, run, docker_cli),
        "login": fail_to_log_in(site),
        "registry": add_a_registry(person),
        "token": make_a_token(person),
        "header": send_a_header(person),
        "typed": type_unechoed(site, person, box),
    }
    try:
        seen = dict(walked(person, box, keys["token"]))
        seen |= {str(path): text for path, text in kept(site.data_dir)}
        assert len(seen) > 40
        found = [(word, at) for word, key in keys.items() for at in seen if key in seen[at]]
        assert found == []
    finally:
        docker_cli("rm", "-f", f"canary-{run[-8:]}", check=False)


def run_with(person: Person, image: str, secret: str, docker_cli: DockerCli) -> str:
    """Run from a form with a password in it, and paste the same as a command line."""
    name = f"canary-{secret[-8:]}"
    docker_cli("rm", "-f", name, check=False)
    form = {"image": image, "name": name, "command": "true", "network": "none", "detach": "on"}
    form |= {"env": f"APP_SECRET={secret}", "pull": "never"}
    answer = person.ask("POST", BOX.format("run/"), data=form, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    form["name"] = "not a name"
    assert person.ask("POST", BOX.format("run/"), data=form).status_code == 422
    return secret


def fail_to_log_in(site: Site) -> str:
    secret = planted("login")
    stranger = Person(site)
    stranger.session.cookies.clear()
    stranger.session.get(f"{site.url}/login/")
    for name in (site.username, secret):  # a password in the wrong field, as everybody did once
        form = {"username": name, "password": secret}
        stranger.session.post(f"{site.url}/login/", form, headers={"Referer": site.url})
    return secret


def add_a_registry(person: Person) -> str:
    secret = planted("registry")
    form = {"address": "canary.example.org", "username": "robot", "password": secret}
    assert person.ask("POST", "/registries/add/", data=form).status_code == 200
    return secret


def make_a_token(person: Person) -> str:
    """Shown once, in the answer to the form; it is used, too."""
    form = {"name": "canary", "days": "1", "rights": ["host.see", "container.see", "audit.see"]}
    page = person.ask("POST", "/account/tokens/add/", data=form).text
    secret = re.search(r"wharf_[a-z2-7]{32}", page)
    assert secret, page
    asked = person.ask("GET", "/api/v1/me", {"Authorization": f"Bearer {secret[0]}"})
    assert asked.status_code == 200
    return secret[0]


def send_a_header(person: Person) -> str:
    secret = planted("header")
    for value in (f"Bearer wharf_{secret}", f"Basic {secret}"):
        person.ask("GET", "/api/v1/hosts", {"Authorization": value})
        person.ask("GET", "/", {"Authorization": value})
    return secret


def type_unechoed(site: Site, person: Person, box: str) -> str:
    """In a recorded shell, at a prompt that does not show what is typed."""
    secret = planted("typed")
    chosen = person.ask("POST", "/hosts/local/settings/", data={"recording": "required"})
    assert chosen.status_code == 200
    until(lambda: person.ask("GET", f"{BOX.format(box)}/terminal/").status_code == 200)
    at_a_prompt = Kept(site, dict(person.session.cookies.items()))
    shell = Held(at_a_prompt, box, at_a_prompt.ticket(f"{address(box)}ticket/"))
    shell.type(UNECHOED)
    shell.shows(b"ready-42")
    shell.type(f"{secret}\n")
    shell.shows(b"done-42")
    shell.close()
    at_a_prompt.close()
    return secret


def walked(person: Person, box: str, token: str) -> Iterator[tuple[str, str]]:
    """All that a superuser can look at about this container and the site itself."""
    for pattern, entry in patterns():
        if "GET" not in entry.callback.methods or pattern.startswith(APART):
            continue
        place = "/" + pattern.replace("<slug:host>", "local").replace("<str:container_id>", box)
        if "<" not in place and "/download" not in place:
            yield place, person.ask("GET", place).text
    for query in ("?format=jsonl", "?format=csv"):
        yield f"export{query}", person.ask("GET", f"/audit/export/{query}").text
    yield "duplicate", person.ask("GET", f"{BOX.format('run/')}?from={box}").text
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("hosts", "audit", f"hosts/local/containers/{box}/inspect", "openapi.json"):
        yield f"api {path}", person.ask("GET", f"/api/v1/{path}", bearer).text


def kept(data_dir: Path) -> Iterator[tuple[Path, str]]:
    for path in data_dir.rglob("*"):
        if not path.is_file() or "static" in path.parts:
            continue
        data = path.read_bytes()
        plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        yield path, plain.decode("latin1")
