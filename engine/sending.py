"""The body of a request that is longer than memory: chunk by chunk, at the engine's speed."""

import asyncio
from collections.abc import AsyncIterator

from engine.errors import EngineSilent
from engine.exchange import Answer, first_head, refusal
from engine.file_parts import FilePart, Piece
from engine.threads import door


async def send_chunks(answer: Answer, chunks: AsyncIterator[Piece], stall: float) -> None:
    """Send a chunked body after "100 Continue", and wait for the final answer.

    Raises EngineSilent where the engine takes nothing, or says nothing, for ``stall`` seconds.
    """
    taken = True
    async for chunk in chunks:
        taken = not chunk or await _send_chunk(answer, chunk, stall)
        if not taken:
            break
    taken = taken and await _send(answer, b"0\r\n\r\n", stall)
    try:
        # Where the engine refused in the middle it hung up on us, and its words are here.
        answer.status, answer.headers = await first_head(answer.address, answer.reader, stall)
    except (OSError, EOFError) as error:
        raise answer.cut_off() from error
    if answer.status >= 300:
        raise await refusal(answer)
    if not taken:
        raise answer.cut_off()


async def _send_chunk(answer: Answer, chunk: Piece, stall: float) -> bool:
    """As ``_send``. Of a file the system takes the bytes itself, unless they are enciphered."""
    if isinstance(chunk, FilePart):
        if answer.writer.get_extra_info("sslcontext") is None:
            return await _send_part(answer, chunk, stall)
        chunk = await door.run(chunk.read)
    return await _send(answer, b"%x\r\n%b\r\n" % (len(chunk), chunk), stall)


async def _send_part(answer: Answer, part: FilePart, stall: float) -> bool:
    """As ``_send``. Raises OSError where the file is shorter."""
    loop, transport = asyncio.get_running_loop(), answer.writer.transport
    answer.writer.write(b"%x\r\n" % part.size)
    try:
        async with asyncio.timeout(stall):
            sent = await loop.sendfile(transport, part.file, part.offset, part.size, fallback=False)
    except TimeoutError:
        raise took_nothing(answer, stall) from None
    except asyncio.SendfileNotAvailableError:  # a file system that cannot, on its first byte
        return await _send(answer, await door.run(part.read) + b"\r\n", stall)
    except (OSError, RuntimeError):  # RuntimeError: it is closing already
        return False
    if sent < part.size:
        raise part.too_short()
    answer.writer.write(b"\r\n")
    return True


async def _send(answer: Answer, data: bytes, stall: float) -> bool:
    """Write and wait while the engine is slow; whether it still takes what we send."""
    try:
        async with asyncio.timeout(stall):
            answer.writer.write(data)
            await answer.writer.drain()
    except TimeoutError:
        raise took_nothing(answer, stall) from None
    except OSError:
        return False
    return True


def took_nothing(answer: Answer, stall: float) -> EngineSilent:
    return EngineSilent(
        "The engine at %(address)s took nothing for %(stall)s s.",
        address=answer.address,
        stall=f"{stall:g}",
    )
