"""A site without a fault, in a folder of its own."""

from pathlib import Path

import pytest

GOOD = (Path(__file__).parent / "site.toml").read_text()


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    """site.toml with the files that it names."""
    path = tmp_path / "site.toml"
    path.write_text(GOOD)
    (tmp_path / "music.wav").write_bytes(b"RIFF")
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    secret.chmod(0o600)
    return path
