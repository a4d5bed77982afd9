"""What does not fit the table of answers: the hints of check.choose_layer."""
import pytest

from stylelib.learn.check.content import AIMS, LAYERS


@pytest.mark.parametrize("aim", AIMS)
def test_each_wrong_layer_has_a_reason_that_does_not_give_the_answer_away(aim):
    right, reasons = AIMS[aim]
    assert {right, *reasons} == set(LAYERS)
    assert not any(right in reason for reason in reasons.values())
