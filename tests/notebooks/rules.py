"""The house rules for a notebook, checked without running it.

Each rule is a generator that yields what is wrong, in words; `problems` collects them all.
"""
import ast
import re

import nbformat

from stylelib.teach.pages import SLIDE_TYPES

from ..nbstrict.store import source_hash, stored_hash
from ..places import notebooks_in
from ..teasers import teaser, teaser_file

MAX_CODE_LINES = 20
MAX_KNOBS = 5                                       # at the top; others stand in the section that uses them
MAX_WORDS, MAX_OPENING_WORDS = 150, 250             # of one markdown cell, without what is folded away
SEEN, HAPPENS = "What to see", "What happens"      # the folds behind predictions, and behind what to try
MAX_FILE, MAX_PICTURE = 1_500_000, 200_000          # bytes
TAGS = re.compile(r"exercise|solution|parameters|teaser|image-tol=0\.\d+|raises-exception"
                  r"|nbval-(ignore-output|check-output|skip|raises-exception)")
UNSEEN = re.compile(r"clear_output|update_display|display_id|\bOutput\("
                    r"|\binteract(ive|ive_output|_manual)?\(")
OUTPUT_TYPES = {"text/plain", "text/html", "text/latex", "text/markdown", "image/png", "image/jpeg"}
THIS_MACHINE = re.compile(r"(?<![\w./])/(?:home|root|tmp|work|Users|private|var|mnt)/\S*|\b[A-Z]:\\\w\S*"
                          r"|0x[0-9a-fA-F]{6,}|ipykernel_\d+")
ENDING = ["Key points", "Common misconceptions", "Questions", "Read on"]
OPENING = {
    "**After this notebook you can**": r"\*\*After this notebook you can\*\*[^\n]*\n+[-*] ",
    "**You need to know**": r"\*\*You need to know\*\*",
    "**Time:** about N minutes to study; runs in about N seconds":
        r"\*\*Time:\*\*.*\d+ minutes?\b.*\bruns in about \d+ (seconds|minutes?)",
}


def problems(path):
    """Everything that is wrong with one notebook: sentences that begin with their cell where there is one."""
    notebook = nbformat.read(path, as_version=4)
    return [problem for rule in RULES for problem in rule(notebook, path)]


def stored_properly(notebook, path):
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"no valid notebook: {error.message}"
    if path.stat().st_size > MAX_FILE:
        yield f"the file has {path.stat().st_size} bytes (limit {MAX_FILE})"
    extra = set(notebook.metadata) - {"kernelspec", "language_info", "course"}
    if extra:
        yield f"metadata {sorted(extra)}: python -m tests.refresh"
    if stored_hash(notebook) != source_hash(notebook):
        yield "code has changed since the outputs were made: python -m tests.refresh"
    for i, cell in enumerate(notebook.cells):
        extra = set(cell.metadata) - {"tags", "slideshow"}
        if extra:
            yield f"cell {i}: metadata {sorted(extra)}: python -m tests.refresh"
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind not in SLIDE_TYPES:
            yield f"cell {i}: unknown slide type {kind!r}: choose one of {', '.join(SLIDE_TYPES)}"
        for tag in cell.metadata.get("tags", []):
            if not TAGS.fullmatch(tag):
                yield f"cell {i}: unknown tag {tag!r}"


def opens_and_ends(notebook, path):
    cells = notebook.cells
    first_code = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    opening = "\n\n".join(cell.source for cell in cells[:first_code])
    for what, pattern in OPENING.items():
        if not re.search(pattern, opening):
            yield f"before the first code cell there must be: {what}"
    headings = [text for level, text in _headings(notebook) if level == 2]
    if headings[-len(ENDING):] != ENDING:
        yield f"the last sections must be {', '.join(ENDING)}; they are {', '.join(headings[-len(ENDING):])}"
    everything = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    questions = everything.partition("## Questions")[2].partition("\n## ")[0]
    if questions.count("<details>") != 3:
        yield f"Questions must have three answers in <details>, there are {questions.count('<details>')}"


def first_screen_invites(notebook, path):
    first = notebook.cells[0].source
    file = teaser_file(path)
    place = first.find(f"](../data/teasers/{file.name})")
    if place < 0 or place > first.find("**After this notebook you can**"):
        yield f"cell 0: above what the learner can do afterwards, show ../data/teasers/{file.name}"
    if teaser(path) is None or not file.exists() or file.read_bytes() != teaser(path):
        yield (f"one cell with a figure must have the tag 'teaser', and {file.name} be its figure: "
               "python -m tests.refresh")
    if "GLOSSARY.md" not in first:
        yield "cell 0: link GLOSSARY.md"


