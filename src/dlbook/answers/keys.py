r"""Answer keys: what is right in an exercise, what students get wrong, and what to tell them.

The keys of a chapter are data beside it: ``book/foundations/backpropagation.answers.toml`` holds those of
``backpropagation.md``. `load` reads such a file and refuses one that could not be marked by, and `find` looks
a key up by its name, such as ``backprop/every-factor``.
"""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlbook.answers.errors import BadKeyError
from dlbook.answers.kinds import KINDS
from dlbook.answers.symbols import DOMAINS, FunctionSpec, SymbolSpec, Vocabulary

SUFFIX = ".answers.toml"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_COMMON = {"exercise", "kind", "prompt", "answer", "also", "praise", "see", "hints", "mistakes"}


@dataclass(frozen=True)
class Mistake:
    """A mistake that students make, and what helps them.

    Parameters
    ----------
    says : str
        One or two sentences that teach.
    when : mapping
        What the answer looks like then; the fields are the kind's (all have ``answer``).
    see : str, optional
        Label of the section to read again.
    bank : str, optional
        Its id in the bank of misconceptions.
    """

    says: str
    when: Mapping[str, Any]
    see: str = ""
    bank: str = ""


@dataclass(frozen=True)
class Key:
    """What is needed to mark the answers to one question.

    Parameters
    ----------
    name : str
        Chapter and question: ``backprop/every-factor``.
    exercise : str
        Label of the exercise that asks.
    kind : str
        One of the names in :data:`dlbook.answers.kinds.KINDS`.
    prompt : str
        What to enter, in Markdown.
    vocabulary : Vocabulary
        The symbols of the question.
    mistakes : tuple of Mistake
        Those that are modelled.
    hints : tuple of str
        From a nudge to nearly all.
    praise : str
        What a right answer is told besides that it is right.
    see : str
        Label of the section that teaches it.
    table : mapping
        The fields as they stand in the file.
    spec : object
        What the kind made of them.
    """

    name: str
    exercise: str
    kind: str
    prompt: str
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, ...] = ()
    praise: str = ""
    see: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)
    spec: Any = None


