"""One command for everything: set up a private environment, then run the page, the tests or a check.

Input: a command word (`python3 dev.py help` lists them).  Output: that command's own exit code.
The first run makes `.venv` and installs exactly what `requirements.lock` pins; later runs start at once.
The syntax stays readable to Python 3.7, so that an old interpreter prints a sentence and no syntax error.
"""

from __future__ import annotations

import sys

MINIMUM = (3, 11)
if sys.version_info < MINIMUM:  # before the other imports: some of them need the newer Python
    sys.exit(
        "dev.py: Hallplan needs Python %d.%d or newer, and this is Python %d.%d (%s): install a newer one and"
        " start it by name, for example `python3.12 dev.py app`." % (MINIMUM + sys.version_info[:2] + (sys.executable,))
    )

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

__all__ = ["lock_faults", "locked_inputs", "main"]

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "hallplan-stamp.json"
SETUP_LOG = VENV / "hallplan-setup.log"
GUARD = ROOT / ".dev.lock"
ARTIFACTS = ROOT / ".artifacts"
SERVER_FILES = ROOT / "docs" / "how-to" / "server"
GUARD_WAIT_SECONDS = 15 * 60
HASH_LINE = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?")
INPUTS_LINE = "# inputs sha256: "
BUILT_IN = "textbook-mm3"  # the scenario that a freshly installed wheel must be able to run
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

Command: TypeAlias = list[str]

USAGE = """\
python3 dev.py COMMAND [ARGUMENTS]

  app [-- STREAMLIT ARGUMENTS]   start the page, for example: app -- --server.port 8600
  test [PYTEST ARGUMENTS]        run the tests; add `-m slow` for the slow ones
  fuzz [--minutes N] [--seed S]  try mutated files and command lines; finds go to .artifacts/fuzz/
  browser [PYTEST ARGUMENTS]     test the page in a real Chromium; screenshots go to .artifacts/
  lint                           ruff: rules and formatting
  types                          mypy --strict on the packages
  imports                        imports between packages run one way
  wheel                          build, install outside the repository, run one scenario
  bundle FOLDER                  everything to install Hallplan without a network, tried without one
  lock [UV ARGUMENTS]            resolve the dependencies again, for example: lock --upgrade
  lock --check                   the lock is fresh, fully hashed, and names no place
  setup                          only prepare .venv

Every command prepares .venv first when it is missing or out of date."""


class SetupError(Exception):
    """Something the person at the keyboard can act on: one sentence, printed without a traceback."""


def say(text: str) -> None:
    """Print one progress line at once, whatever stands at the other end of the pipe."""
    print(f"dev.py: {text}", flush=True)


# --- the private environment ----------------------------------------------------------------------


