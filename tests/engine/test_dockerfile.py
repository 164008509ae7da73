"""Dockerfiles: what is read of them is what the engine gets, and what is unsure is refused."""

import pytest

from engine.dockerfile import BadLine, parse, written
from engine.dockerfile_uses import Use, recipe

ID = "ab" * 32


def read(text: str, **args: str) -> list[tuple[str, str]]:
    """References and platforms of the images that are read."""
    found = recipe(parse(text.encode()), args)
    return [(use.reference, use.platform) for use in found.uses.values()]


def sent(text: str, **args: str) -> str:
    found = recipe(parse(text.encode()), args)
    return written(found.pinned(dict.fromkeys(found.uses.values(), ID))).decode()


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("FROM a", ["a"]),
        ("from\ta:1 as x\nfrom x\ncopy --from=x /a /b", ["a:1"]),
        ("FROM a AS X\nFROM x", ["a"]),
        ("FROM a AS x\nCOPY --from=x / /", ["a", "x"]),  # a stage is none before its end
        ("FROM a AS x\nFROM b\nCOPY --from=0 / /\nCOPY --from=X / /", ["a", "b"]),
        ("FROM a\nCOPY --chown=1:1 --from=c:2 / /", ["a", "c:2"]),
        ("FROM a\nFROM b AS later\nCOPY --from=later / /", ["a", "b", "later"]),
        ("FROM scratch\nFROM Scratch", ["Scratch"]),
        ("FR\\\n# words\n\nOM a", ["a"]),
        ("FROM \\\r\n a\r\n", ["a"]),
        ("\ufeffFROM a", ["a"]),
        ("FROM a\nRUN x \\\n && FROM b \\\n", ["a"]),
        ("FROM a\n# FROM b\n  # FROM c\nRUN echo FROM d", ["a"]),
        ("# escape=\\\nFROM a", ["a"]),
    ],
)
def test_the_images_that_it_reads(text: str, uses: list[str]) -> None:
    assert [reference for reference, _platform in read(text)] == uses


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("ARG B=a:1\nFROM $B", "a:1"),
        ("ARG B=a:1\nFROM ${B}", "a:1"),
        ("ARG T=2\nARG B=a:$T\nFROM $B", "a:2"),
        ('ARG B="a:1"\nFROM $B', "a:1"),
        ("ARG GIVEN\nFROM x/$GIVEN", "x/app:3"),
        ("ARG GIVEN=old\nFROM x/$GIVEN", "x/app:3"),
        ("FROM ${NONE:-a:1}", "a:1"),
        ("ARG B=\nFROM a${B:-b}${B-c}${B:+d}", "ab"),
        ("ARG B=1\nFROM a${B:+d}${B:-e}", "ad1"),
    ],
)
def test_arguments_are_filled_in(text: str, reference: str) -> None:
    assert read(text, GIVEN="app:3") == [(reference, "")]
    assert f"FROM sha256:{ID}" in sent(text, GIVEN="app:3")


def test_platforms_are_told() -> None:
    text = "ARG P=linux/arm64\nFROM --platform=$P a AS x\nFROM --platform=linux/amd64 b"
    assert read(text) == [("a", "linux/arm64"), ("b", "linux/amd64")]
    assert f"FROM --platform=linux/arm64 sha256:{ID} AS x\n" in sent(text)


def test_it_is_sent_line_by_line_without_what_builders_read_in_two_ways() -> None:
    text = "# one\nFROM a AS b\n\nRUN x \\\n  # no\n  && y\nFROM b\nCOPY --from=c --chown=1 / /\n"
    assert sent(text).split("\n") == [
        "",
        f"FROM sha256:{ID} AS b",
        "",
        "RUN x   && y",
        "",
        "",
        "FROM b",
        f"COPY --from=sha256:{ID} --chown=1 / /",
        "",
    ]


