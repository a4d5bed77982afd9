"""Neural style transfer, small enough to read: the package behind the course in `notebooks/`."""
import gc
import os
import sys

_collecting = gc.isenabled()
gc.disable()            # what an import makes stays: the search for garbage in it took a fifth of the time to the first evaluation
try:
    from .images import load_image, resize_image, save_image
    from .inputs import ImageError
    from .losses import content_loss, gram_matrix, style_loss, total_variation
    from .networks import Network, NetworkError, load_network
    from .objective import TransferLoss
    from .optimize import DivergenceError, Step, optimize
    from .transfer import Result, stylize, stylize_steps
except Exception as error:      # PyTorch is missing or damaged. `stylelib doctor` must start all the same, to say so
    _cause = error

    def __getattr__(name):
        if name in __all__:
            raise ImportError(f"stylelib cannot work: {_cause}. What to do: python -m stylelib doctor") from _cause
        raise AttributeError(f"module 'stylelib' has no attribute {name!r}")
except KeyboardInterrupt:       # Ctrl-C while PyTorch loads: whoever typed the command is told so in one line
    if os.path.basename(sys.argv[0]).removesuffix(".exe") not in ("stylelib", "-m"):
        raise
    print("stylelib: stopped before it began", file=sys.stderr)
    os._exit(130)       # at once: half-loaded libraries raise errors of their own on a normal exit
finally:
    if _collecting:
        gc.enable()

__all__ = ["DivergenceError", "ImageError", "Network", "NetworkError", "Result", "Step", "TransferLoss", "content_loss",
           "gram_matrix", "load_image", "load_network", "optimize", "resize_image", "save_image", "style_loss", "stylize",
           "stylize_steps", "total_variation"]
