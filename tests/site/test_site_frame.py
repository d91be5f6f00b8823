"""What a page loads and shows around its text: policy, folds, images, and the files beside the pages."""

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from tinybook import TinyBook

from dlbook.site.finishing import code_colours, draw_card
from dlbook.site.images import natural_size, slim, svg_size
from dlbook.site.theme import POLICY


def png(width: int, height: int, dpi: int | None = None) -> bytes:
    """A picture with something on it, which no format stores as nothing."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    data = io.BytesIO()
    picture.save(data, "PNG", **({"dpi": (dpi, dpi)} if dpi else {}))
    return data.getvalue()


DRAW = """\
---
mystnb:
  image:
    alt: A grey ramp
---
from IPython.display import Image
import base64
Image(base64.b64decode("{data}"))
"""
BARE = "from IPython.display import Image\nimport base64\nImage(base64.b64decode('{data}'))\n"


def drawn(cell: str, *size: int) -> str:
    return cell.replace("{data}", base64.b64encode(png(*size)).decode())


def test_a_figure_of_a_cell_becomes_webp_of_known_size_that_waits_to_be_seen(book: TinyBook):
    book.chapter("one", drawn(DRAW, 300, 150), drawn(DRAW, 400, 200))
    book.build()
    images = re.findall(r"<img [^>]*>", book.page("one"))
    assert len(images) == 2
    for image, size in zip(images, ("300", "400"), strict=True):
        assert 'alt="A grey ramp"' in image
        assert f'width="{size}"' in image
        assert ".webp" in image
        assert 'decoding="async"' in image
    assert "lazy" not in images[0]
    assert 'loading="lazy"' in images[1]


def test_the_build_names_the_cell_whose_figure_has_no_alt_text(book: TinyBook):
    book.chapter("one", "print(1)", drawn(BARE, 20, 10))
    status, output = book.run("build")
    assert status
    assert "from IPython.display import Image" in output, "the cell is not named"
    assert "has no alt text" in output
    assert "one.md" in output


def test_the_build_refuses_a_picture_in_the_text_without_alt_text(book: TinyBook):
    book.write("book/ramp.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>')
    book.chapter("one", "print(1)", prose="![](ramp.svg)")
    status, output = book.run("build")
    assert status
    assert "ramp.svg has no alt text" in output


FOLDS = """
Some prose.

```{exercise-start} Try
:label: ex-try
```
Find it.
```{exercise-end}
```

```{solution-start} ex-try
:class: dropdown
```
Found.

```{code-cell} ipython3
assert 1 + 1 == 2
```
```{solution-end}
```

```{note}
:class: dropdown
More of it.
```
"""


@pytest.fixture
def folded(book: TinyBook) -> str:
    book.chapter(
        "one", ":tags: [hide-input]\nprint(1)", "print('x\\n' * 40)", "print('y\\n' * 5)", prose=FOLDS
    )
    book.build()
    return book.page("one")


def test_solutions_hidden_code_and_long_outputs_open_without_scripts(folded):
    found = re.findall(r"<details ([^>]*)>\s*<summary[^>]*>(.*?)</summary>", folded.split("<main")[1], re.S)
    assert [title for _, title in found] == ["Solution", "Note", "Code", "Output, 40 lines"]
    assert "solution" in found[0][0]
    assert 'id="' in found[0][0], "links to the solution lead nowhere"
    assert "dropdown" not in folded
    assert not re.search(r"<summary[^>]*aria-label", folded), "a name that differs from the text seen"


def test_a_page_loads_its_own_few_files_and_starts_with_the_policy(folded):
    assert folded.index("Content-Security-Policy") < folded.index("charset")
    assert POLICY in folded
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", folded)
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', folded.split("</head>")[0])
    assert [a for a in addresses if "//" in a] == []
    assert {Path(a.split("?")[0]).name for a in addresses if "_static" in a} >= {
        "book.css",
        "book.js",
        "mode.js",
    }
    assert len([a for a in addresses if "_static" in a]) <= 8


def test_an_inline_script_of_an_extension_stops_the_build(book: TinyBook):
    book.write("surprise.py", "def setup(app):\n    app.add_js_file(None, body='alert(1)')\n")
    book.edit("_config.yml", "    - dlbook.site.extension\n", "    - dlbook.site.extension\n    - surprise\n")
    book.chapter("one", "print(1)")
    status, output = book.run("build", PYTHONPATH=f"{book.root}:{Path(__file__).parents[2] / 'src'}")
    assert status
    assert "an inline script; put it into a file: alert(1)" in output


def test_an_address_brings_sitemap_card_and_canonical_links_and_none_brings_none(book: TinyBook):
    book.chapter("one", "print(1)", prose="What the first chapter is about.")
    book.build()
    html = book.root / "_build/html"
    assert not (html / "sitemap.xml").exists()
    assert "canonical" not in book.page("one")
    assert '<base href="/">' in book.page("404")
    book.edit("_config.yml", 'baseurl: ""', "baseurl: https://book.example/deep/")
    book.build()
    assert "<loc>https://book.example/deep/one.html</loc>" in (html / "sitemap.xml").read_text()
    page = book.page("one")
    assert '<link rel="canonical" href="https://book.example/deep/one.html">' in page
    assert 'property="og:image" content="https://book.example/deep/_static/card.png"' in page
    assert 'name="description" content="What the first chapter is about."' in page
    assert '<base href="/deep/">' in book.page("404")
    with Image.open(html / "_static/card.png") as card:
        assert card.size == (1200, 630)


def test_a_bitmap_is_no_wider_than_the_page_can_show_and_states_its_size(tmp_path):
    path = tmp_path / "wide.png"
    path.write_bytes(png(3000, 600))
    with Image.open(slim(path)) as small:
        assert small.size == (1472, 294)
    sharp = tmp_path / "sharp.png"
    sharp.write_bytes(png(600, 300, dpi=192))
    assert natural_size(sharp) == (300, 150)
    assert natural_size(path) == (736, 147)


def test_a_bitmap_stays_as_it_is_where_webp_is_no_smaller(tmp_path, monkeypatch):
    path = tmp_path / "dot.png"
    noise = Image.effect_noise((40, 40), 80)
    noise.save(path, "PNG", optimize=True)
    monkeypatch.setattr(Image.Image, "save", lambda image, to, *args, **options: to.write(b"x" * 10**5))
    assert slim(path) is None
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("head", "size"),
    [
        ('<svg width="30" height="20">', (30, 20)),
        ('<?xml?>\n<svg viewBox="0 0 400.5 200">', (400.5, 200)),
        ('<svg width="100%" viewBox="0 0 40 20">', (40, 20)),
        ("<svg>", (0, 0)),
        ("no drawing", (0, 0)),
    ],
)
def test_the_size_of_a_drawing_is_read_from_its_head(head, size):
    assert svg_size(head) == size


def test_code_has_a_colour_for_each_scheme_and_no_script_chooses():
    sheet = code_colours("a11y-high-contrast-light", "a11y-high-contrast-dark")
    assert re.search(r"\.highlight \.k\b[^}]*light-dark\(#\w{6}, #\w{6}\)", sheet)
    assert "data-theme" not in sheet


def test_a_long_title_stays_on_its_card(tmp_path):
    draw_card("A very long title of a book that goes on and on about nets", tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as card:
        edge = [card.getpixel((1199, y)) for y in range(630)]
    assert len(set(edge)) == 1
