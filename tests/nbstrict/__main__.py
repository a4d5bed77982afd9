"""python -m tools.nbstrict NOTEBOOK...: the quiet refresh, wherever this folder lies."""
import sys

from .refresh import main

sys.exit(main(command=f"python -m {__package__}"))
