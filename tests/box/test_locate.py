"""Fields of site.toml and their lines, in every way in which TOML lets people write them."""

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from appliance.box.locate import Lines
from appliance.model.findings import FieldPath

TEXT = b"""# the box
vip_priority = 3
[site]
name = "A"   # shown
sub.key.deep = { x = 1, y = [1,
  { z = 2 },
] }

[[queue]]
id = "sales"
[queue.overflow]
after_s = 3
[[queue.relax]]
after_s = 1
[[queue.relax]]
after_s = 2
[[queue]]
"id" = 'b'
announce.first_s = 4
[[queue.relax]]
after_s = 9
[trunk.numbers]
"+49 30" = "main"
'it is' = "main"
"\\u0041" = "main"
[flow.main.node.greet]
next = "x"
text = \"\"\"
many
lines\"\"\"
after = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("vip_priority",), 2),
        (("site",), 3),
        (("site", "name"), 4),
        (("site", "sub"), 5),
        (("site", "sub", "key", "deep", "x"), 5),
        (("site", "sub", "key", "deep", "y", 0), 5),
        (("site", "sub", "key", "deep", "y", 1, "z"), 6),
        (("site", "missing"), 3),
        (("queue", 0, "id"), 10),
        (("queue", 0, "missing"), 9),
        (("queue", 0, "overflow", "after_s"), 12),
        (("queue", 0, "overflow", "missing"), 11),
        (("queue", 0, "relax", 1, "after_s"), 16),
        (("queue", 1, "id"), 18),
        (("queue", 1, "announce", "first_s"), 19),
        (("queue", 1, "announce", "missing"), 19),
        (("queue", 1, "relax", 0, "after_s"), 21),
        (("queue", 2, "id"), 9),
        (("trunk", "numbers", "+49 30"), 23),
        (("trunk", "numbers", "it is"), 24),
        (("trunk", "numbers", "A"), 25),
        (("flow",), 26),
        (("flow", "main", "node", "greet", "next"), 27),
        (("flow", "main", "node", "greet", "after"), 31),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_a_field_has_its_line(path: FieldPath, line: int) -> None:
    assert Lines(TEXT).of(path) == line


def test_deep_nesting_is_walked() -> None:
    depth = 300
    text = b"a = " + b"[" * depth + b"1" + b"]" * depth + b"\nb = 1\n"
    assert Lines(text).of(("b",)) == 2


NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,6}", fullmatch=True) | st.text(min_size=1, max_size=6)
VALUES = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


def leaves(value: Any, path: FieldPath = ()) -> list[FieldPath]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[FieldPath] = []
    for key, one in inner:
        here = (*path, key)
        found += leaves(one, here) if isinstance(one, dict | list) and one else [here]
    return found


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_every_leaf_of_any_file_stands_on_its_line(data: dict[str, Any]) -> None:
    """The text above a leaf's line does not have the leaf yet."""
    text = tomlkit.dumps(data)
    lines = Lines(text.encode())
    rows = text.split("\n")
    for path in leaves(tomllib.loads(text)):
        row = lines.of(path)
        assert 1 <= row <= len(rows)
        before = tomllib_or_none("\n".join(rows[: row - 1]))
        if before is not None:  # the file up to the line above does not have the leaf yet
            assert not reaches(before, path)


def tomllib_or_none(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def reaches(data: Any, path: FieldPath) -> bool:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
