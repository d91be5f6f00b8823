"""Shapes of tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import permutations, product
from math import prod
from random import Random
from typing import TYPE_CHECKING, ClassVar

from dlbook.answers.errors import BadKeyError
from dlbook.answers.kinds.tabled import Marked, TabledKind, check, modelled
from dlbook.answers.tables import Rules
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

_CLEAN = (
    (r"^ ?\$ ?(.*?) ?\$ ?$", "$1"),
    (r"\\(?:left|right) ?", ""),
    (r" ?\\times ?", "×"),
    (r"\.$", ""),
    (r"^\([A-Za-z_, ]+\) ?= ?", ""),  # (N, M) =
    (r"^(?![0-9({\[])[^:=∈^\[\]!≠]{1,60}?(?: ?={1,2}|:|∈|\\in(?![a-z])| in (?=R)) ?", ""),  # X.shape =
    (r"^(?:\\mathbb ?(?:\{ ?R ?\}|R)|ℝ|R) ?\^ ?(?=[({0-9])", ""),
    (r"^(?:torch\.|tf\.)?(?:[Ss]ize|[Ss]hape|TensorShape|tuple|list)(?= ?[(\[])", ""),
    (r"^(?:a )?scalar$", "()"),
    (r"^(?:an? |the )?(?:vector|matrix|tensor|array|shape|size)(?: of| with| is| shape| size| length)* ", ""),
    (r"^an? (?=[0-9])| (?:matrix|tensor|array)$", ""),
    (r"^([0-9]+) (?:numbers|entries|elements)$", "$1"),
    (r"^([0-9]+) rows?,? (?:and |by |x |×)?([0-9]+) columns?$", "$1,$2"),
    (r" by |-by-|×| [xX] ", ","),
    (r"([0-9])[xX](?=[0-9A-Za-z])", "$1,"),
    *((r"^ ?(?:\((.*)\)|\[(.*)\]|\{(.*)\}) ?$", "$1$2$3"),) * 3,
    (r"([0-9])_(?=[0-9])", "$1"),
    (r" ?[,;] ?", ","),
    (r" ?[*·⋅∙] ?", "*"),
    (r"^ | $", ""),
    (r" ", ","),
    (r"([^,]),$", "$1"),
)
_SIZE = re.compile(r"(?:[1-9][0-9]{0,8}|0|[A-Za-z][A-Za-z0-9_]*(?:\*[A-Za-z][A-Za-z0-9_]*)*)")
_FIRST_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
Shape = tuple[str, ...]


class ShapeKind(TabledKind):
    """The shape of a tensor, as whole numbers or by the ``names`` that the exercise gives to sizes.

    An answer is ``(32, 10)``, and what else people write: ``32x10``, ``[32, 10]``, ``torch.Size([32, 10])``.
    In the answer of a modelled mistake ``*`` stands for any size: ``(*, 784)``.
    """

    name: ClassVar[str] = "shape"
    fields: ClassVar[tuple[str, ...]] = ("names",)

    def read(self, key: Key, where: str) -> Marked:
        """Read the shape, and say what other shapes lead to."""
        names = _names(key, where)
        rules = Rules(key, _CLEAN)
        texts = [key.table.get("answer"), *key.table.get("also", [])]
        right = [_shape(rules, text, names, f"{where}: answer") for text in texts]
        for shape in right:
            _add(rules, shape, Verdict("right"))
        mistaken = []
        for number, mistake in enumerate(key.mistakes):
            text = str(mistake.when["answer"])
            shape = _shape(rules, text, names, f"{where}: mistakes", wild=True)
            if "*" in shape:
                pattern = ",".join("[^,]+" if size == "*" else re.escape(size) for size in shape)
                rules.pattern(f"^{pattern}$", modelled(key, number))
            else:
                _add(rules, shape, modelled(key, number))
            mistaken.append((number, f"({', '.join('977' if size == '*' else size for size in shape)})"))
        _refusals(rules, names)
        _generic(rules, right[0], names)
        marked = Marked(
            table=rules.lookup(Verdict("wrong", "Count the axes first, then find the size of each.", "")),
            right=tuple(f"({', '.join(shape)}{',' if len(shape) == 1 else ''})" for shape in right),
            mistaken=tuple(mistaken),
        )
        check(marked.table, marked.right, marked.mistaken, where)
        return marked

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up shapes."""
        sizes = [*key.table.get("names", ()), "2", "7", "31", "100", "963"]
        right = {answer.strip("(),").replace(" ", "") for answer in key.spec.right}
        found: list[str] = []
        while len(found) < count:
            shape = [rng.choice(sizes) for _ in range(rng.randint(1, 4))]
            if ",".join(shape) not in right:
                found.append(f"({', '.join(shape)})")
        return found


