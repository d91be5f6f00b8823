"""All states of an interactive figure in one compressed file, with what they share stored once."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dlbook.explore._drawing import State
from dlbook.explore._grid import Control
from dlbook.explore._svg import ID, Picture, strict_picture

MOST_BYTES = 150_000


@dataclass(frozen=True)
class Bundle:
    """The states of a figure, packed.

    Parameters
    ----------
    packed : bytes
        JSON under gzip: ``pieces`` (texts), ``pictures`` (which pieces, in order), ``states`` (which
        picture), ``alts`` and ``results`` by state, ``texts`` (the values of each control in words).
    start : str
        The first picture shown, as a document of its own; empty where nothing is drawn.
    width, height : float
        Of all pictures, in CSS pixels.
    """

    packed: bytes
    start: str
    width: float
    height: float


def bundle(states: Sequence[State], controls: Sequence[Control], start: int) -> Bundle:
    """Pack the states of a figure.

    Parameters
    ----------
    states : sequence of State
        In the order of the grid.
    controls : sequence of Control
        What the reader moves.
    start : int
        Index of the state shown first.

    Returns
    -------
    Bundle
        The same bytes for the same states.

    Raises
    ------
    ValueError
        If the states do not have one size, or take more than `MOST_BYTES`.
    """
    drawn: dict[str, Picture] = {}
    for state in states:
        if state.svg not in drawn and state.svg:
            drawn[state.svg] = strict_picture(state.svg)
    sizes = {(drawn[s.svg].width, drawn[s.svg].height) if s.svg else (0.0, 0.0) for s in states}
    if len(sizes) > 1:
        shown = " and ".join(f"{w:g} x {h:g}" for w, h in sorted(sizes))
        raise ValueError(
            f"explore: the states have different sizes ({shown} pixels), so the page would jump from one to "
            "the other; draw a figure in each, with one figsize."
        )
    unique = list(dict.fromkeys(drawn[s.svg].pieces for s in states if s.svg))
    number = {pieces: n for n, pieces in enumerate(unique)}
    pieces, pictures = shared(unique)
    # Names that no other figure on the page has.
    own = f"x{hashlib.sha256(''.join(pieces).encode()).hexdigest()[:6]}-"
    content = {
        "pieces": [piece.replace(ID, own) for piece in pieces],
        "pictures": pictures,
        "states": [number[drawn[s.svg].pieces] if s.svg else None for s in states],
        "alts": [state.alt for state in states],
        "results": [state.results for state in states],
        "texts": [control.texts for control in controls],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), 9, mtime=0)
    if len(packed) > MOST_BYTES:
        raise ValueError(
            f"explore: {len(states)} states take {len(packed) / 1000:.0f} kB compressed; the page allows "
            f"{MOST_BYTES // 1000}. Take fewer values, keep the axes fixed (set_xlim, set_ylim), plot fewer "
            "points, or give dense parts rasterized=True."
        )
    (width, height), first = next(iter(sizes)), states[start].svg
    return Bundle(packed, "".join(drawn[first].pieces) if first else "", width, height)


def shared(documents: Sequence[Sequence[str]]) -> tuple[list[str], list[list[int]]]:
    """Store what documents share once.

    Parameters
    ----------
    documents : sequence of sequences of str
        Each a sequence of pieces.

    Returns
    -------
    pieces : list of str
        Distinct pieces; those that always stand together are joined to one.
    indices : list of lists of int
        For each document the pieces that it consists of.

    Examples
    --------
    >>> shared([["a", "b", "c"], ["a", "b", "d"]])
    (['ab', 'c', 'd'], [[0, 1], [0, 2]])
    """
    after, before = defaultdict(set), defaultdict(set)
    for document in documents:
        for left, right in zip([None, *document], [*document, None], strict=True):
            after[left].add(right)
            before[right].add(left)
    places: dict[str, int] = {}
    pieces: list[str] = []
    indices = []
    for document in documents:
        runs: list[list[str]] = []
        previous: str | None = None
        for piece in document:
            tied = previous is not None and len(after[previous]) == 1 and len(before[piece]) == 1
            if tied and runs:
                runs[-1].append(piece)
            else:
                runs.append([piece])
            previous = piece
        row = []
        for text in ("".join(run) for run in runs):
            if text not in places:
                places[text] = len(pieces)
                pieces.append(text)
            row.append(places[text])
        indices.append(row)
    return pieces, indices
