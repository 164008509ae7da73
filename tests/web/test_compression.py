"""Compressed answers: long ones too mean the same, say what they are, and vary in size."""

import gzip

from django.http import HttpResponse
from django.test import RequestFactory

from web.compression import LONG, Compression

LIST = b"<tr>one row like all of them</tr>" * 13_000


def answered(rf: RequestFactory, body: bytes, accepts: str, **headers: str) -> HttpResponse:
    middleware = Compression(lambda request: HttpResponse(body, headers=headers))
    answer = middleware(rf.get("/", headers={"accept-encoding": accepts}))
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_long_answer_is_compressed_where_it_is_accepted(rf: RequestFactory) -> None:
    assert len(LIST) > LONG
    packed = answered(rf, LIST, "br, gzip")
    assert gzip.decompress(packed.content) == LIST
    assert packed["Content-Encoding"] == "gzip"
    assert packed["Content-Length"] == str(len(packed.content))
    assert packed["Vary"] == "Accept-Encoding"
    plain = answered(rf, LIST, "br")
    assert (plain.content, plain["Vary"]) == (LIST, "Accept-Encoding")


def test_what_is_encoded_or_short_is_left_to_others(rf: RequestFactory) -> None:
    assert answered(rf, LIST, "gzip", **{"Content-Encoding": "br"}).content == LIST
    assert answered(rf, b"short", "gzip").content == b"short"
    assert gzip.decompress(answered(rf, LIST[:5000], "gzip").content) == LIST[:5000]


def test_the_size_of_the_same_answer_differs(rf: RequestFactory) -> None:
    assert len({len(answered(rf, LIST, "gzip").content) for _ in range(40)}) > 1
