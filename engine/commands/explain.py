"""What the SDK and its libraries raise → our errors. The one place where that is mapped."""

from collections.abc import Iterator

import requests
import urllib3
from docker.errors import APIError, DockerException, NullResource

from engine.commands.client import AnswerTooLarge
from engine.dial import Address, why_down
from engine.errors import EngineError, EngineSilent, NotFound, from_status

# All that a call may raise; what parsing an answer of a wrong shape raises is in it.
RAISED = (
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    DockerException,
    AnswerTooLarge,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)
_READ_TIMEOUTS = (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)
_CONNECT_TIMEOUTS = (requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)
_NO_ANSWER = (
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
    OSError,
)


def explain(error: Exception, address: Address, deadline: float) -> EngineError:
    """The EngineError for whatever a call raised; ``deadline`` (seconds) is for the sentence."""
    if isinstance(error, APIError):
        return from_status(error.status_code or 500, str(error.explanation or ""))
    if isinstance(error, NullResource):
        return NotFound("No object was named.")
    if isinstance(error, AnswerTooLarge):
        return EngineError(
            "The engine at %(address)s sent more than an answer may hold.",
            address=address,
        )
    if isinstance(error, ValueError | KeyError | TypeError | AttributeError):
        return EngineError(
            "The answer of the engine at %(address)s is not understood: %(error)s.",
            address=address,
            error=error,
        )
    return _no_answer(error, address, deadline)


def _no_answer(error: Exception, address: Address, deadline: float) -> EngineError:
    chain = list(_chain(error))
    # Read timeouts come wrapped as connection errors from the SDK's unix adapter; a full
    # backlog (EAGAIN) means that the engine lives and does not accept.
    if any(isinstance(item, (*_READ_TIMEOUTS, BlockingIOError)) for item in chain):
        return EngineSilent(
            "The engine at %(address)s did not answer within %(deadline)s s.",
            address=address,
            deadline=f"{deadline:g}",
        )
    if not isinstance(error, _NO_ANSWER):
        return EngineError(
            "The engine at %(address)s cannot be asked: %(error)s.",
            address=address,
            error=error,
        )
    causes = [item for item in chain if isinstance(item, OSError) and item.errno is not None]
    if not causes and any(isinstance(item, _CONNECT_TIMEOUTS) for item in chain):
        return why_down(address, TimeoutError())
    return why_down(address, causes[-1] if causes else error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps, outermost first: causes hide in arguments here."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        item = waiting.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        inner = (*item.args, getattr(item, "reason", None), item.__cause__, item.__context__)
        waiting += [part for part in inner if isinstance(part, BaseException)]
