"""The door to the two engines: run a program with the compiled one, or with the SimPy one.

Comes in: a program, a plan and an engine's name.  Goes out: the log, which is the same from both.  The compiled engine
needs machine code, which is kept on disk from one start to the next: this module finds a folder for it before Numba is
imported, says once when it has to compile, and where a machine can't do that, says so once and goes the slow way.
"""

from __future__ import annotations

import gc
import logging
import os
import stat
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, get_args

import numpy as np

from foundation import messages
from foundation.errors import HallplanError
from sim.engine.reference import run_reference
from sim.program import ENTITY_DTYPE, OP_DTYPE, Log, Plan, Program

__all__ = [
    "Engine",
    "EngineName",
    "HallplanWarning",
    "is_compiled",
    "is_loaded",
    "is_own",
    "note_simpy_work",
    "prepare",
    "run",
    "sooner_engine",
]

EngineName = Literal["compiled", "simpy"]
Engine = Callable[[Program, Plan], Log]

_log = logging.getLogger(__name__)
_WALKER: Final = "sim.draw.compiled_walk"
"""What draws: compiled as it is imported."""
_LONGEST_COMPILATION_S: Final = 30
_LOADING_PAYS_FROM: Final = 10_000
"""Visits that the SimPy model simulates in about the time that loading the compiled engine takes."""
_lock: Final = Lock()
_simpy_visits: Final = [0.0]
"""Visits that this process has left to the SimPy model, because loading the compiled engine did not pay for them."""
_prepared: list[Engine] = []
"""The engine behind ``compiled``, once it has been looked for."""


class HallplanWarning(UserWarning):
    """Something that a user should know and that changes no result; in the language in use.

    Parameters
    ----------
    key
        Key of the message catalogue.
    **values
        What the message's placeholders stand for.
    """

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return messages.text(self.key, **self.values)


def run(program: Program, plan: Plan, engine: EngineName = "compiled") -> Log:
    """Simulate `program` in the hall of `plan`.

    Parameters
    ----------
    program, plan
        What everybody will do, and who serves them when.
    engine
        ``compiled``, or ``simpy``: the reference, some hundred times slower.

    Returns
    -------
    Log
        The same, bit for bit, from both.

    Raises
    ------
    HallplanError
        If there is no such engine.
    """
    if engine == "simpy":
        return run_reference(program, plan)
    if engine != "compiled":
        raise HallplanError("engines.unknown", engine=engine, known=", ".join(get_args(EngineName)))
    return prepare()(program, plan)


def is_loaded() -> bool:
    """Tell whether the compiled engine is loaded in this process."""
    return bool(_prepared)


def is_compiled(engine: Engine) -> bool:
    """Tell whether an engine is the compiled one."""
    return engine.__module__ == "sim.engine.kernel"


def is_own(engine: Engine) -> bool:
    """Tell whether an engine is one of the user's: its log may be another one."""
    return not is_compiled(engine) and engine is not run_reference


def note_simpy_work(visits: float) -> None:
    """Note how many visits are left to the SimPy model."""
    _simpy_visits[0] += visits


def sooner_engine(
    visits: float, name: EngineName | None = None, announce: Callable[[str], None] | None = None
) -> Engine:
    """Return an engine by its name, or the one that is done sooner.

    The compiled engine is used once it is loaded, and if the visits ahead, with those that this process has already
    left to the SimPy model, pay for loading it.  A loop of small runs so loses at most the time of one loading.

    Parameters
    ----------
    visits
        Visits to simulate.
    name
        Of an engine; ``None`` for the one that is done sooner.
    announce
        Called with one sentence if compiling will take some seconds.

    Raises
    ------
    HallplanError
        If there is no such engine.
    """
    if name is not None and name not in get_args(EngineName):
        raise HallplanError("engines.unknown", engine=name, known=", ".join(get_args(EngineName)))
    pays = is_loaded() or visits + _simpy_visits[0] >= _LOADING_PAYS_FROM
    if name == "simpy" or (name is None and not pays):
        return run_reference
    return prepare(announce) if announce is not None else prepare()


def prepare(say: Callable[[str], None] = _log.info) -> Engine:
    """Load the compiled engine, or compile it if this machine hasn't yet.

    Call it before starting processes that will all want the engine; :func:`run` calls it too.

    Parameters
    ----------
    say
        Told once, in the language in use, if it will take some seconds.

    Returns
    -------
    Engine
        The compiled engine; the reference, after one :class:`HallplanWarning`, where there can be no compiled one.
    """
    with _lock:
        if not _prepared:
            _prepared.append(_load(say))
        return _prepared[0]


def _load(say: Callable[[str], None]) -> Engine:
    _find_a_folder()
    try:
        from sim.engine.kernel import is_stored, run_compiled

        kept = is_stored()
        if kept is False:
            say(messages.text("engines.compiling"))
        with _no_collecting():
            with _compiling_beside(_WALKER) if kept is False else nullcontext():
                run_compiled(*_nothing_to_do())
            import_module(_WALKER)
    except Exception as error:  # whatever a broken compiler raises, the reference still runs
        reason = f"{type(error).__name__}: {error}"
        warnings.warn(HallplanWarning("engines.fallback", reason=reason[:200]), stacklevel=4)
        return run_reference
    if kept is None and not os.environ.get("NUMBA_DISABLE_JIT"):
        warnings.warn(HallplanWarning("engines.no_cache"), stacklevel=4)
    return run_compiled


@contextmanager
def _compiling_beside(module: str) -> Iterator[None]:
    """Let a second processor compile `module` meanwhile, in a process of its own: Numba compiles one thing at a time.

    It leaves its machine code on disk.  If anything is in its way, this process will compile the module, as it imports
    it.
    """
    if not sys.executable or getattr(sys, "frozen", False):  # no Python to start, but maybe this program once more
        yield
        return
    code = f"import sys; sys.path[:] = {sys.path!r}; import {module}"
    try:
        quiet = subprocess.DEVNULL
        command = [sys.executable, "-c", code]
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603  # ourselves
    except OSError:
        yield
        return
    try:
        yield
        process.wait(_LONGEST_COMPILATION_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.wait()


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep Python from looking for garbage: a compiler makes much of everything else, and is a tenth sooner done."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _nothing_to_do() -> tuple[Program, Plan]:
    """Return a program in which nobody comes to a hall where nobody serves."""
    program = Program(
        ops=np.zeros(0, dtype=OP_DTYPE),
        entities=np.zeros(0, dtype=ENTITY_DTYPE),
        services=(),
        sources=(),
        purposes=(),
        people=(),
        steps=(),
        marks=(),
    )
    return program, Plan(pools=(), sites=(), timetables=(), calendars=(), stop=1)


# ---- a folder for machine code ------------------------------------------------------------------------------------


def _find_a_folder() -> None:
    """Tell Numba where to keep machine code, unless it can be kept beside the source or the user has said where."""
    if os.environ.get("NUMBA_CACHE_DIR") or _is_writable(Path(__file__).parent / "__pycache__"):
        return
    cache = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    folders = [Path(cache) if cache else Path("~/.cache").expanduser(), Path(tempfile.gettempdir())]
    for folder in folders:
        own = folder / f"hallplan-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
        if _is_writable(own) and _is_private(own):
            os.environ["NUMBA_CACHE_DIR"] = str(own)
            return


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_private(folder: Path) -> bool:
    """Tell whether nobody else can put machine code there for us to run."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022
