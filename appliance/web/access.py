"""Who asks, and may they: bearer tokens, the browser's session, same-origin, failed attempts."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from appliance.web.models import Problem
from appliance.web.tokens import Role, Token, TokenError, TokenStore

COOKIE = "callfloor_session"
SAFE = ("GET", "HEAD", "OPTIONS")


class Refused(Exception):
    """Not let in."""

    def __init__(
        self,
        status: int,
        error: str,
        remedy: str,
        meaning: str = "Nothing was read or changed.",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.problem = Problem(error=error, meaning=meaning, remedy=remedy)
        self.headers = headers or {}


@dataclass(frozen=True)
class Credentials:
    """What a request brings. `bearer` None: no Authorization header."""

    bearer: str | None
    cookie: str
    origin: str
    host: str
    address: str
    unsafe: bool

    @classmethod
    def of(cls, request: web.Request, *, unsafe: bool | None = None) -> "Credentials":
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        given = "Authorization" in request.headers
        return cls(
            bearer=(value.strip() if kind.lower() == "bearer" else "") if given else None,
            cookie=request.cookies.get(COOKIE, ""),
            origin=request.headers.get("Origin", ""),
            host=request.host,
            address=request.remote or "",
            unsafe=request.method not in SAFE if unsafe is None else unsafe,
        )

    @property
    def same_origin(self) -> bool:
        try:
            return bool(self.origin) and urlsplit(self.origin).netloc == self.host
        except ValueError:
            return False


class Attempts:
    """Counts failed attempts per address in windows of `per_s` seconds. Pure.

    Only failures are counted and refused: whoever has a good token is never locked out by
    somebody else's guesses from the same address.
    """

    KEPT = 1024

    def __init__(self, limit: int, per_s: float) -> None:
        self._limit, self._per_s = limit, per_s
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def failed(self, address: str, now: float) -> float:
        """Notes a failure; returns how many seconds to wait, 0 while below the limit."""
        began, count = self._failures.pop(address, (now, 0))
        if now - began >= self._per_s:
            began, count = now, 0
        self._failures[address] = (began, count + 1)
        if len(self._failures) > self.KEPT:
            self._failures.popitem(last=False)
        return began + self._per_s - now if count >= self._limit else 0.0


class Access:
    """`check` credentials for a route. Raises `Refused`."""

    def __init__(self, tokens: TokenStore, attempts: Attempts, clock: Callable[[], float]) -> None:
        self._tokens = tokens
        self._attempts = attempts
        self._clock = clock

    def check(self, given: Credentials, roles: Sequence[Role]) -> Token:
        if given.bearer is not None:
            token = self.admit(given.bearer, given.address)
        elif given.cookie:
            if given.unsafe and not given.same_origin:
                raise Refused(
                    403,
                    "This request comes from another site.",
                    "Use the box's own pages, or a token in the Authorization header.",
                )
            token = self.admit(given.cookie, given.address)
        else:
            raise _unknown("There is no token in this request.")
        if token.role not in roles:
            raise Refused(
                403,
                f"A token of the role {token.role} may not do this.",
                f"Use a token of one of these roles: {', '.join(roles)}.",
            )
        return token

    def admit(self, secret: str, address: str) -> Token:
        """The token of this secret; failures are counted by address."""
        try:
            token = self._tokens.find(secret)
        except TokenError as error:
            raise Refused(503, "The tokens cannot be read.", str(error)) from error
        if token is not None:
            return token
        wait = self._attempts.failed(address, self._clock())
        if wait:
            raise Refused(
                429,
                "Too many failed attempts from this address.",
                f"Wait {wait:.0f} s, then use a token that is valid.",
                headers={"Retry-After": str(int(wait) + 1)},
            )
        raise _unknown("This token is not valid; it may have been withdrawn.")


def _unknown(error: str) -> Refused:
    return Refused(
        401,
        error,
        "Log in on /login, or make a token: callfloor token create --role supervisor.",
        headers={"WWW-Authenticate": "Bearer"},
    )
