"""The life of the process that owns the OpenGL context: started, asked, lost, ended."""

import contextlib
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.shaders.render.devices import REMEDY, Device
from patterngen.shaders.render.protocol import COMPILING, PIXELS, VERTICES, Request

OPENING = 3.0
"""Seconds of the processor that opening OpenGL should take; it may take as much longer as any other step."""

SILENCE = 10.0
"""Seconds without a step, and some times a step's budget, after which the process counts as lost."""

# The child finds what its parent finds, wherever that came from.
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from patterngen.shaders.render.child import serve; "
    "serve(*map(int, sys.argv[2:5]), sys.argv[5], int(sys.argv[6]))"
)


class LostError(Exception):
    """The process ended, or had to be ended.

    Attributes:
        program: the number of the program that was running, or None.
        reason: what became of it, to be read after the program's name.
    """

    def __init__(self, program: int | None, reason: str) -> None:
        super().__init__(reason)
        self.program = program
        self.reason = reason


class GLProcess:
    """A process that draws, and the memory shared with it. It belongs to the process that started it.

    Args:
        device: what to draw on, as `open_context` takes it.
        worker: the number of this process among those that draw.

    Attributes:
        info: what `GLWorker.introduce` says.

    Raises:
        PatternGenError: the device cannot be opened; MissingDependencyError if something is not installed.
    """

    def __init__(self, device: str = "auto", worker: int = 0) -> None:
        self._owner = os.getpid()
        # Neither the memory nor the connection has a name that could be left behind.
        self._file = os.memfd_create("patterngen") if hasattr(os, "memfd_create") else _nameless_file()
        os.ftruncate(self._file, PIXELS)
        self._map()
        self._state[0] = -1
        self._socket, theirs = socket.socketpair()
        life, our_life = os.pipe()
        shared = (theirs.fileno(), life, self._file)
        self._child = subprocess.Popen(  # noqa: S603 – this very interpreter
            [
                *(sys.executable, "-P", "-c", _BOOT, json.dumps(sys.path)),
                *(str(number) for number in shared),
                *(device, str(worker)),
            ],
            pass_fds=shared,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # llvmpipe takes every core unless it is told to draw in the thread that asks.
            env={"LP_NUM_THREADS": "0", **os.environ},
            process_group=0,  # Ctrl-C is for the parent
        )
        self.close = weakref.finalize(
            self, _end, self._owner, self._child, self._socket, our_life, self._file
        )
        theirs.close()
        os.close(life)
        self._budget = OPENING
        self._unread = b""
        try:
            self.info = self._receive()
        except LostError as lost:
            raise PatternGenError(f"OpenGL cannot be opened: the driver {lost.reason}; {REMEDY}") from None
        if "error" in self.info:
            self.close()
            kind = MissingDependencyError if self.info["missing"] else PatternGenError
            raise kind(self.info["error"])

    @property
    def usable(self) -> bool:
        """Whether it still runs, and is this process's own: after a fork both would talk to it at once."""
        return self.close.alive and self._owner == os.getpid() and self._child.poll() is None

    def ask(self, request: Request, vertices: NDArray[np.float32]) -> dict[int, str]:
        """Have a request carried out; return what the driver says of the programs that it refuses.

        Raises:
            LostError: the process was lost over it.
            RuntimeError: the driver failed, for want of memory for instance.
        """
        if request["bytes"] > len(self._memory):
            os.ftruncate(self._file, request["bytes"])
            self._map()
        self._memory[VERTICES : VERTICES + vertices.nbytes] = vertices.tobytes()
        self._budget = request["budget"]
        try:
            self._socket.settimeout(SILENCE)
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            answer = self._receive()
        except OSError:  # it is gone, or reads nothing
            raise self._lose() from None
        except BaseException:  # interrupted: its answer would be taken for that to the next request
            self.close()
            raise
        if "failed" in answer:
            self.close()
            raise RuntimeError(
                f"OpenGL could not draw {request['height']}x{request['width']} pictures: {answer['failed']}"
            )
        return {int(key): words for key, words in answer["refused"].items()}

    def pixels(self, shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
        """Return a view of the pixels, valid until the next request."""
        return np.ndarray(shape, dtype, self._memory, PIXELS)

    def _receive(self) -> dict[str, Any]:
        """Wait for the next answer, as long as the process goes on from step to step."""
        steps = -1
        # The process ends itself when a step is over its time. This is for when even that fails: a driver
        # that sleeps in the kernel. A busy machine may be many times slower than the processor's clock says.
        self._socket.settimeout(SILENCE + 4 * COMPILING * self._budget)
        while b"\n" not in self._unread:
            try:
                data = self._socket.recv(1 << 16)
            except TimeoutError:
                if steps == self._state[2]:
                    raise self._lose("answers no more") from None
                steps = int(self._state[2])
                continue
            if not data:
                raise self._lose()
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return cast("dict[str, Any]", json.loads(line))

    def _map(self) -> None:
        self._memory = mmap.mmap(self._file, 0)
        self._state = np.ndarray(3, np.int64, self._memory)

    def _lose(self, reason: str = "") -> LostError:
        """End the process, if it has not ended itself, and find out what of."""
        if not reason:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(5)
        code = self._child.poll()
        program, compiling, _ = self._state.tolist()
        if not reason and code in (-signal.SIGALRM, -signal.SIGPROF):
            seconds = self._budget * (COMPILING if compiling else 1.0)
            reason = f"takes more than {seconds:g} s {'to compile' if compiling else 'for one picture'}"
            reason += " (--shader-budget gives it more)"
        self.close()
        ended = f"ended the process that draws ({_ending(code)})"
        return LostError(None if program < 0 else program, reason or ended)


def list_devices() -> list[Device]:
    """Ask a process of its own for EGL's devices, because a driver may crash over the question.

    Raises:
        PatternGenError: as `patterngen.shaders.render.devices.list_devices`.
    """
    process = GLProcess("list")
    process.close()
    return [Device(**found) for found in process.info["devices"]]


def _end(
    owner: int, process: "subprocess.Popen[bytes]", connection: socket.socket, life: int, file: int
) -> None:
    """End a process, wherever it is, and leave no zombie."""
    connection.close()
    os.close(life)  # which ends it, if no fork of ours holds the same pipe
    os.close(file)
    if os.getpid() != owner:
        return
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):  # a driver may sleep in the kernel for ever
        process.wait(5)


def _ending(code: int | None) -> str:
    if code is None:
        return "it had to be killed"
    return signal.strsignal(-code) or f"signal {-code}" if code < 0 else f"exit code {code}"


def _nameless_file() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