def _names(key: Key, where: str) -> tuple[str, ...]:
    """Read the names of sizes."""
    names = key.table.get("names", [])
    if not isinstance(names, list) or not all(isinstance(n, str) and _FIRST_NAME.fullmatch(n) for n in names):
        raise BadKeyError(f"{where}: names must be a list of names such as B or d_in")
    if clash := sorted({"x", "X", "by"} & set(names)):
        raise BadKeyError(f"{where}: names: {clash[0]} is read as 'times', as in 3 x 4; take another name")
    return tuple(names)


def _shape(rules: Rules, text: object, names: Sequence[str], where: str, *, wild: bool = False) -> Shape:
    """Read a shape of the key's own."""
    if not isinstance(text, str) or not text.strip():
        raise BadKeyError(f"{where}: a shape is a text such as '(32, 10)', '(128,)' or '()'")
    if wild:  # a lone * would be taken for a product
        text = re.sub(r"(?<![\w)]) *\* *(?![\w(])", "@", text)
    form = rules.canonical(text)
    shape = tuple(form.split(",")) if form else ()
    for size in shape:
        if size == "@":
            continue
        if not _SIZE.fullmatch(size):
            raise BadKeyError(f"{where}: {size!r} in {text!r} is no size")
        if unknown := [n for n in size.split("*") if not n.isdigit() and n not in names]:
            raise BadKeyError(f"{where}: {unknown[0]} in {text!r} is not in names")
    return tuple("*" if size == "@" else size for size in shape)


def _add(rules: Rules, shape: Shape, verdict: Verdict) -> None:
    """Add a shape; the factors of a product of names may stand in any order, also side by side."""
    spellings = [
        [sign.join(order) for sign in ("*", "") for order in permutations(size.split("*"))] for size in shape
    ]
    for spelled in product(*spellings):
        rules.answer(",".join(spelled), verdict)


def _refusals(rules: Rules, names: Sequence[str]) -> None:
    """Say what keeps a text from being a shape."""
    how = f"such as ({', '.join(names[:2])})" if len(names) > 1 else "such as (3, 4)"
    for pattern, message in (
        (r"-[0-9]", "A size of -1 only tells `reshape` to work it out. Write the size itself."),
        (r"[0-9]\.[0-9]", "Sizes are whole numbers, with commas between them."),
        (r"(?:^|,)0[0-9]", "Write a large size without commas in it: 60000, because a comma ends a size."),
        (r"[()\[\]{}]", "The brackets do not match; one pair around all sizes is enough."),
        (r"[0-9]\*|\*[0-9]", "Put commas between the sizes; for a product, work it out."),
        (r"(?:^|,)(?:,|$).", "There is a comma too many."),
        (r"[^A-Za-z0-9_*,]|^,$", f"Write the sizes with commas between them, {how}."),
    ):
        rules.pattern(pattern, Verdict("unreadable", message))
    if names:
        known = "|".join(sorted(names, key=len, reverse=True))
        size = rf"(?:[0-9]+|(?:{known})(?:\*(?:{known}))*)"
        message = f"The sizes are called {_listed(names)} here; capitals matter."
    else:
        size, message = "[0-9]+", "Give the sizes as numbers, such as (3, 4)."
    rules.pattern(f"^(?!(?:{size}(?:,{size})*)?$)", Verdict("unreadable", message))


