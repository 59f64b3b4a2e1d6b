"""The door to the engines: the compiled one, the SimPy one, or one of the user's own.

Input: an engine's name, a function, or a subclass of the SimPy model.  Output: a function from a program and a plan to
a log; the logs of the two engines are the same.  This module announces once when it has to compile, and falls back on
the SimPy model where a machine has no compiler.
"""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from typing import Final, Literal, get_args

import numpy as np

from foundation import messages
from foundation.errors import HallplanError, HallplanWarning
from sim.engine.reference import Hall, run_reference
from sim.program import ENTITY_DTYPE, OP_DTYPE, Log, Plan, Program

__all__ = [
    "Engine",
    "EngineName",
    "HallEngine",
    "HallplanWarning",
    "engine_of",
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


def run(program: Program, plan: Plan, engine: EngineName | Engine | type[Hall] = "compiled") -> Log:
    """Simulate `program` in the hall of `plan`.

    Parameters
    ----------
    program, plan
        What everybody will do, and who serves them when.
    engine
        ``compiled``, or ``simpy``: the reference, some hundred times slower; or one's own (:func:`engine_of`).

    Returns
    -------
    Log
        The same, bit for bit, from both.

    Raises
    ------
    HallplanError
        If there is no such engine.
    """
    return engine_of(engine)(program, plan)


@dataclass(frozen=True, slots=True)
class HallEngine:
    """The engine that a subclass of the SimPy model makes.

    Parameters
    ----------
    hall
        The subclass; a module's, if replications are shared among processes.
    """

    hall: type[Hall]

    def __call__(self, program: Program, plan: Plan) -> Log:
        """Simulate `program` in the hall of `plan`."""
        return self.hall(program, plan).run()


def engine_of(engine: EngineName | Engine | type[Hall], announce: Callable[[str], None] | None = None) -> Engine:
    """Return an engine by its name, or as a function of the user's own, or made of a subclass of the SimPy model.

    Parameters
    ----------
    engine
        ``"compiled"``, ``"simpy"``, a function from a program and a plan to a log, or a subclass of
        :class:`~sim.engine.reference.Hall`.
    announce
        Called with one sentence if compiling will take some seconds.

    Raises
    ------
    HallplanError
        If there is no such engine.
    """
    if engine == "simpy" or engine is Hall:
        return run_reference
    if engine == "compiled":
        return prepare(announce) if announce is not None else prepare()
    if isinstance(engine, type) and issubclass(engine, Hall):
        return HallEngine(engine)
    if isinstance(engine, (str, type)) or not callable(engine):
        raise HallplanError("engines.unknown", engine=engine, known=", ".join(get_args(EngineName)))
    return engine


def is_loaded() -> bool:
    """Tell whether the compiled engine is loaded in this process."""
    return bool(_prepared)


def is_compiled(engine: Engine | type[Hall]) -> bool:
    """Tell whether an engine is the compiled one."""
    return engine.__module__ == "sim.engine.kernel"


def is_own(engine: Engine | type[Hall]) -> bool:
    """Tell whether an engine is one of the user's: its log may be another one."""
    return not is_compiled(engine) and engine is not run_reference


def note_simpy_work(visits: float) -> None:
    """Note how many visits are left to the SimPy model."""
    _simpy_visits[0] += visits


def sooner_engine(
    visits: float,
    engine: EngineName | Engine | type[Hall] | None = None,
    announce: Callable[[str], None] | None = None,
) -> Engine:
    """Return the engine that the user wants, or the one that is done sooner.

    The compiled engine is used once it is loaded, and if the visits ahead, with those that this process has already
    left to the SimPy model, pay for loading it.  A loop of small runs so loses at most the time of one loading.

    Parameters
    ----------
    visits
        Visits to simulate.
    engine
        As for :func:`engine_of`; ``None`` for the one that is done sooner.
    announce
        Called with one sentence if compiling will take some seconds.

    Raises
    ------
    HallplanError
        If there is no such engine.
    """
    pays = is_loaded() or visits + _simpy_visits[0] >= _LOADING_PAYS_FROM
    return engine_of(engine or ("compiled" if pays else "simpy"), announce)


def prepare(announce: Callable[[str], None] = _log.info) -> Engine:
    """Load the compiled engine, or compile it if this machine hasn't yet.

    Call it before starting processes that will all want the engine; :func:`run` calls it too.

    Parameters
    ----------
    announce
        Called once with a sentence in the language in use, if it will take some seconds.

    Returns
    -------
    Engine
        The compiled engine; the reference, after one :class:`HallplanWarning`, where there can be no compiled one.
    """
    with _lock:
        if not _prepared:
            _prepared.append(_load(announce))
        return _prepared[0]


def _load(announce: Callable[[str], None]) -> Engine:
    from sim import machine  # which imports Numba: reading stored results needs none

    if not machine.can_compile():
        return run_reference
    try:
        from sim.engine.kernel import is_stored, run_compiled

        stored = is_stored()
        if stored is False:
            announce(messages.text("engines.compiling"))
        with _no_collecting():
            with _compiling_beside(_WALKER) if stored is False else nullcontext():
                run_compiled(*_nothing_to_do())
            import_module(_WALKER)
    except Exception as error:  # whatever a broken compiler raises, the reference still runs
        machine.give_up(error)
        machine.can_compile()
        return run_reference
    if stored is None and not os.environ.get("NUMBA_DISABLE_JIT"):
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
