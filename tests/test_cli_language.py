"""The command line in the user's language: how it is chosen, and that nothing stays English."""
import argparse
import contextlib
import os
import re
import subprocess
import sys

import pytest

from stylelib.cli import main, make_parser
from stylelib.cli.language import choose_language, own_language
from stylelib.cli.messages import OPTIONS, as_typed
from stylelib.engine.language import CATALOGUES, VARIABLES, language, use_language

from .conftest import PAINTING, PHOTO
from .test_cli import status_of
from .translate import catalogue

COMMANDS = [command.dest for commands in make_parser().commands.values() for command in commands]
CHINESE = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]+,?(?: [a-z]+,?){2,}")


@pytest.fixture
def chinese():
    use_language("zh_CN")
    yield
    use_language("en")


def as_a_process(*arguments, **environment):
    """Run the command line where only these variables name a language."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return subprocess.run([sys.executable, "-m", "stylelib", *map(str, arguments)], capture_output=True,
                          encoding="utf-8", timeout=300,
                          env={**kept, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path),
                               **environment})


def english(text):
    """What looks like words of an English sentence."""
    return SENTENCE.findall(text)


# How it is chosen

@pytest.mark.parametrize("environment, chinese", [
    ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, True),
    ({"LANG": "de_AT.UTF-8", "LANGUAGE": "de:zh_CN"}, True), ({}, False), ({"LANG": "C"}, False),
    ({"LANG": "xx_YY.UTF-8"}, False)], ids=str)
def test_the_environment_chooses_the_language(environment, chinese):
    shown = as_a_process("--help", **environment)
    assert shown.returncode == 0 and shown.stderr == ""
    assert bool(CHINESE.search(shown.stdout)) == chinese
    assert ("show this help message and exit" in shown.stdout) != chinese


@pytest.mark.parametrize("arguments", [
    ["--language", "zh_CN", "--help"], ["--help", "--language=zh"], ["--language", "zh", "stylize", "--help"],
    ["stylize", "--language", "zh_CN", "--help"], ["stylize", "a.jpg", "b.jpg", "--help", "--lang", "zh"],
    *([command, "--help", "--language", "zh"] for command in COMMANDS)], ids=" ".join)
def test_the_language_may_be_typed_anywhere(arguments, capsys):
    assert status_of(*arguments) == 0
    assert CHINESE.search(capsys.readouterr().out)


def test_what_is_typed_goes_before_the_environment():
    shown = as_a_process("--help", "--language", "en", LANG="zh_CN.UTF-8")
    assert "show this help message and exit" in shown.stdout and not CHINESE.search(shown.stdout)


@pytest.mark.parametrize("arguments", [["--language", "xx"], ["--language", "xx", "doctor"],
                                       ["doctor", "--language=xx"], ["--help", "--language", "xx"]],
                         ids=" ".join)
def test_an_unknown_language_is_one_line(arguments, capsys):
    assert status_of(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err == "stylelib: no messages in 'xx': choose one of en, zh_CN\n"


def test_a_language_without_a_name_is_one_line(capsys):
    assert status_of("doctor", "--language") == 2
    assert capsys.readouterr().err == ("stylelib doctor: argument --language: expected one argument (see "
                                       "stylelib doctor --help)\n")


def test_after_a_command_all_is_as_before(monkeypatch, capsys):
    monkeypatch.delenv("LANGUAGE", raising=False)
    words = vars(argparse)["_"]
    assert status_of("--language", "zh", "stylize") == 2
    assert CHINESE.search(capsys.readouterr().err)
    assert language() == "en" and vars(argparse)["_"] is words and "LANGUAGE" not in os.environ


def test_other_processes_hear_of_the_language(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    with own_language():
        choose_language(["film", "--language", "zh"])
        assert os.environ["LANGUAGE"] == "zh_CN"
    assert os.environ["LANGUAGE"] == "en"


def test_english_does_not_wait_for_the_reader_of_catalogues():
    code = ("import contextlib, sys\nfrom stylelib.cli import main\n"
            "with contextlib.suppress(SystemExit): main(['--help', '--language', sys.argv[1]])\n"
            "print('babel' in sys.modules)")
    for name, loaded in (("en", "False"), ("zh", "True")):
        done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, encoding="utf-8",
                              env={**os.environ, "PYTHONUTF8": "1"})
        assert done.stdout.splitlines()[-1] == loaded, done.stderr


def test_where_the_reader_is_missing_the_doctor_still_speaks(tmp_path):
    (tmp_path / "babel.py").write_text("raise ImportError('no babel here')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    shown = as_a_process("doctor", "--help", LANG="zh_CN.UTF-8", PYTHONPATH=path)
    assert shown.returncode == 0 and "show this help message and exit" in shown.stdout
    typed = as_a_process("doctor", "--language", "zh", PYTHONPATH=path)
    assert typed.returncode == 2 and typed.stderr.count("\n") == 1 and "stylelib doctor" in typed.stderr


# What it says

@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_english_sentence_is_left_in_the_help(command, capsys):
    assert status_of("--language", "zh", *([command] if command else []), "--help") == 0
    usage, _, rest = capsys.readouterr().out.partition("\n\n")
    assert CHINESE.search(usage) and CHINESE.search(rest)
    assert english(rest) == []
    assert "None" not in rest and "Python" not in rest


def test_the_english_help_lists_each_command_once_under_a_heading(capsys):
    assert status_of("--help") == 0
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert len(re.findall(rf"^  {command}  +\w", shown, re.M)) == 1, command
    assert re.findall(r"^[a-z][\w, ]+:$", shown, re.M)[-1] == "look after the installation:"
    assert "==SUPPRESS==" not in shown and not CHINESE.search(shown)


@pytest.mark.parametrize("arguments, kept", [
    ([], "COMMAND"), (["stylize"], "CONTENT, STYLE"), (["paint"], "'paint'"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--colour"], "--colour"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--method", "magic"], "'magic'"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--size", "big"], "'big'"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--style-layers", "relu1_1=1,relu2_1"], "relu2_1"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--steps"], "--steps"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--keep-colors", "--match-colors", "histogram"],
     "--match-colors"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png", "--fast", "--steps", "3"], "--fast"),
    (["batch", PHOTO, "--style", PAINTING, "-o", "new", "--sweep", "size=a,b"], "size"),
    (["batch", PHOTO, "--style", PAINTING, "-o", "new", "--sweep", "hue=1,2"], "'hue'"),
    (["film", "a.mp4", "style:7", "-o", "o.mp4", "--way", "optimise"], "style:7"),
    (["train-fast", PAINTING, "-o", "o.txt"], "'o.txt'"), (["studio", "--port", "0"], "'0'"),
], ids=str)
def test_errors_are_one_line_of_chinese(arguments, kept, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert status_of("--language", "zh", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and os.listdir() == []
    assert CHINESE.search(captured.err) and kept in captured.err and english(captured.err) == []


def test_a_ctrl_c_before_the_beginning_is_told_in_chinese(monkeypatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt
    monkeypatch.setattr("stylelib.cli._options", interrupted)
    assert status_of("--language", "zh", "doctor") == 130
    told = capsys.readouterr().err
    assert CHINESE.search(told) and english(told) == []


def test_errors_of_the_package_name_the_option(capsys):
    assert status_of("--language", "zh", "stylize", PHOTO, PAINTING, "-o", "o.png", "--size", "0") == 2
    assert "--size" in capsys.readouterr().err


@pytest.mark.parametrize("message, typed", [
    ("size 必须是正整数，得到的是 0", "--size 必须是正整数，得到的是 0"),
    ("size：应为正整数，实际是 0", "--size：应为正整数，实际是 0"),
    ("relu1_1 在 style_layers 中的权重", "relu1_1 在 --style-layers 中的权重"),
    ("写在style_shares中的数", "写在--style-shares中的数"),
    ("style_scale 1e+09 太大", "--style-scale 1e+09 太大"),
    ("请用 weights='oxford' 或 weights=None", "请用 --weights oxford 或 --weights random"),
    ("可用的有 size, steps, method", "可用的有 size, steps, method"), ("没有参数 'size'", "没有参数 'size'"),
    ("pictures/size 是文件夹", "pictures/size 是文件夹"), ("size.png 不是图像", "size.png 不是图像"),
    ("sizes 不是参数", "sizes 不是参数"), ("没有这个文件：start（找过）", "没有这个文件：start（找过）"),
    ("没有这个文件：mask 天空.png", "没有这个文件：mask 天空.png"), ("mask 里没有照片", "mask 里没有照片")])
def test_arguments_are_as_they_are_typed_in_chinese_too(message, typed, chinese):
    assert as_typed(message) == typed


@pytest.mark.parametrize("message, typed", [
    ("size must be above 0", "--size must be above 0"), ("the size must be 1", "the size must be 1"),
    ("a share in style_shares must be 1", "a share in --style-shares must be 1")])
def test_arguments_are_as_they_are_typed_in_english(message, typed):
    assert as_typed(message) == typed


def test_chinese_names_an_option_where_english_does():
    """As if each argument were `style_weight`, and each other value a number."""
    def named(text):
        text = re.sub(r"\{(name|argument)\}", "style_weight", re.sub(r"\{\w+:[^}]*\}", "3", text))
        return {option for option in OPTIONS.values() if option in as_typed(text) and option not in text}
    translations = catalogue.words(catalogue.read(CATALOGUES / "zh_CN" / "stylelib.po", "zh_CN"))
    english = [named(message) for message in translations]
    use_language("zh_CN")
    try:
        chinese = [named(translation) for translation in translations.values()]
    finally:
        use_language("en")
    assert sum(map(bool, english)) > 30
    # "a share in style_shares" is the beginning of a sentence, in which `must` comes later
    assert [message for message, here, there in zip(translations, english, chinese)
            if here != there and not re.search(r" in [\w{}]+$", message)] == []


def test_help_on_a_terminal_without_chinese_letters_is_no_error():
    shown = as_a_process("--help", "--language", "zh", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0 and "\\u" in shown.stdout and "stylize" in shown.stdout


def test_main_may_be_called_in_a_language_that_was_chosen_before(chinese, capsys):
    """As in a notebook: afterwards the notebook goes on in it."""
    with contextlib.suppress(SystemExit):
        main(["--version"])
    assert language() == "zh_CN"