REFUSED = [
    ("", 0),
    ("RUN x", 0),
    ("# syntax=docker/dockerfile:1\nFROM a", 1),
    ("# words\n#SYNTAX = evil/frontend\nFROM a", 2),
    ("# escape=`\nFROM a", 1),
    ("FROM a\nINCLUDE b", 2),
    ("RUN x\nFROM a", 1),
    ("FROM a b", 1),
    ("FROM a AS", 1),
    ("FROM a AS 0", 1),
    ('FROM "a"', 1),
    ("FROM a\\b", 1),
    ("FROM $NONE", 1),
    ("FROM ${X%y}", 1),
    ("FROM $(x)", 1),
    ("ARG B='a' 'b'x\nARG C=a\\ b\nFROM $C", 3),
    ("ARG B=$GIVEN\nFROM a\nCOPY --from=$B / /", 3),
    ("FROM a\nCOPY --from=\\a / /", 2),
    ("FROM a\nCOPY --from='a' / /", 2),
    ("FROM a\nCOPY --fr\\om=a / /", 2),
    ("FROM a\nCOPY --from=a --from=b / /", 2),
    ("FROM a\nCOPY '--from=a' --from=b / /", None),
    ("FROM a\nCOPY -- --from=a / /", 2),
    ("FROM a\nCOPY --from=00 / /", 2),
    ("FROM a\nCOPY --from=0 / /", 2),
    ("FROM a\nCOPY --from=+0 / /", None),
    ("FROM a\nCOPY --link --from=b / /", 2),
    ("FROM --cap-add=x a", 1),
    ("FROM a\nRUN --mount=type=bind,from=b,target=/x cat /x/y", 2),
    ("FROM a\nRUN --network=host x", 2),
    ("FROM a\nRUN --security=insecure x", 2),
    ("FROM a\nRUN --device=x y", 2),
    ("FROM a\nRUN <<EOF\nFROM b AS c\nEOF", 2),
    ("FROM a\nCOPY <<-'EOF' /x\nEOF", 2),
    ("FROM a\nRUN x 3<<EOF", 2),
    ("FROM a\nRUN x \\\\\nFROM b", 2),
    ("FROM a\nADD http://127.0.0.1:2375/info /x", 2),
    ("FROM a\nADD HTTPS://x /x", 2),
    ("FROM a\nADD git@github.com:a/b /x", 2),
    ("FROM a\nADD x ftp://y /x", 2),
    ('FROM a\nADD ["http://x", "/x"]', 2),
    ('FROM a\nADD ["http:\\u002f/x", "/x"]', 2),
    ('FROM a\nADD ["http://x", "/x"', 2),
    ("FROM a\nENV U=http://x\nADD $U /x", 3),
    ("FROM a\nADD ht${T}://x /x", 2),
    ('FROM a\nADD h"tt"p://x /x', 2),
    ("FROM a\nADD ht\\tp://x /x", 2),
    ("FROM a\nADD --checksum=sha256:1 http://x /x", 2),
    ("FROM a\nONBUILD ADD http://x /x", 2),
    ("FROM a\nONBUILD COPY --from=b / /", 2),
    ("FROM a\nONBUILD FROM b", 2),
    ("FROM a\nONBUILD ONBUILD RUN x", 2),
    ("FROM a\nRUN x\rFROM b", 2),
    ("FROM a\nRUN x\x0bFROM b", 2),
    ("FROM a\n\u00a0FROM b", 2),
    ("FROM a\nRUN x\u2028FROM b", 2),
    ("FROM a\nRUN x\x85FROM b", 2),
    ("FROM a\nRUN \0", 2),
]


@pytest.mark.parametrize(("text", "line"), REFUSED)
def test_what_cannot_be_judged_is_refused_with_its_line(text: str, line: int | None) -> None:
    if line is None:  # it is read as what it is: no flag, and no stage
        assert read(text)[1:] in ([], [("b", "")], [("+0", "")])
        return
    with pytest.raises(BadLine) as refused:
        read(text, GIVEN="b")
    assert refused.value.line == line, refused.value


def test_what_looks_like_it_and_is_none_goes() -> None:
    fine = (
        "FROM a\nADD ./x-$V.tar.gz http-$V.zip /x/\nRUN x=$((1<<3)) && cat <<<x\nADD https.txt /\n"
    )
    assert read(fine + 'ADD ["a b", "/x"]\nHEALTHCHECK --interval=5s CMD x\nCMD ["--from=b"]') == [
        ("a", "")
    ]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadLine, match="UTF-8") as refused:
        parse(b"FROM a\nRUN \xff\n")
    assert refused.value.line == 2
    with pytest.raises(BadLine, match="longer"):
        parse(b"FROM a\n" + b"#" * 300_000)


def test_a_use_is_the_same_for_the_same_image_of_one_line() -> None:
    assert Use(1, "a") == Use(1, "a")


@pytest.mark.parametrize(
    "line",
    [
        "LABEL a=1 b=2",
        "LABEL description see wharfinger.team=bank",
        'LABEL description="made for wharfinger.team=bank"',
        "LABEL a=1\\ wharfinger.team=bank",
        "LABEL url=wharfinger.example",
        "LABEL org.$X=1",
        "LABEL a=$X",
        "LABEL wharf=1 wharfingers=2",
        "ENV wharfinger.team=bank",
    ],
)
def test_what_only_tells_of_our_labels_is_none(line: str) -> None:
    assert recipe(parse(f"FROM a\n{line}\n".encode()), {})
