"""Numbers, with as many digits as it takes, and their units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Undecided, Unreadable
from dlbook.answers.feedback import near
from dlbook.answers.feedback.units import GROUPS, factors, in_unit
from dlbook.answers.kinds.base import Kind
from dlbook.answers.kinds.tabled import check, flag, modelled
from dlbook.answers.reading.latex import latex
from dlbook.answers.reading.parse import read
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tables import Rules, Table, for_page, lookup, value_index
from dlbook.answers.tree import Comparison, Number
from dlbook.answers.values.evaluate import number as value_of
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

# 10^3 beside a number, which is then plain; alone it is a formula.
_POWER = r"(?:\{ ?([+-]?[0-9]+) ?\}|\(([+-]?[0-9]+)\)|([+-]?[0-9]+))"
_WORDS = "[Tt]he|[Aa]n?|[Ii]t|is|multiplied|[Bb]y|of|[Ii]n|[Aa]fter|[Aa]t|least|factor|answer|batch|size|step"
_LEAD = (
    r"(?:(?!\\?(?:ln|log|exp|sqrt)(?![A-Za-z]))[A-Za-z∂\\][^=≈~<>!;]{0,40}[=≈~]|=|≈|~"
    r"|about |approx\.? |approximately |circa |ca\.? "
    r"|exactly |roughly |(?!lambda)[A-Za-z\\](?:[A-Za-z0-9_{}\\]| (?![0-9])){0,40}(?::| is| equals)"
    r"(?= ?(?:[0-9.(+\\-]|ln|log|exp|sqrt|e\b))"
    rf"|(?:(?:{_WORDS}) )+) ?"
)
_COUNTED = re.compile(
    r"(?<=[0-9)]) ?(?:steps?|(?:steps )?per (?:step|epoch)|iterations?|updates?|epochs?|batch(?:es)?"
    r"|examples?|images?|param(?:eter)?s?|weights?(?: and biases)?|units?|times|x) ?\.?$",
    re.IGNORECASE,
)
_DOLLARS = re.compile(r"^\s*\$+|\$+\s*$")
_LIMIT = re.compile(r"\s*\$?\s*\\?[A-Za-z][A-Za-z_0-9]{0,12}\s*(?:[<>≤≥]|\\[lg]eq?(?![a-z]))")
_CLEAN = (
    (r"^\$ ?(.*?) ?\$$", "$1"),
    (f"^{_LEAD}", ""),
    (r"([0-9])_(?=[0-9])", "$1"),
    (r"^([+-]) ", "$1"),
    *((rf"^([+-]?[0-9]{{{n - 2},{n}}}) ([0-9]{{3}})(?![0-9])", "$1$2") for n in (3, 6, 9)),  # 60 000
    (
        rf"^([+-]?[0-9.]+) ?(?:\*|×|·|x|\\cdot|\\times) ?10 ?(?:\^|\*\*) ?{_POWER}(?= ?$| ?[A-Za-z%°µμ])",
        "$1e$2$3$4",
    ),
    (r"^([+-]?[0-9]*\.[0-9]+)\.$", "$1"),
    (r"([0-9])(?:\{,\}|\\,)(?=[0-9]{3}(?![0-9]))", "$1"),
    (r" ?\\%", "%"),
    (r"([0-9])['’](?=[0-9]{3})", "$1"),
)
_STEPS = re.compile(r"(?<![<>!=:])=(?!=)|[≈≃]|\\(?:approx|simeq)(?![a-z])")
_SEVERAL = re.compile(r"[;!]|,\s|\b(?:or|and)\b")
"""What parts several answers, in what stands before the last sign of equality."""
_ROUNDED = 0.1
"""How far, as a share, a number after ≈ may be from the one before it."""
_FORMULA = Vocabulary()
_BY = re.compile(r"(?<=[0-9) ])[xX](?=[0-9( ])")
_LARGEST = 2.0**53
_AMOUNTS = {"hundred", "thousand", "million", "millions", "billion", "billions", "dozen"}
_AMOUNTS |= {"half", "third", "quarter", "cent", "percent"}
"""Words that do not only say what is counted."""


@dataclass(frozen=True)
class NumberSpec:
    """What marking a number takes.

    Parameters
    ----------
    table : dict
        See `dlbook.answers.tables`.
    value : float
        The right value.
    right : tuple of str
        Right answers, as they are typed.
    mistaken : tuple of (int, str)
        An answer for each modelled mistake.
    """

    table: Table
    value: float
    right: tuple[str, ...]
    mistaken: tuple[tuple[int, str], ...] = ()


class NumberKind(Kind):
    r"""A number, typed as such or as a formula (``2/3``, ``ln 2``).

    ``answer`` is a number or a formula in quotes. It has to be met to half a unit of the last of ``digits``
    significant digits (3 if nothing is said), or within the wider of ``relative`` and ``absolute``, or, with
    ``integer = true``, exactly. ``unit`` is what it is measured in: other units of the sort are converted, a
    number without unit is taken to be in it unless ``unit_needed = true``. A whole number of which nothing is
    said but ``answer`` is exact. A modelled mistake has ``answer`` or ``between = [low, high]``. ``recorded``
    names the number of the page that the answer has to agree with; the build compares them.
    """

    name: ClassVar[str] = "number"
    fields: ClassVar[tuple[str, ...]] = (
        "digits",
        "relative",
        "absolute",
        "integer",
        "unit",
        "unit_needed",
        "recorded",
    )
    patterns: ClassVar[tuple[str, ...]] = ("between",)

    def read(self, key: Key, where: str) -> NumberSpec:
        """Read the value, and cut the line of all numbers into intervals with their verdicts."""
        unit = key.table.get("unit", "")
        if not isinstance(unit, str) or not re.fullmatch(r"[^\s\d.,+*-]*", unit):
            raise BadKeyError(f"{where}: unit must be a text such as 'kB', without blanks and digits")
        recorded = key.table.get("recorded", "x")
        if not isinstance(recorded, str) or not recorded.isidentifier():
            raise BadKeyError(f"{where}: recorded must be the name of a number that the page records")
        precision = _precision(key, where)
        if "answer" not in key.table:
            raise BadKeyError(f"{where}: needs answer, a number or a formula in quotes")
        value = _value(key.table["answer"], f"{where}: answer")
        if precision.integer and (value != int(value) or abs(value) > _LARGEST):
            raise BadKeyError(f"{where}: answer: with integer = true it must be a whole number up to 2^53")
        wrong, mistaken = [], []
        for number, mistake in enumerate(key.mistakes):
            low, high = _ends(mistake.when, f"{where}: mistakes")
            wrong.append((low, high, modelled(key, number)))
            mistaken.append((number, in_unit((low + high) / 2, unit)))
        answer = key.table["answer"]
        logs = re.search(r"log|\bln\b", answer if isinstance(answer, str) else repr(key.table)) is not None
        bands = _bands(value, precision, wrong, unit, logs=logs)
        formulas = (*_formula(key.table["answer"]), *key.table.get("also", []))
        right = (*_typed(value, precision, unit), *formulas)
        needed = flag(key, "unit_needed", where)
        if needed and not unit:
            raise BadKeyError(f"{where}: unit_needed = true needs unit")
        spec = NumberSpec(_table(key, value, bands, unit, needed, precision), value, right, tuple(mistaken))
        self._try(replace(key, spec=spec), where)
        return spec

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Look a plain number up; find the value of anything else first."""
        table, plain = key.spec.table, not key.table.get("unit")
        answer = _DOLLARS.sub(lambda found: " " * len(found[0]), answer)
        answer = _COUNTED.sub("", answer.rstrip()) if plain else answer
        verdict = lookup(table, answer)
        if verdict is not None:
            return verdict
        if found := _LIMIT.match(answer):
            raise Unreadable("Write only the number, without a sign such as `<` or `≥`.", found.span())
        signs = (found for found in _STEPS.finditer(answer) if answer[found.end() :].strip(" $."))
        if steps := [sign for sign in signs if _outside(answer, sign.start())]:
            return self._last_step(key, answer, steps, clock)
        text, unit, start = _split(answer, table)
        node, value = _evaluate(text, start, clock)
        if unit is None and table["bare"] is not None:
            index = table["bare"]
        elif unit is not None and table["units"][unit] is None:
            index = table["foreign"]
        else:
            exact = not isinstance(node, Number) or node.exact
            shares = unit is None and key.table.get("unit") == "%" and "%" in text  # 25% - 15%
            factor = table["units"][unit] if unit is not None else 100 if shares else 1
            index = value_index(table, value * factor, 0 if exact else node.digits)
        return Verdict(**table["verdicts"][index]).having(understood=latex(node, _FORMULA))

    def _last_step(self, key: Key, answer: str, steps: list[re.Match[str]], clock: Clock) -> Verdict:
        """Mark what stands last in `2 * 3 + 1 = 7`, unless the steps before it give another number."""
        start = steps[-1].end()
        ends = [0, *(step.end() for step in steps)]
        try:
            text, _, skipped = _split(answer[start:], key.spec.table)
            _, last = _evaluate(text, skipped, clock)
            verdict = self.mark(key, answer[start:].rstrip(" $"), clock)
        except Unreadable as error:
            span = error.span and (error.span[0] + start, error.span[1] + start)
            raise Unreadable(error.message, span) from error
        for begin, step in zip(ends, steps, strict=False):
            part = answer[begin : step.start()]
            try:
                _, value = _evaluate(part, begin, clock)
            except Unreadable:
                if _SEVERAL.search(re.sub(r"[({\[][^(){}\[\]]*[)}\]]", "", part)):
                    raise Unreadable("Give one number: these are several.", (begin, step.start())) from None
                continue  # a name, such as the one in `L = 0.7`
            if step is steps[-1] and step[0] != "=" and abs(value - last) <= _ROUNDED * abs(value):
                exact_one = self.mark(key, part, clock)  # 9/32 ≈ 0.28
                verdict = exact_one if exact_one.right else verdict
                continue
            exact = value.is_integer() and last.is_integer()
            if abs(value - last) > (0 if exact else 0.02) * max(abs(value), abs(last)):
                raise Unreadable("The two sides of this sign are not the same number.", step.span())
        return verdict.having(at=None)

    def right_answers(self, key: Key) -> list[str]:
        """Give the right number, rounded and in full, and the formulas of the key."""
        return list(key.spec.right)

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give an answer for each modelled mistake."""
        return list(key.spec.mistaken)

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up numbers."""
        value, unit = key.spec.value or 1.0, key.table.get("unit", "")
        found: list[str] = []
        while len(found) < count:
            text = in_unit(float(f"{value * rng.uniform(-3, 3) + rng.uniform(-1, 1):.4g}"), unit)
            verdict = lookup(key.spec.table, text)
            if verdict is not None and not verdict.right:
                found.append(text)
        return found

    def verdicts(self, key: Key) -> dict[str, Any]:
        """Give the table, as the page takes it."""
        return for_page(key, key.spec.table)

    def _try(self, key: Key, where: str) -> None:
        """Try the key's own answers on it."""
        check(key.spec.table, key.spec.right, key.spec.mistaken, where)
        for text in key.spec.right:
            try:
                verdict = self.mark(key, text, Clock()) if lookup(key.spec.table, text) is None else None
            except (Unreadable, Undecided) as error:
                raise BadKeyError(f"{where}: {text!r}: {error.message}") from error
            if verdict is not None and not verdict.right:
                raise BadKeyError(f"{where}: the right answer {text!r} would be told: {verdict}")


