"""What of a code cell is a message, and that the code with its translation says the same to Python."""
import ast

import pytest

from .code import translate_code
from .messages import extract


@pytest.mark.parametrize("source, found", [
    ('show("the photo", layer="relu1_1")', ["the photo"]),
    ('f(mode="circular", title="colour", way="of two words")', ["colour", "of two words"]),
    ('f(names=(["noise", *layers], "rows"), pooling="max")', ["noise", "rows"]),
    ('open("../data/photo.jpg"); x["snake_case"]; "relu4_1"; f"{x:.2f}"; "G"', []),
    ('print(f"{name}: {100 * share:.0f} % of all")', ["{name}: {100 * share:.0f} % of all"]),
    ('a = ("in two "\n     f"pieces {x}")', ["in two pieces {x}"]),
    ('a = f"{{braces}} and {x!r:>{width}}"', ["{{braces}} and {x!r:>{width}}"]),
    ('x = 1   # a comment\n# another one\n# that goes on', ["a comment", "another one that goes on"]),
    ('"two\\nlines of it"', ["two\nlines of it"]),
    ("%timeit f(x)\ny = 'a word'", ["a word"]),
    ("# noqa: E501\n# 3.5", []),
])
def test_messages(source, found):
    assert extract(source, in_code=True) == found


@pytest.mark.parametrize("source", [
    'print(f"{a[0]:.2f} of {b}", "and \\"quoted\\"\\n", \'it is "so"\')',
    'x = f\'{d["key"]} of {n:>{width}} px\'',
    'def f():\n    """What it does.\n\n    In two paragraphs.\n    """\n    return "ein Wort\\\\"    # why',
    'def f():\n    """Of \\\\beta."""\n    return f"say \\"{x}\\"\\n", f"{x}\\\\n \\"so\\""',
    'x = ("%d of them"\n     % 3)',
    '# 中文 before\nx = ("äöü", "the photo")   # a comment after wide letters',
])
def test_only_words_change(source):
    """Evaluated with the words put back, it is the same program."""
    changed = translate_code(source, lambda message: f"«{message}»")
    assert changed != source
    back = ast.dump(ast.parse(changed)).replace("«", "").replace("»", "")
    plain = ast.dump(ast.parse(source))
    assert _joined(back) == _joined(plain)
    assert translate_code(source, lambda message: message) == source


def _joined(dump):
    """An f-string's empty constants, which marks around it leave, are nothing."""
    return dump.replace("Constant(value=''), ", "").replace(", Constant(value='')", "")


def test_a_key_in_a_field_is_the_key_of_the_dictionary():
    source = """row = {"the loss": 1}\nprint(f"so {row['the loss']:.1f}, {row['the_loss']}")"""
    words = {"the loss": "损失",
             "so {row['the loss']:.1f}, {row['the_loss']}": "{row['the loss']:.1f}，{row['the_loss']}"}
    assert translate_code(source, words.get) == (
        """row = {"损失": 1}\nprint(f"{row['损失']:.1f}，{row['the_loss']}")""")


def test_a_long_comment_on_several_lines_stays_on_several():
    source = "x = 1\n# one line of a comment\n# and a second one"
    changed = translate_code(source, lambda message: "字" * 80)
    assert [line[:3] for line in changed.split("\n")] == ["x =", "# 字", "# 字"]
