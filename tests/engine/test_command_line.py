"""``docker run`` lines to specs and back: nothing lost, nothing moved."""

import re
import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.command_line import from_line, to_line, verb_line
from engine.flags import BY_LETTER, BY_NAME, FLAGS, UNCARRIED, UNCARRIED_LETTERS
from engine.spec_values import MountFlag, MountKind
from engine.specs import FIELDS, ContainerSpec, MountSpec, NetworkSpec, PublishedPort
from tests.conftest import DockerCli
from tests.spec_cases import WORDS, specs

quiet = settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@quiet
@given(specs)
def test_spec_to_line_and_back(spec: ContainerSpec) -> None:
    parsed = from_line(to_line(spec))
    assert parsed.spec == spec
    assert parsed.unknown == ()
    assert parsed.notes == ()


@quiet
@given(specs)
def test_a_folded_line_says_the_same(spec: ContainerSpec) -> None:
    assert from_line(to_line(spec, folded=True)).spec == spec


@quiet
@given(WORDS)
def test_any_words_are_read_and_written_stably(words: list[str]) -> None:
    first = from_line(shlex.join(["docker", "run", *words]))
    line = to_line(first.spec, first.unknown)
    again = from_line(line)
    assert to_line(again.spec, again.unknown) == line


@quiet
@given(st.text("docker run-p80:$`'\"\\ \n<>#&|;~{}()", max_size=80))
def test_no_text_makes_it_fail(text: str) -> None:
    from_line(text)
    from_line(f"docker run {text}")


def test_every_flag_of_the_engines_own_help_is_known(docker_cli: DockerCli) -> None:
    """Each is a field's, or is named with the reason why it is none; its letter and whether it
    takes a value, too."""
    told = re.findall(
        r"^ {2,6}(?:-(\w), )?--([a-z0-9-]+)(?: (\w\S*))? {2,}",
        docker_cli("run", "--help").stdout,
        re.MULTILINE,
    )
    assert len(told) > 90
    for letter, name, kind in told:
        flag = BY_NAME.get(name)
        assert flag or name in UNCARRIED, name
        assert bool(kind) is (not flag.switch if flag else UNCARRIED[name][1]), name
        if letter:
            known = BY_LETTER[letter].name if flag else UNCARRIED_LETTERS[letter]
            assert known == name


def test_every_field_has_a_flag() -> None:
    flagged = {flag.field for flag in FLAGS} | {"image", "command", "entrypoint", "health_test"}
    assert flagged == set(FIELDS)


def spec_of(line: str) -> ContainerSpec:
    return from_line(line).spec


@pytest.mark.parametrize(
    "line",
    [
        "docker run -itd --rm -p 80:80 --name web nginx sh",
        "docker run -i -t -d --rm --publish=80:80 --name=web nginx sh",
        "docker container run -dit --rm=true -p80:80 --name web nginx sh",
        "$ sudo docker run -itdp 80:80 --rm --name web nginx sh",
        "root@box:~# docker run -itd --rm -p=80:80 --name web nginx sh",
        "FOO=1 /usr/bin/docker --context far run -dit --rm -p 80:80 --name 'web' nginx \"sh\"",
        "docker run -itd --rm \\\n  -p 80:80 \\\n> --name web \\\n  nginx sh",
        "docker run -itd --rm ^\r\n  -p 80:80 --name web nginx sh",
        "docker run -itd --rm `\n  -p 80:80 --name web nginx sh",
        "```sh\n# Don't\ndocker pull x\ndocker run -itdp 80:80 --rm --name web nginx sh\n```",
        "`docker run -itd --rm -p 80:80 --name web -- nginx sh`",
    ],
)
def test_ways_to_write_one_command(line: str) -> None:
    expected = ContainerSpec(
        "nginx",
        ("sh",),
        "web",
        detach=True,
        stdin=True,
        tty=True,
        auto_remove=True,
        ports=(PublishedPort(80, host_port="80"),),
    )
    assert spec_of(line) == expected


def test_flags_after_the_image_belong_to_the_command() -> None:
    assert spec_of("docker run alpine ls -la --name x").command == ("ls", "-la", "--name", "x")


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", [PublishedPort(80)]),
        ("8080:80", [PublishedPort(80, host_port="8080")]),
        ("127.0.0.1:8080:80", [PublishedPort(80, "tcp", "127.0.0.1", "8080")]),
        ("127.0.0.1::53/udp", [PublishedPort(53, "udp", "127.0.0.1")]),
        ("[::1]:8080:80", [PublishedPort(80, "tcp", "::1", "8080")]),
        ("8000-8010:80", [PublishedPort(80, host_port="8000-8010")]),
        (
            "8000-8001:80-81",
            [PublishedPort(80, "tcp", "", "8000"), PublishedPort(81, "tcp", "", "8001")],
        ),
        ("80-81", [PublishedPort(80), PublishedPort(81)]),
    ],
)
def test_ports(text: str, ports: list[PublishedPort]) -> None:
    assert list(spec_of(f"docker run -p {text} x").ports) == ports


