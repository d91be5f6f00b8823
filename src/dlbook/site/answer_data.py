"""What a page's script is handed: verdicts of keys that need no Python, and the other keys as they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.page import to_html
from dlbook.site.exercises import TABLE_KINDS, key_file, key_tables
from dlbook.site.records import digest

ID = "dlbook-answers"
_SHARED = ("chapter", "symbols", "functions", "sizes")


def load_keys(path: Path) -> dict[str, Key]:
    """Load the answer keys beside a chapter.

    Parameters
    ----------
    path : Path
        The chapter's Markdown file.

    Returns
    -------
    dict of str to Key
        By name; empty where the chapter has none.

    Raises
    ------
    BadKeyError
        If the file has a fault.
    """
    file = key_file(path)
    return _load(file.name, file.read_text(encoding="utf-8")) if file.is_file() else {}


@cache
def _load(name: str, text: str) -> dict[str, Key]:
    """Load keys once for all forms of a page: trying each key's own answers takes time."""
    return load(text, name)


def page_data(path: Path, keys: Iterable[Key]) -> dict[str, Any]:
    """Gather what the script of a page needs.

    Parameters
    ----------
    path : Path
        The chapter's Markdown file.
    keys : iterable of Key
        Those that have a form on the page.

    Returns
    -------
    dict
        ``keys``: by name ``kind``, ``digest`` (an answer kept under another one is marked anew), ``table``
        (verdicts to look up, or None) and ``python`` (the key's table for marking, or None); ``shared``: what
        the keys of the file share; ``chapter``.

    Raises
    ------
    UnprintableError
        If a message holds maths that cannot be shown.
    """
    tables = key_tables(path)
    shared = {name: tables[name] for name in _SHARED if name in tables}
    entries = {key.name: _entry(key, shared) for key in keys}
    return {"chapter": tables.get("chapter", ""), "shared": shared, "keys": entries}


def _entry(key: Key, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Gather what the script needs to have one key's answers marked."""
    for text in [*(m.says for m in key.mistakes), key.praise, *key.hints]:
        to_html(text, strict=True)  # the build is where maths that cannot be shown has to be found
    return {
        "kind": key.kind,
        "digest": digest([shared, dict(key.table)])[:12],
        "table": _table(key),
        "python": None if key.kind in TABLE_KINDS else dict(key.table),
    }


def _table(key: Key) -> dict[str, Any] | None:
    """Give a key's verdicts to look up, each message in HTML as well."""
    table = KINDS[key.kind].verdicts(key)
    if table is None:
        return None
    verdicts = [verdict | {"html": to_html(verdict["message"], strict=True)} for verdict in table["verdicts"]]
    return table | {"verdicts": verdicts}


def labels_of(keys: Iterable[Key]) -> dict[str, str]:
    """Find the labels that keys send a reader to.

    Parameters
    ----------
    keys : iterable of Key
        Answer keys.

    Returns
    -------
    dict of str to str
        Label, and the name of a key that names it.
    """
    found: dict[str, str] = {}
    for key in keys:
        for label in (key.see, *(mistake.see for mistake in key.mistakes)):
            if label:
                found.setdefault(label, key.name)
    return found


def as_script(data: Mapping[str, Any], resolve: Callable[[str], tuple[str, str] | None]) -> str:
    r"""Write a page's data as an element that holds JSON, which no browser runs.

    Parameters
    ----------
    data : mapping
        As :func:`page_data` gives it, with ``labels``.
    resolve : callable
        Gives address and title of a label, or None.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> as_script({"labels": [], "keys": {"</script>": 1}}, lambda label: None)
    '<script type="application/json" id="dlbook-answers">{"keys":{"\\u003c/script>":1},"see":{}}</script>\n'
    """
    places = {label: place for label in data["labels"] if (place := resolve(label))}
    content = {name: value for name, value in data.items() if name != "labels"}
    content["see"] = {label: {"href": href, "title": title} for label, (href, title) in places.items()}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{ID}">{text}</script>\n'


@cache
def scripts_version() -> str:
    """Fingerprint the scripts, so that no browser mixes an old one with a new one.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    folder = Path(__file__).with_name("static") / "answers"
    return digest([[path.name, path.read_text(encoding="utf-8")] for path in sorted(folder.iterdir())])[:12]
