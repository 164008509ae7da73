"""What the OpenAPI document says of every operation: how one comes in, and how it can fail."""

from http import HTTPStatus
from typing import Any

from web.problems import TYPE

# Where a status is not in the table of an operation it is documented all the same: any of these
# may come from what stands in front of it.
ALWAYS = (400, 401, 403, 404, 422, 429, 500, 503, 507)
OF_ENGINE = (409, 502, 504)
OF_CHANGE = (413, 415)
REF = {"$ref": "#/components/schemas/Problem"}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `errors` names each field that is wrong.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "request_id": {"type": "string", "description": "As in the record."},
    },
}


def described(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token."}
    }
    document["security"] = [{"token": []}]
    for path in document["paths"].values():
        for method, operation in path.items():
            describe(method, operation)
    return document


def describe(method: str, operation: dict[str, Any]) -> None:
    codes = {*ALWAYS, *OF_ENGINE, *(OF_CHANGE if method != "get" else ())}
    answers = {str(code): answer for code, answer in operation["responses"].items()}
    for code in sorted(codes):
        answers.setdefault(str(code), failure(code))
    for code, answer in answers.items():
        answer.setdefault("description", HTTPStatus(int(code)).phrase)
    operation["responses"] = answers


def failure(code: int) -> dict[str, Any]:
    return {"description": HTTPStatus(code).phrase, "content": {TYPE: {"schema": REF}}}
