"""python -m tests.faults"""
import sys

from .mutations import main

sys.exit(main())
