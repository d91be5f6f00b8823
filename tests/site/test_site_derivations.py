"""A derivation on the page: its lines, numbers and log; what the build refuses; what the report counts."""

import json
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from tinybook import TinyBook

from dlbook.site.chapters import Chapter
from dlbook.site.derivation_nodes import build, derivation_line
from dlbook.site.derivation_parts import formula, with_maths
from dlbook.site.derivations import MIME, numbered, statistics, total

IMPORTS = "from dlbook.derive import Derivation, Diff, exp, sigmoid, var\n\nx, y = var('x y')"

LABELLED = """
d = Derivation("square", 'Slope of a "<square>" at $x$', assume=[x > 0])
d.start(Diff((x + y) ** 2, x))
d.step(2 * (x + y), "chain rule, with $f' = 2u$", label="slope")
d.step(2 * x + 2 * y, "multiply out")
d
"""

WHOLE = """
e = Derivation("growth", "Slope of an exponential").start(Diff(exp(3 * x), x))
e.step(3 * exp(3 * x), "chain rule")
e
"""

PROSE = """\
See {eq}`slope`, {eq}`growth`, {eq}`first` and {eq}`source`.

```{math}
:label: first
:class: definition
y = x
```

By {cite}`gauss`,

```{math}
:label: source
:class: cited
z = x
```
"""

BIBLIOGRAPHY = "@book{gauss, title={T}, author={A. Gauss}, year={1801}, publisher={P}}\n"


