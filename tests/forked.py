"""Processes that begin where another has imported all that they need: that takes seconds each time anew.

`Nursery` is for tests; ``python forked.py CODE`` is the process that it forks them from.
"""

import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Nursery:
    """A process that has run some code, mostly imports, and forks others from then on."""

    def __init__(
        self, code: str, environment: Mapping[str, str], command: Sequence[str | Path] = (sys.executable,)
    ) -> None:
        self._environment = environment
        self._one_at_a_time = threading.Lock()
        self._server = subprocess.Popen(
            [*command, "-P", __file__, code],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, order: object) -> int | None:
        """Have the process do something, and return its answer."""
        with self._one_at_a_time:
            print(json.dumps(order), file=self._server.stdin, flush=True)
            answer = self._server.stdout.readline()
        assert answer, "the process that forks others has ended"
        return json.loads(answer)

    def start(
        self,
        *words: object,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        new_session: bool = False,
    ) -> "Forked":
        """Begin what ``python -m WORDS`` does; ``-c`` and code, or ``sh`` and its words, are words, too."""
        output = tempfile.TemporaryDirectory()
        order = {
            "words": [*map(str, words)],
            "environment": dict(env or self._environment),
            "folder": str(cwd or Path.cwd()),
            "output": output.name,
            "new_session": new_session,
        }
        return Forked(self, self.ask(order), output)

    def run(self, *words: object, **how: object) -> subprocess.CompletedProcess[str]:
        """Do it, and wait for its end."""
        process = self.start(*words, **how)
        said = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, *said)

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: object) -> None:
        """End the process; those that it has forked go on."""
        self._server.stdin.close()
        self._server.wait()


class Forked:
    """A forked process: as much of `subprocess.Popen` as tests need."""

    def __init__(self, nursery: Nursery, pid: int, output: tempfile.TemporaryDirectory) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery, self._output = nursery, output

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask(self.pid)
        return self.returncode

    def wait(self, timeout: float = 600) -> int:
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            assert time.monotonic() < deadline, f"process {self.pid} does not end"
            time.sleep(0.02)
        return self.returncode

    def communicate(self, timeout: float = 600) -> tuple[str, str]:
        self.wait(timeout)
        return tuple(Path(self._output.name, name).read_text() for name in ("stdout", "stderr"))

    def send_signal(self, sent: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sent)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become(
    words: list[str], environment: Mapping[str, str], folder: str, output: str, new_session: bool
) -> None:
    """Be the process that was asked for, from here on."""
    if new_session:
        os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in enumerate((os.devnull, f"{output}/stdout", f"{output}/stderr")):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), descriptor)
    if words[0] == "sh":
        os.execvp("sh", words)
    sys.path.insert(0, folder)
    if words[0] == "-c":
        exec(words[1], {"__name__": "__main__"})
        return
    sys.argv[1:] = words[1:]
    sys.modules.pop(words[0], None)  # it is not imported but run
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _serve() -> None:
    """Fork a process for each line that describes one; tell how one ended that a line names."""
    for line in sys.stdin:
        order = json.loads(line)
        if isinstance(order, int):
            done, status = os.waitpid(order, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if done else None
        elif (answer := os.fork()) == 0:
            return _become(**order)
        print(json.dumps(answer), flush=True)
    return None


if __name__ == "__main__":
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # which is for answers
        exec(sys.argv[1], {})
    _serve()
