"""Answer forms stand where they belong, hold what a reader needs, and the build stops at every misfit."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from answerbook import KEYS, SHARED, add_answers
from docutils import nodes
from tinybook import TinyBook

from dlbook.answers.keys import load
from dlbook.answers.marking import mark
from dlbook.answers.page import UnprintableError, mark_json, mathml, prepare_json, to_html
from dlbook.site.answer_data import as_script, scripts_version
from dlbook.site.answer_forms import recorded_values
from dlbook.site.answer_html import _plainly, answer_controls, answer_form, answer_part

PAGE = "a/one"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book with a form of each kind, built once; only to be looked at."""
    book = TinyBook(tmp_path_factory.mktemp("built") / "project")
    add_answers(book, list(KEYS))
    book.build()
    return book


def data_of(html):
    found = re.search(r'<script type="application/json" id="dlbook-answers">(.*?)</script>', html, re.S)
    return json.loads(found[1])


def form_of(html, name):
    return re.search(rf'<form [^>]*data-key="tiny/{name}".*?</form>', html, re.S)[0]


def test_every_key_has_its_form_with_prompt_and_choices(built):
    html = built.page(PAGE)
    for name, text in KEYS.items():
        if name != "layer":
            form = form_of(html, name)
            assert f'data-kind="{re.search("kind = .(.*).", text)[1]}"' in form
            assert 'role="status"' in form
    pick = form_of(html, "pick")
    assert "<legend" in pick
    assert pick.count('type="radio"') == 3
    assert "<math alttext=" in pick, "maths of a prompt must be typeset like that of the page"
    assert form_of(html, "several").count('type="checkbox"') == 3
    assert form_of(html, "truth").count('value="true"') == 1
    assert "Any vector" in form_of(html, "truth")
    assert form_of(html, "steps").count("<li data-letter=") == 4
    assert form_of(html, "relu").count("def relu(x):") == 2  # in the field, and for readers without a script
    for name in ("shape", "loss", "slope", "relu"):
        form = form_of(html, name)
        field = re.search(r'<(?:input|textarea)[^>]* id="([^"]*)"', form)
        assert f'<label for="{field[1]}">' in form
        assert 'spellcheck="false"' in field[0] or 'spellcheck="false"' in form


def test_code_that_needs_torch_is_sent_to_a_notebook(built):
    html = built.page(PAGE)
    assert 'data-key="tiny/layer"' not in html
    text = re.sub(r"<[^>]*>", "", html).replace("&quot;", '"')
    assert 'check("tiny/layer", layer)' in text


def test_without_a_script_no_control_shows(built):
    forms = re.findall(r'<form class="dlbook-answer.*?</form>', built.page(PAGE), re.S)
    assert len(forms) == len(KEYS) - 1
    for form in forms:
        root = ElementTree.fromstring(re.sub(r"<input([^>]*)>", r"<input\1/>", form))
        shown = [root]
        while shown:
            element = shown.pop()
            assert element.tag not in ("input", "button", "textarea"), form
            shown += [child for child in element if "hidden" not in child.attrib]
        assert "With JavaScript" in form


def test_the_page_holds_tables_for_what_needs_no_python_and_keys_for_the_rest(built):
    data = data_of(built.page(PAGE))
    kinds = {name.split("/")[1]: entry for name, entry in data["keys"].items()}
    for name in ("pick", "several", "truth", "shape", "steps"):
        assert kinds[name]["table"]["verdicts"]
        assert kinds[name]["python"] is None
    assert kinds["loss"]["table"]
    for name in ("loss", "slope", "update", "grad", "point", "values", "relu"):
        assert kinds[name]["python"]["exercise"].startswith("ex-")
    wrong = next(v for v in kinds["pick"]["table"]["verdicts"] if v["mistake"])
    assert "<math" in wrong["html"]
    assert data["see"] == {"sec-rule": {"href": "#sec-rule", "title": "The rule"}}
    request = {"tables": data["shared"] | {"keys": {"slope": kinds["slope"]["python"]}}}
    outcome = mark_json(json.dumps(request | {"name": "tiny/slope", "answer": "w2 (y_hat - y)"}))
    assert json.loads(outcome)["status"] == "right"


