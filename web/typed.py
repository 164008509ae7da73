"""Types of what a program sends: bounded, and nothing that a database or an engine cannot take."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

LONGEST = 32_768
PAGE, MOST = 100, 500
INT64 = 2**63 - 1
HEX64 = "[0-9a-f]{64}"


def plain(text: str) -> str:
    """No NUL: it ends texts where C reads them. Lone surrogates are refused by the type itself."""
    if "\0" in text:
        raise ValueError("A NUL character cannot be part of it.")
    return text


Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(plain)]
Whole = Annotated[int, Field(ge=-INT64, le=INT64)]
Words = Annotated[str, Field(max_length=1000), AfterValidator(plain)]
Cursor = Annotated[Words, Field(description="The `next` of the page before.")]
Limit = Annotated[int, Field(ge=1, le=MOST, description="Items of a page.")]
# An id that is none is not there (404), the same as one that nobody has: so it is any text here.
Id = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{HEX64}$"})]
