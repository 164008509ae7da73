"""What looks secret is masked, what does not is shown."""

import pytest

from access.secrets import MASK, masked, masked_env, masked_json, masked_text, masked_words
from containers.duplicates import shown, unmasked
from containers.processes import processes
from engine.spec_values import MountKind, MountSpec
from engine.specs import ContainerSpec


@pytest.mark.parametrize(
    "pair",
    [
        "POSTGRES_PASSWORD=x", "DB_PASS=x", "MYSQL_ROOT_PASSWORD=x", "API_KEY=x", "APIKEY=x",
        "AWS_SECRET_ACCESS_KEY=x", "GITHUB_TOKEN=x", "SECRET_KEY_BASE=x", "SESSION_COOKIE=x",
        "DATABASE_URL=postgres://app:hunter2@db/shop", "SENTRY_DSN=https://k@sentry.example/1",
        "WHATEVER=ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ID=AKIAABCDEFGHIJKLMNOP",
        "PEM=-----BEGIN RSA PRIVATE KEY-----", "SMTP_PWD=x", "OAUTH_CLIENT=x", "PASSWD=x",
    ],
)  # fmt: skip
def test_secrets_are_masked(pair: str) -> None:
    name = pair.partition("=")[0]
    assert masked_env([pair]) == [f"{name}={MASK}"]


@pytest.mark.parametrize(
    "pair", ["PATH=/bin", "TZ=UTC", "PORT=80", "NODE_ENV=production", "EMPTY_TOKEN=", "BARE"]
)
def test_the_rest_is_shown(pair: str) -> None:
    assert masked_env([pair]) == [pair]


def test_inspect_is_masked_at_every_depth_and_not_changed_in_place() -> None:
    inspect = {
        "Config": {"Env": ["PASSWORD=x", "A=b"], "Labels": {"api.token": "y", "tier": "front"}}
    }
    assert masked_json(inspect) == {
        "Config": {
            "Env": [f"PASSWORD={MASK}", "A=b"],
            "Labels": {"api.token": MASK, "tier": "front"},
        }
    }
    assert inspect["Config"]["Env"][0] == "PASSWORD=x"


def test_a_password_in_an_address_is_masked_in_any_text() -> None:
    assert (
        masked_text("curl https://ada:hunter2@example.org/x")
        == f"curl https://ada:{MASK}@example.org/x"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/bin/sh -c #(nop) ENV PASS=two words A=b", f"/bin/sh -c #(nop) ENV PASS={MASK} A=b"),
        ("ENV TOKEN=x", f"ENV TOKEN={MASK}"),
        ("|1 API_KEY=x /bin/sh -c make", f"|1 API_KEY={MASK} /bin/sh -c make"),
        ("fetch --token=x --tag=y", f"fetch --token={MASK} --tag=y"),
        ("""sh -c 'PASSWORD="a b" run'""", f"sh -c 'PASSWORD={MASK} run'"),
        ("nginx -g 'daemon off;' A=b", "nginx -g 'daemon off;' A=b"),
        ('run PASSWORD="two wor', f"run PASSWORD={MASK}"),
    ],
)  # fmt: skip
def test_assignments_are_masked_in_any_text(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("addr=db,username=a,password=x,vers=3", "addr=db,username=a,password=M,vers=3"),
        ("jdbc:db?u=a&password=b=c&ssl=on", "jdbc:db?u=a&password=M&ssl=on"),
        ("Server=db;User Id=a;Password=b;", "Server=db;User Id=a;Password=M;"),
        ("https://hub/x?page=1&token=abc#end", "https://hub/x?page=1&token=M"),
        ("a=b=c", "a=b=c"), ("a,b;c", "a,b;c"), ("x?token=", "x?token="),
    ],
)  # fmt: skip
def test_pairs_within_a_value_are_masked_alone(value: str, seen: str) -> None:
    seen = seen.replace("M", MASK)
    assert masked("NAME", value) == masked_text(value) == seen
    assert masked_json({"Options": {"o": value}}) == {"Options": {"o": seen}}
    assert masked_text(f"docker volume create --opt o={value}") == (
        f"docker volume create --opt o={seen}"
    )
    mount = MountSpec(MountKind.VOLUME, "/d", "v", options=(("volume-opt", f"o={value}"),))
    spec = ContainerSpec("x", env=(("NAME", value),), mounts=(mount,))
    assert shown(spec).mounts[0].options == (("volume-opt", f"o={seen}"),)
    assert unmasked(shown(spec), spec) == spec


def test_a_value_of_many_pairs_is_read_once() -> None:
    assert masked("o", "password=x,username=a") == f"password={MASK},username=a"
    masked("NAME", "a=" * 100_000)
    masked_text("?a" * 100_000)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("run --password x -v", f"run --password {MASK} -v"),
        ("run --db-password 'two words' on", f"run --db-password {MASK} on"),
        ("run --api-key=x -p 1", f"run --api-key={MASK} -p 1"),
        ('run --api-key "a b" --token x', f"run --api-key {MASK} --token {MASK}"),
        ("redis-server --requirepass x", f"redis-server --requirepass {MASK}"),
        ("java -password x", f"java -password {MASK}"),
        ("run --db-password 'two wor", f"run --db-password {MASK}"),
        ('CMD ["run" "--password" "x"]', f'CMD ["run" "--password" {MASK}]'),
        ("run --password --verbose now", "run --password --verbose now"),
        ("docker run -p 80:80 x", "docker run -p 80:80 x"),
        ("login --password-stdin host --key-file /k", "login --password-stdin host --key-file /k"),
        ("docker commit --author Ada x", "docker commit --author Ada x"),
        ("serve --max-tokens 5 --tokenizer t", "serve --max-tokens 5 --tokenizer t"),
        ("echo my--password is", "echo my--password is"),
    ],
)  # fmt: skip
def test_a_word_behind_an_option_of_such_a_name_is_masked(text: str, seen: str) -> None:
    assert masked_text(text) == seen
    told = {"Titles": ["PID", "CMD"], "Processes": [["1", text]]}
    assert processes(told, "").rows == (("1", seen),)


def test_so_it_is_in_lists_of_words() -> None:
    words = ["run", "--password", "x", "--", "--token", "-y"]
    hidden = ["run", "--password", MASK, "--", "--token", "-y"]
    assert masked_words(words) == hidden
    assert masked_json({"Cmd": words, "Args": [1, "--password"]}) == {
        "Cmd": hidden,
        "Args": [1, "--password"],
    }
    spec = ContainerSpec("x", command=tuple(words), entrypoint=("a", "--secret", "s"))
    seen = shown(spec)
    assert (list(seen.command), seen.entrypoint[2]) == (hidden, MASK)
    assert unmasked(seen, spec) == spec
