"""The faults of mutations.py still fit the code. (Whether they are caught: python -m tests.faults)"""
import pytest

from .mutations import FAULTS, ROOT, Fault, StaleFault, files_for, with_fault


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


@pytest.mark.parametrize("source", ["x = f(a,\n      b)\n", "x = f( a,b )\n"])
def test_spaces_and_line_breaks_do_not_matter(source):
    assert with_fault(source, Fault("a fault", "losses.py", "f(a, b)", "f(b, a)")) == "x = f(b, a)\n"


def test_there_are_enough():
    """Each is a mistake of its own; see ENOUGH_FOR_NOTEBOOKS for how many the notebooks must catch."""
    assert len(set(FAULTS)) == len({fault.what for fault in FAULTS}) == len(FAULTS) >= 25


@pytest.mark.parametrize("file, first", [("losses.py", "core/test_losses.py"),
                                         ("style/masks.py", "style/test_masks.py")])
def test_the_modules_own_tests_go_first(file, first):
    files = files_for(Fault("a fault", file, "a", "b"))
    assert files[0] == f"tests/{first}" and files[1].startswith(f"tests/{first.partition('/')[0]}/")
    assert len(files) == len(set(files)) > 20 and not any("test_mutations" in file for file in files)