def with_what_was_checked(book: TinyBook) -> None:
    toc = book.root / "_toc.yml"
    toc.write_text(toc.read_text() + "      - file: reference/what-was-checked\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> TinyBook:
    """A built book: two chapters, of which the first derives and the second refers to it."""
    book = TinyBook(tmp_path_factory.mktemp("site") / "project")
    book.write("book/references.bib", BIBLIOGRAPHY)
    shown_again = "d.result"
    book.chapter("a/one", IMPORTS, LABELLED, ":tags: [show-input]\n" + WHOLE, shown_again, prose=PROSE)
    book.chapter("a/two", "print(1)", prose="As in {eq}`slope` and {eq}`growth`.")
    with_what_was_checked(book)
    book.build()
    return book


def soup(book: TinyBook, slug: str) -> BeautifulSoup:
    return BeautifulSoup(book.page(slug), "html.parser")


def text_of(element) -> str:
    return " ".join(element.get_text().split())


# --- The page -----------------------------------------------------------------------------------------


def test_a_derivation_is_a_group_with_a_name_and_its_lines_in_reading_order(site):
    group = soup(site, "a/one").find(id="derivation-square")
    assert group["role"] == "group"
    assert group["aria-label"] == 'Derivation: Slope of a "<square>" at x'
    first, second = group.select(".dlbook-line")
    assert [part["class"][0] for part in first.find_all("div")] == [
        "dlbook-left",
        "dlbook-right",
        "dlbook-reason",
        "dlbook-number",
    ]
    assert "\\frac{\\partial" in first.select_one(".dlbook-left math")["alttext"]
    assert first.select_one(".dlbook-right math")["alttext"] == "= 2 \\left(x + y\\right)"
    reason = first.select_one(".dlbook-reason")
    assert text_of(reason) == "chain rule, with f′=2u"
    assert reason.select_one("math")["alttext"] == "f' = 2u"
    assert second.select_one(".dlbook-left") is None
    assert second.select_one(".dlbook-number") is None


def test_lines_and_equations_share_one_sequence_of_numbers(site):
    page = soup(site, "a/one")
    order = ["equation-first", "equation-source", "equation-slope", "equation-growth"]
    shown = {e.parent.get("id") or e.parent.parent.get("id"): text_of(e) for e in page.select(".eqno")}
    assert shown == {name: f"(1.{n})#" for n, name in enumerate(order, 1)}


@pytest.mark.parametrize(("page", "prefix"), [("a/one", ""), ("a/two", "one.html")])
def test_a_label_and_a_name_can_be_cited_on_every_page(site, page, prefix):
    for label, number in (("slope", "(1.3)"), ("growth", "(1.4)")):
        link = soup(site, page).find("a", href=f"{prefix}#equation-{label}", class_="reference")
        assert text_of(link) == number


def test_the_badge_opens_the_log(site):
    details = soup(site, "a/one").select_one("#derivation-square details")
    (output,) = [o for o in site.record("a/one")["cells"][1]["outputs"] if MIME in o["data"]]
    data = output["data"][MIME]
    assert data["summary"].startswith("checked: symbolic, 2 steps, ")
    assert text_of(details.summary) == data["summary"]
    rows = [[text_of(c) for c in row.find_all("td")] for row in details.select("tbody tr")]
    assert [row[0] for row in rows] == ["1", "2"]
    for row, step in zip(rows, data["steps"], strict=True):
        killed = sum(m["status"] == "killed" for m in step["mutants"])
        assert row[1] == step["level"]
        assert row[4] == f"{killed} of {len(step['mutants'])}"
        assert killed > 0
    log = text_of(details)
    for part in ("Line 1, ", "against", "Assumptions: x>0", "Domains", "Confirmed by: SymPy"):
        assert part in log
    assert details.find(["h1", "h2", "h3", "h4"]) is None


def test_the_code_is_in_the_badge_and_nowhere_else(site):
    cells = [cell for cell in soup(site, "a/one").select("div.cell") if cell.select(".dlbook-derivation")]
    assert len(cells) == 2
    assert "d.start" in text_of(cells[0].select_one("details"))
    assert cells[0].select_one(".cell_input") is None
    # the author asked for the second one's code to stay
    assert "e.step" in text_of(cells[1].select_one(".cell_input"))
    assert "e.step" not in text_of(cells[1].select_one("details"))


def test_a_line_that_may_not_fit_can_be_reached_by_keyboard_and_no_other():
    assert formula(r"\left(-\frac{y}{\hat{y}} + \frac{1 - y}{1 - \hat{y}}\right)").get("tabindex") is None
    assert formula(" + ".join(f"x_{{{n}}}" for n in range(20)))["tabindex"] == "0"
    assert formula(r"\alpha \beta \gamma \delta \log \log \log \exp \exp \exp")["tabindex"] == "0"


def test_other_formats_get_plain_equations(site):
    script = (
        "import sys; from pathlib import Path; from jupyter_book.sphinx import build_sphinx\n"
        "root = Path(sys.argv[1]).resolve()\n"
        "for name in ('text', 'latex'):\n"
        "    out = build_sphinx(root / 'book', root / '_build' / name, noconfig=True, builder=name,\n"
        "        path_config=root / '_config.yml', doctreedir=root / '_build' / f'.{name}', quiet=True,\n"
        "        confoverrides={'external_toc_path': str(root / '_toc.yml'),\n"
        "            'latex_individualpages': False},\n"
        "        warningiserror=True)\n"
        "    assert not out, (name, out)\n"
    )
    command = [sys.executable, "-c", script, str(site.root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=site.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    text = (site.root / "_build" / "text" / "a" / "one.txt").read_text()
    assert "(x + y\\right)" in text
    assert "chain rule, with" in text
    assert "checked: symbolic, 2 steps" in text
    (tex,) = (site.root / "_build" / "latex").glob("*.tex")
    source = tex.read_text()
    assert "\\label{equation:a/one:slope}" in source
    assert "\\eqref{equation:a/one:slope}" in source
    assert "checked: symbolic, 2 steps" in source


# --- What the build refuses ---------------------------------------------------------------------------

WRONG = """
w = Derivation("wrong", "A wrong slope")
w.start(Diff(x ** 2, x))
w.step(3 * x, "power rule")
w
"""


def test_a_wrong_derivation_stops_the_build_at_its_line(book):
    path = book.chapter("a/bad", IMPORTS, WRONG)
    status, output = book.run("execute")
    assert status == 1
    line = path.read_text().splitlines().index("w") + 1
    assert f"{path}:{line}: a/bad, code cell 2: DerivationError: " in output
    assert "wrong" in output.split("DerivationError: ")[1]


def test_a_derivation_is_checked_with_all_mutants_and_once(book):
    book.chapter("a/one", IMPORTS, LABELLED)

    def verdict():
        (output,) = [o for o in book.record("a/one")["cells"][1]["outputs"] if MIME in o["data"]]
        return output["data"][MIME]

    book.execute()
    first = verdict()
    assert first["mutated"]
    assert first["mutants_made"] > 0
    assert not first["cached"]
    book.edit("book/a/one.md", "x, y = var('x y')", "x, y = var('x y')  # other code, the same derivation")
    assert book.execute()[0] == ["a/one"]
    again = verdict()
    assert again["cached"]
    assert again["mutants_made"] == first["mutants_made"]


def test_equations_that_say_nothing_of_themselves_stop_the_build(book):
    book.write("book/references.bib", BIBLIOGRAPHY)
    prose = """\
$$ undeclared = 1 $$

{{ hidden }}

```{note}
A source in a box is not beside it: {cite}`gauss`.
```

```{math}
:class: cited
sourceless = 2
```

```{math}
:class: cited definition
both = 3
```
"""
    cells = [
        "from IPython.display import Math, display\n" + IMPORTS,
        LABELLED,
        "Math('fromcell = 4')",
        ":tags: [definition]\nMath('allowed = 6')",
        "d.result",
        "d.line('slope')",
        "from dlbook.derive.claims import Claim\nClaim(Diff((x + y) ** 2, x), '=', 7 * x)",
        "display({'text/html': '<b>shown</b>', 'text/latex': '$$ unseen = 8 $$'}, raw=True)",
        LABELLED.replace("(x + y) ** 2", "(x + y) ** 3 ").replace("2 * (x + y)", "3 * (x + y) ** 2"),
    ]
    cells[-1] = cells[-1].replace('d.step(2 * x + 2 * y, "multiply out")\n', "").replace("square", "cube")
    path = book.chapter("a/bad", *cells, prose=prose)
    book.edit(
        "book/a/bad.md", "jupytext:", "myst:\n  substitutions:\n    hidden: $$ substituted = 9 $$\njupytext:"
    )
    status, output = book.run("build")
    assert status == 1
    found = [line.split("WARNING: ") for line in output.splitlines() if "WARNING: DL5" in line]
    claims = [(place, what) for place, what in found if "frac" in what]
    assert sorted(what.split(";")[0] for place, what in found if "frac" not in what) == [
        "DL501 displayed equation (fromcell = 4) is neither checked nor declared",
        "DL501 displayed equation (substituted = 9) is neither checked nor declared",
        "DL501 displayed equation (undeclared = 1) is neither checked nor declared",
        "DL502 displayed equation (both = 3) claims to be a definition and cited",
        "DL503 cited equation (sourceless = 2) without a source",
    ]
    lines = path.read_text().splitlines()

    def line_of(place: str) -> int:
        return int(place.split("a/bad.md:")[1].split(":")[0])

    place, message = next((p, w) for p, w in found if "undeclared" in w)
    assert line_of(place) == lines.index("$$ undeclared = 1 $$") + 1
    assert ":class: definition" in message
    (place,) = (p for p, w in found if "fromcell" in w)
    assert abs(line_of(place) - 1 - lines.index("Math('fromcell = 4')")) <= 1
    # of the statements that cells show, the one that no derivation on the page makes
    ((place, _),) = claims
    assert abs(line_of(place) - 1 - lines.index("from dlbook.derive.claims import Claim")) <= 1
    assert "duplicate label of equation slope" in output


# --- The report and the page of what was checked --------------------------------------------------------


def test_the_report_counts_what_the_pages_show(site):
    report = site.report()
    one, two = report["chapters"]
    found = [
        o["data"][MIME] for c in site.record("a/one")["cells"] for o in c["outputs"] if MIME in o["data"]
    ]
    assert one["equations"] == {"checked": 2, "definition": 1, "cited": 1, "undeclared": 0}
    assert (one["derivations"], one["steps"]) == (2, 3)
    assert sum(one["levels"].values()) == 3
    statuses = [m["status"] for d in found for s in d["steps"] for m in s["mutants"]]
    assert one["mutants_killed"] >= statuses.count("killed") > 0
    assert one["mutants_made"] == sum(d["mutants_made"] for d in found)
    assert one["mutants_made"] == one["mutants_killed"] + one["mutants_equivalent"]
    assert one["check_seconds"] > 0
    costs = one["step_seconds"]
    assert len(costs) == one["derivations"]
    assert sum(map(len, costs.values())) == one["steps"]
    assert 0 < sum(map(sum, costs.values())) <= one["check_seconds"] + 0.01
    assert two["derivations"] == 0
    assert two["equations"]["checked"] == 0
    for name in ("derivations", "steps", "mutants_made", "mutants_killed", "mutants_equivalent"):
        assert report["totals"][name] == one[name] + two[name]
    assert report["totals"]["equations"] == one["equations"]


def test_the_report_is_the_same_from_the_cache(site):
    before = site.report()["chapters"][0]
    status, _ = site.run("report")
    assert status == 0
    after = site.report()["chapters"][0]
    assert {k: before[k] for k in before if k != "executed"} == {
        k: after[k] for k in after if k != "executed"
    }


def test_the_generated_page_says_what_the_records_say(site):
    page = soup(site, "reference/what-was-checked")
    row = site.report()["chapters"][0]
    everything = text_of(page.article)
    assert "On 2 pages, 2 derivations with 3 steps were checked in" in everything
    assert f"of {row['mutants_made']} mutants, {row['mutants_killed']} were rejected" in everything
    assert "4 displayed equations (2 checked, 1 by definition, 1 cited)" in everything
    assert (
        "0 exercises with 0 worked solutions. 0 answers can be marked, and 0 mistakes are known."
        in everything
    )
    ran = f"Ran in {row['seconds']:.1f} seconds, {row['cell_seconds']:.1f} of them in its cells, with the cpu"
    assert f"{ran} budget on the CPU, with at most {row['peak_rss_mb']:.0f} MB" in everything
    slow = row["slowest_cell"]
    slowest = f"code cell {slow['index']}, {slow['first_line']}, with {slow['seconds']:.1f} seconds"
    assert f"The slowest is {slowest}" in everything
    line = (site.root / "book/a/one.md").read_text().splitlines()[slow["line"] - 1]
    assert line.strip() == slow["first_line"], "the cell's place leads elsewhere"
    lines = page.select("table tbody tr")
    assert [text_of(line.find("td")) for line in lines] == [
        'Slope of a "<square>" at x',
        "Slope of an exponential",
    ]
    assert lines[0].a["href"] == "../a/one.html#derivation-square"
    assert soup(site, "a/one").find(id="derivation-square") is not None
    # the sum comes before the prose, the tables after it
    assert everything.index("On 2 pages") < everything.index("symbolic") < everything.index("Ran in")


# --- Small parts ----------------------------------------------------------------------------------------

LINE = {"left": "a", "relation": "=", "right": "b", "reason": "", "label": None}
DATA = {
    "name": "d",
    "title": "",
    "summary": "checked",
    "lines": [LINE, {**LINE, "left": ""}],
    "steps": [],
    "definitions": [],
    "assumptions": [],
    "domains": [],
    "oracle": {},
    "notes": [],
    "seconds": 0.5,
    "mutants_made": 3,
    "mutants_killed": 2,
    "mutants_equivalent": 1,
}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([None, None], [(1, "d")]), (["p", None], [(0, "p")]), (["p", "q"], [(0, "p"), (1, "q")])],
)
def test_labelled_lines_have_numbers_or_else_the_last(labels, expected):
    data = DATA | {"lines": [LINE | {"label": label} for label in labels]}
    assert numbered(data) == expected
    lines = list(build(data, "page").findall(derivation_line))
    assert [(n, line["label"]) for n, line in enumerate(lines) if line["ids"]] == expected


def test_a_derivation_off_the_page_is_counted_but_shows_no_equation():
    head = (
        "---\njupytext:\n  text_representation:\n    format_name: myst\nkernelspec:\n  name: python3\n---\n"
    )
    text = head + "# T\n\n```{code-cell}\n:tags: [remove-output]\nd\n```\n\n```{code-cell}\nd\n```\n"
    chapter = Chapter("a", __file__, text)
    entry = {"source": "d", "outputs": [{"data": {MIME: DATA}}]}
    counts = statistics(chapter, {"cells": [entry, entry]})
    assert counts["derivations"] == 2
    assert counts["equations"]["checked"] == 1
    assert counts["check_seconds"] == 1.0


def test_totals_add_up_levels_that_one_chapter_lacks():
    zero = total([])
    row = zero | {"levels": {"symbolic": 2, "numeric": 1}, "steps": 3}
    assert total([row, zero])["levels"] == {"symbolic": 2, "instantiated": 0, "numeric": 1}
    assert json.dumps(total([row]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("words", [("Text", "words")]),
        ("$a$", [("math", "a")]),
        ("so $a$, then $b$", [("Text", "so "), ("math", "a"), ("Text", ", then "), ("math", "b")]),
        ("costs $5", [("Text", "costs $5")]),
    ],
)
def test_reasons_may_hold_maths(text, expected):
    assert [(type(node).__name__, node.astext()) for node in with_maths(text)] == expected


def test_a_log_without_anything_to_say_has_no_empty_parts():
    node = build(DATA, "page")
    assert all(p.astext().strip() for p in node.findall(nodes.paragraph) if p.parent.tagname != "entry")


def test_the_generated_page_follows_the_records(site):
    """Changes the book that the tests above share, so it stands last."""
    before = soup(site, "reference/what-was-checked").article
    assert "2 derivations with 3 steps" in text_of(before)
    site.edit("book/a/one.md", "\ne\n", '\ne.step(exp(3 * x) * 3, "turn around")\ne\n')
    site.edit("book/a/one.md", '"multiply out")', '"multiply out", label="new")')
    ran, _ = site.build()
    assert ran == ["a/one"]
    assert "2 derivations with 4 steps" in text_of(soup(site, "reference/what-was-checked").article)
    # the new label takes a number, and a page that was not edited cites the one after it
    assert text_of(soup(site, "a/two").find("a", href="one.html#equation-growth")) == "(1.5)"
