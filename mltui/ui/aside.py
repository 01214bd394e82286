"""What may block on a file system, away from the screen and from the end of the lab: a mount that hangs holds nobody.

asyncio's own threads are waited for when the program ends, and are few.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


async def aside(function: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
    """The function's answer, from a thread of its own; whatever it raises is raised here."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Answer] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if answer.done() else settle())

    def work() -> None:
        try:
            found = function(*args, **kwargs)
        except BaseException as error:
            raised = error
            tell(lambda: answer.set_exception(raised))
        else:
            tell(lambda: answer.set_result(found))

    threading.Thread(target=work, name=f"mltui-{function.__name__}", daemon=True).start()
    return await answer
