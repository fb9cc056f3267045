"""English. Phrase names without a prefix of ours are those of Debian's asterisk-core-sounds."""

from appliance.speech.languages.language import Language

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip

_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip


def number(n: int) -> str:
    """0 to 9999 in words."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        ten, one = _TENS[n // 10 - 2], n % 10
        return f"{ten}-{_SMALL[one]}" if one else ten
    if n < 1000:
        return _joined(f"{_SMALL[n // 100]} hundred", n % 100)
    return _joined(f"{number(n // 1000)} thousand", n % 1000)


def _joined(head: str, rest: int) -> str:
    return f"{head} {number(rest)}" if rest else head


def ordinal(n: int) -> str:
    """1 to 31: first to thirty-first."""
    head, dash, last = number(n).rpartition("-")
    if last in _ORDINALS:
        return f"{head}{dash}{_ORDINALS[last]}"
    return f"{head}{dash}{last.removesuffix('y')}{'ieth' if last.endswith('y') else 'th'}"


def minutes(n: int) -> str:
    if n == 60:
        return "one hour"
    return "one minute" if n == 1 else f"{number(n)} minutes"


def position(n: int) -> str:
    if n == 1:
        return "You are next. Your call will be answered as soon as somebody is free."
    return f"You are number {number(n)} in the queue."


def package(name: str) -> list[str]:
    """Names of the recorded phrases that say the same."""
    stem, _, rest = name.partition("/")
    if stem == "digit":
        return [f"digits/{rest}"]
    if name == "position/1":
        return ["queue-youarenext"]
    if stem not in ("number", "position", "wait-less") or not rest.isdigit():
        return []
    said = _recorded_number(int(rest))
    if stem == "position":
        return ["queue-thereare", *said, "queue-callswaiting"]
    if stem == "wait-less":
        unit = "queue-minute" if rest == "1" else "queue-minutes"
        return ["queue-holdtime", "queue-less-than", *said, unit]
    return said


def _recorded_number(n: int) -> list[str]:
    if n <= 20:
        return [f"digits/{n}"]
    if n < 100:
        return [f"digits/{n // 10 * 10}", *([f"digits/{n % 10}"] if n % 10 else [])]
    if n < 1000:
        return [f"digits/{n // 100}", "digits/hundred"]
    return [f"digits/{n // 1000}", "digits/thousand"]


ENGLISH = Language(
    code="en",
    voice="en-us",
    number=number,
    digits={**{str(n): _SMALL[n] for n in range(10)}, "*": "star", "#": "pound"},
    texts={
        "cf-nothing": "Sorry, I did not hear anything.",
        "cf-nothing-again": "I still did not hear anything. Please press a key now.",
        "cf-wrong": "Sorry, that key is not in use here.",
        "cf-wrong-again": "That key is not in use either. Please listen to the choices.",
        "cf-invalid": "Sorry, that entry is not complete.",
        "cf-invalid-again": "That entry is not complete either. Please try once more.",
        "cf-not-understood": "Sorry, I did not understand you.",
        "cf-not-understood-again": "I still did not understand you. Please say it again, or press "
        "a key.",
        "cf-use-keys": "Please use the keys of your phone.",
        "cf-connecting": "Connecting you to",
        "cf-did-you-say": "Did you say",
        "cf-yes-no": "Please say yes or no, or press 1 for yes, 2 for no.",
        "cf-no-name": "Sorry, I cannot find that name.",
        "cf-no-name-again": "I cannot find that name either. Please try once more.",
        "cf-more-names": "For more names, press 9.",
        "cf-confirm": "If that is right, press 1. To enter it again, press 2.",
        "cf-sorry": "We are sorry, your call cannot be handled at the moment. "
        "Please call again later. Goodbye.",
        "cf-hold": "Please hold the line.",
        "cf-long-queue": "There are more than one hundred callers before you.",
        "cf-long-wait": "The expected wait may be more than one hour.",
        "you-entered": "You entered",
        "vm-intro": "Please leave a message after the tone. When you are done, hang up.",
        "vm-goodbye": "Goodbye.",
        "vm-nobodyavail": "Nobody is available to take your call.",
        "queue-thankyou": "Thank you for your patience.",
        "queue-periodic-announce": "All our people are talking at the moment. Please hold the "
        "line, your call will be answered as soon as possible.",
        "one-moment-please": "One moment, please.",
        "please-try-again": "Please try again.",
        "im-sorry": "I am sorry.",
        "pbx-transfer": "Please hold while your call is put through.",
        "tt-somethingwrong": "Something has gone wrong.",
    },
    counted={
        "weekday": (
            "Monday,",
            "Tuesday,",
            "Wednesday,",
            "Thursday,",
            "Friday,",
            "Saturday,",
            "Sunday,",
        ),
        "monthday": tuple(f"the {ordinal(n)} of" for n in range(1, 32)),
        "month": (
            "January.",
            "February.",
            "March.",
            "April.",
            "May.",
            "June.",
            "July.",
            "August.",
            "September.",
            "October.",
            "November.",
            "December.",
        ),
        "press": tuple(f"press {number(n)}." for n in range(1, 9)),
    },
    position=position,
    waits={
        "wait-less": lambda m: f"The expected wait is less than {minutes(m)}.",
        "wait-about": lambda m: f"The expected wait is about {minutes(m)}.",
        "wait-low": lambda m: f"The expected wait is between {number(m)}",
        "wait-high": lambda m: f"and {'sixty minutes' if m == 60 else minutes(m)}.",
        "wait-more": lambda m: f"The expected wait is more than {minutes(m)}.",
    },
    whisper=lambda queue: f"Call from queue {queue}.",
    package=package,
)
