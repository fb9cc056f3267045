"""Every field of every table, broken in every way that its schema knows: one clear error."""

from pathlib import Path

import pytest

from appliance.box.config import SiteError, load_site
from tests.box.schema import Setting, settings, tables, wrong_values

BROKEN = [
    pytest.param(setting, value, id=f"{setting}={value[:20]}")
    for setting in settings()
    for value in wrong_values(setting.schema)
]
REQUIRED = [pytest.param(one, id=str(one)) for one in settings() if one.required]
TABLES = [pytest.param(one, id=str(one).rpartition(".")[0] or "top") for one in tables()]


def refusal(folder: Path, text: str) -> SiteError:
    path = folder / "site.toml"
    path.write_text(text)
    with pytest.raises(SiteError) as caught:
        load_site(path)
    return caught.value


def tells(error: SiteError, line: int, name: str) -> None:
    """One finding, with file, line, field, what it means and what to do, in people's words."""
    assert len(error.findings) == 1, str(error)
    found = error.findings[0]
    first, means, to_do, *_ = str(error).splitlines()
    assert first.startswith(f"{error.path}:{line}: error: "), str(error)
    assert name in first
    assert name in found.path
    assert means.strip().startswith("for calls: ")
    assert len(found.means) > 20
    assert to_do.strip().startswith("to do:     ")
    assert found.to_do.startswith(("Write ", "Add ", "Remove ", "Did you mean "))
    for jargon in ("Input should", "pydantic", "valid dictionary", "what this setting takes"):
        assert jargon not in str(error)


def test_the_schema_is_whole() -> None:
    assert len({str(one) for one in settings()}) > 90
    assert len(BROKEN) > 300
    assert {str(one.values[0]) for one in BROKEN} == {str(one) for one in settings()}


@pytest.mark.parametrize(("setting", "value"), BROKEN)
def test_a_wrong_value_is_named(setting: Setting, value: str, tmp_path: Path) -> None:
    text, line = setting.text(value)
    tells(refusal(tmp_path, text), line, setting.name)


@pytest.mark.parametrize("setting", REQUIRED)
def test_a_missing_field_points_to_its_table(setting: Setting, tmp_path: Path) -> None:
    text, line = setting.text(None)
    tells(refusal(tmp_path, text), line, setting.name)


@pytest.mark.parametrize("setting", TABLES)
def test_an_unknown_field_is_named(setting: Setting, tmp_path: Path) -> None:
    text, line = setting.text('"x"', name="no_such_field")
    error = refusal(tmp_path, text)
    found = [one for one in error.findings if one.path[-1] == "no_such_field"]
    assert [one.line for one in found] == [line]
    assert "no_such_field" in str(error)
    assert "known here: " in found[0].to_do
