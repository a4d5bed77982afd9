"""What a translation must keep is compared."""
import pytest

from .compare import differences


def test_the_order_is_free():
    assert differences("`a` of $x$ in [one](n.md), 3 of {n}", "在[第一](n.md)中 {n} 里的 3，$x$ 的 `a`") == []


@pytest.mark.parametrize("english, translation, name", [
    ("see `a`", "见 `b`", "code"), ("so $x$ is", "所以 $y$", "formulas"),
    ("[a](b.md)", "[甲](c.md)", "links"),
    ("<b>a</b>", "甲", "tags"), ("{n} px", "{m} px", "fields"), ("20 of 30", "30 中的 25", "numbers"),
    ("**So:** it is", "**所以：**它是", "stress"),
    ("0.35 times", "3.5 倍", "numbers"), ("three", "3 个", "numbers"),
])
def test_a_difference_is_named(english, translation, name):
    assert [found.partition(":")[0] for found in differences(english, translation)] == [name]
