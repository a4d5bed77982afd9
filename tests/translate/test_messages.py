"""That a message of the package is found wherever it stands, with any Python."""
from .messages import messages

CODE = '''\
title = tr("plain")
# Translators: a heading
heading = tr("told about")
page = f"<b>{tr('in an f-string')}</b>" f"{tr_count('{n} try', '{n} tries', 3)}"
last = tr("plain")
'''


def test_messages_are_found_also_within_f_strings(tmp_path):
    (tmp_path / "a.py").write_text(CODE)
    name = f"{tmp_path.name}/a.py"
    found = [tuple(message) for message in messages(tmp_path) if message.place.startswith(name)]
    assert found == [("plain", name, f"{name}:1"), ("told about", f"{name} a heading", f"{name}:3"),
                     ("in an f-string", name, f"{name}:4"),
                     (("{n} try", "{n} tries"), name, f"{name}:4"), ("plain", name, f"{name}:5")]
