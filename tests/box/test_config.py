"""Reading site.toml: the whole file or a full list of what is wrong with it."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.box.config import REFUSED, SiteError, load_site, parse_site


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "site.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def errors(path: Path) -> SiteError:
    with pytest.raises(SiteError) as caught:
        load_site(path)
    return caught.value


def test_an_empty_file_is_a_site_of_defaults(tmp_path: Path) -> None:
    loaded = load_site(write(tmp_path, ""))
    assert loaded.site.site.name == "Callfloor"
    assert loaded.data_dir == tmp_path / "var"
    assert loaded.base_dir == tmp_path
    assert loaded.version == hashlib.sha256(b"").hexdigest()[:12]


def test_data_dir_is_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[site]\ndata_dir = "../data"')
    monkeypatch.chdir(tmp_path)
    assert load_site("site.toml").data_dir == tmp_path.parent / "data"
    write(tmp_path, '[site]\ndata_dir = "/srv/callfloor"')
    assert load_site("site.toml").data_dir == Path("/srv/callfloor")


def test_all_errors_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "[[queue]]\nring_s = -1\n[site]\nname = 5\n[sip]\nport = 0\nprot = 1\n"
    error = errors(write(tmp_path, text))
    assert [one.line for one in error.findings] == [1, 2, 4, 6, 7]
    assert str(error).endswith(REFUSED)
    assert str(error).count("to do:") == 5


def test_entries_of_lists_are_named_by_their_id(tmp_path: Path) -> None:
    error = errors(write(tmp_path, '[[queue]]\nid = "sales"\nring_s = "x"\n'))
    assert 'queue 1 "sales": ring_s: ' in str(error)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[site]\nname = \n", 2, "Invalid value at column 8."),
        ("[site\n", 1, "Expected ']' at the end of a table declaration at column 6."),
        ("a = 1\na = 2\n", 2, "Cannot overwrite a value"),
        ('[site]\n\nname = "x\n', 3, "Illegal character"),
        ("[site]\nname = '''x\n\n", 2, "at the end of the file."),
        ("[site]\n[site]\n", 2, "Cannot declare"),
        (b"[site]\n# caf\xe9\n", 2, "This is not UTF-8 text."),
        (b"a = " + b"[" * 5000, 1, "nested too deeply"),
    ],
)
def test_broken_toml_has_a_line(text: str | bytes, line: int, says: str, tmp_path: Path) -> None:
    error = errors(write(tmp_path, text))
    assert [one.line for one in error.findings] == [line]
    assert says in str(error)
    assert f"site.toml:{line}: error: " in str(error)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_site(write(tmp_path, b"\xef\xbb\xbf[sip]\nport = 5080\n")).site.sip.port == 5080
    error = errors(write(tmp_path, b"\xef\xbb\xbf[sip]\r\nport = 0\r\n"))
    assert [one.line for one in error.findings] == [2]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    error = errors(tmp_path / "no.toml")
    assert str(error).startswith(f"{tmp_path / 'no.toml'}: error: There is no such file.")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory." in str(errors(tmp_path))


@given(st.binary(max_size=80))
def test_whatever_is_in_the_file_is_a_site_or_an_error_with_lines(content: bytes) -> None:
    try:
        parse_site(Path("/site.toml"), content)
    except SiteError as error:
        assert error.findings
        assert all(one.line >= 1 for one in error.findings)


WORDS = ["[", "]", "[[", "]]", "queue", "site", "id", "=", '"a"', "\n", ".", "{", "}", ",", "1"]


@given(st.lists(st.sampled_from(WORDS), max_size=20))
def test_whatever_looks_like_toml_is_a_site_or_an_error(words: list[str]) -> None:
    content = " ".join(words).encode()
    try:
        parse_site(Path("/site.toml"), content)
    except SiteError as error:
        assert all(1 <= one.line <= content.count(b"\n") + 1 for one in error.findings)
