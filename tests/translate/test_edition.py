"""An edition's links lead where the English ones do, from another place."""
import nbformat
import pytest

from . import edition


@pytest.fixture
def course(tmp_path):
    """A course of one notebook and one page, with a Chinese glossary beside the English one."""
    folder = tmp_path / "notebooks"
    (folder / "zh").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    for name in ("a.jpg", "teaser.jpg"):
        (tmp_path / "data" / name).write_bytes(b"")
    (tmp_path / "data" / "zh").mkdir()
    (tmp_path / "data" / "zh" / "teaser.jpg").write_bytes(b"")
    (folder / "GLOSSARY.md").write_text("# Glossary\n\n## Terms & more", "utf-8")
    (folder / "GLOSSARY.zh.md").write_text("# 术语表\n\n## 术语 等等", "utf-8")
    (folder / "GUIDE.md").write_text("# Guide\n\n## The day before\n\n[a](#the-day-before) [b](01_a.ipynb)"
                                     " [c](GLOSSARY.md) [d](GLOSSARY.md#terms--more) [e](https://x.org/a#b)"
                                     "\n\n```console\n$ open notebooks/01_a.ipynb other.md\n```", "utf-8")
    cells = [nbformat.v4.new_markdown_cell("[a](GLOSSARY.md) [b](01_a.ipynb) `../data/a.jpg` "
                                            "[c](../data/a.jpg)"),
             nbformat.v4.new_markdown_cell("![the teaser](../data/teaser.jpg)"),
             nbformat.v4.new_code_cell("import torch"),
             nbformat.v4.new_code_cell('PHOTO = "../data/a.jpg"    # a photo')]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "01_a.ipynb")
    (folder / "zh" / "01_a.ipynb").write_bytes((folder / "01_a.ipynb").read_bytes())
    return folder


def translate(text):
    return {"The day before": "前一天", "a photo": "一张照片"}.get(text, text)


def test_a_page_links_to_translated_pages_headings_and_notebooks(course):
    assert edition.page(course / "GUIDE.md", "zh_CN", translate) == (
        "# Guide\n\n## 前一天\n\n[a](#前一天) [b](zh/01_a.ipynb) [c](GLOSSARY.zh.md) "
        "[d](GLOSSARY.zh.md#术语-等等) [e](https://x.org/a#b)"
        "\n\n```console\n$ open notebooks/zh/01_a.ipynb other.md\n```")


def test_a_notebook_finds_its_files_from_one_folder_deeper(course):
    made = edition.notebook(course / "01_a.ipynb", "zh_CN", translate)
    text, teaser, imports, knobs = (cell.source for cell in made.cells)
    assert text == "[a](../GLOSSARY.zh.md) [b](01_a.ipynb) `../../data/a.jpg` [c](../../data/a.jpg)"
    assert teaser == "![the teaser](../../data/zh/teaser.jpg)"
    assert imports == 'import stylelib\nimport torch\n\nstylelib.use_language("zh_CN")'
    assert knobs == 'PHOTO = "../../data/a.jpg"    # 一张照片'


def test_a_call_in_code_is_no_link(course):
    (course / "GUIDE.md").write_text("```python\nlosses[0]()\nlosses[1](image)\n```", "utf-8")
    assert edition.page(course / "GUIDE.md", "zh_CN", translate) == (course / "GUIDE.md").read_text("utf-8")


def test_code_in_a_sentence_has_the_keys_of_the_cells(course):
    cells = [nbformat.v4.new_markdown_cell('See `row["a photo"]`, `"relu1_1"` and "a photo".'),
             nbformat.v4.new_code_cell('row = {"a photo": 1}')]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), course / "02_b.ipynb")
    made = edition.notebook(course / "02_b.ipynb", "zh_CN", translate)
    assert made.cells[0].source == 'See `row["一张照片"]`, `"relu1_1"` and "a photo".'
    assert 'row = {"一张照片": 1}' in made.cells[1].source


def test_outputs_stay_with_their_code(course):
    path = course / "01_a.ipynb"
    stored = edition.notebook(path, "zh_CN", translate)
    stored.cells[3].outputs = [nbformat.v4.new_output("stream", name="stdout", text="kept")]
    stored.cells[3].execution_count = 2
    nbformat.write(stored, course / "zh" / path.name)
    again = edition.notebook(path, "zh_CN", translate)
    assert again.cells[3].outputs[0].text == "kept" and again.cells[3].execution_count == 2
    other = edition.notebook(path, "zh_CN", str.upper)
    assert other.cells[3].outputs == []
