"""Call flows as site.toml has them, put together from few words."""

import json
from typing import Any

SUPPORT = """
[flow.main.node.support]
type = "queue"
queue = "support"
"""
"""The queue that is the fallback of `flow`."""


def flow(*nodes: str, start: str = "a", fallback: str = "support") -> str:
    """[flow.main] with these nodes and the queue `support`."""
    table = f'[flow.main]\nstart = "{start}"\nfallback = "{fallback}"\n'
    return "\n".join([table, *nodes, SUPPORT])


def node(name: str, kind: str, /, **fields: Any) -> str:
    """One node of [flow.main]; field values as Python has them."""
    lines = [f"{key} = {toml(value)}" for key, value in {"type": kind, **fields}.items()]
    return "\n".join([f"[flow.main.node.{name}]", *lines])


def toml(value: Any) -> str:
    """A value as TOML has it, on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(k)} = {toml(v)}' for k, v in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def ends(*names: str) -> str:
    """Nodes that hang up."""
    return "\n".join(node(name, "hang_up") for name in names)


MENU = flow(
    node(
        "a",
        "menu",
        prompt={"en": "Press 1 or 2", "de": "1 oder 2"},
        retries=2,
        first_key_s=4,
        silence_prompts=["Nothing heard", ["Last", "chance"]],
        wrong_prompts=["Wrong"],
        on_silence="support",
        on_wrong="bye",
        choice={
            "1": {
                "say": {"en": ["orders"], "de": ["bestellung"]},
                "next": "support",
                "name": "Orders",
            },
            "2": {"next": "bye"},
        },
    ),
    ends("bye"),
)
"""Asks for 1 or 2, three times at most, with words of its own."""
PRESS_1 = node("menu", "menu", prompt="Press 1", choice={"1": {"next": "support"}})

CHOICES = {
    "1": {"say": ["Orders!", "my order"], "next": "support", "name": "Order desk"},
    "2": {"say": {"en": ["billing"], "de": ["rechnung"]}, "next": "bye"},
    "3": {"next": "bye"},
}
UNCLEAR, AGAIN, KEYS_ONLY = (
    "phrase:cf-not-understood",
    "phrase:cf-not-understood-again",
    "phrase:cf-use-keys",
)


def spoken_menu(**more: Any) -> str:
    """Asks for orders (1), billing (2) or 3; what goes wrong ends with a person in sales."""
    fields = {"prompt": "Orders or billing?", "choice": CHOICES, "on_wrong": "person"}
    return flow(
        node("a", "menu", **fields, **more),
        node("person", "queue", queue="sales"),
        ends("bye"),
    )
