"""What can go wrong with the databases, in words for people."""


class StoreError(Exception):
    """Base. The text says what happened, what it means for calls and what to do next."""


class LogLocked(StoreError):
    """Another core, or another program, holds the event log. It is not damaged."""


class LogTooNew(StoreError):
    """A newer version of Callfloor wrote this file."""


class LogDamaged(StoreError):
    """The file cannot be read, or an event in it is not what was written."""


class LogUnwritable(StoreError):
    """The folder or the disk refuses to be written."""


class LogClosed(StoreError):
    """The log has been closed; nothing more can be appended."""


class LogMissing(StoreError):
    """There is no such database yet."""


class HistoryDamaged(StoreError):
    """history.db cannot be read; it is made anew from the log."""
