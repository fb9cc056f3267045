"""What the voices say: own sentences only, made of the vocabulary, templates and CMUdict words."""

import random
from collections.abc import Mapping, Sequence

from . import vocabulary as v

OPENERS = ["i want", "i need", "i would like", "please", "can i have", "give me", "connect me to"]
TOPICS = """sales|support|billing|accounts|the operator|an agent|reception|a manager|the workshop
|technical support|customer service|spare parts|payroll|human resources|the helpdesk
|the front desk|a refund|an invoice|my order|my appointment|a new contract|the opening hours
|directions|the status of my order|a callback|the voicemail of the manager""".replace(
    "\n", ""
).split("|")


class Writer:
    """Draws sentences; the same seed draws the same ones."""

    def __init__(self, dictionary: Mapping[str, Sequence[Sequence[str]]], seed: int) -> None:
        self.draw = random.Random(seed)
        self.rare = sorted(
            word
            for word in dictionary
            if word.isascii() and word.isalpha() and 3 <= len(word) <= 10
        )
        self.kinds = [
            (0.27, self.rare_words),
            (0.16, self.vocabulary_words),
            (0.16, self.one_word),
            (0.10, self.background),
            (0.09, self.digits),
            (0.05, self.numbers),
            (0.04, self.date),
            (0.04, self.spelling),
            (0.09, self.phrase),
        ]

    def sentence(self) -> str:
        """The next sentence, lower case, no marks."""
        chances, makers = zip(*self.kinds, strict=True)
        return " ".join(self.draw.choices(makers, chances)[0]().split())

    def some(self, words: Sequence[str], least: int, most: int) -> str:
        return " ".join(self.draw.choice(words) for _ in range(self.draw.randint(least, most)))

    def rare_words(self) -> str:
        return self.some(self.rare, 2, 5)

    def vocabulary_words(self) -> str:
        return self.some(v.COMMANDS, 2, 4)

    def one_word(self) -> str:
        return self.draw.choice(v.COMMANDS)

    def background(self) -> str:
        return self.some(v.LEXICON, 1, 4)

    def digits(self) -> str:
        return self.some(v.DIGITS, 1, 7)

    def numbers(self) -> str:
        return self.some(v.NUMBERS + v.DIGITS + v.ORDINALS, 1, 4)

    def date(self) -> str:
        parts = [v.DAYS[:7], v.MONTHS, v.ORDINALS]
        return " ".join(self.draw.choice(p) for p in parts[: self.draw.randint(2, 3)])

    def spelling(self) -> str:
        return self.some(v.ALPHABET if self.draw.random() < 0.5 else v.LETTERS, 2, 5)

    def phrase(self) -> str:
        if self.draw.random() < 0.5:
            return self.draw.choice(v.SENTENCES)
        return f"{self.draw.choice(OPENERS)} {self.draw.choice(TOPICS)}"
