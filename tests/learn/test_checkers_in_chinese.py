"""Checkers speak the language in use: each way by which a message gets to the learner, with the catalogue."""
import json
import re

import pytest
import torch

import stylelib
from stylelib import check
from stylelib.engine.language import use_language
from stylelib.learn.check import progress
from stylelib.learn.check.brief import Measured, judged
from stylelib.learn.check.verdict import Mistake

from .answers import broken, unsolved
from .checkers.content import RIGHT

CHINESE, ENGLISH = re.compile("[\u4e00-\u9fff]"), re.compile("[a-z]+ [a-z]+")


def with_a_poor_hook(model, index, image):
    """Hung up where PyTorch has no output to give."""
    def hook(module, given, output):
        pass

    model[index].register_forward_pre_hook(hook)
    model(image)


WRONG = {                    # where the words of the hint come from: (checker, answer)
    "a function's mistakes": (check.gram_matrix, lambda features: stylelib.gram_matrix(features) * 7),
    "a table of slips": (check.receptive_field, lambda layers: 1),
    "a table of hints": (check.choose_layer, {**RIGHT, "copy": "relu5_2"}.get),
    "a constant of all checkers": (check.style_divisor, lambda n, m: 4 * n ^ 2 * m ^ 2),
    "an error's words": (check.style_loss, lambda features, target_gram: features ^ 2),
    "an error's words, in one checker": (check.read_layer, with_a_poor_hook),
    "a default": (check.content_loss, lambda features, target: None),
    "what is expected": (check.style_divisor, lambda n, m: "4 N^2 M^2"),
    "an error that nobody foresaw": (check.deprocess, broken),
    "another shape": (check.content_loss, lambda features, target: torch.ones(2)),
    "what is no function": (check.transfer, 3),
}


@pytest.fixture(autouse=True)
def english_again():
    yield
    use_language("en")


@pytest.mark.parametrize(("checker", "answer", "status"), [
    (check.gram_matrix, stylelib.gram_matrix, "correct"), (check.gram_matrix, unsolved, "not attempted"),
    *((checker, answer, "wrong") for checker, answer in WRONG.values())], ids=["right", "empty", *WRONG])
def test_a_verdict_is_chinese_until_english_is_asked_for(checker, answer, status, capsys):
    english = checker(answer)
    use_language("zh_CN")
    said = checker(answer)
    use_language("en")
    assert checker(answer) == english and not CHINESE.search(english.message)
    assert said.status == english.status == status
    # But for Python's own errors there is no English left
    ours = re.sub(r"\w+Error: [^）]*", "", said.message)
    assert CHINESE.search(ours) and not ENGLISH.search(ours), said.message
    assert capsys.readouterr().out == f"{english.message}\n{said.message}\n{english.message}\n"


@pytest.mark.parametrize(("checker", "answer", "said"), [
    (check.style_divisor, lambda n, m: "4 N^2 M^2", "这里需要一个数，得到的却是 str"),
    (check.own_distance, lambda features, painting: 1.0, "这里需要一个张量，得到的却是 float：去掉 .item()"),
    (check.vote_interval, lambda wins, votes: "ab", "low 和 high 都应该是数，得到的却是 str")])
def test_what_is_expected_is_one_sentence(checker, answer, said):
    """In pieces, "a number" would be the word that another sentence needs."""
    use_language("zh_CN")
    assert checker(answer).message.startswith(f"还不对：{said}")


def test_a_broken_claim_is_said_in_chinese_around_its_own_words(capsys):
    use_language("zh_CN")
    check.claim("天是蓝的", False)
    said = capsys.readouterr().out
    assert "天是蓝的" in said and not re.search("[a-z]", said)


def test_a_report_is_chinese_and_its_keys_are_not(monkeypatch, capsys):
    monkeypatch.setattr(progress, "GIVEN", [check.gram_matrix(unsolved), check.style_divisor(lambda n, m: 3)])
    use_language("zh_CN")
    found = check.report()
    said = capsys.readouterr().out.splitlines()[-1]
    assert "style_divisor" in said and not ENGLISH.search(said)
    assert json.loads(found.json())["exercises"][1]["tries"] == 1


def test_a_posters_remedies_are_joined_in_chinese():
    use_language("zh_CN")
    with pytest.raises(Mistake) as mistake:
        judged({"method": "sgd", "keep_colors": True, "tv_weight": 100.0}, Measured(0.8, 0.8, 0.1))
    said = str(mistake.value)
    assert "method='lbfgs'" in said and "100" in said and not ENGLISH.search(said)
