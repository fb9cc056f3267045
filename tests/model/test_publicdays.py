"""Public holidays without the weight of every country."""

import subprocess
import sys

PROGRAM = """
import sys
from appliance.model.publicdays import holidays
days = holidays.country_holidays("DE", subdiv="BY", years=2026)
print(len(days), sum(name.startswith("holidays.countries.") for name in sys.modules))
print(len(holidays.list_supported_countries()))
"""


def test_one_country_is_asked_and_one_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    days, loaded, all_of_them = map(int, done.stdout.split())
    assert done.stderr == ""
    assert (days, loaded) == (12, 1)
    assert all_of_them > 200
