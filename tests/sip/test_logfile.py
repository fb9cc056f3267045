"""The SIP log keeps its end and stays small, whatever becomes of the disk."""

from pathlib import Path

import pytest

from appliance.sip import logfile
from appliance.sip.logfile import keep_small


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(logfile, "LIMIT", 1000)
    monkeypatch.setattr(logfile, "KEPT", 100)
    return tmp_path / "sip.log"


def test_a_small_log_and_none_at_all_stay_as_they_are(log: Path) -> None:
    keep_small(log)
    assert not log.exists()
    log.write_text("x" * 1000)
    keep_small(log)
    assert log.stat().st_size == 1000
    assert not log.with_name("sip.log.1").exists()


def test_a_large_log_is_emptied_and_its_end_kept(log: Path) -> None:
    for last in "ab":
        log.write_text("x" * 1000 + last * 60)
        keep_small(log)
        assert log.stat().st_size == 0
        assert log.with_name("sip.log.1").read_text() == "x" * 40 + last * 60
    assert sorted(path.name for path in log.parent.iterdir()) == ["sip.log", "sip.log.1"]


def test_where_the_end_cannot_be_kept_the_log_is_emptied_all_the_same(log: Path) -> None:
    log.write_text("x" * 2000)
    log.with_name("sip.log.tmp").mkdir()  # as a disk that takes nothing
    with pytest.raises(OSError):
        keep_small(log)
    assert log.stat().st_size == 0


def test_the_limits_fit_each_other() -> None:
    assert 0 < logfile.KEPT <= logfile.LIMIT <= 4 << 20
