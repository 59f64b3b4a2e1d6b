"""Try an installed Hallplan: its version, a small run, and a page that answers on this machine.

Input: nothing; it is run by the Python that Hallplan is installed for.  Output: three lines, or one that says what
failed.  No network is needed.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HALLPLAN = [sys.executable, "-m", "hallplan.cli"]
PATIENCE_S = 120
"""The first start compiles bytecode, which takes a while on a slow disk."""


def main() -> int:
    """Try everything; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="hallplan-check-") as cache:
        environment = {**os.environ, "HALLPLAN_CACHE_DIR": cache, "HALLPLAN_LANG": "en"}
        version = answer_of("version", environment=environment)
        print(f"version: {version.splitlines()[0]}", flush=True)
        document = json.loads(answer_of("run", "textbook-mm3", "--reps", "2", "--json", environment=environment))
        print(f"run: {len(document['metrics'])} metrics of textbook-mm3", flush=True)
        print(f"page: {page_answer(environment)}", flush=True)
    return 0


def answer_of(*words: str, environment: dict[str, str]) -> str:
    """Return what a command of Hallplan prints."""
    done = subprocess.run([*HALLPLAN, *words], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"check.py: `hallplan {' '.join(words)}` ended with exit code {done.returncode}")
    return done.stdout


def page_answer(environment: dict[str, str]) -> str:
    """Start the page, wait until it answers, stop it; return what it answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*HALLPLAN, "app", "--port", str(port), "--server.headless", "true"]
    page = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        end = time.monotonic() + PATIENCE_S
        while page.poll() is None and time.monotonic() < end:
            try:
                with direct.open(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                    return str(answer.read().decode("ascii"))
            except OSError:
                time.sleep(0.3)
    finally:
        page.terminate()
        page.wait()
    sys.exit("check.py: the page did not answer")


if __name__ == "__main__":
    sys.exit(main())
