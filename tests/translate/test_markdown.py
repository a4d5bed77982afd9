"""What of a text in Markdown is a message, and that the rest stays."""
import pytest

from .markdown import translate_markdown
from .messages import extract


@pytest.mark.parametrize("text, found", [
    ("## 1 A table\n\nTwo lines\nof one paragraph.", ["1 A table", "Two lines of one paragraph."]),
    ("- one\n  goes on\n- two\n\n1. three", ["one goes on", "two", "three"]),
    ("> a quotation\n> on two lines", ["a quotation on two lines"]),
    ("| a head | second |\n|---|---|\n| a cell | 1 |", ["a head | second", "a cell | 1"]),
    ("<details><summary>What to see</summary>\n\nWords.\n\n</details>", ["What to see", "Words."]),
    ("$$\nG = F F^T\n$$\n\n`code` $x$ 3", []),
    ("$$\nx = \\text{mean of all} / 2\n$$", ["mean of all"]),
    ("![alt words](a.png)", ["![alt words](a.png)"]),
    ("```python\nx = 1  # a comment\n```\n\n```console\n$ pip install it\n```", ["a comment"]),
    ("```console\n$ run it        # and see\n```", ["and see"]),
    ("Up to here:\n- an item right below", ["Up to here:", "an item right below"]),
])
def test_messages(text, found):
    assert extract(text) == found


def test_what_is_no_message_stays():
    text = """## Head

$$
x
$$

| one two | three |
|---|:-:|

- item
  more

<details><summary>To see</summary>

</details>"""
    changed = text
    for words in ("Head", "one two | three", "item\n  more", "To see"):
        changed = changed.replace(words, " ".join(words.split()).upper())
    assert translate_markdown(text, str.upper) == changed


def test_a_paragraph_broken_elsewhere_is_the_same_message():
    assert extract("one two\nthree four") == extract("one\ntwo three\nfour") == ["one two three four"]


def test_code_in_a_fence_keeps_its_indentation():
    text = "```python\n    if a:\n        b()     # then\n```"
    assert translate_markdown(text, str.upper) == "```python\n    if a:\n        b()     # THEN\n```"
