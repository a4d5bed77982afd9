"""Checkers for the exercises: `check.gram_matrix(your_function)` says whether it is right; if not, why not.

It prints a verdict and returns it (`verdict.py`). It never raises an exception, so that a notebook with
unsolved exercises runs to its end. `check.claim` does the same for the notebook's own sentences,
`check.exhibition` for a folder of pictures, and `check.report()` says what is solved so far.
"""
from .beyond import own_distance, sorted_distance
from .claims import claim
from .content import choose_layer, content_gradient, content_loss
from .control import guided_gram, match_colors
from .exhibition import exhibition
from .fast import adain, instance_norm, style_mixture
from .features import read_layer, receptive_field
from .film import film_bug, flicker, temporal_loss, warp
from .grams import gram_matrix, style_divisor, style_loss
from .knobs import convert_weight, poster
from .loop import total_loss, transfer
from .pictures import deprocess
from .progress import report
from .runs import diagnose
from .training import training_bug
from .votes import vote_interval, votes_needed

__all__ = [
    "adain", "choose_layer", "claim", "content_gradient", "content_loss", "convert_weight", "deprocess",
    "diagnose", "exhibition", "film_bug", "flicker", "gram_matrix", "guided_gram", "instance_norm",
    "match_colors", "own_distance", "poster", "read_layer", "receptive_field", "report", "sorted_distance",
    "style_divisor", "style_loss", "style_mixture", "temporal_loss", "total_loss", "training_bug", "transfer",
    "vote_interval", "votes_needed", "warp",
]
