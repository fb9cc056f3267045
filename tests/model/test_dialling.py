"""Costly numbers are refused unless the site allows them; anything may be asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.dialling import refusal
from appliance.model.site import Dial


@pytest.mark.parametrize(
    "number", ["+4930123456", "030123456", "+49171123456", "110", "112", "+498001234567", "2001"]
)
def test_ordinary_numbers_are_dialled(number: str) -> None:
    assert refusal(number, "DE", Dial()) == ""


@pytest.mark.parametrize(
    ("number", "setting"),
    [("+499001234567", "premium"), ("09001234567", "premium"), ("+881612345678", "satellite")],
)
def test_costly_numbers_need_a_setting(number: str, setting: str) -> None:
    assert f"[dial] {setting}" in refusal(number, "DE", Dial())
    assert refusal(number, "DE", Dial.model_validate({setting: True})) == ""


def test_other_countries_can_be_closed() -> None:
    assert refusal("+33142685300", "DE", Dial()) == ""
    assert "abroad" in refusal("+33142685300", "DE", Dial(abroad=False))
    assert refusal("+4930123456", "DE", Dial(abroad=False)) == ""
    assert refusal("112", "DE", Dial(abroad=False)) == ""


def test_denied_prefixes() -> None:
    rules = Dial(deny=["+49137"])
    assert "+49137" in refusal("01371234567", "DE", rules)
    assert refusal("+4930123456", "DE", rules) == ""


@pytest.mark.parametrize("odd", ["", "sip", "a@b", "*21*0900#", "+", "\r\nX: y"])
def test_what_is_no_number_is_refused(odd: str) -> None:
    assert refusal(odd, "DE", Dial())


@given(st.text())
def test_anything_may_be_asked(number: str) -> None:
    refusal(number, "DE", Dial())