def _precision(key: Key, where: str) -> near.Precision:
    """Read how exact the answer has to be."""
    digits = key.table.get("digits", 3)
    if not isinstance(digits, int) or not 1 <= digits <= near.MOST_DIGITS:
        raise BadKeyError(f"{where}: digits must be a whole number from 1 to {near.MOST_DIGITS}")
    for name in ("relative", "absolute"):
        given = key.table.get(name, 1.0)
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < math.inf:
            raise BadKeyError(f"{where}: {name} must be a positive number")
    integer = flag(key, "integer", where) or _counted(key)
    both = sorted({"digits", "relative", "absolute"} & set(key.table))
    if (integer and both) or ("digits" in both and len(both) > 1):
        raise BadKeyError(f"{where}: {' and '.join(both)}: give digits, or tolerances, or integer = true")
    return near.Precision(digits, key.table.get("relative"), key.table.get("absolute"), integer)


def _counted(key: Key) -> bool:
    """Tell whether a key with nothing said about exactness has a whole number as its answer."""
    silent = not {"integer", "digits", "relative", "absolute", "unit"} & set(key.table)
    return silent and isinstance(key.table.get("answer"), int)


def _value(given: Any, where: str) -> float:
    """Give the value of a number or formula of the key."""
    if isinstance(given, str):
        try:
            _, value = _evaluate(given, 0, Clock())
        except (Unreadable, Undecided) as error:
            raise BadKeyError(f"{where}: {given!r}: {error.message}") from error
    elif isinstance(given, int | float) and not isinstance(given, bool):
        value = float(given)
    else:
        raise BadKeyError(f"{where}: {given!r} is neither a number nor a formula in quotes")
    if not math.isfinite(value):
        raise BadKeyError(f"{where}: {given!r} is not finite")
    return value


