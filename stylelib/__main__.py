"""`python -m stylelib` is the same as `stylelib`."""
import sys

from .cli import main

sys.exit(main())
