"""What is said back to callers who speak is rendered ahead, in every language of the site."""

import pytest

from appliance.flow.effects import Play
from appliance.model.prompt import Prompt
from tests.flow.caller import ROOMS, Caller, site_of
from tests.speech.conftest import Stores

TEXT = """
[[agent]]
id = "erika"
name = "Erika Mustermann"
seat = "sip:e@127.0.0.1"
[[agent]]
id = "max"
name = "Max Mustermann"
seat = "sip:m@127.0.0.1"
[flow.main]
start = "language"
fallback = "support"
[flow.main.node.language]
type = "language"
language = "LANGUAGE"
next = "menu"
[flow.main.node.menu]
type = "menu"
prompt = "1"
choice.1 = { name = "Orders", say = { en = ["orders"], LANGUAGE = ["orders"] }, next = "day" }
[flow.main.node.day]
type = "collect"
prompt = "2"
store = "day"
kind = "day"
next = "who"
[flow.main.node.who]
type = "directory"
prompt = "3"
retries = 4
on_no_answer = "support"
[flow.main.node.support]
type = "queue"
queue = "support"
"""


class Listener(Caller):
    """Keeps the prompts themselves."""

    said: tuple[Prompt, ...] = ()

    def load(self, text: str) -> object:
        return site_of(text, ROOMS)

    def _take_one(self, one: object) -> None:
        super()._take_one(one)
        if isinstance(one, Play):
            self.said += one.prompts


@pytest.mark.parametrize("code", ["en", "de", "fr"])
def test_all_that_is_said_back_is_ready(code: str, store: Stores) -> None:
    caller = Listener(TEXT.replace("LANGUAGE", code).replace('en = ["orders"], en', "en"))
    caller.say("orders", "1", "unsure")
    caller.say("yes", "yes")
    caller.say("christmas eve", "2025-12-24", "unsure")
    caller.hear_all()
    caller.say("blah")
    caller.press("1")
    caller.say("mustermann", "erika max")
    caller.hear_all()
    caller.say("blah")
    caller.say("erika", "erika", "unsure")
    caller.press("2")
    caller.press("6")
    caller.stay_silent()
    caller.press("1")
    phrases = {one.value for one in caller.said if one.kind == "phrase"}
    assert phrases >= {
        "cf-did-you-say", "cf-yes-no", "weekday/3", "monthday/24", "month/12", "press/2",
        "cf-not-understood", "cf-use-keys", "cf-connecting",
    }  # fmt: skip
    ready = store()
    ready.prepare(caller.site, caller.flows)
    for prompt in caller.said:
        ready.resolve(prompt, code)
    assert not ready.misses
