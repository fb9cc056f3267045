"""Readers of query parameters. They raise ValueError with what is wanted."""

from collections.abc import Callable


def count(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`."""

    def read(text: str) -> int:
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        if not digits or not 1 <= int(text) <= most:
            raise ValueError(f"a whole number from 1 to {most} is needed")
        return int(text)

    return read


def whole(text: str) -> int:
    """Of at most 17 digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 17):
        raise ValueError("a whole number is needed")
    return int(text)
