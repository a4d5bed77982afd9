"""The pages for teachers are right: their links, minutes, questions, commands, formulas and lines of code."""
import ast
import contextlib
import io
import re
import shlex
from pathlib import Path
from textwrap import indent

import nbformat
import pytest

from stylelib import cli
from stylelib.learn import check
from stylelib.teach.course import find_notebooks
from stylelib.teach.links import Repository, links_to

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
GUIDE, HUBS, ANSWERS = FOLDER / "TEACHING.md", FOLDER / "HUBS.md", FOLDER / "ANSWERS.md"
GLOSSARY, GLOSSARY_ZH = FOLDER / "GLOSSARY.md", FOLDER / "GLOSSARY.zh.md"
README, README_ZH = ROOT / "README.md", ROOT / "README.zh.md"
PAGES = (GUIDE, HUBS, ANSWERS, GLOSSARY, GLOSSARY_ZH, README_ZH)
NOTEBOOKS = {path.name: nbformat.read(path, as_version=4) for path in find_notebooks(ROOT)}

# The threads of the questions that learners ask in public, as the guide's table must name them
THREADS = """
jcjohnson/neural-style#87 cysmith/neural-style-tf#118 leongatys/PytorchNeuralStyleTransfer#14
pytorch/tutorials#3732 pytorch/pytorch#43457 jcjohnson/neural-style#47
leongatys/PytorchNeuralStyleTransfer#4 pytorch/tutorials#281 pytorch/tutorials#795
leongatys/PytorchNeuralStyleTransfer#19 jcjohnson/fast-neural-style#73 jcjohnson/neural-style#93
jcjohnson/neural-style#292 ProGamerGov/neural-style-pt#68 anishathalye/neural-style#20
anishathalye/neural-style#100
jcjohnson/neural-style#376 clovaai/WCT2#9 jcjohnson/neural-style#171
pytorch/examples#925 lengstrom/fast-style-transfer#186 yusuketomoto/chainer-fast-neuralstyle#2
jcjohnson/fast-neural-style#37 yusuketomoto/chainer-fast-neuralstyle#33
""".split()


def text(path):
    return path.read_text("utf-8")


def plain(markdown):
    """Text without the line breaks of its source."""
    return " ".join(markdown.split())


def without_blocks(markdown):
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.MULTILINE | re.DOTALL)


def headings(markdown):
    return re.findall(r"^#+ (.+?) *$", without_blocks(markdown), re.MULTILINE)


def notebook_text(name, kinds=("markdown", "code")):
    return "\n\n".join(cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type in kinds)


def notebook_headings(name):
    return [heading for cell in NOTEBOOKS[name].cells if cell.cell_type == "markdown"
            for heading in headings(cell.source)]


def section(page, title):
    """The lines of a page from a heading to the next one of the same or a higher level."""
    marks = re.search(rf"^(#+) {re.escape(title)}\n", page, re.MULTILINE)
    assert marks, f"there is no heading {title!r}"
    rest = page[marks.end():]
    end = re.search(rf"^#{{1,{len(marks[1])}}} ", rest, re.MULTILINE)
    return rest[:end.start()] if end else rest


