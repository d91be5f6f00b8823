"""Messages in a notebook send the reader to a section: by a link, or by title where there is no address."""

import json
import re
from pathlib import Path

import pytest

from dlbook.answers import check
from dlbook.answers.keys import all_keys, folders
from dlbook.answers.sections import as_json, find_section, pointer, read_sections
from dlbook.answers.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]

CHAPTER = """\
---
title: ignored
---
(page-label)=
# The page

(sec-One_two)=
(sec-also)=

## Why $x$ counts #

Words with (no-label)= in them.

(sec-lost)=
A paragraph, so the label is no section's.

````md
(sec-example)=
## An example of Markdown
```{code-cell}
# a comment
```
(sec-inner)=
## Still the example
````

```{code-cell} ipython3
# (sec-code)=
# a comment, no heading
```

### Without a label
"""
KEYS = """
chapter = "small"
[keys.half]
exercise = "ex"
kind = "number"
prompt = "One half"
answer = 0.5
see = "sec-also"
"""


def make(folder: Path, address: str = "") -> Path:
    book = folder / "book"
    (book / "part").mkdir(parents=True)
    (book / "part" / "one.md").write_text(CHAPTER, encoding="utf-8")
    (book / "part" / "one.answers.toml").write_text(KEYS, encoding="utf-8")
    (folder / "_config.yml").write_text(
        f'# baseurl: https://wrong.example/\nhtml:\n  # where\n  baseurl: "{address}"\nother:\n  url: ""\n',
        encoding="utf-8",
    )
    return book


@pytest.fixture
def use(monkeypatch):
    """Have keys and sections come from a folder."""

    def take(folder: Path) -> None:
        monkeypatch.setenv("DLBOOK_KEYS", str(folder))
        folders.cache_clear()
        all_keys.cache_clear()

    yield take
    folders.cache_clear()
    all_keys.cache_clear()


def test_labels_of_headings_are_found_and_nothing_else(tmp_path):
    found = read_sections(make(tmp_path))
    assert {label: tuple(section) for label, section in found.items()} == {
        "page-label": ("The page", "The page", "part/one", "page-label"),
        "sec-One_two": ("Why $x$ counts", "The page", "part/one", "sec-one-two"),
        "sec-also": ("Why $x$ counts", "The page", "part/one", "sec-also"),
    }


def test_a_wrong_answer_links_to_the_section_when_the_site_has_an_address(tmp_path, use):
    use(make(tmp_path, "https://book.example/deep/"))
    verdict = check("small/half", 0.25)
    assert verdict._repr_markdown_().endswith(
        "\n\nRead again: [Why $x$ counts](https://book.example/deep/part/one.html#sec-also)"
    )
    assert "Read again" not in check("small/half", 0.5)._repr_markdown_()


def test_without_an_address_the_section_is_named(tmp_path, use):
    use(make(tmp_path))
    assert pointer("sec-also") == "Read again: “Why $x$ counts” in “The page”"
    assert pointer("page-label") == "Read again: “The page”"
    assert pointer("sec-lost") == ""
    assert "Read again" not in Verdict("wrong", "No.", see="nowhere")._repr_markdown_()


def test_what_an_installed_package_carries_says_the_same_as_the_checkout(tmp_path, use):
    book = make(tmp_path, "https://book.example")
    use(book)
    wanted = [find_section(label) for label in read_sections(book)]
    carried = tmp_path / "_keys"
    carried.mkdir()
    (carried / "one.answers.toml").write_text(KEYS, encoding="utf-8")
    (carried / "sections.json").write_text(as_json(book), encoding="utf-8")
    use(carried)
    assert [find_section(label) for label in read_sections(book)] == wanted
    assert "https://book.example/part/one.html#sec-also" in check("small/half", 1)._repr_markdown_()


def test_every_section_that_a_key_of_the_book_names_is_found():
    folders.cache_clear()
    all_keys.cache_clear()
    named = {
        label: key.name
        for key in all_keys().values()
        for label in (key.see, *(mistake.see for mistake in key.mistakes))
        if label
    }
    assert named
    assert {label: name for label, name in named.items() if find_section(label) is None} == {}


def test_the_address_is_the_one_that_sphinx_reads():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed; it comes with the extra 'book'")
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    address = "https://book.example/path"
    with_one = re.sub(r'^  baseurl: ".*"$', f'  baseurl: "{address}"', config, flags=re.M)
    assert yaml.safe_load(with_one)["html"]["baseurl"] == address
    stored = json.loads(as_json(ROOT / "book"))
    assert stored["address"] == (yaml.safe_load(config)["html"]["baseurl"] or "").rstrip("/")
