"""What is wrong with the options of `callfloor exchange` is said in words, before any call."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.lines.exchange.command import exchange
from tests.exchange.test_scenario import GOOD


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--report", "no/such/folder/report.jsonl"), "cannot be written: No such file"),
        (("--box", "192.0.2.10"), "write 192.0.2.10:5060"),
        (("--box", "here or there:5060"), "write 192.0.2.10:5060"),
    ],
)
def test_a_wrong_option_is_explained(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(GOOD)
    ran = CliRunner().invoke(exchange, [str(scenario), *options])
    assert ran.exit_code in (1, 2)
    assert says in ran.output
    assert ran.exception is None or isinstance(ran.exception, SystemExit)
