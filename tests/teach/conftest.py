"""A course with two notebooks in Chinese, made here: what is tested needs no finished translation."""
import shutil

import nbformat
import pytest

from stylelib.engine.language import language, use_language

from ..places import NOTEBOOKS, ROOT

BOOKS = NOTEBOOKS[2:4]
LINKS = {"01_cnn_features.ipynb": BOOKS[0].name, "04_style_transfer.ipynb": BOOKS[1].name}    # no others here
WORDS = {"**Predict.**": "**先猜一猜。**", "<summary>Hint</summary>": "<summary>提示</summary>",
         "<summary>Solution</summary>": "<summary>参考答案</summary>",
         "<summary>Answer</summary>": "<summary>答案</summary>",
         "<summary>What to see</summary>": "<summary>看什么</summary>",
         "<summary>What happens</summary>": "<summary>会发生什么</summary>",
         "../data/": "../../data/", "](GLOSSARY.md": "](../GLOSSARY.zh.md",
         "# 03 Gram matrices": "# 03 格拉姆矩阵", "runs in about 90 seconds": "运行约 90 秒",
         "## Key points": "## 要点\n\n风格损失说明图像的格拉姆矩阵与画作的格拉姆矩阵相差多远。\n\n"
                          "[README](../../README.zh.md), [English](../03_gram_matrices.ipynb#key-points)"}


@pytest.fixture(scope="session")
def chinese_course(tmp_path_factory):
    """The folder of a course: two notebooks in English and in Chinese, with glossaries and READMEs."""
    course = tmp_path_factory.mktemp("chinese") / "course"
    (course / "notebooks" / "zh").mkdir(parents=True)
    shutil.copytree(ROOT / "data", course / "data")
    for path in (ROOT / "stylelib").rglob("*.txt"):         # licences, of which data/SOURCES.md speaks
        place = course / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    for name, row in (("GLOSSARY.md", "[03](03_gram_matrices.ipynb)"),
                      ("GLOSSARY.zh.md", "[03](zh/03_gram_matrices.ipynb)")):
        head = GLOSSARY_HEADS[name]
        (course / "notebooks" / name).write_text(f"{head}\n\n## Terms\n\n{row}\n\n## Formulas\n", "utf-8")
    (course / "README.md").write_text("# Course\n\n[中文](README.zh.md)\n", "utf-8")
    (course / "README.zh.md").write_text(
        "# 课程\n\n[English](README.md), [术语表](notebooks/GLOSSARY.zh.md)\n", "utf-8")
    for path in BOOKS:
        notebook = nbformat.read(path, as_version=4)
        _replace(notebook, LINKS)
        nbformat.write(notebook, course / "notebooks" / path.name)
        _replace(notebook, WORDS)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = cell.source.replace("  # ", "  # 注：")
        nbformat.write(notebook, course / "notebooks" / "zh" / path.name)
    return course


GLOSSARY_HEADS = {"GLOSSARY.md": "# Glossary and formulas\n\n中文：[GLOSSARY.zh.md](GLOSSARY.zh.md)",
                  "GLOSSARY.zh.md": "# 术语表与公式表\n\nEnglish: [GLOSSARY.md](GLOSSARY.md)"}


def _replace(notebook, words):
    for cell in notebook.cells:
        for old, new in words.items():
            cell.source = cell.source.replace(old, new)


@pytest.fixture
def in_chinese():
    """Messages are in Chinese, as far as they are translated."""
    before = language()
    use_language("zh_CN")
    yield
    use_language(before)