@pytest.mark.parametrize(
    "text", ["$PORT:80", "80:http", "1-2:3-5", "0", "70000", "²:80", "a.b.c.d:1:2:3"]
)
def test_a_port_that_is_none_is_kept_and_explained(text: str) -> None:
    parsed = from_line(f"docker run -p '{text}' x")
    assert parsed.spec == ContainerSpec("x")
    assert parsed.unknown == (f"--publish={text}",)
    assert text in str(parsed.notes[0])
    assert shlex.quote(f"--publish={text}") in to_line(parsed.spec, parsed.unknown)


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("/srv:/data:ro", MountSpec(MountKind.BIND, "/data", "/srv", True)),
        ("db:/var/lib", MountSpec(MountKind.VOLUME, "/var/lib", "db")),
        ("/data", MountSpec(MountKind.VOLUME, "/data")),
        ("/a:/b:z,ro", MountSpec(MountKind.BIND, "/b", "/a", True, (("z", ""),))),
        ("./x:/b:rw", MountSpec(MountKind.BIND, "/b", "./x")),
    ],
)
def test_volumes(text: str, mount: MountSpec) -> None:
    assert spec_of(f"docker run -v {text} x").mounts == (mount,)


def test_mounts_in_long_form() -> None:
    line = "docker run --mount type=bind,src=/a,dst=/b,ro --mount '\"source=a,b\",target=/c' x"
    bind, volume = spec_of(line).mounts
    assert bind == MountSpec(MountKind.BIND, "/b", "/a", True, flag=MountFlag.MOUNT)
    assert volume == MountSpec(MountKind.VOLUME, "/c", "a,b", flag=MountFlag.MOUNT)


@pytest.mark.parametrize(
    "text",
    [
        "type=npipe,target=/a",
        "source=/a",
        "type=bind,target=/a,volume-nocopy",
        "type=bind,target=/a,x=y",
        "type=tmpfs,target=/a,tmpfs-mode=9",
    ],
)
def test_a_mount_with_what_its_kind_has_not_is_not_taken(text: str) -> None:
    parsed = from_line(f"docker run --mount {text} x")
    assert parsed.spec.mounts == ()
    assert parsed.unknown == (f"--mount={text}",)


def test_what_a_shell_would_replace_is_kept_and_named() -> None:
    parsed = from_line('docker run -v $(pwd -P):/app -e "HOME=${HOME}" -w ~ -l <name> x $1')
    assert parsed.spec.mounts[0].source == "$(pwd -P)"
    assert parsed.spec.env == (("HOME", "${HOME}"),)
    assert [note.values["part"] for note in parsed.notes] == [
        "$(pwd -P)",
        "${HOME}",
        "~",
        "<name>",
        "$1",
    ]


def test_single_quotes_keep_a_dollar() -> None:
    assert from_line("docker run -e 'A=$B' x").notes == ()


def test_unknown_flags_are_kept() -> None:
    parsed = from_line("docker run --new=1 --env-file .env -a stdout --other --rm -Z x")
    assert parsed.unknown == ("--new=1", "--env-file=.env", "--attach=stdout", "--other", "-Z")
    assert parsed.spec == ContainerSpec("x", auto_remove=True)
    assert len(parsed.notes) == 5
    assert to_line(parsed.spec, parsed.unknown).startswith("docker run --rm --new=1")


def test_an_unknown_flags_value_before_a_known_flag() -> None:
    parsed = from_line("docker run --new value --rm x")
    assert parsed.unknown == ("--new=value",)
    assert parsed.spec.image == "x"
    parsed = from_line("docker run --new 3 -e A=b x")
    assert (parsed.unknown, parsed.spec.env) == (("--new=3",), (("A", "b"),))
    for command in ("node -v", "sh -e x"):
        assert from_line(f"docker run --new {command}").unknown == ("--new",), command


def test_a_variable_without_a_value_is_named() -> None:
    parsed = from_line("docker run -e TOKEN x")
    assert parsed.spec.env == (("TOKEN", ""),)
    assert "TOKEN" in str(parsed.notes[0])


def test_what_follows_the_command_is_left_out_and_said() -> None:
    parsed = from_line("docker run -d x && docker logs -f x > out.txt")
    assert parsed.spec == ContainerSpec("x", detach=True)
    assert "left out" in str(parsed.notes[0])


def test_text_without_a_command() -> None:
    parsed = from_line("apt install docker")
    assert parsed.spec == ContainerSpec("")
    assert "docker run" in str(parsed.notes[0])


def test_first_network_takes_the_plain_flags() -> None:
    line = "docker run --network a --network name=b,alias=y --network-alias x --ip 10.0.0.2 i"
    assert spec_of(line).networks == (
        NetworkSpec("a", ("x",), "10.0.0.2"),
        NetworkSpec("b", ("y",)),
    )


def test_switches_can_be_off() -> None:
    spec = spec_of("docker run -d=false --init=false --rm=0 x")
    assert spec == ContainerSpec("x", init=False)
    assert to_line(spec) == "docker run --init=false x"


def test_an_entrypoint_of_several_words() -> None:
    spec = ContainerSpec("x", ("c",), entrypoint=("a", "b"))
    assert to_line(spec) == "docker run --entrypoint a x b c"


def test_a_line_is_quoted_for_a_shell() -> None:
    spec = ContainerSpec("x", ("echo", "a b", "$HOME", ""), env=(("A", "it's\nnew"),))
    assert shlex.split(to_line(spec)) == ["docker", "run", "-e", "A=it's\nnew", "x", *spec.command]


def test_verbs() -> None:
    assert verb_line("stop", "-t", 10, "my app") == "docker stop -t 10 'my app'"
