"""Many pictures at a time: each photo with each painting, and with each setting of a sweep.

    jobs    which pictures there are to paint, and what their files are called
    record  what is written inside each picture: how it was painted, and its losses
    run     paint what is not there yet; the table of losses
    sheet   all of them on one sheet, with captions
"""
from .run import Batch, run_batch, sweep

__all__ = ["Batch", "run_batch", "sweep"]
