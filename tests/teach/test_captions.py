"""Alternative texts: what can be read of a caption in the code, and what stands there where nothing can."""
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from stylelib.teach.captions import LONGEST, UNKNOWN, alternative_texts

from ..places import NOTEBOOKS


def texts(source, before="", pictures=1):
    output = new_output("display_data", {"image/jpeg": ""})
    cells = [new_markdown_cell("## 2 A `heading`\n\nText."), new_code_cell(before),
             new_code_cell(source, outputs=[new_output("stream", text="printed"), *[output] * pictures])]
    return list(alternative_texts(new_notebook(cells=cells)).values())


@pytest.mark.parametrize("source, text", [
    ("show.pictures({'the photo': a, 'the\\nresult': b}, width=6)", "the photo; the, result"),
    ("show.pictures({'photo': a}, title='Both of them')", "Both of them: photo"),
    ("show.pictures({f'after {n} steps': a, 'the very last': b})", "after … steps; the very last"),
    ("show.pictures({f'from {name}': a for name in LAYERS})", "from relu1; from relu2"),
    ("show.pictures({'photo': photo, **found})", "photo; one; two"),
    ("both = {}\nfor x in y:\n    both['left ' + 'half'] = x\nshow.pictures(both)", "left half"),
    ("show.heatmaps({'the table': t}, 'all of it')", "the table; all of it"),
    ("show.losses(result.history, 'Both losses')", "Both losses"),
    ("figure, axis = plt.subplots()\naxis.set_title('bars of layers')\nplt.show()", "bars of layers"),
    ("bars(values, 'share of each layer')", "share of each layer"),
    ("show.pictures({f'{x}': a})", "2 A heading"),
    ("show.pictures(anything)", "2 A heading"),
    ("%matplotlib inline", "2 A heading"),
])
def test_texts_come_from_the_captions_in_the_code(source, text):
    before = "LAYERS = ['relu1', 'relu2']\nfound = {'one': 1, 'two': 2}"
    assert texts(source, before) == [text]


def test_two_pictures_of_a_cell_have_their_own_texts():
    both = "show.pictures({'first one': a})\nshow.curves({'second one': b})"
    assert texts(both, pictures=2) == ["first one", "second one"]


def test_a_text_that_is_stored_with_its_picture_is_taken():
    cell = new_code_cell("show.film({'calm': a})\nshow.pictures({'second one': b})")
    words = {"image/png": {"alt": "A\nfilm: calm"}}
    cell.outputs = [new_output("display_data", {"image/png": ""}, metadata=words),
                    new_output("display_data", {"image/jpeg": ""})]
    assert list(alternative_texts(new_notebook(cells=[cell])).values()) == ["A film: calm", "second one"]


def test_a_long_text_ends_at_a_word():
    text, = texts(f"show.pictures({{'{'many words ' * 60}': a}})")
    assert len(text) <= LONGEST + 2 and text.endswith(f" {UNKNOWN}")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_picture_of_the_course_has_one(path):
    notebook = nbformat.read(path, as_version=4)
    drawn = [(i, j) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"
             for j, output in enumerate(cell.outputs) if "image/jpeg" in output.get("data", {})]
    found = alternative_texts(notebook)
    assert set(drawn) <= set(found)
    for place, text in found.items():
        assert len(text.replace(UNKNOWN, "")) > 4 and "\n" not in text, f"cell {place}: {text!r}"
