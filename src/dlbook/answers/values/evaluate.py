r"""Values of formulas: a tree and values for its symbols make a number, a vector or a matrix.

A tree is turned into a list of steps for a stack once and can then be run at many points. Nothing here
recurses, so a long sum is as good as a short one, and the clock is asked at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dlbook.answers.clock import Clock
from dlbook.answers.errors import Unreadable
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import (
    Binary,
    Call,
    Comparison,
    Constant,
    Node,
    Number,
    Sequence,
    Span,
    Symbol,
    Unary,
)
from dlbook.answers.values import functions
from dlbook.answers.values.numbers import (
    BITS,
    CTX,
    MOST_BITS,
    Array,
    Machine,
    Scalar,
    ShapeClash,
    TooLarge,
    Undefined,
    Value,
)

Step = Callable[["Run", list[Value]], Value]


@dataclass
class Run:
    """What one run of a program works with."""

    machine: Machine
    values: Mapping[str, Value]
    variant: int


class Program:
    """A formula, ready to be given values.

    Parameters
    ----------
    node : Node
        The formula.
    vocabulary : Vocabulary
        Its symbols and functions.

    Raises
    ------
    Unreadable
        If something stands in it that has no value, such as an interval.

    Examples
    --------
    >>> from fractions import Fraction
    >>> two = Number(Fraction(2), 1, True)
    >>> program = Program(Binary("*", two, Symbol("x")), Vocabulary())
    >>> float(program.run({"x": CTX.mpf(21)}, Clock()))
    42.0
    """

    def __init__(self, node: Node, vocabulary: Vocabulary) -> None:
        self.open = {name: i for i, name in enumerate(sorted(vocabulary.functions))}
        self.is_open = any(isinstance(n, Call) and n.function.rstrip("'") in self.open for n in nodes(node))
        self.is_constant = not self.is_open and not any(isinstance(n, Symbol) for n in nodes(node))
        order: list[Node] = []
        waiting = [node]
        while waiting:
            current = waiting.pop()
            order.append(current)
            waiting += current.children
        self.steps = [(self._step(n), len(n.children), n.span) for n in reversed(order)]

    def run(self, values: Mapping[str, Value], clock: Clock, variant: int = 0) -> Value:
        """Compute the value at a point, with as many digits as its sums and differences need.

        Parameters
        ----------
        values : mapping
            A number or an :class:`Array` for every symbol.
        clock : Clock
            The limit of time.
        variant : int, optional
            Which of two curves stands for each open function.

        Returns
        -------
        mpf or Array
            The value.

        Raises
        ------
        Undefined
            Where there is no value.
        TooLarge
            Where a number would become too large.
        """
        bits = BITS
        try:
            with CTX.workprec(bits):
                machine = Machine(bits, clock)
                result = self._run(machine, values, variant)
        except Undefined:
            if machine.need <= bits // 2:
                raise
            result = None
        while result is None or machine.need > bits // 2:
            if bits > BITS and machine.need <= bits:
                break
            if machine.need > MOST_BITS // 2:
                raise TooLarge()
            bits = max(4 * BITS, 2 * machine.need + BITS) if bits == BITS else MOST_BITS
            with CTX.workprec(bits):
                machine = Machine(bits, clock)
                result = self._run(machine, values, variant)
            if bits == MOST_BITS:
                break
        return result

    def _run(self, machine: Machine, values: Mapping[str, Value], variant: int) -> Value:
        """Compute with a given number of bits."""
        run = Run(machine, values, variant)
        stack: list[Value] = []
        here: Span = (0, 0)
        try:
            for step, count, span in self.steps:
                here = span
                machine.clock.tick()
                arguments = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                stack.append(step(run, arguments))
        except (Undefined, ShapeClash) as error:
            if error.span is None:
                error.span = here
            raise
        except ZeroDivisionError as error:
            raise Undefined("This divides by zero.", here) from error
        return stack[0]

    def _step(self, node: Node) -> Step:
        """Choose what to do at one node."""
        match node:
            case Number():
                return lambda run, _: CTX.mpf(node.value.numerator) / node.value.denominator
            case Constant(name="pi"):
                return lambda run, _: +CTX.pi
            case Constant(name="e"):
                return lambda run, _: +CTX.e
            case Constant():
                raise Unreadable(
                    "Infinity cannot stand in a formula; it can be the end of an interval.", node.span
                )
            case Symbol():
                return lambda run, _: run.values[node.name]
            case Unary(operator="-"):
                return lambda run, a: a[0].map(lambda x: -x) if isinstance(a[0], Array) else -a[0]
            case Unary(operator="T"):
                return lambda run, a: a[0].T if isinstance(a[0], Array) else a[0]
            case Unary():
                return lambda run, a: functions.apply(run.machine, node.operator, a)
            case Binary():
                return _binary(node)
            case Call():
                return self._call(node)
            case Comparison():
                return lambda run, a: _indicator(run, node.operators, a)
            case Sequence():
                return lambda run, a: _entries(node, a)
        raise Unreadable("This is a set, and here a formula is needed.", node.span)

    def _call(self, node: Call) -> Step:
        """Apply a known function or one that the exercise leaves open."""
        name = node.function.rstrip("'")
        if name in self.open:
            number, derivative = self.open[name], node.function.endswith("'")

            def curve(run: Run, a: list[Value]) -> Value:
                def one(x: Scalar) -> Scalar:
                    return functions.open_function(run.machine, number, run.variant, derivative, x)

                return a[0].map(one) if isinstance(a[0], Array) else one(a[0])

            return curve
        if not functions.known(node.function):
            raise Unreadable(f"The function {node.function[:20]} cannot stand here.", node.span)
        return lambda run, a: functions.apply(run.machine, node.function, a)


def is_transposed(node: Node) -> bool:
    """Tell whether a factor is written with a transpose."""
    return isinstance(node, Unary) and node.operator == "T"


def _binary(node: Binary) -> Step:
    """Choose what an operator does."""
    outer = is_transposed(node.right) and not is_transposed(node.left)

    def product(run: Run, a: list[Value]) -> Value:
        left, right = a
        vectors = isinstance(left, Array) and isinstance(right, Array) and len(left.shape + right.shape) == 2
        if outer and vectors:
            return run.machine.outer(left, right)  # as on paper: a column times a row
        return run.machine.product(left, right)

    def beside(run: Run, a: list[Value]) -> Value:
        if isinstance(a[0], Array) and isinstance(a[1], Array):
            return product(run, a)
        return run.machine.entrywise(run.machine.multiply, *a)

    def minus(run: Run, a: list[Value]) -> Value:
        return run.machine.entrywise(lambda p, q: run.machine.add(p, -q), *a)

    steps: dict[str, Step] = {
        "+": lambda run, a: run.machine.entrywise(run.machine.add, *a),
        "-": minus,
        "*": lambda run, a: run.machine.entrywise(run.machine.multiply, *a),
        ".": lambda run, a: run.machine.entrywise(run.machine.multiply, *a),
        "/": lambda run, a: run.machine.entrywise(run.machine.divide, *a),
        "^": lambda run, a: run.machine.entrywise(run.machine.power, *a),
        "@": product,
        " ": beside,
    }
    return steps[node.operator]


def _indicator(run: Run, operators: tuple[str, ...], a: list[Value]) -> Value:
    """Give 1 where every comparison of a chain holds, and 0 elsewhere."""

    def holds(operator: str) -> Callable[[Scalar, Scalar], Scalar]:
        def one(p: Scalar, q: Scalar) -> Scalar:
            difference = p - q
            if abs(difference) <= CTX.ldexp(max(abs(p), abs(q)), -(run.machine.bits // 2)):
                return CTX.mpf(operator in ("=", "<=", ">="))
            return CTX.mpf(operator == "!=" or (operator[0] == "<" if difference < 0 else operator[0] == ">"))

        return one

    result: Value = CTX.one
    for operator, left, right in zip(operators, a, a[1:], strict=False):
        link = run.machine.entrywise(holds(operator), left, right)
        result = run.machine.entrywise(run.machine.multiply, result, link)
    return result


def _entries(node: Sequence, a: list[Value]) -> Array:
    """Put entries together to a vector, or rows to a matrix."""
    if not a or node.bracket == "{":
        raise Unreadable("This is a set, and here a formula is needed.", node.span)
    if not any(isinstance(item, Array) for item in a):
        return Array((len(a),), a)
    widths = {item.shape for item in a if isinstance(item, Array)}
    if len(widths) > 1 or not all(isinstance(item, Array) and len(item.shape) == 1 for item in a):
        raise ShapeClash("The rows of a matrix need equally many entries each.", node.span)
    return Array((len(a), *widths.pop()), [x for item in a for x in item.data])


def number(node: Node, vocabulary: Vocabulary, clock: Clock | None = None) -> Scalar:
    """Give the value of a formula without symbols.

    Parameters
    ----------
    node : Node
        The formula.
    vocabulary : Vocabulary
        The exercise's words; a symbol among them that stands in the formula is refused.
    clock : Clock, optional
        The limit of time.

    Returns
    -------
    mpf
        With about 60 digits; plus or minus infinity only where that is all that was written.

    Raises
    ------
    Unreadable
        If the formula has a symbol, is no single number, or has no value.
    Undecided
        If it is too large.

    Examples
    --------
    >>> from fractions import Fraction
    >>> round(float(number(Call("log", (Number(Fraction(2), 1, True),)), Vocabulary())), 6)
    0.693147
    """
    for part in nodes(node):
        if isinstance(part, Symbol):
            raise Unreadable(f"A number is asked for; {part.name} stands for one, so put it in.", part.span)
    sign, rest = 1, node
    while isinstance(rest, Unary) and rest.operator == "-":
        sign, rest = -sign, rest.operand
    if isinstance(rest, Constant) and rest.name == "inf":
        return sign * CTX.inf
    value = Program(node, vocabulary).run({}, clock or Clock())
    if isinstance(value, Array):
        raise Unreadable("One number is asked for, not several.", node.span)
    return value


def nodes(node: Node) -> list[Node]:
    """List a node and all below it, parents first, however deep it is."""
    found, waiting = [], [node]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting += reversed(current.children)
    return found
