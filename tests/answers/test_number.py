"""Numbers: how exact, in which unit, and what went wrong."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook.answers.errors import BadKeyError
from dlbook.answers.feedback.near import Precision, half_unit
from dlbook.answers.feedback.units import factors
from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark
from dlbook.answers.tables import significant


def key(fields: str) -> Key:
    text = f'chapter = "c"\n[keys.k]\nexercise = "ex"\nkind = "number"\nprompt = "p"\n{fields}'
    return load(text)["c/k"]


LOSS = key(
    """
answer = "ln(1 + e^0.1)"
also = ["log(1 + exp(1/10))", "0.7443967"]
mistakes = [
    { answer = 0.6444, says = "You took the other class." },
    { between = [3, 4], says = "That is the number of layers." },
]
"""
)
COUNT = key("answer = 101770")
MEMORY = key('answer = 12.5\nunit = "kB"')


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "0.744",
            "0.7444",
            "0.7443967",
            ".744",
            "+0.744",
            "0.744 ",
            "７．４４e-1",
            "7.44e-1",
            "7.44E-1",
            "74.4%",
            "74.4 %",
        ),
        *(
            "7.44*10^-1",
            "7.44 × 10^{-1}",
            "7.44 \\cdot 10^{-1}",
            "7.44·10**(-1)",
            "$0.744$",
            "0.744.",
            "0.7_44",
        ),
        *("L = 0.744", "= 0.744", "≈ 0.744", "about 0.744", "ln(1 + e^0.1) = 0.744", "\\hat y = 0.744"),
        *(
            "ln(1 + e^0.1)",
            "log(1+exp(0.1))",
            "0.1 + ln(1 + e^-0.1)",
            "-ln(1 - 1/(1+e^-0.1))",
            "L = ln(1+e^{0.1})",
        ),
        *("1.4888/2", "sqrt(0.5541)", "\\frac{744}{1000}", "744/1000"),
    ],
)
def test_a_right_number_is_right_however_it_is_written(answer: str) -> None:
    assert mark(LOSS, answer).status == "right"


@pytest.mark.parametrize("answer", ["−0.744", "–0.744", "-0.744", "- 0.744", "-ln(1+e^0.1)"])
def test_every_minus_sign_is_one(answer: str) -> None:
    assert mark(LOSS, answer).mistake == "generic-sign"
    assert mark(key("answer = -0.744"), answer).right


@pytest.mark.parametrize(("answer", "digits"), [("0.74", 3), ("0.7", 3), ("74 %", 3), ("7.4e-1", 3)])
def test_too_few_digits_are_almost(answer: str, digits: int) -> None:
    verdict = mark(LOSS, answer)
    assert (verdict.status, verdict.mistake) == ("almost", "generic-digits")
    assert "three significant digits" in verdict.message
    assert "0.744" not in verdict.message


def test_digits_asked_for_decide_what_is_right() -> None:
    four = key("answer = 0.74397\ndigits = 4")
    assert mark(four, "0.7440").right
    assert mark(four, "0.744").right  # the same number: trailing zeros need not be typed
    assert mark(four, "0.743").mistake == "generic-rounding"
    assert mark(key("answer = 0.74447\ndigits = 4"), "0.744").mistake == "generic-digits"
    assert mark(key("answer = 0.74447\ndigits = 2"), "0.74").right


def test_a_number_that_was_cut_off_instead_of_rounded_is_almost() -> None:
    assert mark(key("answer = 0.74397"), "0.743").mistake == "generic-rounding"


def test_tolerances_may_be_given_instead_of_digits() -> None:
    tenth = key("answer = 50.0\nrelative = 0.1")
    assert mark(tenth, "45.1").right
    assert mark(tenth, "44.9").status == "almost"
    assert mark(tenth, "50").right
    absolute = key("answer = 0.0\nabsolute = 0.01")
    assert mark(absolute, "0.009").right
    assert mark(absolute, "0").right
    assert not mark(absolute, "0.2").right


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ("0.6444", "mistake-1"),
        ("0.644", "mistake-1"),
        ("0.64", "mistake-1"),
        ("3.5", "mistake-2"),
        ("3", "mistake-2"),
        ("74.4", "generic-percent"),
        ("0.00744", "generic-percent"),
        ("0.2556", "generic-complement"),
        ("1.489", "generic-factor-2"),
        ("0.372", "generic-factor-2"),
        ("1.34", "generic-inverse"),
        ("0.516", "generic-log-base"),
        ("1.074", "generic-log-base"),
        ("0.3233", "generic-log-base"),
        ("1.714", "generic-log-base"),
        ("7.44", "generic-power-of-ten"),
        ("744", "generic-power-of-ten"),
        ("2*ln(1+e^0.1)", "generic-factor-2"),
        ("log2(1+e^0.1)", "generic-log-base"),
        ("0.9", ""),
        ("-17", ""),
        ("1e99", ""),
        ("1e9999", ""),
        ("0", ""),
    ],
)
def test_a_wrong_number_is_told_what_to_look_at(answer: str, mistake: str) -> None:
    verdict = mark(LOSS, answer)
    assert (verdict.status, verdict.mistake) == ("wrong", mistake)
    assert "0.744" not in verdict.message


@pytest.mark.parametrize(
    ("answer", "status", "mistake"),
    [
        ("101770", "right", ""),
        ("101770.0", "right", ""),
        ("101 770", "right", ""),
        ("101_770", "right", ""),
        ("784*128 + 128 + 128*10 + 10", "right", ""),
        ("1.0177e5", "right", ""),
        ("101769", "wrong", "generic-off-by-one"),
        ("101771", "wrong", "generic-off-by-one"),
        ("101770.5", "almost", "generic-whole"),
        ("101800", "almost", "generic-digits"),
        ("102000", "almost", "generic-digits"),
        ("203540", "wrong", "generic-factor-2"),
        ("-101770", "wrong", "generic-sign"),
        ("101632", "wrong", ""),
        ("101770 %", "unreadable", ""),
    ],
)
def test_a_whole_number_is_exact(answer: str, status: str, mistake: str) -> None:
    verdict = mark(COUNT, answer)
    assert (verdict.status, verdict.mistake) == (status, mistake)


@pytest.mark.parametrize(
    "answer", ["101,770", "1,234,567", "12,345.5", "0,744", "0,7", ",5", "1.234.567", "-0,5"]
)
def test_commas_are_refused_with_the_form_to_write(answer: str) -> None:
    for question in (COUNT, LOSS):
        verdict = mark(question, answer)
        assert verdict.status == "unreadable"
        assert "comma" in verdict.message or "point" in verdict.message


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        *(
            (text, "right")
            for text in ("12.5", "12.5 kB", "12.5kB", "12500 B", "0.0125 MB", "12500 bytes", "12.2 KiB")
        ),
        *((text, "right") for text in ("25/2 kB", "12500 byte", "12.5 KB", "M = 12.5 kB", "10^4 * 1.25 B")),
        *((text, "unreadable") for text in ("12.5 s", "12.5 %", "12.5 ms", "12.5 FLOPs", "sqrt(156.25) s")),
        *((text, "wrong") for text in ("12.5 B", "12.5 MB", "12.8 kB")),
        *((text, "almost") for text in ("12 kB", "0.01 MB")),
    ],
)
def test_units_of_the_same_sort_are_converted_and_others_refused(answer: str, status: str) -> None:
    assert mark(MEMORY, answer).status == status


def test_kilo_and_kibi_are_told_apart() -> None:
    assert mark(MEMORY, "12.5 KiB").mistake == "generic-thousand"
    assert mark(MEMORY, "12.21").mistake == "generic-thousand"


def test_a_unit_where_none_belongs_is_refused_kindly() -> None:
    verdict = mark(LOSS, "0.744 kB")
    assert (verdict.status, verdict.message) == ("unreadable", "This is a plain number: leave out the unit.")


def test_a_unit_may_be_demanded() -> None:
    question = key('answer = 12.5\nunit = "kB"\nunit_needed = true')
    assert mark(question, "12.5").status == "unreadable"
    assert mark(question, "25/2").status == "unreadable"
    assert mark(question, "12.5 kB").right


def test_per_cent_and_words_may_be_units() -> None:
    assert mark(key('answer = 74.4\nunit = "%"'), "74.4").right
    assert mark(key('answer = 74.4\nunit = "%"'), "74.4%").right
    assert mark(key('answer = 74.4\nunit = "%"'), "0.744").mistake == "generic-percent"
    assert mark(key('answer = 74.4\nunit = "%"'), "25.6 %").mistake == "generic-complement"
    assert mark(key('answer = 12\ninteger = true\nunit = "images"'), "12 images").right
    assert mark(key('answer = 1.0\nunit = "bit"'), "0.693 nat").right


def test_unit_factors_agree_with_their_definitions() -> None:
    assert factors("MB")["MiB"] == pytest.approx(2**20 / 1e6)
    assert factors("s")["ms"] == pytest.approx(1e-3)
    assert factors("s")["h"] == 3600
    assert factors("ms")["min"] == pytest.approx(60_000)
    assert factors("GFLOP")["FLOPs"] == pytest.approx(1e-9)
    assert factors("rad")["deg"] == pytest.approx(math.pi / 180)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("abc", "unreadable"),
        ("0.7.4", "unreadable"),
        ("ln(-1)", "unreadable"),
        ("1/0", "unreadable"),
        ("2 pi x", "unreadable"),
        ("(1, 2)", "unreadable"),
        ("__import__('os')", "unreadable"),
        ("nan", "unreadable"),
        ("9**9**9**9", "undecided"),
        ("100!!!!", None),
    ],
)
def test_what_has_no_value_gets_a_sentence_and_is_not_wrong(answer: str, status: str | None) -> None:
    verdict = mark(LOSS, answer)
    assert verdict.status in ((status,) if status else ("unreadable", "undecided"))
    assert verdict.message


def test_the_place_that_cannot_be_read_is_counted_in_the_whole_answer() -> None:
    answer = "L = ln(1 + foo)"
    assert (at := mark(LOSS, answer).at)
    assert answer[slice(*at)] == "foo"


def test_only_numbers_can_have_too_few_digits_and_formulas_are_exact() -> None:
    assert mark(LOSS, "(0.74)").mistake == "generic-digits"
    assert mark(LOSS, "3/4").status == "wrong"


def test_a_formula_is_shown_as_it_was_understood() -> None:
    assert "frac" in mark(LOSS, "3/4").understood


@given(st.floats(1e-6, 1e6), st.integers(1, 6), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_value_rounded_to_the_digits_asked_is_right(value: float, digits: int, negative: bool) -> None:
    value = -value if negative else value
    question = key(f"answer = {value!r}\ndigits = {digits}")
    assert mark(question, f"{value:.{digits}g}").right
    assert mark(question, repr(value)).right
    far = value + 3.5 * half_unit(value, digits)
    assert not mark(question, repr(far)).right


@given(st.floats(1e-3, 1e3), st.floats(-1e4, 1e4))
@settings(max_examples=150, deadline=None)
def test_right_is_just_what_is_within_half_a_unit(value: float, other: float) -> None:
    question = key(f"answer = {value!r}")
    distance, allowed = abs(other - value), Precision().tolerance(value)
    if abs(distance - allowed) > 1e-6 * allowed:
        assert mark(question, repr(other)).right == (distance < allowed)


@pytest.mark.parametrize(
    ("typed", "count"), [("0.0740", 3), ("1200", 2), ("1200.", 4), ("-0.5", 1), ("0", 0), ("007", 1)]
)
def test_significant_digits_are_counted_as_in_physics(typed: str, count: int) -> None:
    assert significant(typed) == count


def test_other_answers_are_readable_and_not_right() -> None:
    for question in (LOSS, COUNT, MEMORY):
        for text in KINDS["number"].other_answers(question, Random(1), 30):
            assert mark(question, text).status in ("wrong", "almost")


def test_every_answer_that_the_key_gives_is_known() -> None:
    for question in (LOSS, COUNT, MEMORY):
        assert all(mark(question, text).right for text in KINDS["number"].right_answers(question))
        for number, text in KINDS["number"].mistaken_answers(question):
            assert mark(question, text).mistake == f"mistake-{number + 1}"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("", "needs answer"),
        ("answer = true", "neither a number nor a formula"),
        ('answer = "ln(x)"', "answer: 'ln(x)'"),
        ('answer = "1/0"', "answer: '1/0'"),
        ("answer = inf", "not finite"),
        ("answer = 1.0\ndigits = 0", "digits must be"),
        ("answer = 1.0\nrelative = -1", "relative must be a positive number"),
        ("answer = 1.0\nabsolute = true", "absolute must be a positive number"),
        ("answer = 1.0\ndigits = 2\nrelative = 0.1", "give digits, or tolerances"),
        ("answer = 1.5\ninteger = true", "whole number"),
        ("answer = 1\ninteger = true\ndigits = 3", "give digits, or tolerances"),
        ('answer = 1.0\nunit = "k B"', "unit must be"),
        ("answer = 1.0\nunit_needed = true", "unit_needed = true needs unit"),
        ('answer = 1.0\nrecorded = "a b"', "recorded must be"),
        ('answer = 1.0\nalso = ["1.1"]', "the right answer '1.1' would be told"),
        ('answer = 1.0\nmistakes = [{ answer = 1.001, says = "hm" }]', "It is right"),
        ('answer = 1.0\nmistakes = [{ between = [0, 2], says = "hm" }]', "It is right"),
        ('answer = 1.0\nmistakes = [{ between = [2, 1], says = "hm" }]', "not below"),
        ('answer = 1.0\nmistakes = [{ between = [2], says = "hm" }]', "between = [low, high]"),
        ('answer = 1.0\nmistakes = [{ answer = 2, between = [2, 3], says = "hm" }]', "not both"),
        (
            'answer = 1.0\nmistakes = [{ answer = 3, says = "a" }, { answer = 3.001, says = "b" }]',
            "of mistake 2 would be told",
        ),
    ],
)
def test_a_key_with_a_fault_is_refused_by_name_and_field(fields: str, words: str) -> None:
    with pytest.raises(BadKeyError, match="keys: k: ") as error:
        key(fields)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "L = 0.644, or L = 0.744",
            "0.5 or L = 0.744",
            "w = 3; L = 0.744",
            "L=0.744; slope=-0.237",
            "1, L = 0.744",
        ),
        *("L != 0.744", "0.5 and then = 0.744"),
    ],
)
def test_of_several_numbers_none_is_picked(answer: str) -> None:
    assert mark(LOSS, answer).status == "unreadable"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("L = ln(1 + e^0.1) = 0.744", "right"),
        ("f(1, 2) = 0.744", "right"),
        ("-y ln p = 0.744", "right"),
        ("ln(1 + e^0.1) ≈ 0.74", "right"),
        (r"\ln(1 + e^{0.1}) \approx 0.7", "right"),
        ("ln(1 + e^0.1) = 0.74", "almost"),
        ("ln(1 + e^0.1) ≈ 0.9", "unreadable"),
        ("ln(2 + e^0.1) ≈ 1.13", "wrong"),
        ("ln(2 + e^0.1) ≈ 0.744", "unreadable"),
    ],
)
def test_an_exact_number_may_be_followed_by_its_rounding(answer: str, status: str) -> None:
    assert mark(LOSS, answer).status == status


def test_one_digit_is_not_said_to_be_right_so_far() -> None:
    exact = key("answer = 6.5")
    assert mark(exact, "7").message.startswith("If this is rounded")
    assert mark(LOSS, "0.74").message.startswith("Right so far")


def test_a_sign_of_equality_inside_brackets_parts_nothing() -> None:
    verdict = mark(LOSS, "log(1 + exp(x=0.1), dim=0)")
    assert verdict.status == "unreadable"
    assert "never opened" not in verdict.message
