"""Steps in order: several orders may be right, and the first step out of place is asked about."""

import hashlib
from itertools import permutations
from random import Random

import pytest

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

STEPS = """steps = ["zero the gradients", "forward pass", "loss", "backward pass", "update"]
equivalent = [[1, 2], [1, 3]]
mistakes = [
    { before = [5, 4], says = "You updated before there was a gradient." },
    { answer = [2, 3, 4, 1, 5], says = "You threw the gradients away." },
]
"""


def key(fields: str = STEPS, name: str = "k") -> Key:
    text = f'chapter = "c"\n[keys.{name}]\nexercise = "ex"\nkind = "order"\nprompt = "p"\n{fields}'
    return next(iter(load(text).values()))


def written(question: Key, *steps: int) -> str:
    """Give the letters of steps by their numbers in the key."""
    letters = {text: letter for letter, text in KINDS["order"].choices(question)}
    return " ".join(letters[question.table["steps"][step - 1]] for step in steps)


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (2, 1, 3, 4, 5), (2, 3, 1, 4, 5)])
def test_every_equivalent_order_is_right(order: tuple[int, ...]) -> None:
    assert mark(key(), written(key(), *order)).right


def test_exactly_the_orders_that_keep_all_fixed_pairs_are_right() -> None:
    free = {(1, 2), (1, 3)}
    for order in permutations(range(1, 6)):
        kept = all(
            order.index(a) < order.index(b)
            for a in range(1, 6)
            for b in range(a + 1, 6)
            if (a, b) not in free
        )
        assert mark(key(), written(key(), *order)).right == kept


@pytest.mark.parametrize(
    "form",
    [
        "{} {} {}",
        "{}{}{}",
        "{}, {}, {}",
        "{} > {} > {}",
        "{} → {} → {}",
        "({},{},{})",
        "first {} then {} then {}",
    ],
)
def test_letters_may_be_joined_in_many_ways(form: str) -> None:
    question = key('steps = ["one", "two", "three"]')
    letters = written(question, 1, 2, 3).split()
    assert mark(question, form.format(*letters)).right
    assert mark(question, form.format(*letters).upper()).right


def test_modelled_mistakes_are_known_by_order_or_by_a_pair() -> None:
    assert mark(key(), written(key(), 1, 2, 3, 5, 4)).mistake == "mistake-1"
    assert mark(key(), written(key(), 5, 2, 3, 4, 1)).mistake == "mistake-1"
    assert mark(key(), written(key(), 2, 3, 4, 1, 5)).mistake == "mistake-2"


def test_the_first_step_out_of_place_is_asked_about() -> None:
    question = key('steps = ["one", "two", "three", "four"]')
    letters = written(question, 1, 2, 3, 4).split()
    verdict = mark(question, written(question, 1, 2, 4, 3))
    assert (
        verdict.message
        == f"The first two steps are right. What has to be known before `{letters[3]}` can be done?"
    )
    assert mark(question, written(question, 1, 3, 2, 4)).message.startswith("The first step is right.")
    assert mark(question, written(question, 2, 1, 3, 4)).message.startswith(
        "The first step is not the right one"
    )
    assert mark(question, written(question, 4, 3, 2, 1)).mistake == "generic-reversed"


def test_no_message_names_a_step_that_should_come_next() -> None:
    question = key('steps = ["one", "two", "three", "four"]')
    for order in permutations("abcd"):
        verdict = mark(question, " ".join(order))
        right = KINDS["order"].right_answers(question)[0].split()
        at = next((i for i in range(4) if order[i] != right[i]), None)
        assert at is None or f"`{right[at]}`" not in verdict.message


@pytest.mark.parametrize(
    "answer", ["a b c d", "a b c d d", "a b c d f", "a", "1 2 3 4 5", "a b c d e e", "update", "<a>"]
)
def test_what_is_no_order_of_all_steps_is_told_so(answer: str) -> None:
    assert mark(key(), answer).status == "unreadable"


def test_steps_are_shuffled_the_same_way_every_time_and_not_into_the_solution() -> None:
    assert KINDS["order"].choices(key()) == KINDS["order"].choices(key())
    for number in range(60):
        question = key('steps = ["one", "two", "three"]', f"q{number}")
        shown = [text for _, text in KINDS["order"].choices(question)]
        assert shown != ["one", "two", "three"]
        assert shown != ["three", "two", "one"]
        assert sorted(shown) == ["one", "three", "two"]


def test_the_shuffle_does_not_depend_on_the_version_of_python() -> None:
    # An answer that a browser kept is letters; they must mean the same after the next build.
    shown = [text for _, text in KINDS["order"].choices(key())]
    order = sorted(range(5), key=lambda step: hashlib.sha256(f"c/k/0/{step}".encode()).hexdigest())
    assert shown == [key().table["steps"][step] for step in order]


def test_other_answers_are_readable_and_wrong() -> None:
    others = KINDS["order"].other_answers(key(), Random(1), 50)
    assert {mark(key(), text).status for text in others} == {"wrong"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ('steps = ["one", "two"]', "3 to 6 texts"),
        ('steps = ["a", "b", "c", "d", "e", "f", "g"]', "3 to 6 texts"),
        ('steps = ["a", "b", 3]', "3 to 6 texts"),
        (STEPS.replace("[1, 3]", "[1, 6]"), "step numbers from 1 to 5"),
        (STEPS.replace("[1, 3]", "[1, 1]"), "different step numbers"),
        (STEPS.replace("[1, 3]", "[1, 3, 2]"), "neither a pair"),
        (STEPS.replace("[5, 4]", "[2, 1]"), "It is right"),
        (STEPS.replace("[2, 3, 4, 1, 5]", "[2, 1, 3, 4, 5]"), "It is right"),
        (STEPS.replace("[2, 3, 4, 1, 5]", "[1, 2, 3, 5, 4]"), "mistake 2"),
        (STEPS.replace("[2, 3, 4, 1, 5]", "[2, 3]"), "all 5 steps"),
        ('answer = "a b c"\nsteps = ["a", "b", "c"]', "leave out answer"),
    ],
)
def test_a_key_with_a_fault_is_refused_by_name_and_field(fields: str, words: str) -> None:
    with pytest.raises(BadKeyError, match="keys: k: ") as error:
        key(fields)
    assert words in str(error.value)