def test_scripts_are_files_and_come_only_with_forms(built):
    html, other = built.page(PAGE), built.page("index")
    ours = re.findall(r'<script type="module" src="([^"]*)"', html)
    assert len(ours) == 1
    assert (built.root / "_build/html/a" / ours[0].split("?")[0]).resolve().is_file()
    assert "answers.css" in html
    for form in re.findall(r'<form class="dlbook-answer.*?</form>', html, re.S):
        assert not re.search(r"\s(style|on\w+)=", form)
    assert "answers/form.js" not in other
    assert "dlbook-answers" not in other


def test_before_anything_is_asked_a_page_stays_light(built):
    folder = built.root / "_build/html/_static/answers"
    import gzip

    light = b"".join((folder / name).read_bytes() for name in ("form.js", "lookup.js", "answers.css"))
    assert len(gzip.compress(light, 9)) <= 15_000
    assert 'src="../_static/answers/worker.js' not in built.page(PAGE)
    assert "pyodide" not in built.page(PAGE)


def test_an_edited_key_remakes_its_page_and_executes_nothing(book):
    add_answers(book, ["pick", "shape"])
    book.chapter("a/two", "print('two')")
    book.build()
    untouched = (book.root / "_build/html/a/two.html").stat().st_mtime_ns
    before = data_of(book.page(PAGE))["keys"]
    book.edit(f"book/{PAGE}.answers.toml", "Is the slope zero?", "Is the slope nought?")
    ran, _ = book.build()
    assert ran == []
    assert "Is the slope nought?" in book.page(PAGE)
    after = data_of(book.page(PAGE))["keys"]
    assert before["tiny/pick"]["digest"] != after["tiny/pick"]["digest"]
    assert before["tiny/shape"] == after["tiny/shape"]
    assert (book.root / "_build/html/a/two.html").stat().st_mtime_ns == untouched
    assert 'class="dlbook-progress"' in book.page(PAGE)
    add_answers(book, ["pick"])
    book.build()
    assert 'class="dlbook-progress"' not in book.page(PAGE), "one answer is no progress to keep"


FAULTY = """
```{exercise-start} One
:label: ex-one
```
Work.

```{answer} tiny/shape
```

```{answer} tiny/no-such-key
```
```{exercise-end}
```

```{solution-start} ex-one
```
No code here.
```{solution-end}
```

```{exercise-start} Two
:label: ex-choices
```
Work.
```{exercise-end}
```

```{answer} tiny/pick
```
"""


def test_the_build_names_every_misfit_with_its_place(book):
    path = book.chapter(PAGE, "from dlbook.page import record\nrecord(loss=0.7)", prose=FAULTY)
    keys = KEYS | {"truth": KEYS["truth"].replace("sec-rule", "sec-nowhere")}
    names = ("shape", "pick", "truth", "loss")
    tables = SHARED + "".join(f"\n[keys.{name}]{keys[name]}" for name in names)
    file = book.write(
        f"book/{PAGE}.answers.toml",
        tables
        + "\n[keys.twice]"
        + KEYS["loss"].replace('"loss"', '"gone"').replace("keys.loss", "keys.twice"),
    )
    status, output = book.run("build")
    assert status == 1
    page, toml = path.read_text().splitlines(), file.read_text().splitlines()

    def told(lines, line, words, name):
        place = f"{name}:{lines.index(line) + 1}:"
        return any(place in told and words in told for told in output.splitlines())

    for line, words in {
        "```{answer} tiny/no-such-key": "there is no answer key 'tiny/no-such-key'",
        "```{answer} tiny/shape": "is of the exercise ex-shapes, but its form stands in ex-one",
        "```{answer} tiny/pick": "outside any exercise",
        "```{solution-start} ex-one": "no code cell that asserts",
        "```{exercise-start} Two": "the exercise ex-choices has no solution",
    }.items():
        assert told(page, line, words, "one.md"), (words, output)
    for line, words in {
        "[keys.truth]": "has no form",
        "[keys.loss]": "does not mark 0.7, which the page recorded as loss, right",
        "[keys.twice]": "names the number gone, which no cell",
    }.items():
        assert told(toml, line, words, "one.answers.toml"), (words, output)


