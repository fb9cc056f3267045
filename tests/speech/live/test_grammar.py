"""From a question to phrases, and from recognised words to a meaning."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.hearing import Hearing
from appliance.speech.live.collectors import UNKNOWN, Choices, Digits, Reading
from appliance.speech.live.grammar import MOST_PHRASES, NoWords, compile_hearing, plain
from appliance.speech.live.tongues import TONGUES


def everything(word: str) -> bool:
    return True


def only(*words: str) -> Callable[[str], bool]:
    return lambda word: word in words


def choices(**phrases: tuple[str, ...]) -> Hearing:
    return Hearing(kind="choices", language="en", choices=phrases)


OFFICE = choices(
    sales=("sales", "buy something"),
    support=("support", "technical support"),
    contract=("support contract",),
)


def read(hearing: Hearing, text: str) -> Reading:
    return compile_hearing(hearing, everything).collector.read(text.split())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sales", "sales"),
        ("i want to talk to sales please", "sales"),
        ("to the sales department", "sales"),
        ("[unk] sales [unk]", "sales"),
        ("technical support", "support"),
        ("support", "support"),
        ("support contract", "contract"),
        ("sales sales", "sales"),
        ("sales or support", ""),
        ("sales [unk] support contract", ""),
        ("", ""),
        ("[unk]", ""),
        ("please", ""),
        ("technical", ""),
        ("buy", ""),
    ],
)
def test_choices_are_found_in_sentences(text: str, value: str) -> None:
    assert read(OFFICE, text).value == value


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("sales", True),
        ("to sales", True),
        ("support", False),
        ("technical support", True),
        ("support contract", True),
        ("support please", True),
        ("sales support", False),
    ],
)
def test_an_answer_that_could_become_another_one_is_waited_for(text: str, complete: bool) -> None:
    assert read(OFFICE, text).complete == complete


def test_what_would_only_say_the_same_again_is_not_waited_for() -> None:
    one = choices(booking=("booking", "booking office"))
    assert read(one, "booking").complete
    yes_no = Hearing(kind="yes_no", language="en")
    assert read(yes_no, "yes").complete
    assert read(yes_no, "no thank you").complete
    assert not read(yes_no, "of course").complete


def test_a_meaning_rests_upon_its_own_words() -> None:
    assert read(OFFICE, "i want technical support please").rests_on == (2, 3)


def test_a_phrase_that_means_two_things_means_nothing() -> None:
    assert read(choices(a=("help",), b=("help",)), "help").value == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("yes please", "yes"),
        ("that is right", "yes"),
        ("that is not right", "no"),
        ("no thanks", "no"),
        ("of course not", "no"),
        ("yes no", ""),
        ("[unk] yes", "yes"),
        ("agreed", "yes"),
    ],
)
def test_yes_and_no(text: str, value: str) -> None:
    hearing = Hearing(kind="yes_no", language="en", choices={"yes": ("agreed",)})
    assert read(hearing, text).value == value


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "no problem", ""),
        ("en", "i don't no", ""),
        ("en", "i really do not no", ""),
        ("en", "no i don't no", ""),
        ("en", "not sure", ""),
        ("en", "yes and no", ""),
        ("en", "yes no problem", "yes?"),
        ("en", "i don't", "no"),
        ("en", "no", "no"),
        ("en", "yes not", "yes?"),
        ("en", "don't okay", "yes?"),
        ("en", "[unk] yes", "yes?"),
        ("en", "no [unk]", "no?"),
        ("en", "yes thank you", "yes"),
        ("en", "no thank you", "no"),
        ("de", "bitte", ""),
        ("de", "wie bitte", ""),
        ("de", "ja bitte", "yes"),
        ("de", "bitte ja", "yes"),
        ("de", "bitte nicht", "no"),
        ("de", "weiß nicht", ""),
        ("de", "das weiß ich nicht", ""),
        ("de", "kein problem", ""),
        ("de", "genau [unk]", "yes?"),
        ("de", "richtig kein", "yes?"),
        ("de", "stimmt nicht", "no"),
        ("de", "ja nicht", ""),
    ],
)
def test_an_answer_is_doubtful_where_its_words_can_mean_something_else(
    language: str, text: str, told: str
) -> None:
    reading = read(Hearing(kind="yes_no", language=language), text)
    assert reading.value + "?" * (reading.doubtful and reading.value != "") == told


def test_no_word_of_a_grammar_sounds_like_no() -> None:
    grammar = compile_hearing(Hearing(kind="yes_no", language="en"), everything)
    assert "know" not in {word for phrase in grammar.phrases for word in phrase.split()}


def test_what_a_site_calls_an_answer_is_one() -> None:
    hearing = Hearing(kind="yes_no", language="en", choices={"yes": ("no problem",)})
    reading = read(hearing, "no problem")
    assert (reading.value, reading.doubtful) == ("yes", False)


@pytest.mark.parametrize(
    ("text", "value", "complete"),
    [
        ("one two three", "123", False),
        ("oh one double five", "0155", False),
        ("triple zero one", "0001", False),
        ("one two three four five six", "123456", True),
        ("my number is one two three please", "123", False),
        ("[unk] one two three", "123", False),
        ("one two", "", False),
        ("one two three four five six seven", "", False),
        ("one two double", "", False),
        ("double triple one two", "", False),
        ("one [unk] three four", "", False),
        ("one two banana three", "", False),
        ("", "", False),
    ],
)
def test_spelled_digits(text: str, value: str, complete: bool) -> None:
    hearing = Hearing(kind="digits", language="en", least=3, most=6)
    found = read(hearing, text)
    assert (found.value, found.complete) == (value, complete)


@pytest.mark.parametrize(
    ("text", "value", "complete", "doubtful"),
    [
        ("one double five", "155", False, False),
        ("one nine eight four", "1984", True, False),
        ("nineteen eighty four", "1984", True, True),
        ("nineteen eighty", "1980", False, True),
        ("nineteen ten", "1910", True, True),
        ("nineteen eighty four five", "", False, False),
    ],
)
def test_digits_two_at_a_time_are_to_be_read_back(
    text: str, value: str, complete: bool, doubtful: bool
) -> None:
    """``eighty one`` may be a hasty ``eight two one``."""
    found = read(Hearing(kind="digits", language="en", least=1, most=4), text)
    assert (found.value, found.complete, found.doubtful) == (value, complete, doubtful)


def test_a_single_digit_has_no_pairs_beside_it() -> None:
    grammar = compile_hearing(Hearing(kind="digits", language="en", most=1), everything)
    assert set(grammar.phrases) == {*TONGUES["en"].digits, UNKNOWN}


@given(
    st.lists(st.sampled_from("0123456789"), min_size=1, max_size=12), st.sampled_from(["en", "de"])
)
def test_all_digits_come_back_and_all_their_words_stand_in_the_grammar(
    digits: list[str], code: str
) -> None:
    tongue = TONGUES[code]
    names = {digit: word for word, digit in reversed(tongue.digits.items())}
    said = [names[digit] for digit in digits]
    collector = Digits(tongue, 1, 12)
    assert collector.read(said).value == "".join(digits)
    assert set(said) <= {word for phrase in collector.phrases() for word in phrase.split()}


@pytest.mark.parametrize(
    ("text", "value", "complete"),
    [
        ("one hundred", "100", False),
        ("one hundred and twenty three", "123", False),
        ("number twenty please", "20", False),
        ("nine hundred ninety nine thousand nine hundred ninety nine", "999999", True),
        ("one hundred [unk] three", "", False),
    ],
)
def test_a_number_may_go_on_until_it_cannot(text: str, value: str, complete: bool) -> None:
    found = read(Hearing(kind="number", language="en"), text)
    assert (found.value, found.complete) == (value, complete)


@pytest.mark.parametrize(
    ("text", "value", "complete"),
    [
        ("tomorrow", "2026-11-24", True),
        ("tomorrow please", "2026-11-24", True),
        ("uh next monday", "2026-11-30", True),
        ("the third", "2026-12-03", False),
        ("the third of may", "2027-05-03", True),
        ("may twenty", "2027-05-20", False),
        ("may", "", False),
        ("may third", "2027-05-03", True),
        ("friday", "2026-11-27", False),
        ("thursday the third", "2026-12-03", False),
        ("thursday the third of december", "2026-12-03", True),
    ],
)
def test_days(text: str, value: str, complete: bool) -> None:
    found = read(Hearing(kind="day", language="en", today="2026-11-23"), text)
    assert (found.value, found.complete) == (value, complete)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [("thursday the third", False), ("saturday the third", True), ("next friday", False)],
)
def test_a_date_that_is_no_such_weekday_is_to_be_read_back(text: str, doubtful: bool) -> None:
    found = read(Hearing(kind="day", language="en", today="2026-11-23"), text)
    assert bool(found.value) and found.doubtful == doubtful


@pytest.mark.parametrize(
    ("language", "text", "value", "doubtful"),
    [
        ("en", "november twenty second", "2027-11-22", True),
        ("de", "zweiundzwanzigster elfter", "2027-11-22", True),
        ("en", "september nineteenth", "2027-09-19", False),
        ("de", "zwanzigster september", "2027-09-20", True),
        ("en", "january third", "2027-01-03", False),
    ],
)
def test_a_date_that_is_just_over_is_to_be_read_back(
    language: str, text: str, value: str, doubtful: bool
) -> None:
    """It is taken for next year's, which may not be meant."""
    found = read(Hearing(kind="day", language=language, today="2026-11-23"), text)
    assert (found.value, found.doubtful) == (value, doubtful)