def votes_are_not_spoiled(notebook, path):
    """The answer to a prediction is folded, and stands behind what has been run."""
    waiting = None                                  # the cell of a prediction that has no answer yet
    for i, cell in _markdown(notebook):
        if waiting is not None and i > waiting:
            if not cell.source.startswith(f"<details><summary>{SEEN}</summary>"):
                yield (f"cell {i}: the answer to the prediction in cell {waiting} must be folded: "
                       f"<details><summary>{SEEN}</summary>")
            waiting = None
        _, predict, question = cell.source.partition("**Predict")
        if predict:
            waiting = i
            if "<details>" in question or re.search(r"(?m)^#", question):
                yield f"cell {i}: nothing may follow a prediction but the code that answers it"
            if notebook.cells[i + 1].cell_type != "code":
                yield f"cell {i}: the code that answers a prediction must follow it"
        elif re.search(r"(?m)^\*\*What to see", cell.source):
            yield f"cell {i}: fold what there is to see"
    if waiting is not None:
        yield f"cell {waiting}: a prediction without an answer"


def tries_have_answers(notebook, path):
    for i, cell in _markdown(notebook):
        _, tries, text = cell.source.partition("**Try it")
        if tries and f"<details><summary>{HAPPENS}</summary>" not in text:
            yield f"cell {i}: below what to try, say what happens: <details><summary>{HAPPENS}</summary>"


def links(notebook, path):
    names = [other.name for other in notebooks_in(path.parent)]
    place = names.index(path.name)
    neighbours = set(names[max(place - 1, 0):place + 2]) - {path.name}
    for where, cell in (("first", notebook.cells[0]), ("last", notebook.cells[-1])):
        for missing in sorted(neighbours - set(_links(cell))):
            yield f"the {where} cell has no link to {missing}"
    for i, cell in _markdown(notebook):
        for target in _links(cell):
            name = target.partition("#")[0]
            if name and not re.match(r"\w+:", name) and not (path.parent / name).exists():
                yield f"cell {i}: there is no {name}"
        for alternative in re.findall(r"!\[([^\]]*)\]\(", _without_code(cell.source)):
            if not alternative.strip():
                yield f"cell {i}: a picture has no alternative text"
        for tag in re.findall(r"<img\b[^>]*>", cell.source):
            if not re.search(r"""\balt=["'][^"']""", tag):
                yield f"cell {i}: a picture has no alternative text"


def headings_in_order(notebook, path):
    levels = [level for level, _ in _headings(notebook)]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"there must be one # heading, at the top; there are {levels.count(1)}"
    for (above, _), (level, text) in zip(_headings(notebook), _headings(notebook)[1:]):
        if level > above + 1:
            yield f"heading {text!r} skips a level: {'#' * above} is followed by {'#' * level}"


def text_is_short(notebook, path):
    for i, cell in _markdown(notebook):
        visible = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL)
        visible = re.sub(r"\]\([^)]*\)", "]", _without_code(visible))       # addresses
        visible = re.sub(r"(?m)^\|.*$", "", visible)                        # tables
        limit = MAX_WORDS if i else MAX_OPENING_WORDS
        if len(visible.split()) > limit:
            yield f"cell {i}: {len(visible.split())} words (limit {limit}): split it"
        if cell.source.count("<details>") != cell.source.count("</details>") or \
                cell.source.count("<details>") != cell.source.count("<summary>"):
            yield f"cell {i}: each <details> needs a <summary> and its end in the same cell"


def stars_stress_words(notebook, path):
    for i, cell in _markdown(notebook):
        words = re.sub(r"\$[^$]*\$|\]\([^)]*\)", "", _without_code(cell.source))
        for product in re.findall(r"\w+\*\w+", words):
            yield f"cell {i}: Markdown takes the star in {product} for emphasis: write it as code"


def code_is_short(notebook, path):
    code = _code(notebook)
    for i, cell in code:
        lines = cell.source.strip().count("\n") + 1
        if lines > MAX_CODE_LINES:
            yield f"cell {i}: {lines} lines of code (limit {MAX_CODE_LINES})"
        if not cell.source.strip():
            yield f"cell {i}: empty"
        for place in THIS_MACHINE.findall(cell.source):
            yield f"cell {i}: {place!r} exists on one machine only"
        if re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source):
            yield f"cell {i}: use a tag (nbval-ignore-output), not a comment"
        if cell.source.rstrip().endswith(";"):
            yield f"cell {i}: nbval compares the value that ';' hides: end with a call that returns None"
        if UNSEEN.search(cell.source):
            yield f"cell {i}: nbval does not see outputs that change or that live in Output widgets"