def venv_program(name: str) -> Path:
    """Return the path of a program in `.venv`, on Windows and elsewhere."""
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def child_environment() -> dict[str, str]:
    """Return the environment for every child: ours, without what would reach past the pinned environment."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join([str(venv_program("python").parent), env.get("PATH", "")])
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env["PIP_NO_INPUT"] = "1"
    if env.pop("PYTHONDONTWRITEBYTECODE", ""):  # no bytecode in the tree, then; but compiled once, not at every start
        env.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "bytecode"))
    env["PIP_USER"] = "0"  # a personal `user = true` would turn every install into this venv into an error
    if os.name == "nt":
        env["PYTHONUTF8"] = "1"  # a folder with a Chinese name must survive the .pth file of the install
    return env


def wanted_stamp() -> dict[str, str]:
    """Return what the finished set-up depends on: interpreter, place, lock and project file."""
    return {
        "python": "%d.%d.%d" % sys.version_info[:3],
        "place": str(ROOT),
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256(PROJECT.read_bytes()).hexdigest(),
    }


def last_stamp() -> dict[str, str]:
    """Return the stamp of the last finished set-up, empty when there is none to trust."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    usable = isinstance(stamp, dict) and venv_program("python").exists()
    return stamp if usable else {}


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the set-up for this process alone; wait for another one, but not for ever.

    The operating system's own file lock is used, so that a killed process leaves nothing stale behind.
    """
    handle = os.open(GUARD, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + GUARD_WAIT_SECONDS
        announced = False
        while not try_lock(handle):
            os.lseek(handle, 0, os.SEEK_SET)
            owner = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            if not announced:
                say(f"process {owner} is already setting up this folder; waiting for it")
                announced = True
            if time.monotonic() > deadline:
                raise SetupError(
                    f"process {owner} has been setting up this folder for {GUARD_WAIT_SECONDS // 60} minutes:"
                    " end it, then run this command again."
                )
            time.sleep(0.3)
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, b"%d\n" % os.getpid())
        os.set_inheritable(handle, True)  # a pip that outlives a killed dev.py keeps the lock until it ends
        yield
    finally:
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Take the file lock on an open file without waiting; say whether it was free."""
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(handle, 1 << 20, os.SEEK_SET)  # far past the text, which others must be able to read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def set_up() -> None:
    """Bring `.venv` to exactly what the lock and the project file say; do nothing when it already is."""
    for needed in (LOCK, PROJECT):
        if not needed.is_file():
            raise SetupError(f"{needed.name} is missing from {ROOT}: take a fresh copy of the project.")
    if last_stamp() == wanted_stamp():
        return
    with only_one():
        wanted, last = wanted_stamp(), last_stamp()
        if last == wanted:  # the process we waited for has done it
            return
        started = time.monotonic()
        rebuild = any(last.get(key) != wanted[key] for key in ("python", "place"))
        STAMP.unlink(missing_ok=True)  # from here on an interruption means: start again
        if rebuild:
            say(f"making .venv with Python {wanted['python']} (the first time takes about a minute)")
            make_venv(VENV)
        pip = pip_for(venv_program("python"))
        if rebuild or last.get("lock") != wanted["lock"]:
            say("installing the pinned packages; everything is checked against its hash")
            pinned = ["--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)]
            install(pip, pinned, total=len(lock_names()))
        say("installing Hallplan itself, editable")
        install(pip, ["--no-deps", "--no-build-isolation", "-e", str(ROOT)], total=0)
        STAMP.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
        say(f"ready after {time.monotonic() - started:.0f} s")


def base_python() -> str:
    """Return the interpreter to build with: never the one inside `.venv`, which a rebuild removes."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    base: str = getattr(sys, "_base_executable", "") if inside else sys.executable
    if not base:
        raise SetupError("the running Python does not say where it lives: start dev.py with its full path.")
    return base


def pip_for(python: Path) -> Command:
    """Return the pip command that acts on an environment, which need not have a pip of its own."""
    base = base_python()
    if runs([base, "-m", "pip", "--version"]):
        return [base, "-m", "pip", "--python", str(python)]
    inside = [str(python), "-m", "pip"]
    if runs([*inside, "--version"]) or runs([str(python), "-m", "ensurepip", "--default-pip"]):
        return inside
    raise SetupError(
        f"{base} has neither pip nor ensurepip, so nothing can be installed: add pip first"
        " (Debian and Ubuntu: `apt-get install python3-pip`) and run this command again."
    )


def make_venv(folder: Path) -> None:
    """Create an environment without a pip of its own, anew if it is there."""
    command = [base_python(), "-m", "venv", "--without-pip", "--clear", str(folder)]
    done = subprocess.run(
        command, env=child_environment(), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise SetupError(
            f"the environment could not be created in {folder}: {last_line(done.stderr or done.stdout)}"
            " (Debian and Ubuntu: `apt-get install python3-venv` may be missing)."
        )


def runs(command: list[str]) -> bool:
    """Say whether a command succeeds, quietly."""
    return subprocess.run(command, env=child_environment(), capture_output=True, check=False).returncode == 0


def install(pip: list[str], arguments: list[str], *, total: int) -> None:
    """Run `pip install`, showing one line per package found, and turn its failure into one sentence."""
    # not compiled ahead: most of it is never imported, and the rest is compiled where it is needed first
    command = [*pip, "install", "--progress-bar", "off", "--no-compile", *arguments]
    lines: list[str] = []
    seen = 0
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=child_environment(),
        close_fds=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            match = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)==(\S+)", line)
            if match and total:
                seen += 1
                show_progress(seen, total, f"{match[1]} {match[2]}")
            elif total and line.startswith("Installing collected packages"):
                show_progress(total, total, "unpacking")
    SETUP_LOG.write_text("".join(lines), encoding="utf-8")
    if process.returncode:
        raise SetupError(pip_failure("".join(lines)))


def show_progress(seen: int, total: int, what: str) -> None:
    """Show how far the installation is: one moving line on a terminal, every tenth line elsewhere."""
    text = f"  [{min(seen, total):3d}/{total}] {what}"
    if sys.stdout.isatty():
        print(f"\r{text:<60.60}", end="\n" if what == "unpacking" else "", flush=True)
    elif seen % 10 == 0 or what == "unpacking":
        print(text, flush=True)


def pip_failure(output: str) -> str:
    """Return one sentence for a failed `pip install`: what happened and what to do."""
    where = f"(the whole output is in {SETUP_LOG})"
    if re.search(r"no such option: --python", output):
        return "this Python's pip is older than 22.3: `python3 -m pip install --upgrade pip`, then try again."
    if re.search(r"No space left on device|Errno 28", output):
        return f"the disk is full: free about 1.5 GB and run this command again {where}."
    if re.search(r"DO NOT MATCH THE HASHES|Hash mismatch", output, re.IGNORECASE):
        return (
            "a downloaded package is not the one the lock pins: the download was damaged or the package index"
            f" serves something else; clear pip's cache (`pip cache purge`) or change the index {where}."
        )
    if re.search(
        r"NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|Network is unreachable|ProxyError|"
        r"Connection (?:refused|reset|aborted|broken)|SSLError|Max retries exceeded|HTTPSConnection",
        output,
    ):
        return (
            "the package index could not be reached: check the network, or the proxy and mirror in pip's own"
            f" configuration, and run this command again; nothing has to be cleaned up {where}."
        )
    missing = re.search(r"No matching distribution found for (\S+)", output)
    if missing:
        return (
            f"there is no ready-made package of {missing[1]} for this machine and its Python"
            f" {sys.version.split()[0]}: try Python 3.11 to 3.13 on 64-bit Linux, macOS or Windows {where}."
        )
    return f"pip failed: {last_line(output)} {where}."


def last_line(output: str) -> str:
    """Return the line of a tool's output that says most: its last error, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["no reason given"])[-1].rstrip(".")


# --- the lock -------------------------------------------------------------------------------------


def locked_inputs() -> str:
    """Return the fingerprint of everything in the project file that the lock was resolved from."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    inputs = {
        "requires-python": project["project"]["requires-python"],
        "dependencies": sorted(project["project"]["dependencies"]),
        "groups": {name: sorted(group) for name, group in project["dependency-groups"].items()},
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def lock_pins() -> list[str]:
    """Return the lock's `name==version ; marker` lines, without their hashes."""
    text = LOCK.read_text(encoding="utf-8")
    return [line.rstrip(" \\") for line in text.splitlines() if line and not line.startswith((" ", "#"))]


def lock_names() -> set[str]:
    """Return the normalised names the lock pins."""
    return {plain_name(pin) for pin in lock_pins()}


def plain_name(requirement: str) -> str:
    """Return the normalised name at the head of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]).lower()


def lock_faults() -> list[str]:
    """Return what is wrong with the lock, one sentence each; an empty list means that all is well."""
    faults = []
    text = LOCK.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if "://" in line or "file:" in line or " @ " in line:
            faults.append(f"line {number} names a place: {line.strip()}")
        elif line.lstrip().startswith("-") and not HASH_LINE.fullmatch(line):
            faults.append(f"line {number} is an option: {line.strip()}")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", "\n" + text)[1:]
    faults += [f"{block.split()[0]} has no hash" for block in blocks if "--hash=sha256:" not in block]
    if INPUTS_LINE + locked_inputs() not in text.splitlines():
        faults.append("pyproject.toml has changed since the lock was made: run `python3 dev.py lock`")
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    missing = {plain_name(requirement) for requirement in wanted} - lock_names()
    return faults + [f"{name} is required by pyproject.toml and not pinned" for name in sorted(missing)]


def command_lock(arguments: list[str]) -> int:
    """Resolve again, or with `--check` only look."""
    if arguments != ["--check"]:
        resolve_lock(arguments)
        set_up()
    faults = lock_faults()
    for fault in faults:
        say(f"requirements.lock: {fault}")
    if not faults:
        say(f"requirements.lock is fresh: {len(lock_pins())} pins, all hashed, no place named")
    return 1 if faults else 0


def resolve_lock(arguments: list[str]) -> None:
    """Write the lock anew from the public index alone, whatever this machine's own configuration says."""
    env = {name: value for name, value in child_environment().items() if not name.startswith("UV_")}
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / LOCK.name
        shutil.copyfile(LOCK, fresh)  # uv keeps the pins it finds there unless it is told to upgrade
        compile_lock = module("uv", "--no-config", "--quiet", "pip", "compile", str(PROJECT), "--group", "dev")
        shape = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "-o", str(fresh)]
        command = [*compile_lock, *shape, *arguments]
        if subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=False).returncode:
            raise SetupError("uv could not resolve the dependencies; its reason stands above.")
        lines = fresh.read_text(encoding="utf-8").splitlines(keepends=True)
    pins = "".join(line for line in lines if not line.startswith("#"))
    header = f"# Made by `python3 dev.py lock`; do not edit by hand.\n{INPUTS_LINE}{locked_inputs()}\n"
    LOCK.write_text(header + pins, encoding="utf-8", newline="\n")


