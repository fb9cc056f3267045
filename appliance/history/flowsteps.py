"""What a caller did in call flows, step by step, as a person reads it afterwards. Pure.

Each function adds to the steps of one interaction; `at_us` is the event's time. What was said
and what the flow made of it are two events and one step, where the one led straight to the other.
"""

import itertools

from appliance.history.parts import FlowStep
from appliance.model import events as ev

Steps = list[FlowStep]


def entered(steps: Steps, at_us: int, event: ev.FlowNode) -> None:
    steps.append(FlowStep(at_us=at_us, flow=event.flow, node=event.node))


def heard(steps: Steps, at_us: int, event: ev.SpeechHeard) -> None:
    steps.append(
        FlowStep(
            at_us=at_us,
            node=event.node,
            kind="heard",
            value=event.text,
            choice=event.choice,
            confidence=event.confidence,
            missed=event.missed,
        )
    )


def deaf(steps: Steps, at_us: int, event: ev.SpeechDeaf) -> None:
    value = f"{event.why}: {event.detail}" if event.detail else event.why
    steps.append(FlowStep(at_us=at_us, node=event.node, kind="deaf", value=value))


def given(steps: Steps, at_us: int, event: ev.FlowInput) -> None:
    step = FlowStep(
        at_us=at_us, node=event.node, kind=event.kind, value=event.value, choice=event.choice
    )
    if event.kind == "speech":
        _join(steps, step)
    steps.append(step)


def _join(steps: Steps, step: FlowStep) -> None:
    """`step` takes over what the utterances say that it came of; those before it are no more."""
    said = _utterance(steps, step)
    if said is not None:
        step.confidence = said.confidence
        if said is steps[-1]:
            steps.pop()
    elif parts := _parts_of_entry(steps, step):
        places = {id(part) for part in parts}
        steps[:] = [one for one in steps if id(one) not in places]
        step.value, step.choice = " ".join(part.value for part in parts), step.value
        step.confidence = min(part.confidence or 0.0 for part in parts)


def _utterance(steps: Steps, step: FlowStep) -> FlowStep | None:
    """What was said for a choice: just now, or before it was asked back."""
    for one in reversed(steps):
        if (one.kind, one.node, one.value) == ("heard", step.node, step.value):
            return one
    return None


def _discards(step: FlowStep) -> bool:
    """Was an entry thrown away here, such as one that was too short? Else its value is words."""
    return step.kind == "wrong" and not step.value.strip("0123456789*#")


def _parts_of_entry(steps: Steps, step: FlowStep) -> list[FlowStep]:
    """The utterances of an entry of digits, a number or a day, before it; its last digits may
    have been typed. A cough among them, and the asking again for it, stay steps; an entry that
    was wrong as a whole is over."""
    tail = itertools.takewhile(
        lambda one: (
            one.node == step.node
            and one.kind in ("heard", "wrong", "nothing")
            and not _discards(one)
        ),
        reversed(steps),
    )
    parts = [one for one in tail if one.kind == "heard" and one.choice][::-1]
    for first in range(len(parts)):
        if step.value.startswith("".join(one.choice for one in parts[first:])):
            return parts[first:]
    return []