def _ends(when: Any, where: str) -> tuple[float, float]:
    """Give the ends of a modelled mistake; they are equal for a single number."""
    if len(when) != 1:
        raise BadKeyError(f"{where}: give answer or between, not both")
    if "answer" in when:
        value = _value(when["answer"], where)
        return value, value
    ends = when["between"]
    if not isinstance(ends, list) or len(ends) != 2:
        raise BadKeyError(f"{where}: between = [low, high]")
    low, high = (_value(end, where) for end in ends)
    if low >= high:
        raise BadKeyError(f"{where}: between: {low} is not below {high}")
    return low, high


def _formula(given: Any) -> tuple[str, ...]:
    """Give the formula of the key, if it is one."""
    return (given,) if isinstance(given, str) else ()


def _typed(value: float, precision: near.Precision, unit: str) -> list[str]:
    """Write the right number as readers would."""
    rounded = value if precision.integer else float(f"{value:.{precision.asked(value)}g}")
    return list(dict.fromkeys([in_unit(rounded, unit), in_unit(value, unit)]))


def _bands(
    value: float,
    precision: near.Precision,
    wrong: list[tuple[float, float, Verdict]],
    unit: str,
    *,
    logs: bool,
) -> list[near.Band]:
    """List all bands, those that decide first in front."""
    bands = [near.around(value, precision.tolerance(value), Verdict("right"))]
    for fewer in (0, 1):  # a mistake with a digit less is still one, unless it is the right value rounded
        for low, high, verdict in wrong:
            width = precision.tolerance((low + high) / 2, fewer) if low == high else 0.0
            bands.append(near.Band(low - width * (1 + 1e-9), high + width * (1 + 1e-9), verdict))
        if fewer == 0:
            bands += near.prefixes(value, precision) if unit in GROUPS["memory"] else []
            bands += near.too_few_digits(value, precision)
    return [*bands, *near.neighbours(value, precision), *near.elsewhere(value, precision, unit, logs=logs)]