# --- the commands ---------------------------------------------------------------------------------


def module(*arguments: str) -> Command:
    """Return the command that runs a module with the environment's interpreter."""
    return [str(venv_program("python")), "-m", *arguments]


def child(command: Command, **extra: str) -> int:
    """Run a command in the project's folder and return its exit code."""
    try:
        return subprocess.run(command, cwd=ROOT, env={**child_environment(), **extra}, check=False).returncode
    except KeyboardInterrupt:  # the child has had its own Ctrl-C
        return 130


def become(command: Command, **extra: str) -> int:
    """Run a command in this process's place: signals, exit code and terminal are then the command's own.

    Windows has no such thing; there the command is a child, and Ctrl-C reaches both.
    """
    if os.name != "nt":
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execve(command[0], command, {**child_environment(), **extra})
    return child(command, **extra)


def command_test(arguments: list[str]) -> int:
    """Run the tests, spread over the cores unless the arguments ask for something else."""
    arguments = without_dashes(arguments)
    alone = ("-n", "--numprocesses", "--dist", "--pdb", "--trace", "-s", "--collect-only", "--co")
    spread = ["-n", str(workers()), "--dist", "worksteal"]
    if any(argument.startswith(alone) for argument in arguments):
        spread = []
    else:  # before there are workers: each of them would compile the engine for itself
        child([str(venv_program("python")), "-c", "from sim.engine.choice import prepare; prepare(print)"])
    # one thread a worker: the workers already fill the cores
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return become(module("pytest", *spread, *arguments), **one_thread)