def _generic(rules: Rules, right: Shape, names: Sequence[str]) -> None:
    """Add the mistakes that every shape can be the victim of, the telling ones first."""
    count = len(right)
    named = any(not size.isdigit() for size in right)
    for shapes, status, message, mistake in (
        (
            [right[::-1]],
            "wrong",
            "All sizes are there, but the other way round: which axis comes first?",
            "reversed",
        ),
        (
            permutations(right) if count <= 5 else [],
            "wrong",
            "All sizes are there, in another order: what does each axis count?",
            "permuted",
        ),
        (
            [right[1:]] if count > 1 else [],
            "wrong",
            "What does the first axis count? It is missing here.",
            "no-batch",
        ),
        (
            [(*right[:i], "1", *right[i:]) for i in range(count + 1)],
            "wrong",
            "There is an axis of size 1 too many: which step would have made it?",
            "extra-axis",
        ),
        (
            [tuple(s for s in right if s != "1")] if "1" in right else [],
            "wrong",
            "An axis of size 1 is an axis too; it goes only when something squeezes it.",
            "squeezed",
        ),
        (
            _merged(right),
            "wrong",
            "The number of entries is right, but axes have been merged: which step would flatten them?",
            "flattened",
        ),
        (
            [] if named else _factored(right),
            "wrong",
            "The number of entries is right, but they are not arranged this way.",
            "same-count",
        ),
    ):
        for shape in shapes:
            _add(rules, shape, Verdict(status, message, f"generic-{mistake}"))
    if named:
        rules.pattern(
            "^[0-9]+(?:,[0-9]+)*$",
            Verdict("almost", f"Give the sizes by their names: {_listed(names)}.", "generic-names"),
        )
    commas = f"(?:,[^,]+){{{max(count - 1, 0)}}}"
    same = f"^[^,]+{commas}$" if count else "^$"
    rules.pattern(
        f"^(?!{same[1:]})",
        Verdict("wrong", "The number of axes is not right: what does each of them count?", "generic-axes"),
    )
    for i in range(count if count > 1 else 0):
        others = ",".join("[^,]+" if j == i else re.escape(size) for j, size in enumerate(right))
        verdict = Verdict(
            "wrong", "All sizes are right but one: ask of each axis what it counts.", "generic-size"
        )
        rules.pattern(f"^{others}$", verdict)
    message = (
        "The number of axes is right, the sizes are not."
        if count > 1
        else "One axis is right; its size is not."
    )
    rules.pattern(same, Verdict("wrong", message, "generic-sizes"))


def _merged(right: Shape) -> Iterable[Shape]:
    """Make all shapes in which neighbouring axes have become one."""
    for cuts in product((False, True), repeat=max(len(right) - 1, 0)):
        groups: list[list[str]] = [[right[0]]] if right else []
        for cut, size in zip(cuts, right[1:], strict=True):
            if cut:
                groups.append([size])
            else:
                groups[-1].append(size)
        if len(groups) < len(right):
            yield tuple(_times(group) for group in groups)


def _times(sizes: Sequence[str]) -> str:
    """Multiply sizes, which are numbers or names."""
    number = prod(int(size) for size in sizes if size.isdigit())
    names = [name for size in sizes if not size.isdigit() for name in size.split("*")]
    return "*".join(names) if names and number == 1 else str(number) if not names else "@"


def _factored(right: Shape) -> Iterable[Shape]:
    """Make the shapes with two axes and as many entries."""
    entries = prod(int(size) for size in right)
    if 0 < entries <= 10_000:
        yield from ((str(a), str(entries // a)) for a in range(1, entries + 1) if entries % a == 0)


def _listed(names: Sequence[str]) -> str:
    """List names the way a sentence does."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