def load(text: str, where: str = "keys") -> dict[str, Key]:
    """Read a file of answer keys.

    Parameters
    ----------
    text : str
        TOML: ``chapter``, the tables ``symbols`` and ``sizes`` that all its keys share, and ``keys``.
    where : str, optional
        The file's name, for messages.

    Returns
    -------
    dict of str to Key
        By name, in the order of the file.

    Raises
    ------
    BadKeyError
        If the file is no TOML, lacks something, has a field that nothing reads, or holds a right answer that
        would not be marked right or a mistake that would.

    Examples
    --------
    >>> key = '''
    ... chapter = "sums"
    ... [keys.double]
    ... exercise = "ex-double"
    ... kind = "number"
    ... prompt = "Twice 21"
    ... answer = 42
    ... '''
    >>> list(load(key))
    ['sums/double']
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadKeyError(f"{where}: this is not TOML: {error}") from error
    return {key.name: key for key in _keys(tables, where)}


def from_table(tables: Mapping[str, Any], where: str = "keys") -> dict[str, Key]:
    """Read answer keys from tables that were parsed before; as `load`."""
    return {key.name: key for key in _keys(tables, where)}


def _keys(tables: Mapping[str, Any], where: str) -> Iterable[Key]:
    """Make the keys of a file, each of them checked."""
    _no_others(tables, {"chapter", "symbols", "functions", "sizes", "keys"}, where)
    chapter = tables.get("chapter")
    if not isinstance(chapter, str) or not _NAME.fullmatch(chapter):
        raise BadKeyError(f"{where}: needs chapter = a short name of small letters, digits and hyphens")
    sizes = {name: _sizes(name, value, where) for name, value in _table(tables, "sizes", where).items()}
    if len({len(values) for values in sizes.values()}) > 1:
        raise BadKeyError(f"{where}: sizes: every size needs equally many values")
    symbols, open_functions = (_tables(tables, name, where) for name in ("symbols", "functions"))
    shared = {name: _symbol(name, value, sizes, where) for name, value in symbols.items()}
    functions = {name: _function(name, value, where) for name, value in open_functions.items()}
    if both := sorted(set(shared) & set(functions)):
        raise BadKeyError(f"{where}: {both[0]} is both a symbol and a function")
    for short, table in _tables(tables, "keys", where).items():
        if not _NAME.fullmatch(short):
            raise BadKeyError(f"{where}: the key {short!r} needs a name of small letters, digits and hyphens")
        words = Vocabulary(shared, functions, sizes)
        yield _key(f"{chapter}/{short}", table, words, f"{where}: {short}")


def _key(name: str, table: Mapping[str, Any], shared: Vocabulary, where: str) -> Key:
    """Make one key."""
    for needed in ("exercise", "kind", "prompt"):
        if not isinstance(table.get(needed), str) or not table[needed].strip():
            raise BadKeyError(f"{where}: needs {needed}, a text")
    if not re.search(r"[^\W\d_]", re.sub(r"\$[^$]*\$", "", table["prompt"])):
        raise BadKeyError(f"{where}: prompt: needs a word besides the formula; it is the name of the field")
    if table["kind"] not in KINDS:
        raise BadKeyError(f"{where}: kind {table['kind']!r} is none of {', '.join(KINDS)}")
    kind = KINDS[table["kind"]]
    _no_others(table, _COMMON | {"symbols"} | set(kind.fields), where)
    names = _texts(table, "symbols", where)
    _texts(table, "also", where)
    mistakes = table.get("mistakes", [])
    if not isinstance(mistakes, list) or not all(isinstance(m, Mapping) for m in mistakes):
        raise BadKeyError(f"{where}: mistakes must be a list of tables")
    if unknown := [n for n in names if n not in shared.symbols and n not in shared.functions]:
        raise BadKeyError(f"{where}: symbols {', '.join(unknown)} are not in the file's tables")
    key = Key(
        name=name,
        exercise=table["exercise"],
        kind=table["kind"],
        prompt=table["prompt"],
        vocabulary=Vocabulary(
            {name: shared.symbols[name] for name in names if name in shared.symbols},
            {name: shared.functions[name] for name in names if name in shared.functions},
            shared.sizes,
        ),
        mistakes=tuple(_mistake(m, kind.patterns, where) for m in mistakes),
        hints=_texts(table, "hints", where),
        praise=_text(table, "praise", where),
        see=_text(table, "see", where),
        table=table,
    )
    spec = kind.read(key, where)
    return Key(**{**key.__dict__, "spec": spec})


def _mistake(table: Mapping[str, Any], patterns: Iterable[str], where: str) -> Mistake:
    """Read one modelled mistake."""
    allowed = {"answer", *patterns}
    _no_others(table, {"says", "see", "bank"} | allowed, f"{where}: mistakes")
    when = {name: value for name, value in table.items() if name in allowed}
    if not when or not isinstance(table.get("says"), str) or not table["says"].strip():
        raise BadKeyError(f"{where}: mistakes: a mistake needs says and one of {', '.join(sorted(allowed))}")
    see, bank = (_text(table, name, f"{where}: mistakes") for name in ("see", "bank"))
    return Mistake(table["says"], when, see, bank)


def _symbol(
    name: str, table: Mapping[str, Any], sizes: Mapping[str, tuple[int, ...]], where: str
) -> SymbolSpec:
    """Read one symbol."""
    where = f"{where}: symbol {name}"
    if not _SYMBOL.fullmatch(name):
        raise BadKeyError(f"{where}: a name has letters, digits and single underscores, such as y_hat or W1")
    _no_others(table, {"tex", "also", "domain", "shape"}, where)
    if not isinstance(table.get("tex"), str):
        raise BadKeyError(f"{where}: needs tex, how it prints")
    domain = table.get("domain", "real")
    if domain not in DOMAINS:
        raise BadKeyError(f"{where}: domain {domain!r} is none of {', '.join(DOMAINS)}")
    shape = table.get("shape", [])
    if not isinstance(shape, list):
        raise BadKeyError(f"{where}: shape must be a list of sizes")
    for size in shape:
        if not (type(size) is int and size > 0) and not (isinstance(size, str) and size in sizes):
            raise BadKeyError(f"{where}: the size {size!r} is no whole number and not in the table of sizes")
    if len(shape) > 2:
        raise BadKeyError(f"{where}: only scalars, vectors and matrices can be compared")
    return SymbolSpec(name, table["tex"], _texts(table, "also", where), domain, tuple(shape))


def _function(name: str, table: Mapping[str, Any], where: str) -> FunctionSpec:
    """Read one function that the exercise leaves open."""
    where = f"{where}: function {name}"
    if not _SYMBOL.fullmatch(name):
        raise BadKeyError(f"{where}: a name has letters, digits and single underscores, such as phi")
    _no_others(table, {"tex", "also"}, where)
    if not isinstance(table.get("tex"), str):
        raise BadKeyError(f"{where}: needs tex, how it prints")
    return FunctionSpec(name, table["tex"], _texts(table, "also", where))


def _sizes(name: str, value: Any, where: str) -> tuple[int, ...]:
    """Read the values of one named size."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(type(v) is int and 0 < v <= 8 for v in values):
        raise BadKeyError(f"{where}: size {name}: give whole numbers from 1 to 8")
    return tuple(values)