def command_fuzz(arguments: list[str]) -> int:
    """Try mutated scenarios, logs and command lines."""
    return become(module("fuzzing.campaign", *without_dashes(arguments)), PYTHONPATH=str(ROOT / "tests" / "helpers"))


def command_browser(arguments: list[str]) -> int:
    """Run the tests that drive the page in a real browser."""
    browser = os.environ.get("HALLPLAN_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise SetupError(
            "no Chromium was found on the search path: install one (Debian: `apt-get install chromium`) or"
            " name it in the environment variable HALLPLAN_CHROMIUM."
        )
    ARTIFACTS.mkdir(exist_ok=True)
    places = {"HALLPLAN_CHROMIUM": str(browser), "HALLPLAN_ARTIFACTS": str(ARTIFACTS)}
    return become(module("pytest", "-m", "browser", *without_dashes(arguments)), **places)


def command_lint(arguments: list[str]) -> int:
    """Check rules and formatting, and report both before giving up."""
    return max(child(module("ruff", "check", *arguments)), child(module("ruff", "format", "--check")))


def command_wheel(arguments: list[str]) -> int:
    """Build the wheel from the source archive, install only what it asks for outside the repository, run a scenario."""
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    say("building the source archive and the wheel")
    if child(module("build", "--no-isolation", "--outdir", str(dist), *arguments)):
        raise SetupError("the wheel could not be built; the reason stands above.")
    (wheel,) = dist.glob("*.whl")
    with tempfile.TemporaryDirectory(prefix="hallplan-wheel-") as folder:
        outside = Path(folder)
        constraints = outside / "constraints.txt"
        constraints.write_text("\n".join(lock_pins()) + "\n", encoding="utf-8")
        say(f"installing {wheel.name} in a clean environment outside the repository")
        clean = outside / "clean"
        make_venv(clean)
        pip = pip_for(clean / venv_program("python").relative_to(VENV))
        options = ["-qq", "--only-binary", ":all:", "-c", str(constraints)]
        run_outside(outside, [*pip, "install", *options, str(wheel)])
        hallplan = str(clean / venv_program("hallplan").relative_to(VENV))
        answer = run_outside(outside, [hallplan, "run", BUILT_IN, "--reps", "2", "--json"])
        try:
            json.loads(answer)
        except ValueError:
            raise SetupError(f"`hallplan run --json` printed no JSON but {answer[:200]!r}.") from None
    say(f"{wheel.name} ran the scenario {BUILT_IN} outside the repository")
    return 0


