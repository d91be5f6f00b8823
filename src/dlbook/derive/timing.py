"""A hard time limit around pure Python work such as a SymPy simplification."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import no_type_check

from .errors import TimeUp


@contextmanager
def time_limit(seconds: float | int) -> Iterator[None]:
    """Raise `TimeUp` inside the block once `seconds` of wall-clock time have passed.

    The main thread (also of a Jupyter kernel) uses an interval timer and gives an outer timer back what is
    left of its time; other threads get an asynchronous exception; where there are neither signals nor threads
    (Pyodide) a profile function looks at the clock on every call.

    Parameters
    ----------
    seconds : float
        The limit, in seconds, > 0.

    Raises
    ------
    TimeUp
        In the block, when the limit has passed.

    Examples
    --------
    >>> try:
    ...     with time_limit(0.05):
    ...         while True:
    ...             pass
    ... except TimeUp:
    ...     print("stopped")
    stopped
    """
    if sys.platform == "emscripten":
        manager = _by_profile(seconds)
    elif hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        manager = _by_signal(seconds)
    else:
        manager = _by_thread(seconds)
    with manager:
        yield


def _deaf(frame: FrameType | None) -> bool:
    """Tell whether code is running that cannot pass an exception on: a finaliser, a hook of the collector."""
    while frame is not None:
        if frame.f_code.co_name in ("__del__", "gc_callback"):
            return True
        frame = frame.f_back
    return False


@contextmanager
def _by_signal(seconds: float | int) -> Iterator[None]:
    armed = True
    began = time.monotonic()

    def ring(signum: int, frame: FrameType | None) -> None:
        # Python would drop the exception there, with a warning; the next ring comes soon.
        if armed and not _deaf(frame):
            raise TimeUp

    outer_left, outer_interval = signal.getitimer(signal.ITIMER_REAL)
    # An outer limit that ends sooner must keep its say: leave it running, unless it is not ours to feel.
    if 0 < outer_left <= seconds:
        yield
        return
    outer_handler = signal.signal(signal.SIGALRM, ring)
    # The repetition matters: a bare `except:` in a library may swallow the first ring.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, outer_handler)
        if outer_left > 0:
            left = max(1e-3, outer_left - (time.monotonic() - began))
            signal.setitimer(signal.ITIMER_REAL, left, outer_interval)


@contextmanager
def _by_thread(seconds: float | int) -> Iterator[None]:
    target = threading.get_ident()
    done = threading.Event()
    lock = threading.Lock()

    def ring() -> None:
        pause = seconds
        while not done.wait(pause):
            with lock:
                if done.is_set():
                    return
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), ctypes.py_object(TimeUp))
            pause = 0.05

    watcher = threading.Thread(target=ring, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        # A ring that is still on its way is awaited here. Taking it back would leave Python looking for it
        # for ever, and CPython 3.11 then hangs in the next function that is traced.
        quiet = False
        while not quiet:
            with suppress(TimeUp):
                with lock:
                    done.set()
                for _ in range(100):
                    pass
                quiet = True
        watcher.join()


@contextmanager
def _by_profile(seconds: float | int) -> Iterator[None]:
    """Look at the clock on every call, of Python or of C: all that Pyodide offers."""
    deadline = time.monotonic() + seconds
    outer = sys.getprofile()

    @no_type_check
    def look(frame, event, arg):
        if time.monotonic() > deadline:
            raise TimeUp

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(outer)
