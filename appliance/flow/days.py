"""Days that callers choose: by a key for the weekday, and how a date is said."""

from datetime import date, timedelta

from appliance.model.prompt import Prompt


def next_day(key: str, today: str) -> str:
    """ISO date of the next Monday (key 1) to Sunday (7) after `today`; '' for another key."""
    if key not in tuple("1234567"):
        return ""
    now = date.fromisoformat(today)
    ahead = (int(key) - now.isoweekday() - 1) % 7 + 1
    return (now + timedelta(days=ahead)).isoformat()


def is_day(text: str) -> bool:
    """Is it an ISO date, such as 2025-12-24?"""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def day_prompts(text: str, language: str, today: str = "") -> tuple[Prompt, ...]:
    """An ISO date as it is said, weekday first; () if it is none. With the year if it is not
    that of `today` (ISO date; '': without)."""
    if not is_day(text):
        return ()
    day = date.fromisoformat(text)
    names = (f"weekday/{day.isoweekday()}", f"monthday/{day.day}", f"month/{day.month}")
    said = tuple(Prompt(kind="phrase", value=name, language=language) for name in names)
    if not today or date.fromisoformat(today).year == day.year:
        return said
    return (*said, Prompt(kind="number", value=str(day.year), language=language))