# --- the bundle for a machine without a network ---------------------------------------------------


def command_bundle(arguments: list[str]) -> int:
    """Put everything that an installation needs into a folder, and try it in a place without a network."""
    if len(arguments) != 1:
        raise SetupError("`bundle` takes one folder, for example: python3 dev.py bundle ../hallplan-bundle")
    folder = Path(arguments[0]).resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SetupError(f"{folder} is there already and is not empty: name a new folder.")
    wheels = folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    say("building the wheel")
    if child(module("build", "--wheel", "--no-isolation", "--outdir", str(wheels)), PYTHONWARNINGS="ignore"):
        raise SetupError("the wheel could not be built; the reason stands above.")
    (wheel,) = wheels.glob("*.whl")
    pins = folder / LOCK.name
    pins.write_text(runtime_lock(), encoding="utf-8", newline="\n")
    say("downloading the pinned packages; everything is checked against its hash")
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--dest", str(wheels), "-r", str(pins)]
    if child([*pip_for(venv_program("python")), "download", *options]):
        raise SetupError("the packages could not be downloaded; the reason stands above.")
    own_pin = f"hallplan=={wheel.name.split('-')[1]} \\\n    --hash=sha256:{file_digest(wheel)}\n"
    pins.write_text(runtime_lock() + own_pin, encoding="utf-8", newline="\n")
    for file in (*sorted(filter(Path.is_file, SERVER_FILES.iterdir())), ROOT / "LICENSE"):
        shutil.copyfile(file, folder / file.name)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sums = [f"{file_digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")
    try_bundle(folder)
    size = sum(file.stat().st_size for file in files)
    say(f"{folder} holds {len(files)} files, {size / 1e6:.0f} MB; READ-ME.txt in it says how to install")
    return 0


