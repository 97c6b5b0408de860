"""The process that owns the OpenGL context: it reads requests, one line of JSON each, and answers them.

It is a process of its own because a program may run for ever, and a driver may crash: then this process is
lost, and its parent starts another. It ends with its parent, whatever it is doing.
"""

import fcntl
import json
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.shaders.render.context import open_context
from patterngen.shaders.render.devices import list_devices
from patterngen.shaders.render.worker import GLWorker

if TYPE_CHECKING:
    from io import BufferedRWPair


def serve(connection: int, life: int, memory: int, device: str, worker: int) -> None:
    """Answer requests until the parent closes the connection.

    Args:
        connection: file descriptor of a socket.
        life: file descriptor of a pipe that the parent holds open as long as it lives.
        memory: file descriptor of the memory for vertices and pixels; see `protocol`.
        device: as `open_context` takes it; ``list`` says which devices there are, and nothing else.
        worker: as `open_context` takes it.
    """
    _die_with_parent(life)
    stream = socket.socket(fileno=connection).makefile("rwb")
    try:
        if device == "list":
            _answer(stream, {"devices": [vars(found) for found in list_devices()]})
            return
        drawer = GLWorker(open_context(device, worker), memory)
    except PatternGenError as error:
        _answer(stream, {"error": str(error), "missing": isinstance(error, MissingDependencyError)})
        return
    _answer(stream, drawer.introduce())
    for line in stream:
        try:
            answer: dict[str, Any] = {"refused": drawer.paint(json.loads(line))}
        except Exception as error:  # out of the GPU's memory, for instance
            answer = {"failed": f"{type(error).__name__}: {error}"}
        _answer(stream, answer)


def _answer(stream: "BufferedRWPair", message: dict[str, Any]) -> None:
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


def _die_with_parent(life: int) -> None:
    """Have the kernel end this process when the other end of a pipe is closed.

    A closed connection would be noticed too, but not inside a program that runs for ever.
    """
    ending = {signal.SIGIO, signal.SIGALRM, signal.SIGPROF}
    for (
        name
    ) in ending:  # the last two are for `GLWorker`; whoever started the parent may have had others in mind
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
