"""The faults of mutations.py still fit the code. (Whether they are caught takes an hour: python -m tests.faults)"""
import pytest

from .mutations import FAULTS, ROOT, Fault, StaleFault, with_fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_fault_fits(fault):
    source = (ROOT / "stylelib" / fault.file).read_text("utf-8")
    faulty = with_fault(source, fault)
    compile(faulty, fault.file, "exec")
    assert faulty != source


@pytest.mark.parametrize("source", ["", "a = 1\na = 1\n"])
def test_moved_code_is_noticed(source):
    with pytest.raises(StaleFault, match=r"losses.py has [02] times 'a = 1'.*moved on"):
        with_fault(source, Fault("a fault", "losses.py", "a = 1", "a = 2"))


def test_there_are_enough():
    assert len(set(FAULTS)) == len(FAULTS) >= 15