def test_a_label_that_no_page_has_stops_the_build(book):
    add_answers(book, ["pick"])
    book.edit(f"book/{PAGE}.answers.toml", 'see = "sec-rule"', 'see = "sec-nowhere"')
    status, output = book.run("build")
    assert status == 1
    assert re.search(
        r"one\.answers\.toml:\d+: ERROR: the key tiny/pick sends its reader to sec-nowhere", output
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('chapter = "tiny"', "", "needs chapter"),
        ('kind = "shape"', 'kind = "form"', "kind 'form' is none of"),
        ("(32, 10)", "(32, wide", "shape"),
        ("Rows are examples.", r"Rows are $\nosuchthing$.", "cannot be shown"),
    ],
)
def test_a_faulty_file_of_keys_stops_the_build(book, old, new, words):
    file = add_answers(book, ["shape"])
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    status, output = book.run("build")
    assert status == 1
    assert any("one.answers.toml:" in line and words in line for line in output.splitlines()), output


# ---- Messages as HTML


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("`<b>` is code", "<code>&lt;b&gt;</code> is code"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("1 < `x` & 2", "1 &lt; <code>x</code> &amp; 2"),
        ("costs 5$", "costs 5$"),
        ("`$x$`", "<code>$x$</code>"),
        ('say "x"', "say &quot;x&quot;"),
    ],
)
def test_text_and_code_are_escaped(text, html):
    assert to_html(text) == html


HOSTILE = [
    r"\text{<img src=x onerror=alert(1)>}",
    r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
    r"\mathrm{<script>}",
    r"<script>alert(1)</script>",
    r"\href{javascript:alert(1)}{x}",
    r"\class{x}{y}",
    r"\style{color:red}{x}",
    r'x" onload="alert(1)',
    r"\operatorname{<svg/onload=alert(1)>}",
    r"\color{red}{x}",
    r"\unicode{x3c}script",
    "\\text{]]>}",
    r"\fbox{x}",
]


@pytest.mark.parametrize("latex", HOSTILE)
def test_no_latex_makes_anything_but_mathml(latex):
    shown = mathml(latex)
    root = ElementTree.fromstring(shown)  # well-formed: nothing escaped from its attribute or text
    assert root.tag in ("math", "code")
    for element in root.iter():
        assert element.tag in {"math", "code", "mrow", "mi", "mo", "mn", "mtext", "mstyle"}, shown
        assert not [a for a in element.attrib if a in ("href", "style", "class") or a.startswith("on")], shown


@pytest.mark.parametrize(
    ("latex", "grow"),
    [
        (r"\left(\hat y - y\right) h_2", 0),
        (r"\left(1 + \left(a + b\right)\right)", 0),
        (r"\left(\frac{a}{b} + \left(c\right)\right)", 2),
    ],
)
def test_brackets_grow_only_around_what_is_tall(latex, grow):
    assert mathml(latex).count('stretchy="true"') == grow


def test_maths_keeps_its_latex_as_alternative_text_and_signs_as_signs():
    root = ElementTree.fromstring(mathml(r"\hat y < \frac{\partial L}{\partial w_2}"))
    assert root.get("alttext") == r"\hat y < \frac{\partial L}{\partial w_2}"
    assert "<" in "".join(root.itertext())
    assert root.find(".//mover/mo").get("stretchy") == "false", "a hat would grow"
    assert "\u2202" in "".join(root.itertext())


