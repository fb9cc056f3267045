"""pjsua2 errors: a leg can end in any moment, so late calls to it are noted, not raised."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pjsua2 as pj

log = logging.getLogger(__name__)


class EngineError(Exception):
    """The engine cannot start; the text says what it means and what to do."""


def reason(error: Exception) -> str:
    text = getattr(error, "reason", "") or str(error)
    return str(text)


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Drop what C code prints on standard output meanwhile."""
    sys.stdout.flush()
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


@contextmanager
def tolerate(doing: str) -> Iterator[None]:
    """Log a failing pjsua2 call at debug level: the leg's Ended event tells the rest."""
    try:
        yield
    except pj.Error as error:
        log.debug("%s: %s", doing, reason(error))