def _table(
    key: Key, value: float, bands: list[near.Band], unit: str, needed: bool, precision: near.Precision
) -> dict[str, Any]:
    """Make the table of type ``number``."""
    rules = Rules(key, (*_CLEAN, *_counted_things(key.prompt, unit)))
    thousands = "Leave out the commas between thousands: write 12345, not 12,345."
    decimals = "Write a decimal number with a point: 0.5, not 0,5."
    if not precision.integer:
        thousands += " If yours is a decimal comma, write a point."
    rules.pattern(
        r"^[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?(?![0-9,])", Verdict("unreadable", thousands)
    )
    rules.pattern(r"^[+-]?[0-9]*,[0-9]+(?![0-9,])", Verdict("unreadable", decimals))
    rules.pattern(
        r"^[+-]?[0-9]*\.[0-9]{3}(?:\.[0-9]{3})+(?![0-9])",
        Verdict("unreadable", "Write no points between thousands."),
    )
    if precision.integer and value >= 1000:
        rules.pattern(
            r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$",
            Verdict("unreadable", "This is to be a whole number. Write no point between thousands."),
        )
    foreign = (
        f"That unit does not fit here; give the answer in {unit}."
        if unit
        else "This is a plain number: leave out the unit."
    )
    worth = factors(unit)
    if precision.integer and not unit:
        worth |= dict.fromkeys(GROUPS["share"])
    return {
        "type": "number",
        **rules.form,
        "patterns": rules.patterns,
        "units": worth,
        "foreign": rules.verdict(Verdict("unreadable", foreign)),
        "bare": rules.verdict(
            Verdict("unreadable", f"A number alone leaves it open: give its unit, such as {unit}.")
        )
        if needed
        else None,
        "intervals": [
            [band.low, band.closed, band.high, band.closed, band.digits, rules.verdict(band.verdict)]
            for band in bands
        ],
        "else": rules.verdict(Verdict("wrong", "Work through it once more, one step at a time.")),
        "verdicts": rules.verdicts,
    }


