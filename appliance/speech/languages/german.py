"""German. Debian has no recorded phrases in German, so all of it is synthesised."""

from appliance.speech.languages.language import Language

_SMALL = (
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn",
    "neunzehn",
)  # fmt: skip
_TENS = (
    "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
)  # fmt: skip


def number(n: int) -> str:
    """0 to 9999 in words: 21 is einundzwanzig, 101 hunderteins."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        ten, one = _TENS[n // 10 - 2], n % 10
        return f"{_stem(one)}und{ten}" if one else ten
    if n < 1000:
        head = "" if n < 200 else _stem(n // 100)
        return f"{head}hundert{_rest(n % 100)}"
    return f"{_stem(n // 1000)}tausend{_rest(n % 1000)}"


def _stem(n: int) -> str:
    """1 inside a word is ein, not eins."""
    return "ein" if n == 1 else _SMALL[n]


def _rest(n: int) -> str:
    return number(n) if n else ""


def ordinal(n: int) -> str:
    """1 to 31 as after an article: erste to einunddreißigste."""
    odd = {1: "erste", 3: "dritte", 7: "siebte", 8: "achte"}
    return odd.get(n, number(n) + ("te" if n < 20 else "ste"))


def minutes(n: int) -> str:
    if n == 60:
        return "eine Stunde"
    return "eine Minute" if n == 1 else f"{number(n)} Minuten"


def position(n: int) -> str:
    if n == 1:
        return "Sie sind als Nächstes an der Reihe."
    return f"Sie sind an Position {number(n)} in der Warteschlange."


GERMAN = Language(
    code="de",
    voice="de",
    number=number,
    digits={
        **{str(n): _SMALL[n] for n in range(10)},
        "*": "Stern",
        "#": "Raute",
    },
    texts={
        "cf-nothing": "Ich habe keine Eingabe gehört.",
        "cf-nothing-again": "Ich habe noch immer keine Eingabe gehört. Bitte drücken Sie jetzt "
        "eine Taste.",
        "cf-wrong": "Diese Taste ist hier nicht belegt.",
        "cf-wrong-again": "Auch diese Taste ist nicht belegt. Bitte hören Sie die Auswahl noch "
        "einmal an.",
        "cf-invalid": "Diese Eingabe ist nicht vollständig.",
        "cf-invalid-again": "Auch diese Eingabe ist nicht vollständig. Bitte versuchen Sie es "
        "noch einmal.",
        "cf-not-understood": "Das habe ich leider nicht verstanden.",
        "cf-not-understood-again": "Ich habe Sie noch immer nicht verstanden. Bitte sagen Sie es "
        "noch einmal, oder drücken Sie eine Taste.",
        "cf-use-keys": "Bitte benutzen Sie die Tasten Ihres Telefons.",
        "cf-connecting": "Ich verbinde Sie mit",
        "cf-did-you-say": "Sagten Sie",
        "cf-yes-no": "Bitte sagen Sie ja oder nein, oder drücken Sie die 1 für ja, die 2 für nein.",
        "cf-no-name": "Diesen Namen kann ich leider nicht finden.",
        "cf-no-name-again": "Auch diesen Namen kann ich nicht finden. Bitte versuchen Sie es noch "
        "einmal.",
        "cf-more-names": "Für weitere Namen drücken Sie die 9.",
        "cf-confirm": "Wenn das richtig ist, drücken Sie die 1. Um neu einzugeben, drücken Sie "
        "die 2.",
        "cf-sorry": "Leider können wir Ihren Anruf zurzeit nicht bearbeiten. Bitte rufen Sie "
        "später noch einmal an. Auf Wiederhören.",
        "cf-hold": "Bitte bleiben Sie in der Leitung.",
        "cf-long-queue": "Vor Ihnen warten mehr als einhundert Anrufer.",
        "cf-long-wait": "Die Wartezeit kann mehr als eine Stunde betragen.",
        "you-entered": "Ihre Eingabe lautet:",
        "vm-intro": "Bitte sprechen Sie Ihre Nachricht nach dem Ton. Danach legen Sie einfach auf.",
        "vm-goodbye": "Auf Wiederhören.",
        "vm-nobodyavail": "Zurzeit kann niemand Ihren Anruf entgegennehmen.",
        "queue-thankyou": "Vielen Dank für Ihre Geduld.",
        "queue-periodic-announce": "Zurzeit sind alle unsere Plätze im Gespräch. Bitte bleiben "
        "Sie in der Leitung, Ihr Anruf wird so bald wie möglich angenommen.",
        "one-moment-please": "Einen Moment bitte.",
        "please-try-again": "Bitte versuchen Sie es noch einmal.",
        "im-sorry": "Es tut mir leid.",
        "pbx-transfer": "Bitte warten Sie, Sie werden verbunden.",
        "tt-somethingwrong": "Es ist ein Fehler aufgetreten.",
    },
    counted={
        "weekday": (
            "Montag,",
            "Dienstag,",
            "Mittwoch,",
            "Donnerstag,",
            "Freitag,",
            "Samstag,",
            "Sonntag,",
        ),
        "monthday": tuple(f"der {ordinal(n)}" for n in range(1, 32)),
        "month": (
            "Januar.",
            "Februar.",
            "März.",
            "April.",
            "Mai.",
            "Juni.",
            "Juli.",
            "August.",
            "September.",
            "Oktober.",
            "November.",
            "Dezember.",
        ),
        "press": tuple(f"drücken Sie die {number(n)}." for n in range(1, 9)),
    },
    position=position,
    waits={
        "wait-less": lambda m: f"Die Wartezeit beträgt voraussichtlich weniger als {minutes(m)}.",
        "wait-about": lambda m: f"Die Wartezeit beträgt voraussichtlich etwa {minutes(m)}.",
        "wait-low": lambda m: (
            "Die Wartezeit beträgt voraussichtlich zwischen " + ("einer" if m == 1 else number(m))
        ),
        "wait-high": lambda m: f"und {number(m)} Minuten." if m > 1 else "und einer Minute.",
        "wait-more": lambda m: f"Die Wartezeit beträgt voraussichtlich mehr als {minutes(m)}.",
    },
    whisper=lambda queue: f"Anruf aus der Warteschlange {queue}.",
    package=lambda name: [],
)
