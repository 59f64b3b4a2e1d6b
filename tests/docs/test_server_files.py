"""The example files for a server: their programs accept them, and the page works behind the proxy they describe."""

import base64
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hallplan import cli

FILES = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "server"
PATIENCE_S = 60


def needs(program: str) -> str:
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{program} is not on this machine")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def words_of_unit() -> list[str]:
    (line,) = re.findall(r"^ExecStart=(.*)$", (FILES / "hallplan.service").read_text(encoding="utf-8"), re.MULTILINE)
    return shlex.split(line)


def words_of_container() -> list[str]:
    (line,) = re.findall(r"^CMD (.*)$", (FILES / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    return json.loads(line)


@pytest.mark.parametrize("words", [words_of_unit(), words_of_container()], ids=["unit", "container"])
def test_the_page_starts_with_the_options_of_unit_and_container(words, tmp_path, monkeypatch):
    pages = []
    monkeypatch.setattr(os, "execve", lambda _program, words, environment: pages.append((words, environment)))
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path))
    assert words[:2] == ["/opt/hallplan/bin/hallplan", "app"]
    place = words.index("--workspace") + 1
    words[place] = str(tmp_path / "plans")
    words[words.index("--port") + 1] = port = str(free_port())
    assert cli.main(words[1:]) == 0
    settings, environment = pages[0]
    assert {f"--server.port={port}", "--server.baseUrlPath=hallplan", "--server.headless"} <= set(settings)
    assert environment["HALLPLAN_KEEP_DAYS"] == "30"


def test_systemd_accepts_the_unit(tmp_path):
    analyze = needs("systemd-analyze")
    unit = tmp_path / "hallplan.service"
    text = (FILES / "hallplan.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/hallplan/bin/hallplan", sys.executable), encoding="utf-8")
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def proxy(folder: Path, *, listen: int, page: int) -> list[str]:
    """Return the command of the proxy of the example, with folders, ports and a certificate of the test."""
    nginx, openssl = needs("nginx"), needs("openssl")
    certificate = ["-keyout", str(folder / "hallplan.key"), "-out", str(folder / "hallplan.crt")]
    request = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=hall.example", *certificate]
    subprocess.run(request, capture_output=True, check=True)
    password = [openssl, "passwd", "-apr1", "secret"]
    secret = subprocess.run(password, capture_output=True, text=True, check=True).stdout
    (folder / "hallplan.users").write_text(f"chen:{secret}", encoding="utf-8")
    folder.chmod(0o755)
    site = (FILES / "nginx.conf").read_text(encoding="utf-8").replace("/etc/nginx/", f"{folder}/")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{listen} ssl").replace(
        "127.0.0.1:8501", f"127.0.0.1:{page}"
    )
    (folder / "site.conf").write_text(site, encoding="utf-8")
    user = "user root;" if hasattr(os, "getuid") and os.getuid() == 0 else ""
    paths = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    http = f"http {{ access_log off; {paths} include {folder}/site.conf; }}"
    main = f"daemon off; {user} pid {folder}/pid; error_log {folder}/error.log; events {{}} {http}"
    (folder / "main.conf").write_text(main, encoding="utf-8")
    return [nginx, "-e", str(folder / "error.log"), "-c", str(folder / "main.conf")]


def test_nginx_accepts_the_proxy(tmp_path):
    command = proxy(tmp_path, listen=free_port(), page=8501)
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def status(port: int, path: str, *headers: str) -> int:
    """Return the status of an answer over TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain) as stream:
        lines = [f"GET {path} HTTP/1.1", "Host: hall.example", *headers, "", ""]
        stream.sendall("\r\n".join(lines).encode())
        return int(stream.recv(1_000).split()[1])


@pytest.mark.slow
def test_behind_the_proxy_the_page_takes_those_who_sign_in_and_nobody_else(tmp_path):
    listen, page = free_port(), free_port()
    words = [sys.executable, "-m", "hallplan.cli", "app", "--port", str(page), "--base-path", "/hallplan"]
    environment = {**os.environ, "HALLPLAN_CACHE_DIR": str(tmp_path / "cache")}
    command = proxy(tmp_path, listen=listen, page=page)
    with (
        subprocess.Popen([*words, "--server.headless", "true"], env=environment, stderr=subprocess.DEVNULL) as server,
        subprocess.Popen(command) as nginx,
    ):
        try:
            signed_in = "Authorization: Basic " + base64.b64encode(b"chen:secret").decode()
            end = time.monotonic() + PATIENCE_S
            while True:
                try:
                    if status(listen, "/hallplan/_stcore/health", signed_in, "Connection: close") == 200:
                        break
                except OSError:
                    pass
                assert time.monotonic() < end
                time.sleep(0.3)
            stream = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
            stream = (*stream, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: https://hall.example")
            assert status(listen, "/hallplan/", "Connection: close") == 401
            assert status(listen, "/hallplan/", signed_in, "Connection: close") == 200
            assert status(listen, "/hallplan/_stcore/stream", *stream) == 401
            assert status(listen, "/hallplan/_stcore/stream", signed_in, *stream) == 101
            assert status(listen, "/", "Connection: close") == 302
        finally:
            server.terminate()
            nginx.terminate()


@pytest.mark.browser
def test_under_a_base_path_the_page_is_drawn_in_a_browser(tmp_path):
    from playwright.sync_api import expect, sync_playwright

    port = free_port()
    words = [sys.executable, "-m", "hallplan.cli", "app", "--port", str(port), "--base-path", "/tools/hallplan"]
    environment = {**os.environ, "HALLPLAN_CACHE_DIR": str(tmp_path), "HALLPLAN_LANG": "zh"}
    with (
        subprocess.Popen([*words, "--server.headless", "true"], env=environment, stderr=subprocess.DEVNULL) as server,
        sync_playwright() as playwright,
    ):
        try:
            end = time.monotonic() + PATIENCE_S
            while not is_open(port):
                assert time.monotonic() < end
                time.sleep(0.2)
            chromium = os.environ["HALLPLAN_CHROMIUM"]
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/tools/hallplan/?lang=en")
            expect(page.locator("[data-testid=stMain] h1")).to_be_visible(timeout=PATIENCE_S * 1_000)
            assert page.url.startswith(f"http://127.0.0.1:{port}/tools/hallplan/")
            browser.close()
        finally:
            server.terminate()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
