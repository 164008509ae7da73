"""What the run form tells while one types, of what the person sees and of what they do not."""

import pytest

from containers.run_checks import checks, expansions
from engine.command_line import from_line
from engine.snapshot import Snapshot
from engine.types import PortBinding
from tests.containers.rows import row

WEB = row(name="web", ports=(PortBinding(80, "tcp", "0.0.0.0", 8080),))
OTHERS = row(id="b" * 64, name="db", ports=(PortBinding(80, "tcp", "127.0.0.1", 9090),))
SEEN = Snapshot(containers={WEB.id: WEB})
WHOLE = Snapshot(containers={WEB.id: WEB, OTHERS.id: OTHERS})


def told(flags: str) -> list[tuple[str, str]]:
    spec = from_line(f"docker run {flags} x").spec
    return [(check.level, check.text) for check in checks(spec, SEEN, WHOLE)]


@pytest.mark.parametrize(
    ("flags", "level", "text"),
    [
        ("--name web", "bad", "The name web is taken."),
        ("--name db", "bad", "The name db is taken by another team's container."),
        ("--name new", "ok", "The name new is free."),
        ("-p 8080:80", "bad", "Host port 8080 is taken by web."),
        ("-p 127.0.0.1:8080:80", "bad", "Host port 8080 is taken by web."),
        ("-p 9090:80", "bad", "Host port 9090 is taken by another team's container."),
        ("-p 127.0.0.2:9090:80", "ok", "No container has host port 9090."),
        ("-p 8080:80/udp", "ok", "No container has host port 8080."),
        ("-p 8079-8080:80-81", "bad", "Host port 8080 is taken by web."),
        ("", "info", "The image is not here: it is pulled first."),
        ("--pull never", "bad", "The image is not here, and pulling is switched off."),
        ("", "warn", "No memory limit: it may take all memory of the host."),
        ("-e 'A=\"b\"'", "info", "A: the quotes are part of its value."),
    ],
)
def test_each_check_says_what_is_so(flags: str, level: str, text: str) -> None:
    assert (level, text) in told(flags)


def test_what_is_hidden_is_not_named() -> None:
    assert "db" not in " ".join(text for _level, text in told("-p 9090:80"))


def test_a_limit_that_the_team_has_counts() -> None:
    spec = from_line("docker run x").spec
    made = from_line("docker run -m 64m x").spec
    assert "memory" not in str(checks(spec, SEEN, WHOLE, made))


def test_what_a_shell_would_have_replaced_is_told_as_long_as_it_is_there() -> None:
    parsed = from_line("docker run -v $(pwd)/data:/d -e \"HOME=$HOME\" -e 'KEPT=$5' x")
    assert parsed.expansions == ("$(pwd)", "$HOME")
    words = [check.text for check in expansions(parsed.spec, parsed.expansions)]
    assert [word.split(" ")[0] for word in words] == ["$(pwd)", "$HOME"]
    assert not list(expansions(from_line("docker run x").spec, parsed.expansions))