def rows(markdown):
    """Cells of all table rows, without heads and rules."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    rules = [i for i, line in enumerate(lines) if re.fullmatch(r"[|\s:-]+", line)]
    lines = [line for i, line in enumerate(lines) if i not in rules and i + 1 not in rules]
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]


# Links

def links(path):
    return re.findall(r"\[([^\]]*)\]\(([^)]+)\)", re.sub(r"`[^`\n]+`", "", without_blocks(text(path))))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    assert links(path)
    for label, target in links(path):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file) if file else path
        assert page.exists(), f"[{label}]({target})"
        if anchor:
            anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
                       for heading in headings(text(page))]
            assert anchor in anchors, f"[{label}]({target})"


def test_a_link_to_a_notebook_names_one_of_its_headings():
    for label, target in links(GUIDE):
        if target in NOTEBOOKS and label != target[:2]:
            assert label in notebook_headings(target), f"[{label}]({target})"


def test_all_notebooks_are_in_the_guide():
    guide = text(GUIDE)
    for name in NOTEBOOKS:
        title = notebook_headings(name)[0]
        part = section(guide, title)
        for word in ("**Goal.**", "**Stop and ask**", "| misconception |", "| on laptops |",
                     "**Without a projector.**"):
            assert word in part, f"{title} has no {word}"


# What the guide takes from the notebooks

def test_questions_stand_word_for_word_in_their_notebook():
    part = section(text(GUIDE), "Notebook by notebook")
    quoted = 0
    for name in NOTEBOOKS:
        asked = plain(notebook_text(name, ("markdown",)))
        for quote in re.findall(r"^> (.+)$", section(part, notebook_headings(name)[0]), re.MULTILINE):
            assert plain(quote) in asked, f"{name}: {quote}"
            quoted += 1
    assert quoted >= 2 * len(NOTEBOOKS)


def test_exercises_are_where_the_guide_says():
    part = section(text(GUIDE), "Notebook by notebook")
    for name in NOTEBOOKS:
        there = set(re.findall(r"\bcheck\.(\w+)\(", notebook_text(name, ("code",))))
        named = set(re.findall(r"`check\.(\w+)`", section(part, notebook_headings(name)[0])))
        others = {"claim", "exhibition", "report"}              # these check no function
        assert named - others == there - others, name
    for name in re.findall(r"`check\.(\w+)`", section(text(GUIDE), "Four routes")):
        assert callable(getattr(check, name, None)), name


def test_headings_in_italics_exist():
    """In the routes, *Words in italics* are headings of the row's notebook, or menu entries."""
    for cells in rows(section(text(GUIDE), "Four routes")):
        if len(cells) == 4 and (target := re.search(r"\(([\w.]+\.ipynb)\)", cells[2])):
            for word in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", cells[3]):
                menu = word.startswith("Run ") or word == "Shut down"
                assert menu or word in notebook_headings(target[1]), f"{cells[0]}: {word}"


MEMORY = 2          # notebooks whose kernels a laptop with 4 GB can hold


@pytest.mark.parametrize("title", ["Route: 90 minutes", "Route: half a day", "Route: a full day",
                                   "Route: two days"])
def test_a_route_never_has_more_notebooks_open_than_fit(title):
    """Each holds 1 GB until it is shut down."""
    table, running = rows(section(text(GUIDE), title)), set()
    for start, _, place, what in table:
        opened = re.match(r"(\d\d) ", place) or re.search(r"\b(0\d)[,:]? (?:clicks? into|\*Run)", what)
        if "*Shut down*" in what:
            running.clear()
        ahead = re.findall(r"(?:In |opens |\. |^)(0\d)[,:]? ", what)
        running |= {*ahead, *([opened[1]] if opened else [])}
        assert len(running) <= MEMORY, f"{title}, {start}: {sorted(running)}"
    assert sum("*Shut down*" in what for *_, what in table) >= 2


def test_knobs_that_a_remedy_turns_exist():
    part = section(text(GUIDE), "Notebook by notebook")
    for name in NOTEBOOKS:
        knobs = re.findall(r"`([A-Z_]{3,}) = [^`]+`", section(part, notebook_headings(name)[0]))
        for knob in knobs:
            assert re.search(rf"\b{knob}\b.*=", notebook_text(name, ("code",))), f"{name}: {knob}"


# Minutes

@pytest.mark.parametrize("title, minutes", [
    ("Route: 90 minutes", 90), ("Route: half a day", 210), ("Route: a full day", 480),
    ("Route: two days", 720)])
def test_minutes_of_a_route_add_up(title, minutes):
    clock = 0
    for start, length, *_ in rows(section(text(GUIDE), title)):
        hours, rest = start.split(":")
        should = f"{clock // 60}:{clock % 60:02}"
        assert 60 * int(hours) + int(rest) == clock, f"{title}: at {start} it should be {should}"
        clock += int(length)
    assert clock == minutes


