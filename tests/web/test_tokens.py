"""Tokens: shown once, kept as a hash, withdrawn at once."""

import json
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.web.cli import token as token_group
from appliance.web.tokens import TokenError, TokenStore
from tests.web.floors import write_site


def test_the_secret_is_nowhere_in_the_file(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    made, secret = store.create("supervisor", name="office")
    assert secret not in store.path.read_text()
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.find(secret) == made
    assert store.find(made.sha256) is None
    assert store.find(made.id) is None
    assert store.find("") is None
    assert store.find("\udc80") is None  # bytes that are no text


def test_secrets_carry_256_random_bits(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    secrets = {store.create("kiosk")[1] for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret.removeprefix("cf_")) == 43 for secret in secrets)


def test_another_process_s_revocation_is_seen_at_once(tmp_path: Path) -> None:
    office, command_line = TokenStore(tmp_path), TokenStore(tmp_path)
    made, secret = command_line.create("technician")
    assert office.find(secret) == made
    assert office.holds(made)
    command_line.revoke(made.id)
    assert office.find(secret) is None
    assert not office.holds(made)


def test_many_makers_at_once_lose_no_token(tmp_path: Path) -> None:
    def make(number: int) -> str:
        return TokenStore(tmp_path).create("agent", agent=f"a{number}")[1]

    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(make, range(40)))
    store = TokenStore(tmp_path)
    assert all(store.find(secret) for secret in secrets)
    assert len(store.list()) == 40


@pytest.mark.parametrize(("role", "agent"), [("agent", ""), ("kiosk", "a1"), ("supervisor", "a1")])
def test_agent_goes_with_the_role_agent_only(tmp_path: Path, role: str, agent: str) -> None:
    with pytest.raises(TokenError, match="--agent"):
        TokenStore(tmp_path).create(role, agent=agent)


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tokens.json").write_text("{")
    with pytest.raises(TokenError, match="backup"):
        TokenStore(tmp_path).find("cf_x")
    with pytest.raises(TokenError):
        TokenStore(tmp_path).create("kiosk")
    assert (tmp_path / "tokens.json").read_text() == "{"


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes: like a full disk, which takes the
    beginning of what is written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_costs_no_token(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    kept = [store.create("kiosk")[1] for _ in range(3)]
    with room_for(store.path.stat().st_size + 10), pytest.raises(TokenError, match="free space"):
        store.create("kiosk")
    assert all(TokenStore(tmp_path).find(secret) for secret in kept)


def test_a_file_that_cannot_be_reached_is_no_fault_of_the_office(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    made, secret = store.create("kiosk")
    away = store.path.rename(tmp_path / "away")
    store.path.symlink_to(store.path)  # looking at it fails with ELOOP, whoever asks
    for ask in (lambda: store.find(secret), lambda: store.holds(made), store.list):
        with pytest.raises(TokenError, match="Nobody can log in; calls are not touched"):
            ask()
    away.rename(store.path)
    assert store.find(secret) == made


def test_the_command_line_makes_lists_and_revokes(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    run = CliRunner()

    def callfloor(*words: str) -> str:
        result = run.invoke(token_group, [*words, "--site", str(site)])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "no tokens" in callfloor("list")
    secret = callfloor("create", "--role", "agent", "--agent", "agent-1").strip()
    assert secret.startswith("cf_")
    listed = callfloor("list")
    assert "agent agent-1" in listed
    assert secret not in listed
    assert "does not work" in callfloor("revoke", listed.split()[0])
    assert "no tokens" in callfloor("list")
    refused = run.invoke(
        token_group, ["create", "--role", "agent", "--agent", "nobody", "--site", str(site)]
    )
    assert refused.exit_code == 1
    assert "agent-1" in refused.output  # names those that there are
    missing = run.invoke(token_group, ["revoke", "nope", "--site", str(site)])
    assert missing.exit_code == 1
    assert "token list" in missing.output


def test_the_file_is_readable_json_for_people(tmp_path: Path) -> None:
    TokenStore(tmp_path).create("kiosk", name="wall")
    shown = json.loads((tmp_path / "tokens.json").read_text())
    assert shown["tokens"][0]["name"] == "wall"
