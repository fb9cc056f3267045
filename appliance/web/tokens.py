"""Access tokens: 256 random bits shown once, kept as SHA-256 in data_dir/tokens.json.

The file is the only truth; it is read again when it changes, so that a token that is
withdrawn on the command line stops working at once.
"""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

Role = Literal["agent", "supervisor", "technician", "kiosk"]
PREFIX = "cf_"
LIMIT = 10_000
"""Most tokens in the file."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """`id` names it for people and cannot be used to log in; `agent` only with that role."""

    id: str
    sha256: str
    role: Role
    agent: str = ""
    name: str = ""
    created_us: int


class _File(msgspec.Struct):
    tokens: list[Token] = []


class TokenError(Exception):
    """The tokens cannot be read or changed. The text is for people."""


class TokenStore:
    """`find` a token by its secret; `create`, `revoke`, `list`. Cheap enough for each request."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "tokens.json"
        self._stamp: tuple[int, int, int] | None = None
        self._by_hash: dict[str, Token] = {}

    def find(self, secret: str) -> Token | None:
        """The token of this secret. Raises `TokenError` when the file cannot be read."""
        self._refresh()
        return self._by_hash.get(_digest(secret))

    def holds(self, token: Token) -> bool:
        """Whether this token has not been withdrawn."""
        self._refresh()
        return self._by_hash.get(token.sha256) == token

    def list(self) -> list[Token]:
        self._refresh()
        return sorted(self._by_hash.values(), key=lambda token: token.created_us)

    def create(self, role: Role, *, agent: str = "", name: str = "") -> tuple[Token, str]:
        """A new token and its secret, which is nowhere kept. Raises `TokenError`."""
        if (role == "agent") != bool(agent):
            raise TokenError("An agent's token needs --agent ID; other roles must not have one.")
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(
            id=secrets.token_hex(4),
            sha256=_digest(secret),
            role=role,
            agent=agent,
            name=name,
            created_us=time.time_ns() // 1000,
        )
        with self._changing() as file:
            if len(file.tokens) >= LIMIT:
                raise TokenError(f"There are {LIMIT} tokens already; revoke some first.")
            file.tokens.append(token)
        return token, secret

    def revoke(self, id: str) -> Token:
        """Withdraws a token. Raises `TokenError` when there is none of this id."""
        with self._changing() as file:
            found = [token for token in file.tokens if token.id == id]
            if not found:
                raise TokenError(f'There is no token "{id}". List them: callfloor token list.')
            file.tokens = [token for token in file.tokens if token.id != id]
        return found[0]

    # -- the file ---------------------------------------------------------------------------

    def _refresh(self) -> None:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self._stamp, self._by_hash = None, {}
            return
        except OSError as error:
            raise _unreadable(self.path, error) from error
        stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if stamp != self._stamp:
            self._by_hash = {token.sha256: token for token in self._read().tokens}
            self._stamp = stamp

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError) as error:
            raise _unreadable(self.path, error) from error

    @contextmanager
    def _changing(self) -> Iterator[_File]:
        """The file for change, against other processes; written whole or not at all."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise TokenError(f"{self.path} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = self._read()
            yield file
            _replace(self.path, msgspec.json.format(msgspec.json.encode(file)))
        except OSError as error:
            raise TokenError(
                f"{self.path} cannot be written: {error.strerror}. Nothing was changed. Check "
                "the disk's free space and the rights of the folder."
            ) from error
        finally:
            os.close(lock)


def _digest(secret: str) -> str:
    """SHA-256 is enough here: nobody can try through 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _unreadable(path: Path, error: Exception) -> TokenError:
    if isinstance(error, PermissionError):
        remedy = "Make the user that Callfloor runs as its owner."
    elif isinstance(error, OSError):
        remedy = "Check the disk and the folder that it lies in."
    else:
        remedy = "Put it back from a backup, or delete it and create new tokens."
    why = (isinstance(error, OSError) and error.strerror) or error
    return TokenError(
        f"{path} cannot be read ({why}). Nobody can log in; calls are not touched. {remedy}"
    )


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:  # a full disk takes a part: os.write does not mind
        os.fchmod(handle, 0o600)
        file.write(content)
        file.flush()
        os.fsync(handle)
    fresh.replace(path)