@pytest.mark.parametrize("path", [GUIDE, README, README_ZH], ids=lambda path: path.name)
def test_times_of_the_notebooks_are_those_they_state(path):
    for name in NOTEBOOKS:
        study, seconds = re.search(r"\*\*Time:\*\* about (\d+) minutes to study; runs in about (\d+) seconds",
                                   plain(NOTEBOOKS[name].cells[0].source)).groups()
        link = rf"\[[^]]*\]\((?:notebooks/)?(?:zh/)?{name}\)"
        pattern = rf"^\| {link} \|.*\| (\d+) (?:min|分钟) \| (\d+) (?:s|秒) \|$"
        line = re.search(pattern, text(path), re.MULTILINE)
        assert line, f"{name} is not in the table of {path.name}"
        assert line.groups() == (study, seconds), name


# Commands

def commands(path):
    """Each line after $ in a console block, without its comment."""
    blocks = re.findall(r"^ *```console\n(.*?)^ *```", text(path), re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.join(shlex.split(line.removeprefix("$ "), comments=True))
            for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("path", [GUIDE, README, README_ZH], ids=lambda path: path.name)
def test_commands_are_understood(path):
    parsed = 0
    for line in commands(path):
        words = shlex.split(line)
        if words[0] == ".venv/bin/stylelib":
            with contextlib.redirect_stderr(io.StringIO()) as complaint:
                try:
                    cli.make_parser().parse_args(words[1:])
                except SystemExit:
                    pytest.fail(f"{line}: {complaint.getvalue()}")
            parsed += 1
    assert parsed > 3


def test_files_in_commands_exist():
    for path in (GUIDE, README_ZH):
        for file in re.findall(r"\S+/\S+\.(?:jpg|ipynb)", " ".join(commands(path))):
            assert (ROOT / file).exists(), file


# Public questions, assessment

def test_every_public_question_is_answered():
    table = rows(section(text(GUIDE), "What people ask, and why"))
    named = {thread for row in table for thread in row[-1].split(", ")}
    addresses = {thread: thread.replace("#", "/issues/") for thread in THREADS}
    assert named == {f"[{thread}](https://github.com/{address})" for thread, address in addresses.items()}
    assert all(len(row) == 5 and all(row) for row in table)


def test_assessment_questions_are_numbered_and_used_rightly():
    guide = text(GUIDE)
    table = [row for row in rows(section(guide, "Assessment")) if re.fullmatch(r"A\d+", row[0])]
    assert [row[0] for row in table] == [f"A{i}" for i in range(1, len(table) + 1)] and len(table) >= 12
    assert set(re.findall(r"\bA\d+\b", section(guide, "Four routes"))) <= {row[0] for row in table}
    assert all(len(row) == 2 for row in table), "answers stand in ANSWERS.md"
    assert list(answers()) == [row[0] for row in table]


def answers():
    """{number of the question: answer}"""
    return dict(row for row in rows(text(ANSWERS)) if re.fullmatch(r"A\d+", row[0]))


def test_numbers_of_the_assessment():
    import torch

    from stylelib import gram_matrix
    from stylelib.learn.check.features import pixels_seen
    from stylelib.style.recipes import translate
    answer = answers()
    assert f"{3 * 120 * 160:,}".replace(",", " ") in answer["A2"]
    assert answer["A4"].startswith(f"{pixels_seen([(3, 1), (3, 1), (2, 2), (3, 1)])}:")
    first, second = gram_matrix(torch.tensor([[1.0, 1, 0, 0], [0, 2, 2, 0]]).view(1, 2, 1, 4))[0].tolist()
    assert answer["A5"] == f"Rows ({first[0]:g}, {first[1]:g}) and ({second[0]:g}, {second[1]:g})."
    weights = translate("pytorch", 384, 512)["style_layers"]
    assert f"about {weights['conv1_1']:.0f} and {weights['conv3_1']:.0f}" in answer["A9"]


# Glossary and formula sheet

def formulas():
    """[(English row, Chinese row)] of the formula sheet."""
    english, chinese = rows(section(text(GLOSSARY), "Formulas")), rows(section(text(GLOSSARY_ZH), "公式"))
    return [pair for pair in zip(english, chinese, strict=True) if len(pair[0]) == 4]


def test_both_glossaries_have_the_same_terms():
    english, chinese = rows(section(text(GLOSSARY), "Terms")), rows(section(text(GLOSSARY_ZH), "术语"))
    assert [(row[0], row[1], row[3]) for row in english] == [
        (row[1], row[0], row[3].replace("zh/", "")) for row in chinese]
    assert len(english) > 40 and len({row[0] for row in english}) == len(english)
    assert all(row[2] for row in english + chinese)


def test_both_sheets_have_the_same_formulas_and_code():
    in_math = re.compile(r"\$[^$]+\$")
    assert len(formulas()) > 20
    for english, chinese in formulas():
        assert in_math.findall(english[1]) == in_math.findall(chinese[1]) != [], english[0]
        assert english[2] == chinese[2], english[0]
        # where it stands: the same notebook or file, and there a section of that title
        assert _place(english[3]) == _place(chinese[3]), english[0]
        edition = re.search(r"\]\((zh/\S+)\), \*([^*]+)\*", chinese[3])
        assert not edition or re.search(rf'"#+ (?:\d+ )?{re.escape(edition[2])}',
                                        (FOLDER / edition[1]).read_text("utf-8")), chinese[3]


def _place(cell):
    return re.sub(r"\*[^*]+\*", "", cell.replace("zh/", ""))


def test_formulas_survive_every_markdown_reader():
    """Markdown takes a backslash before punctuation, and a bare |, for its own."""
    for path in (GLOSSARY, GLOSSARY_ZH, GUIDE, ANSWERS):
        for formula in re.findall(r"\$([^$\n]+)\$", without_blocks(text(path))):
            assert not re.search(r"\\[^A-Za-z]|[|*<]", formula), f"{path.name}: {formula}"


def source_of(file, place):
    """Source of a function or a name's value in a file of the package, or of a notebook's section."""
    if file in NOTEBOOKS:
        marked = "\n\n".join(cell.source if cell.cell_type == "markdown" else indent(cell.source, "    ")
                             for cell in NOTEBOOKS[file].cells)
        return section(marked, place)
    source = text(ROOT / file)
    for node in ast.walk(ast.parse(source)):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if place in (getattr(node, "name", None), getattr(target, "id", None)):
            return ast.get_source_segment(source, node)
    raise AssertionError(f"{file} has no {place}")


def test_every_line_of_code_stands_where_the_sheet_says():
    for english, _ in formulas():
        found = re.fullmatch(r"`(?P<file>[\w/.]+)`, `(?P<name>\w+)`"
                             r"|\[\d\d\]\((?P<notebook>[\w.]+)\), \*(?P<title>.+)\*", english[3])
        assert found, english[3]
        source = source_of(found["notebook"] or found["file"], found["title"] or found["name"])
        for line in english[2].split("<br>"):
            assert line.strip("`") in source, f"{english[0]}: {line}"


# Hubs

def test_the_page_shows_links_as_they_are_made():
    made = links_to(Repository("github.com", "OWNER/NAME"), f"notebooks/{next(iter(NOTEBOOKS))}",
                    "https://hub.example.org")
    block = re.search(r"^```text\n(.*?)^```", text(HUBS), re.MULTILINE | re.DOTALL)[1]
    assert dict(line.split() for line in block.splitlines()) == made


# The Chinese README

def test_both_readmes_install_and_test_alike():
    blocks = [re.findall(r"```bash\n(.*?)```", text(path), re.DOTALL) for path in (README, README_ZH)]
    assert blocks[0] == [block.replace("/zh/", "/") for block in blocks[1]] and len(blocks[0]) == 2
    assert commands(README) == commands(README_ZH)


def test_both_readmes_link_to_the_same_papers():
    english, chinese = ({target for _, target in links(path)} for path in (README, README_ZH))
    ours = ("notebooks/0", "LICENSE", "data/", "CITATION")
    assert {target.replace("/zh/", "/") for target in chinese} >= {
        target for target in english if target.startswith(ours)}