@given(st.lists(st.sampled_from(["sales", "support", "technical", "contract", UNKNOWN, "please"])))
def test_any_words_are_read_without_a_fault(words: list[str]) -> None:
    for hearing in (
        OFFICE,
        Hearing(kind="yes_no", language="de"),
        Hearing(kind="digits", language="de"),
        Hearing(kind="number", language="de"),
        Hearing(kind="day", language="de", today="2026-11-23"),
    ):
        found = compile_hearing(hearing, everything).collector.read(words)
        assert all(0 <= at < len(words) for at in found.rests_on)
        assert bool(found.value) == bool(found.rests_on)


def test_a_phrase_with_an_unknown_word_is_left_out_whole() -> None:
    """Vosk would listen for the rest of it: "red" would do for "red zyzzyva"."""
    grammar = compile_hearing(choices(a=("red zyzzyva", "blue"), b=("red",)), only("red", "blue"))
    assert set(grammar.phrases) == {"red", "blue", UNKNOWN}
    assert grammar.unknown == ("red zyzzyva",)


def test_what_people_say_around_it_is_left_out_without_a_word() -> None:
    grammar = compile_hearing(choices(a=("sales",)), only("sales", "please"))
    assert set(grammar.phrases) == {"sales", "sales please", UNKNOWN}
    assert grammar.unknown == ()


