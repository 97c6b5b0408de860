"""What object stores really do, at given rates: refuse, hang up, answer late, do it twice, list what was."""

import io
import random
import threading
import time
from collections import Counter

RATES = {
    "500 InternalError": 0.06,
    "503 SlowDown": 0.06,
    "hang up": 0.06,  # before any answer
    "reset": 0.06,  # in the middle of the answer's body
    "timeout": 0.02,  # no answer as long as anybody waits for one
    "lost": 0.06,  # it is done, and the answer is lost: whoever asks again does it twice
    "late": 0.03,  # refused, and done all the same a moment after
    "delay": 0.1,
    "stale": 0.2,  # of listings: as it was the last time
}
LATER = 0.15
"""Seconds after which what is late is done."""
HANGS = 1.0
"""Seconds in which a request that times out is not answered: longer than the tests' clients wait."""


class Misbehaviour:
    """A store that fails at random.

    Args:
        answer: the store itself, a WSGI application.
        seed: of the choices; which request meets which of them depends on the order in which threads ask.
        rates: of each kind of failure, of all requests.
    """

    def __init__(self, answer, seed, rates):
        self.answer, self.rates = answer, rates
        self.done = Counter()
        """How often each kind befell a request."""
        self._random, self._lock = random.Random(seed), threading.Lock()
        self._listed = {}
        self._later = []

    def __call__(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        kind = self._chosen()
        if kind is not None and kind != "stale":
            self.done[kind] += 1
        if kind in ("500 InternalError", "503 SlowDown"):
            return _refused(start, kind)
        if kind == "hang up":
            raise ConnectionResetError
        if kind == "timeout":
            time.sleep(HANGS)
            raise ConnectionResetError
        if kind == "late":
            timer = threading.Timer(LATER, self._whole, [{**environ, "wsgi.input": io.BytesIO(body)}])
            self._later.append(timer)
            timer.start()
            return _refused(start, "500 InternalError")
        if kind == "delay":
            time.sleep(0.02)
        status, headers, content = self._whole(environ)
        if kind == "lost":
            raise ConnectionResetError
        if environ["REQUEST_METHOD"] == "GET" and "list-type=2" in environ["QUERY_STRING"]:
            status, headers, content = self._maybe_stale(kind, environ, (status, headers, content))
        start(status, headers)
        return _cut(content) if kind == "reset" and len(content) > 1 else [content]

    def settle(self):
        """Wait until all that is late is done."""
        for timer in self._later:
            timer.join()

    def _chosen(self):
        with self._lock:
            number = self._random.random()
        for kind, rate in self.rates.items():
            number -= rate
            if number < 0:
                return kind
        return None

    def _whole(self, environ):
        said = []
        parts = self.answer(environ, lambda status, headers, *_: said.extend((status, headers)))
        return *said, b"".join(parts)

    def _maybe_stale(self, kind, environ, now):
        with self._lock:
            before = self._listed.get(environ["QUERY_STRING"])
            self._listed[environ["QUERY_STRING"]] = now
        if kind != "stale" or before is None:
            return now
        self.done["stale"] += 1
        return before


def _refused(start, kind):
    code = kind.partition(" ")[2]
    body = f"<Error><Code>{code}</Code><Message>this is a test</Message></Error>".encode()
    start(f"{kind[:3]} X", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _cut(content):
    yield content[: len(content) // 2]
    raise ConnectionResetError
