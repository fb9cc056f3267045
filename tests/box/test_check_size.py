"""A large floor is checked in no time: a reload waits for it."""

import time
from pathlib import Path

from appliance.box.check import check_site
from appliance.box.config import load_site
from tests.box.conftest import GOOD


def test_a_thousand_agents_in_twenty_queues_are_checked_quickly(site_file: Path) -> None:
    """CPU time, so that a busy machine does not matter."""
    text = GOOD
    names = [f"q{number}" for number in range(20)]
    text += "".join(f'\n[[queue]]\nid = "{name}"\nskills = {{ s = 9 }}\n' for name in names)
    served = ", ".join(f'{{ id = "{name}" }}' for name in names)
    for number in range(1000):
        text += f'\n[[agent]]\nid = "a{number}"\nseat = "sip:a{number}@127.0.0.1:5070"\n'
        text += f"queues = [{served}]\n"
    site_file.write_text(text)
    loaded = load_site(site_file)
    started = time.process_time()
    found = check_site(loaded.site, loaded.base_dir)
    assert time.process_time() - started < 2.0
    assert len(found) == 20
    assert all("has s at level 9" in one.what for one in found)