@pytest.mark.parametrize(
    "hearing",
    [
        choices(),
        choices(a=()),
        choices(a=("", " - ", "!?")),
        choices(a=("zyzzyva",)),
        Hearing(kind="digits", language="en"),
        Hearing(kind="number", language="xx"),
        Hearing(kind="yes_no", language="en"),
    ],
)
def test_a_question_without_a_known_word_says_so(hearing: Hearing) -> None:
    with pytest.raises(NoWords):
        compile_hearing(hearing, only("red", "please", "to", "the", "department"))


def test_a_language_without_tables_still_has_choices() -> None:
    hearing = Hearing(kind="choices", language="fr", choices={"v": ("vente",)})
    grammar = compile_hearing(hearing, everything)
    assert set(grammar.phrases) == {"vente", UNKNOWN}
    assert grammar.collector.read(["vente"]).value == "v"


def test_a_long_directory_is_heard_with_fewer_ways_to_ask_for_each() -> None:
    def forms(many: int) -> float:
        names = {str(n): (f"name{n}",) for n in range(many)}
        hearing = Hearing(kind="choices", language="en", choices=names)
        grammar = compile_hearing(hearing, everything)
        assert {f"name{n}" for n in range(many)} <= set(grammar.phrases)
        return len(set(grammar.phrases)) / many

    assert forms(3) > forms(600) > forms(1500) > forms(5000) >= 1.0
    assert forms(600) > 5


def test_an_absurd_menu_is_refused() -> None:
    many = {str(n): (f"word{n}",) for n in range(MOST_PHRASES + 1)}
    with pytest.raises(NoWords, match="phrases"):
        compile_hearing(Hearing(kind="choices", language="en", choices=many), everything)


def test_decoys_stand_in_the_grammar_unless_they_are_asked_for() -> None:
    known = only("banana", "#banana", "#apple", "pear")
    grammar = compile_hearing(choices(a=("banana",)), known, ("#banana", "#apple", "pear", "#z"))
    assert grammar.decoys == {"#apple", "pear"}
    assert grammar.decoys < set(grammar.phrases)


@pytest.mark.parametrize("decoys", [(), ("#a", "#b", "#c"), tuple(f"#{n}" for n in range(999))])
def test_speech_that_is_none_of_it_keeps_its_share_of_the_grammar(decoys: tuple[str, ...]) -> None:
    """However many ways to say a choice there are."""
    for hearing in (choices(a=("sales",)), Hearing(kind="day", language="en", today="2026-11-23")):
        phrases = compile_hearing(hearing, everything, decoys).phrases
        unknown = phrases.count(UNKNOWN)
        assert 0.01 < unknown / sum(not one.startswith("#") for one in phrases) < 0.05
        assert sum(one.startswith("#") for one in phrases) <= 2000


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("Sales!", "sales"),
        ("  Technical   Support ", "technical support"),
        ("don't know", "don't know"),
        ("follow-up", "follow-up"),
        ("- yes -", "yes"),
        ("Für Übermorgen", "für übermorgen"),
    ],
)
def test_phrases_as_people_write_them(written: str, heard: str) -> None:
    assert plain(written) == heard


def test_a_hyphen_is_a_space_where_the_model_has_it_so() -> None:
    grammar = compile_hearing(choices(a=("follow-up",)), only("follow", "up"))
    assert "follow up" in grammar.phrases
    grammar = compile_hearing(choices(a=("follow-up",)), only("follow-up", "follow", "up"))
    assert "follow-up" in grammar.phrases


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.text(max_size=12), max_size=3)))
def test_any_phrases_compile_or_are_refused(phrases: dict[str, list[str]]) -> None:
    hearing = Hearing(
        kind="choices", language="en", choices={key: tuple(v) for key, v in phrases.items()}
    )
    try:
        grammar = compile_hearing(hearing, everything)
    except NoWords:
        return
    assert all(phrase == " ".join(phrase.split()) for phrase in grammar.phrases)


def test_each_phrase_alone_is_read_as_its_choice() -> None:
    collector = Choices({"a": ["red", "dark red"], "b": ["red wine", "wine"]}, None)
    assert [collector.read(p.split()).value for p in ("red", "dark red", "red wine", "wine")] == [
        *("a", "a"),
        *("b", "b"),
    ]
