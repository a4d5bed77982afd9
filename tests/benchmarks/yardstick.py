"""How good a picture is, by a fixed rule that no method chose for itself."""
import torch
import torch.nn.functional as F

from stylelib import gram_matrix

CONTENT = "relu4_2"
STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
STYLE_WEIGHT = 10.0
MARGIN = 16         # px; mirrored, so that a bar along the border counts as the fault that it is


class Yardstick:
    """L = C + 10 S: 0 is perfect in both, which no picture can be.

    C is the mean squared difference from the photo's activations in relu4_2, divided by their mean square.
    S is the mean over relu1_1, ..., relu5_1 of the squared difference from the painting's Gram matrix,
    divided by that matrix's sum of squares.

    Args:
        network: VGG-19 in float32.
        photo, painting: (1, 3, H, W), in [0, 1].
    """

    def __init__(self, network, photo, painting):
        self.network = network
        self.content, _ = self._describe(photo)
        _, self.style = self._describe(painting)

    def _describe(self, image):
        with torch.no_grad():
            features = self.network(F.pad(image, [MARGIN] * 4, mode="reflect"), [CONTENT, *STYLE])
            return features[CONTENT], {layer: gram_matrix(features[layer]) for layer in STYLE}

    @property
    def content_unit(self):
        """mean P^2: what a program that takes the mean squared difference must divide by."""
        return float(self.content.square().mean())

    @property
    def style_units(self):
        """{layer: mean A^2}, the same for Gram matrices divided by the number of positions."""
        return {layer: float(gram.square().mean()) for layer, gram in self.style.items()}

    def __call__(self, image):
        """{"C", "S", "L"} of a picture, (1, 3, H, W), in the photo's size."""
        content, style = self._describe(image)
        c = float((content - self.content).square().mean()) / self.content_unit
        s = sum(float((style[layer] - self.style[layer]).square().mean()) / unit
                for layer, unit in self.style_units.items()) / len(STYLE)
        return {"C": c, "S": s, "L": c + STYLE_WEIGHT * s}
