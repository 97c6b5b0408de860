"""Two Ray nodes on this machine, for `test_clusters.py`: what becomes of runs on them is printed as JSON.

Run it in a network namespace of its own, because Ray listens on a machine's outer address, and in a process
namespace of its own, so that nothing of Ray outlives it.
"""

import fcntl
import json
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}


def bring_up_loopback():
    """Set the flags IFF_UP and IFF_RUNNING of ``lo``, which a new network namespace has, but down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def render(out, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "patterngen.cli", "render", "--out", out, "--executor", "ray", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(run, limit=240):
    """Wait for a command and return its exit code and what it said."""
    stdout, stderr = run.communicate(timeout=limit)
    return {"code": run.returncode, "stdout": stdout, "stderr": stderr}


def wait_until_begun(folder, shards):
    """Wait until so many shards are being drawn."""
    for _ in range(12_000):
        if len(list(folder.glob(".train-*.tar.*"))) == shards:
            return
        time.sleep(0.01)
    raise TimeoutError(f"{folder} holds {listing(folder) if folder.is_dir() else None}")


def main(out, *words):
    bring_up_loopback()
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    doomed = cluster.add_node(**NODE)
    told = {}
    there = ["--ray-address", cluster.address, *words]
    try:
        out = Path(out)
        run = render(out, *there)
        wait_until_begun(out, 2)
        cluster.remove_node(doomed, allow_graceful=False)
        told["survived"] = end(run)

        for sent in (signal.SIGINT, signal.SIGTERM):
            stopped = out.with_name(sent.name)
            run = render(stopped, *there)
            wait_until_begun(stopped, 1)
            run.send_signal(sent)
            told[sent.name] = end(run) | {"left": listing(stopped)}

        failing = [word.replace("patient", "patient?trouble=1") for word in there]
        told["failed"] = end(render(out.with_name("failed"), *failing, "--retries", "0"))
    finally:
        cluster.shutdown()
    # No address: the cluster that this machine was part of is no more.
    one = ["300" if before == "--count" else word for before, word in zip(("", *words), words, strict=False)]
    told["here"] = end(render(out.with_name("here"), *one))
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
