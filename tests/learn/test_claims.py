"""The notebooks' own sentences."""
import pytest
import torch

from stylelib import check


@pytest.mark.parametrize("holds", [True, torch.tensor(True), 3 > 2])
def test_what_holds_is_silent(holds, capsys):
    check.claim("the sky is blue", holds)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("holds", [False, torch.tensor(False), float("nan") > 2])
def test_what_does_not_hold_is_said_and_the_notebook_goes_on(holds, capsys):
    check.claim("the sky is blue", holds)
    assert capsys.readouterr().out == "With these settings it is no longer true that the sky is blue.\n"
