"""An interactive figure on its way to the page: its number, its files, and what other pages are spared."""

import base64
import re

import pytest
from bs4 import BeautifulSoup
from tinybook import ROOT, TinyBook

from dlbook.site.explore_nodes import FOLDER, MIME

FIGURE = """
import matplotlib.pyplot as plt
from dlbook.explore import explore

def draw(x, y):
    plt.figure(figsize=(2, 2)).subplots().plot([0, x])
    return {'a < "b"': x}

explore(
    draw, x=(0, 1, 3), y=["p", "q"], start={"x": 0.5}, labels={"x": 'rate "<x>"'},
    alt=lambda x, y: f'A "<line>" to {x}', caption='''
    The *message* with $x^2$.''', name="fig-play",
)
"""
PLAIN = """---
mystnb:
  image:
    alt: A line
---
plt.plot([0, 1]); plt.show()
"""
BARE = """
explore(lambda n: {"square": n * n}, n=[1, 2], alt="The square of a number")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> TinyBook:
    """A built book of two chapters, of which the first has two figures and the second refers to one."""
    book = TinyBook(tmp_path_factory.mktemp("site") / "project")
    (book.root / "src").symlink_to(ROOT / "src")  # this package, wherever another may be installed
    book.chapter("a/one", FIGURE, BARE, PLAIN, prose="See {numref}`fig-play`.")
    book.chapter("a/two", "print(1)", prose="As in {numref}`fig-play`.")
    book.build()
    return book


def page(book: TinyBook, slug: str) -> BeautifulSoup:
    return BeautifulSoup(book.page(slug), "html.parser")


def test_a_figure_with_a_caption_has_a_number_that_all_pages_can_cite(site):
    figure = page(site, "a/one").find("figure", id="fig-play")
    assert figure.select_one(".dlbook-explore") is not None
    assert figure.figcaption.em.get_text() == "message"
    assert figure.figcaption.get_text().strip().startswith("Fig. 1.1 The message with")
    for slug, address in (("a/one", "#fig-play"), ("a/two", "one.html#fig-play")):
        assert page(site, slug).find("a", href=address, class_="reference").get_text() == "Fig. 1.1"


def test_labels_words_and_values_arrive_as_they_were_written(site):
    figure = page(site, "a/one").select_one("#explore-1")
    assert figure.img["alt"] == 'A "<line>" to 0.5'
    assert figure.find("input")["aria-valuetext"] == "0.5"
    assert [label.get_text() for label in figure.find_all("label")] == ['rate "<x>"', "y"]
    assert figure["aria-label"] == 'Interactive figure: rate "<x>", y'
    assert [cell.get_text() for cell in figure.select("dt, dd")] == ['a < "b"', "0.5"]
    assert figure.find("button").get_text() == 'Play rate "<x>"'
    for label in figure.find_all("label"):
        assert figure.find(id=label["for"]) is not None


def test_only_the_first_picture_of_a_page_loads_before_it_is_near(site):
    first, *others = page(site, "a/one").find_all("img", src=re.compile("svg|webp|png"))
    assert first.get("loading") is None
    assert [image.get("loading") for image in others] == ["lazy"]


def test_its_files_lie_in_the_site_under_names_made_from_their_content(site):
    figure = page(site, "a/one").select_one("#explore-1")
    for address in (figure["data-bundle"], figure.img["src"]):
        assert re.fullmatch(rf"\.\./{FOLDER}/[0-9a-f]{{16}}\.(bin|svg)", address)
    (output,) = [o for o in site.record("a/one")["cells"][0]["outputs"] if MIME in o.get("data", {})]
    bundle = site.root / "_build" / "html" / "a" / figure["data-bundle"]
    assert bundle.read_bytes() == base64.b64decode(output["data"][MIME]["bundle"])


def test_two_figures_have_ids_of_their_own_and_one_without_pictures_has_none(site):
    figures = page(site, "a/one").select(".dlbook-explore")
    assert [figure["id"] for figure in figures] == ["explore-1", "explore-2"]
    assert figures[1].img is None
    assert figures[1].find("button") is None


def test_nothing_of_it_is_written_in_the_page_that_a_strict_policy_forbids(site):
    for figure in page(site, "a/one").select(".dlbook-explore"):
        assert not figure.find_all(["script", "style"])
        for element in [figure, *figure.find_all(True)]:
            assert not [key for key in element.attrs if key == "style" or key.startswith("on")]


def test_only_pages_with_such_a_figure_load_its_script_and_style(site):
    assert book_loads(site, "a/one")
    assert not book_loads(site, "a/two")
    assert not book_loads(site, "index")


def book_loads(book: TinyBook, slug: str) -> bool:
    text = book.page(slug)
    found = {name: f"explore/explore.{name}" in text for name in ("js", "css")}
    assert len(set(found.values())) == 1
    return found["js"]