@pytest.mark.parametrize("latex", [r"\frac{a}{", "x^", r"\nosuchthing", "{", r"\left( x"])
def test_maths_that_cannot_be_shown_is_refused_by_the_build_and_shown_as_code_to_a_reader(latex):
    with pytest.raises(UnprintableError, match="cannot be shown"):
        to_html(f"Is ${latex}$ right?", strict=True)
    assert to_html(f"Is ${latex}$ right?") == f"Is <code>{latex}</code> right?"


def test_the_worker_is_answered_whatever_it_asks():
    tables = load_tables("slope")
    request = {"tables": tables, "name": "tiny/slope", "answer": "(y_hat - y) $ w2"}
    prepare_json(json.dumps(request))
    verdict = json.loads(mark_json(json.dumps(request)))
    assert (verdict["status"], verdict["words"]) == ("unreadable", "I cannot read this.")
    assert verdict["at"][0] < verdict["at"][1] <= len(request["answer"])
    for broken in (
        {"tables": {}},
        {"name": "tiny/other"},
        {"tables": tables | {"keys": {"slope": {"kind": "x"}}}},
    ):
        prepare_json(json.dumps(request | broken))
        verdict = json.loads(mark_json(json.dumps(request | broken)))
        assert verdict["status"] == "undecided", "a fault of the book must not count against the reader"


def test_the_page_says_what_python_says():
    text = f"{SHARED}\n[keys.slope]{KEYS['slope']}"
    key = load(text)["tiny/slope"]
    for answer in ("w2 (y_hat - y)", "(y_hat - y) h2", "y_hat", "w2 +", ""):
        verdict = mark(key, answer)
        request = {"tables": load_tables("slope"), "name": key.name, "answer": answer}
        found = json.loads(mark_json(json.dumps(request)))
        assert (found["status"], found["message"], found["mistake"]) == (
            verdict.status,
            verdict.message,
            verdict.mistake,
        )
        assert found["see"] == verdict.see


def load_tables(name):
    import tomllib

    return tomllib.loads(f"{SHARED}\n[keys.{name}]{KEYS[name]}")


def test_data_cannot_close_the_element_that_holds_it():
    text = as_script({"labels": {}, "keys": {"x": "</script><!--<script>"}}, lambda label: None)
    assert text.count("<") == 2
    assert json.loads(re.search(">(.*)<", text)[1])["keys"]["x"] == "</script><!--<script>"


def test_the_version_of_the_scripts_is_that_of_their_content():
    folder = Path(__file__).parents[2] / "src/dlbook/site/static/answers"
    assert {path.name for path in folder.iterdir()} == {"form.js", "lookup.js", "worker.js", "answers.css"}
    assert re.fullmatch("[0-9a-f]{12}", scripts_version())


def test_recorded_numbers_are_found_in_a_record():
    output = {
        "data": {"p/text/plain": "0.25"},
        "metadata": {"scrapbook": {"name": "loss", "mime_prefix": "p/"}},
    }
    plain = {"output_type": "stream", "text": "x"}
    assert recorded_values({"cells": [{"outputs": [plain, output]}]}) == {"loss": "0.25"}


def test_other_formats_get_prompt_and_choices_as_plain_text():
    form = answer_form("", key="a/b", kind="choice", base="x", grouped=True)
    form += answer_part("", "", nodes.Text("Which?"), role="prompt", value="")
    form += answer_part("", "", nodes.Text("This."), role="option", value="a")
    form += answer_controls()
    form += answer_part("", "", nodes.Text("Think."), role="hint", value="1")
    prompt, listed = _plainly(form)
    assert prompt.astext() == "Which?"
    assert isinstance(listed, nodes.bullet_list)
    assert listed.astext() == "a This."
