"""An S3 server of our own, and a dataset that is drawn into its bucket."""

import threading

import s3fs
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import patterngen

JOB = ("dead-leaves-mixed", "perlin", "--count", 25, "--size", 16, "--seed", 3)
RENDER = ("render", *JOB, "--samples-per-shard", 10)
SHARDS = [f"train-00000{n}" for n in range(3)]
REFUSAL = "<Error><Code>{}</Code><Message>this is a test</Message></Error>"


class Server:
    """moto on a port of this machine, as S3; tells what it was asked, and fails where a test wants it to."""

    def __init__(self):
        self.asked = []
        """(method, key, status, bytes of the answer) of each request for an object, in order."""
        self.faults = []
        """Called with method and key; what answers an error's code, or waits, comes before the store."""
        self._store = DomainDispatcherApplication(create_backend_app)
        self._http = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def _answer(self, environ, start_response):
        method, key = environ["REQUEST_METHOD"], environ["PATH_INFO"].partition("/")[2].partition("/")[2]

        def start(status, headers, *rest):
            size = int(dict(headers).get("Content-Length", 0))
            self.asked.append((method, key, int(status[:3]), size))
            return start_response(status, headers, *rest)

        for fault in list(self.faults):
            if code := fault(method, key):
                status, body = code.partition(" ")[0], REFUSAL.format(code.partition(" ")[2]).encode()
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                start(
                    f"{status} X", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
                )
                return [body]
        return self._store(environ, start)

    def close(self):
        self._http.shutdown()

    def put(self):
        """The keys that were written, in order."""
        return [key for method, key, status, _ in self.asked if method == "PUT" and key and status == 200]

    def fail(self, ending, times=10**6, code="409 OperationAborted", method="PUT"):
        """Answer so many requests for keys of this ending with an error."""
        left = [times]

        def fault(asked, key):
            if asked == method and key.endswith(ending) and left[0]:
                left[0] -= 1
                return code
            return None

        self.faults.append(fault)


def hashes(folder):
    return [shard.stats.sha256 for shard in patterngen.DatasetFolder.open(str(folder)).shards]


def keys(server):
    return sorted(name.rpartition("/")[2] for name in s3fs.S3FileSystem().find("bucket"))
