"""Lines of Latin and Chinese text: where they may end, and how wide they are."""
import re

import pytest

from stylelib.engine.lines import width_of, wrap


def test_lines_of_chinese_end_between_hanzi():
    assert wrap("After The Starry Night, of a photo", 12) == ["After The", "Starry", "Night, of a", "photo"]
    assert wrap("照片：china，大小 256 px。", 12) == ["照片：", "china，大小", "256 px。"]
    assert wrap("一二三四五六，七", 12) == ["一二三四五", "六，七"]
    assert wrap("大小（256 px）一二", 8) == ["大小", "（256", "px）一二"]
    assert wrap("style“一二”……三", 7) == ["style", "“一", "二”……三"]


@pytest.mark.parametrize("width", range(1, 20))
def test_no_letter_is_lost_and_no_line_ends_or_begins_with_the_wrong_punctuation(width):
    text = "“ 他说：“你好”……（256 px）《星夜》style“一（）。” 一（"
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not [line for line in lines[1:-1] if line[0] in "，。：”…）》" or line[-1] in "（《"]


def test_lines_of_chinese_are_as_long_as_the_terminal_is_wide():
    text = "用训练好的网络一次画成；还可以是 style:3=0.5,12=0.5（几种风格的混合），或“画”和《星夜》。" * 3
    lines = wrap(text, 20)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    for line in lines:
        long_word = re.search(r"[!-~]{9,}", line)
        assert width_of(line) <= 20 or long_word, line
        assert line[0] not in "，。：；？！）”》、 " and line[-1] not in "（“《 "
    assert wrap("", 20) == [] and wrap("été " * 4, 15) == ["été été été été"]


def test_a_chinese_letter_is_as_wide_as_two():
    assert [width_of(text) for text in ("", "été", "星夜", "“星”，", "ABC 一")] == [0, 3, 4, 6, 6]
