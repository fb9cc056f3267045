"""Who is let in: pure parts."""

from pathlib import Path

import pytest

from appliance.web.access import Access, Attempts, Credentials, Refused
from appliance.web.tokens import TokenStore

HERE = "box.example:8080"


def given(**fields: object) -> Credentials:
    known = {
        "bearer": None,
        "cookie": "",
        "origin": "",
        "host": HERE,
        "address": "192.0.2.1",
        "unsafe": False,
    }
    return Credentials(**{**known, **fields})


def door(tmp_path: Path) -> tuple[Access, str]:
    store = TokenStore(tmp_path)
    _, secret = store.create("supervisor")
    return Access(store, Attempts(5, 60), lambda: 0.0), secret


def test_bearer_and_cookie_let_in(tmp_path: Path) -> None:
    access, secret = door(tmp_path)
    assert access.check(given(bearer=secret), ["supervisor"]).role == "supervisor"
    assert access.check(given(cookie=secret), ["supervisor"]).role == "supervisor"


def test_a_wrong_bearer_is_not_saved_by_a_good_cookie(tmp_path: Path) -> None:
    access, secret = door(tmp_path)
    with pytest.raises(Refused) as refused:
        access.check(given(bearer="cf_wrong", cookie=secret), ["supervisor"])
    assert refused.value.status == 401


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", f"http://{HERE}.evil", "http://[", "//x"]
)
def test_a_cookie_changes_nothing_from_another_site(tmp_path: Path, origin: str) -> None:
    access, secret = door(tmp_path)
    with pytest.raises(Refused) as refused:
        access.check(given(cookie=secret, unsafe=True, origin=origin), ["supervisor"])
    assert refused.value.status == 403
    allowed = given(cookie=secret, unsafe=True, origin=f"http://{HERE}")
    assert access.check(allowed, ["supervisor"])


def test_a_role_that_may_not_is_told_which_may(tmp_path: Path) -> None:
    access, secret = door(tmp_path)
    with pytest.raises(Refused) as refused:
        access.check(given(bearer=secret), ["technician"])
    assert refused.value.status == 403
    assert "technician" in refused.value.problem.remedy


def test_guessing_is_slowed_down_but_never_locks_the_rightful_out(tmp_path: Path) -> None:
    access, secret = door(tmp_path)
    statuses = []
    for _ in range(8):
        with pytest.raises(Refused) as refused:
            access.check(given(bearer="cf_guess"), ["supervisor"])
        statuses.append(refused.value.status)
    assert statuses == [401] * 5 + [429] * 3
    assert refused.value.headers["Retry-After"] == "61"
    assert access.check(given(bearer=secret), ["supervisor"])
    with pytest.raises(Refused) as elsewhere:
        access.check(given(bearer="cf_guess", address="192.0.2.2"), ["supervisor"])
    assert elsewhere.value.status == 401


def test_the_window_of_failures_ends() -> None:
    attempts = Attempts(1, 60)
    assert attempts.failed("a", 0) == 0
    assert attempts.failed("a", 10) == 50
    assert attempts.failed("a", 60) == 0


def test_addresses_are_forgotten_when_there_are_too_many() -> None:
    attempts = Attempts(1, 60)
    for number in range(5000):
        attempts.failed(str(number), 0)
    assert len(attempts._failures) <= Attempts.KEPT