def runtime_lock() -> str:
    """Return the part of the lock that an installed Hallplan needs, without what is for developers.

    The comments of the lock name those that each package is there for.
    """
    text = "\n".join(line for line in LOCK.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    wanted_by = {block: set(re.findall(r"^    #(?: via|  ) +(\S.*)$", block, re.MULTILINE)) for block in blocks}
    wanted, before = {"hallplan (pyproject.toml)"}, 0
    while len(wanted) > before:
        before = len(wanted)
        wanted |= {plain_name(block) for block, names in wanted_by.items() if names & wanted}
    needed = [block for block in blocks if plain_name(block) in wanted]
    return "".join(re.sub(r"^    #.*\n?", "", block + "\n", flags=re.MULTILINE) for block in needed)


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def try_bundle(folder: Path) -> None:
    """Install from the bundle alone, and run its own check, without a network where this system can do so."""
    alone = without_network()
    say(
        "installing from the bundle alone, " + ("without a network" if alone else "(this system can't cut the network)")
    )
    with tempfile.TemporaryDirectory(prefix="hallplan-bundle-") as place:
        outside = Path(place)
        clean = outside / "clean"
        make_venv(clean)
        python = clean / venv_program("python").relative_to(VENV)
        options = ["--quiet", "--no-index", "--find-links", str(folder / "wheels"), "--require-hashes"]
        command = [*pip_for(python), "install", *options, "-r", str(folder / LOCK.name)]
        run_outside(outside, [*alone, *command], PIP_CONFIG_FILE=os.devnull)
        print(run_outside(outside, [*alone, str(python), str(folder / "check.py")]), end="", flush=True)


def without_network() -> Command:
    """Return what to put before a command so that it has no network but its own loopback; nothing if that can't be."""
    inside = 'ip link set lo up && exec "$@"'
    prefix = ["unshare", "--map-root-user", "--net", "sh", "-c", inside, "sh"]
    return prefix if shutil.which("unshare") and shutil.which("ip") and runs([*prefix, "true"]) else []


def run_outside(folder: Path, command: Command, **extra: str) -> str:
    """Run a command in a folder that knows nothing of the repository; return what it printed."""
    env = {**child_environment(), **extra}
    del env["VIRTUAL_ENV"]
    env["PATH"] = os.environ.get("PATH", os.defpath)
    done = subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SetupError(f"`{' '.join(command)}` ended with exit code {done.returncode}.")
    return done.stdout


def command_setup(arguments: list[str]) -> int:
    """Do nothing more than what every command does first."""
    say(f"{VENV} is up to date")
    return 0


def workers() -> int:
    """Return how many test processes to start: one a core that this process may use, at most eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


def without_dashes(arguments: list[str]) -> list[str]:
    """Return the arguments without one leading `--`."""
    return arguments[1:] if arguments[:1] == ["--"] else arguments


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "app": lambda arguments: become(module("hallplan.cli", "app", *without_dashes(arguments))),
    "test": command_test,
    "fuzz": command_fuzz,
    "browser": command_browser,
    "lint": command_lint,
    "types": lambda arguments: become(module("mypy", *arguments)),
    "imports": lambda arguments: become([str(venv_program("lint-imports")), *arguments]),
    "wheel": command_wheel,
    "bundle": command_bundle,
    "lock": command_lock,
    "setup": command_setup,
}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    if not arguments or arguments[0] in {"help", "-h", "--help"}:
        print(USAGE)
        return 0 if arguments else 2
    if arguments[0] not in COMMANDS:
        say(f"there is no command {arguments[0]!r}; the commands are {', '.join(COMMANDS)}")
        return 2
    try:
        set_up()
        return COMMANDS[arguments[0]](arguments[1:])
    except (SetupError, OSError) as problem:
        refused = "the system refused: " if isinstance(problem, OSError) else ""
        print(f"dev.py: {refused}{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dev.py: interrupted; run the same command again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
