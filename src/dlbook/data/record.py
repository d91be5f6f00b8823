"""Which sets this process has loaded, for the build's report."""

_loaded: list[dict[str, str]] = []


def note_use(name: str, split: str, source: str, sha256: str) -> None:
    """Remember one `load`; loading the same again adds nothing."""
    row = {"name": name, "split": split, "source": source, "sha256": sha256}
    if row not in _loaded:
        _loaded.append(row)


def used() -> list[dict[str, str]]:
    """List what this process has loaded so far.

    Returns
    -------
    list of dict
        ``name``, ``split``, ``source``, ``sha256`` of each load, in order, without repeats.

    Examples
    --------
    >>> from dlbook.data import load
    >>> digits = load("digits", "test")
    >>> used()[-1]["source"]
    'embedded'
    """
    return [dict(row) for row in _loaded]
