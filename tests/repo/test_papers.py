"""The repository's papers exist, agree, and hold nothing of the machine they were written on."""

import hashlib
import re

import pytest
import yaml

TOP_LEVEL = {
    "benchmarks",
    "_config.yml",
    "_toc.yml",
    "book",
    "src",
    "tests",
    "environment.yml",
    "pyproject.toml",
    "setup.py",
    "Makefile",
}
TOP_LEVEL |= {"README.md", "CONTRIBUTING.md", "LICENSE", "LICENSE-TEXT", "CITATION.cff", "requirements.lock"}
TOP_LEVEL |= {".ci", ".github", ".gitignore"}

# The text that creativecommons.org serves as licenses/by/4.0/legalcode.txt.
CC_BY_4 = "9ba9550ad48438d0836ddab3da480b3b69ffa0aac7b7878b5a0039e7ab429411"

# Written in parts, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w./:~$}\])-])/(?:wo"
    + r"rk|ro"
    + r"ot|ho"
    + r"me/\w+|Us"
    + r"ers/\w+)(?![\w.-])",
    "a path of one Windows machine": r"[A-Z]:\\+Us" + r"ers\b",
    "the address of a package registry": "|".join(
        [
            r"pypi\.org/" + "simple",
            "files\\.python" + r"hosted\.org",
            r"registry\.npm" + r"js\.org",
            r"registry\.yarn" + r"pkg\.com",
            r"conda\.ana" + r"conda\.org",
            r"download\.py" + r"torch\.org/whl",
            "(?:extra-)?index-" + r"url\s*[=:]\s*\S*://",
        ]
    ),
    "a secret": "BEGIN (?:RSA |EC |OPENSSH )?PRIV" + r"ATE KEY|\bgh[pousr]_\w{30}|\bAK" + r"IA[0-9A-Z]{16}\b",
}


def test_the_top_level_is_as_the_architecture_says(files):
    assert {path.parts[0] for path in files} == TOP_LEVEL


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(files, root, what):
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in files:
        data = (root / path).read_bytes()
        if b"\0" in data[:8192]:  # a picture, not text
            continue
        for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
            found += [f"{path}:{number}: {match.group()}" for match in pattern.finditer(line)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of one machine", "see /wo" + "rk/main/x"),
        ("a path of one machine", '"/ro' + 'ot/.cache"'),
        ("a path of one machine", "cd /ho" + "me/ann/book"),
        ("a path of one Windows machine", r"C:\Us" + r"ers\ann"),
        ("the address of a package registry", "https://pypi.org/" + "simple/torch"),
        ("the address of a package registry", "--index-" + "url=https://example.org"),
        ("a secret", "-----BEGIN PRIV" + "ATE KEY-----"),
    ],
)
def test_the_search_for_what_must_not_be_there_can_find_it(what, text):
    assert re.search(FORBIDDEN[what], text)


def test_the_licences_are_those_that_the_papers_name(root, pyproject):
    project = pyproject["project"]
    assert (project["license"], project["license-files"]) == ("MIT", ["LICENSE"])
    code = (root / "LICENSE").read_text(encoding="utf-8")
    assert code.startswith("MIT License\n\nCopyright (c) 2026 " + project["authors"][0]["name"])
    assert hashlib.sha256((root / "LICENSE-TEXT").read_bytes()).hexdigest() == CC_BY_4


def test_the_citation_agrees_with_package_and_book(root, pyproject):
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    assert cited["title"] == config["title"]
    assert cited["title"] in project["description"]
    assert str(cited["version"]) == project["version"]
    assert cited["license"] == project["license"]
    assert [author["name"] for author in cited["authors"]] == [a["name"] for a in project["authors"]]
    assert {"cff-version", "message", "title", "authors"} <= set(cited)


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_a_paper_names_only_what_exists(root, paper):
    text = (root / paper).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    paths = re.findall(r"`((?:src|tests|book|\.github|\.ci)/[\w./-]*)`", text)
    assert [name for name in [*links, *paths] if not (root / name).exists()] == []
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z]+)", text) + re.findall(r"^make ([a-z]+)$", text, re.MULTILINE))
    assert {t for t in targets if not re.search(rf"^{t}:", makefile, re.MULTILINE)} == set()
    settings = set(re.findall(r"\bDLBOOK_[A-Z_]+", text))
    sources = "".join(path.read_text(encoding="utf-8") for path in (root / "src").rglob("*.py"))
    assert {name for name in settings if f'"{name}"' not in sources} == set()


def test_the_readme_gives_the_two_commands_and_where_the_book_is(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    assert "\nmake book\n" in text
    assert "\nmake test\n" in text
    assert "_build/html/index.html" in text


def test_the_address_of_the_repository_stands_in_one_place(root, files):
    url = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    if url:  # not known yet while it is empty
        holders = [
            path for path in files if path.suffix != ".png" and url in (root / path).read_text("utf-8")
        ]
        assert [str(path) for path in holders] == ["_config.yml"]
