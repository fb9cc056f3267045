"""The graph says exactly the words of its lexicon, and tells Vosk the truth about what follows."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.speech.lexicon import graph, phones
from appliance.speech.lexicon.graph import LexiconError
from tests.speechmodel.automata import Automaton, read

WAYS = st.lists(st.lists(st.sampled_from(phones.PHONES[:5]), min_size=1, max_size=4), min_size=1)
LEXICONS = st.dictionaries(
    st.from_regex(r"#?[a-z]{1,5}", fullmatch=True), WAYS.map(lambda w: w[:3]), min_size=1
)


def built(lexicon: graph.Lexicon) -> tuple[Automaton, Automaton, list[str]]:
    with tempfile.TemporaryDirectory() as place:
        graph.write(Path(place), lexicon)
        folder = Path(place) / "graph"
        names = [line.split()[0] for line in (folder / "words.txt").read_text().splitlines()]
        return (
            read((folder / "HCLr.fst").read_bytes()),
            read((folder / "Gr.fst").read_bytes()),
            names,
        )


def followed(made: Automaton, state: int) -> set[int]:
    """Output labels that come next after `state`, by walking."""
    seen, todo, found = {state}, [state], set()
    while todo:
        here = todo.pop()
        if here in made.finals:
            found.add(made.final_label)
        for _, output, _, to in made.arcs[here]:
            if output:
                found.add(output)
            elif to not in seen:
                seen.add(to)
                todo.append(to)
    return found


def words_said(made: Automaton, names: list[str]) -> set[tuple[str, tuple[str, ...]]]:
    """(word, phones) of all paths from the root to a word."""
    entries = {phones.entry(name): name for name in phones.KALDI}
    found = set()

    def walk(state: int, way: tuple[str, ...]) -> None:
        for label, output, _, to in made.arcs[state]:
            if to in (state, 0, 1, 2) or label == 0 or entries.get(label) == "SIL":
                continue
            name = entries[label].split("_")[0]
            if output:
                found.add((names[output], (*way, name)))
            else:
                walk(to, (*way, name))

    walk(1, ())
    return found


@given(LEXICONS)
@settings(max_examples=40)
def test_reach_is_what_walking_finds_and_arcs_are_sorted(lexicon: graph.Lexicon) -> None:
    made, _, names = built(lexicon)
    assert made.kind == "olabel_lookahead"
    assert made.final_label == len(names)
    for state, intervals in enumerate(made.reach):
        labels = {label for begin, end in intervals for label in range(begin, end)}
        assert labels == followed(made, state)
        outputs = [arc[1] for arc in made.arcs[state]]
        assert outputs == sorted(outputs)


@given(LEXICONS)
@settings(max_examples=40)
def test_every_pronunciation_is_in_the_graph_and_no_other(lexicon: graph.Lexicon) -> None:
    made, _, names = built(lexicon)
    wanted = {(word, tuple(way)) for word, ways in lexicon.items() for way in ways}
    assert words_said(made, names) == wanted | {("[unk]", ("SPN",))}


def test_free_speech_has_no_decoys_and_decoys_cost_more() -> None:
    made, free, names = built({"yes": [["Y", "EH", "S"]], "#apple": [["AE", "P", "AH", "L"]]})
    assert {names[arc[1]] for arc in free.arcs[0]} == {"yes", "[unk]"}
    costs = {names[arc[1]]: arc[2] for arcs in made.arcs for arc in arcs if arc[1]}
    assert costs["#apple"] == pytest.approx(costs["yes"] + graph.USUAL.decoy, abs=1e-5)


def test_words_of_one_beginning_share_their_states() -> None:
    one, _, _ = built({"billing": [["B", "IH", "L", "IH", "NG"]]})
    two, _, _ = built({"billing": [["B", "IH", "L", "IH", "NG"]], "bill": [["B", "IH", "L"]]})
    assert len(two.arcs) == len(one.arcs) + 1


@pytest.mark.parametrize(
    ("lexicon", "said"),
    [
        ({}, "empty"),
        ({"two words": [["T"]]}, "'two words'"),
        ({"[unk]": [["T"]]}, "unk"),
        ({"yes": []}, "'yes' has no pronunciation"),
        ({"yes": [["Y", "QQ"]]}, "'QQ' is no phone"),
    ],
)
def test_what_cannot_be_built_is_named(tmp_path: Path, lexicon: graph.Lexicon, said: str) -> None:
    with pytest.raises(LexiconError, match=said.replace("[", r"\[")):
        graph.write(tmp_path, lexicon)
    assert not (tmp_path / "graph").exists()


def test_each_phone_has_its_own_transitions() -> None:
    ids = [f(name) for name in phones.KALDI for f in (phones.entry, phones.stay)]
    assert sorted(ids) == list(range(1, 2 * len(phones.KALDI) + 1))
    assert phones.outputs("T_B") == phones.outputs("T_E") != phones.outputs("D_B")
    assert phones.outputs("SPN")[0] == phones.OUTPUTS