def begins_with_imports_and_knobs(notebook, path):
    code = _code(notebook)
    if len(code) < 2:
        yield "there must be a cell of imports and a cell of knobs"
        return
    (i, imports), (j, knobs) = code[:2]
    if not all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in _parse(imports)):
        yield f"cell {i}: the first code cell must hold imports only"
    assignments = [statement for statement in _parse(knobs)
                   if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]).isupper()]
    if not assignments:
        yield f"cell {j}: the second code cell must hold the knobs, in CAPITALS"
    if len(assignments) > MAX_KNOBS:
        yield f"cell {j}: {len(assignments)} knobs (limit {MAX_KNOBS}): those of later sections belong there"
    tagged = [k for k, cell in code if "parameters" in cell.metadata.get("tags", [])]
    if tagged != [j]:
        yield (f"cell {j}: the knobs, and no other cell, must have the tag 'parameters', for papermill; "
               f"cells {tagged} have it")
    lines = knobs.source.splitlines()
    for knob in assignments:
        beside_or_above = lines[max(knob.lineno - 2, 0):knob.end_lineno]
        if not any("#" in line for line in beside_or_above):
            yield f"cell {j}: the knob {ast.unparse(knob.targets[0])} needs a comment"


def ran_in_order(notebook, path):
    for count, (i, cell) in enumerate(_code(notebook), 1):
        if cell.execution_count != count:
            yield (f"cell {i}: execution count {cell.execution_count}, expected {count}: "
                   "python -m tests.refresh")
            return                              # one is enough: the ones after it are wrong as well


def outputs_can_be_checked(notebook, path):
    compared = 0
    for i, cell in _code(notebook):
        tags = set(cell.metadata.get("tags", []))
        compared += bool(cell.outputs) and not tags & {"nbval-ignore-output", "nbval-skip"}
        for output in cell.outputs:
            data = output.get("data", {})
            if output.output_type == "error" and not tags & {"raises-exception", "nbval-raises-exception"}:
                yield f"cell {i}: stopped with {output.ename}"
            if output.get("name") == "stderr":
                yield f"cell {i}: stderr {output.text[:60]!r}"
            for kind in set(data) - OUTPUT_TYPES:
                yield f"cell {i}: an output of type {kind} is not compared"
            for kind in data:
                if kind.startswith("image/") and len(data[kind]) * 3 // 4 > MAX_PICTURE:
                    yield f"cell {i}: a picture of {len(data[kind]) * 3 // 4} bytes (limit {MAX_PICTURE})"
            words = output.get("text", "") + " ".join(str(value) for kind, value in data.items()
                                                      if kind.startswith("text/"))
            if re.search(r":\s*(True|False)\b", words):
                yield (f"cell {i}: a verdict teaches nothing: show the number, "
                       "and check.claim what the text says")
            for place in THIS_MACHINE.findall(words):
                yield f"cell {i}: {place!r} in the output exists on one machine only"
    if 3 * compared < len(_code(notebook)):
        yield f"only {compared} of {len(_code(notebook))} code cells have outputs that are compared"


RULES = [stored_properly, opens_and_ends, first_screen_invites, votes_are_not_spoiled, tries_have_answers,
         links, headings_in_order, text_is_short, stars_stress_words, code_is_short,
         begins_with_imports_and_knobs, ran_in_order, outputs_can_be_checked]


def _markdown(notebook):
    return [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "markdown"]


def _code(notebook):
    return [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def _without_code(text):
    """Markdown without its code: what looks like a heading or a link there is none."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^ *```.*?^ *```", "", text))


def _headings(notebook):
    """[(level, text)] of all headings."""
    return [(len(marks), text.strip()) for _, cell in _markdown(notebook)
            for marks, text in re.findall(r"(?m)^(#{1,6}) (.*)$", _without_code(cell.source))]


def _links(cell):
    """Where the links and pictures of a markdown cell point to."""
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)", _without_code(cell.source))


def _parse(cell):
    try:
        return ast.parse(cell.source).body
    except SyntaxError:             # a %magic
        return [None]