def _texts(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """Read a list of texts."""
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise BadKeyError(f"{where}: {name} must be a list of texts")
    return tuple(value)


def _text(table: Mapping[str, Any], name: str, where: str) -> str:
    """Read a text that may be missing."""
    value = table.get(name, "")
    if not isinstance(value, str):
        raise BadKeyError(f"{where}: {name} must be a text")
    return value


def _table(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """Read a table that may be missing."""
    value = table.get(name, {})
    if not isinstance(value, Mapping):
        raise BadKeyError(f"{where}: {name} must be a table")
    return value


def _tables(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Mapping[str, Any]]:
    """Read a table of tables that may be missing."""
    found = _table(table, name, where)
    for entry in found:
        _table(found, entry, f"{where}: {name}")
    return found


def _no_others(table: Mapping[str, Any], known: set[str], where: str) -> None:
    """Refuse a field that nothing would read: it is a slip of the pen more often than not."""
    if others := sorted(set(table) - known):
        raise BadKeyError(f"{where}: unknown field {', '.join(others)}; known are {', '.join(sorted(known))}")


@functools.cache
def folders() -> tuple[Path, ...]:
    """Tell where files of keys are looked for.

    Returns
    -------
    tuple of Path
        ``$DLBOOK_KEYS`` if it is set; else the copies that an installed package brings, and ``book`` of the
        checkout that the package is run from.
    """
    if asked := os.environ.get("DLBOOK_KEYS"):
        return (Path(asked),)
    here = Path(__file__).resolve()
    places = [here.parent / "_keys", here.parents[3] / "book"]
    return tuple(place for place in places if place.is_dir())


@functools.cache
def all_keys() -> Mapping[str, Key]:
    """Load every key there is.

    Returns
    -------
    mapping of str to Key
        By name.

    Raises
    ------
    BadKeyError
        If a file has a fault, or two files share a chapter's name.
    """
    found: dict[str, Key] = {}
    for folder in folders()[:1]:
        for path in sorted(folder.rglob(f"*{SUFFIX}")):
            keys = load(path.read_text(encoding="utf-8"), path.name)
            if twice := sorted(set(keys) & set(found)):
                raise BadKeyError(f"{path.name}: {twice[0]} is a key of another file as well")
            found |= keys
    return found


def find(name: str) -> Key:
    """Look a key up.

    Parameters
    ----------
    name : str
        Such as ``backprop/every-factor``.

    Returns
    -------
    Key
        That key.

    Raises
    ------
    LookupError
        If there is none; the message names those that resemble it.
    """
    import difflib

    keys = all_keys()
    if name in keys:
        return keys[name]
    near = difflib.get_close_matches(str(name), keys, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"this book has {len(keys)} keys."
    raise LookupError(f"there is no answer key {name!r}; {hint}")
