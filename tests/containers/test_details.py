"""The overview and the tree, read from an inspect answer."""

from typing import Any

from access.secrets import MASK
from containers.details import details
from web.inspect_tree import leaves, tree
from web.inspected import marked

INSPECT: dict[str, Any] = {
    "Id": "a" * 64,
    "Name": "/web",
    "Image": "sha256:" + "f" * 64,
    "Created": "2026-11-20T10:00:00Z",
    "Path": "sh",
    "Args": [],
    "State": {
        "Status": "running",
        "Running": True,
        "Pid": 42,
        "StartedAt": "2026-11-20T10:00:01Z",
        "Health": {
            "Status": "unhealthy",
            "FailingStreak": 2,
            "Log": [
                {"Start": f"2026-11-20T10:00:0{n}Z", "ExitCode": n % 2, "Output": f"probe {n}"}
                for n in range(8)
            ],
        },
    },
    "Config": {
        "Image": "web:1",
        "Cmd": ["serve", "--db", "postgres://u:hunter2@db/x"],
        "Env": ["PATH=/bin", "DB_PASSWORD=hunter2", "EMPTY="],
        "Labels": {"tier": "front", "com.docker.compose.project": "shop"},
        "Healthcheck": {"Test": ["CMD-SHELL", "wget -q localhost"]},
    },
    "HostConfig": {"PidsLimit": 100, "LogConfig": {"Type": "json-file"}},
    "NetworkSettings": {
        "Networks": {"bridge": {"IPAddress": "10.0.0.2", "Aliases": ["web"]}},
        "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
    },
}


def test_the_overview_knows_what_a_person_asks() -> None:
    found = details(INSPECT)
    assert found.row.name == "web"
    assert found.pid == 42
    assert found.pids_limit == 100
    assert [(net.name, net.address, net.aliases) for net in found.networks] == [
        ("bridge", "10.0.0.2", ("web",))
    ]
    assert found.labels == (("tier", "front"),)
    assert found.compose_labels == (("com.docker.compose.project", "shop"),)


def test_health_shows_the_last_five_probes_newest_first() -> None:
    health = details(INSPECT).health
    assert health is not None
    assert [probe.output for probe in health.probes] == [f"probe {n}" for n in (7, 6, 5, 4, 3)]
    assert (health.failing, health.test) == (2, "wget -q localhost")


def test_secrets_are_masked_everywhere() -> None:
    found = details(INSPECT)
    assert "hunter2" not in repr(found)
    assert {pair.name: pair.value for pair in found.env} == {
        "PATH": "/bin",
        "DB_PASSWORD": MASK,
        "EMPTY": "",
    }
    assert "--name web" in found.run_line.replace("\\\n  ", "")


def test_a_container_of_an_odd_engine_does_not_break_it() -> None:
    bare = details({"Id": "b" * 64, "State": {}, "Config": {"Image": "x"}, "HostConfig": {}})
    assert bare.health is None
    assert bare.networks == bare.env == ()


def test_the_tree_has_paths_to_copy() -> None:
    nodes = tree({"NetworkSettings": {"Ports": {"80/tcp": [{"HostPort": "8080"}]}}, "Ok": True})
    leaf = nodes[0].children[0].children[0].children[0].children[0]
    assert leaf.path == '.NetworkSettings.Ports["80/tcp"][0].HostPort'
    assert (nodes[1].text, nodes[1].kind) == ("true", "lit")


def test_a_search_keeps_what_matches_by_key_or_value() -> None:
    value = {"State": {"Pid": 1, "Status": "running"}, "Config": {"Image": "web", "Env": []}}
    assert leaves(tree(value)) == 4
    assert [node.key for node in tree(value, "RUNNING")] == ["State"]
    assert leaves(tree(value, "running")) == 1
    assert leaves(tree(value, ".config")) == 2
    assert tree(value, "nothing") == ()


def test_marks_escape_what_they_mark() -> None:
    assert marked("<b>A a</b>", "a") == "&lt;b&gt;<mark>A</mark> <mark>a</mark>&lt;/b&gt;"
    assert marked("plain", "") == "plain"
