"""What people read about a wrong field."""

import pytest
from pydantic import BaseModel, Field, ValidationError

from appliance.flow.nodes import NODE_TYPES
from appliance.model.site import SiteFile
from appliance.model.wording import FORMS, remove_or_correct, shown, wanted


def patterns_of(schema: object) -> set[str]:
    """Every pattern anywhere in a JSON schema, those of a table's keys too."""
    if isinstance(schema, list):
        return set().union(*map(patterns_of, schema))
    if not isinstance(schema, dict):
        return set()
    here = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    keys = set(schema.get("patternProperties", ()))
    return here.union(keys, *map(patterns_of, schema.values()))


def test_every_pattern_of_settings_and_flows_has_words_and_no_other() -> None:
    models = [SiteFile, *NODE_TYPES.values()]
    used = set().union(*(patterns_of(model.model_json_schema()) for model in models))
    assert used <= set(FORMS)
    assert set(FORMS) <= used


def test_a_limit_is_told_with_its_number() -> None:
    class Table(BaseModel):
        number: int = Field(le=5)

    with pytest.raises(ValidationError) as caught:
        Table.model_validate({"number": 7})
    (one,) = caught.value.errors()
    assert wanted(one["type"], one["ctx"]) == "a number of at most 5"
    assert wanted("of a later pydantic", {}) == "what this setting takes"


def test_a_near_name_is_offered() -> None:
    names = ["ring_s", "music"]
    assert remove_or_correct("ring", names).startswith("Did you mean ring_s? If not, remove it; ")
    assert remove_or_correct("xyz", names) == "Remove it; known here: ring_s, music."
    assert remove_or_correct("xyz", []) == "Remove it."


def test_values_are_shown_as_the_file_has_them_and_not_too_long() -> None:
    assert (shown(True), shown("a"), len(shown("x" * 100))) == ("true", "'a'", 60)