def _counted_things(prompt: str, unit: str) -> list[tuple[str, str]]:
    """Let the words of the prompt stand after a number: what it counts, as in `83 steps`."""
    spoken = re.findall(r"[a-z]{4,}", re.sub(r"\$[^$]*\$", "", prompt).lower())
    words = sorted({"parameters", "times", *spoken} - _AMOUNTS - {name.lower() for name in factors(unit)})
    each = "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in words)
    return [(rf"([0-9.]) (?:{each})(?: (?:and|of|{each}))*\.?$", "$1")]


def _split(answer: str, table: Table) -> tuple[str, str | None, int]:
    """Part an answer into a formula, the unit behind it and where the formula begins."""
    lead = re.match(rf"\s*\$?\s*(?:{_LEAD})?", answer)
    start = lead.end() if lead else 0
    text = answer[start:].rstrip(" $\t\n")
    end = re.search(r"(?<=[\d)\]}\s])[^\s\d()\[\]{}.,^*+-]+(?: cent| points?)?$", text)
    if end and end[0] in table["units"] and end[0] != "%":
        return text[: end.start()], end[0], start
    return text, None, start


def _outside(answer: str, at: int) -> bool:
    """Tell whether a place is outside of all brackets; the one in ``f(x, dim=0)`` is not."""
    return answer.count("(", 0, at) <= answer.count(")", 0, at)


def _evaluate(text: str, start: int, clock: Clock) -> tuple[Any, float]:
    """Read a formula and give its value; places are counted in the whole answer."""
    try:
        node = read(_BY.sub("*", text), _FORMULA)
        if isinstance(node, Comparison):
            raise Unreadable("A number is asked for, and this compares two.", node.span)
        value = float(value_of(node, _FORMULA, clock))
    except Unreadable as error:
        if error.span is not None:
            error.span = (error.span[0] + start, error.span[1] + start)
        raise
    return node, value
