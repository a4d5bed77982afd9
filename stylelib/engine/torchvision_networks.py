"""SqueezeNet and ResNet as rows of named layers, built from torchvision's models.

Importing torchvision takes a second: `networks` does so only for these two.
"""
import torch
from torch import nn
from torchvision import models


def torchvision_stages(name: str, pooling: type[nn.Module]) -> dict[str, nn.Module]:
    """The layers of SqueezeNet 1.1 or ResNet-50 up to the classifier, under the papers' names.

    Args:
        name: "squeezenet1_1" or "resnet50".
        pooling: takes the place of its maximum poolings.

    Returns:
        {name: layer}, in order, without weights.
    """
    with torch.device("meta"):
        model = getattr(models, name)()
    if name == "resnet50":
        stages = {"conv1": model.conv1, "bn1": model.bn1, "relu1": nn.ReLU(), "pool1": nn.MaxPool2d(3, 2, 1)}
        for i in range(1, 5):
            for j, block in enumerate(getattr(model, f"layer{i}"), 1):
                stages[f"layer{i}_{j}"] = block
    else:
        names = "conv1 relu1 pool1 fire2 fire3 pool3 fire4 fire5 pool5 fire6 fire7 fire8 fire9".split()
        stages = dict(zip(names, model.features, strict=True))
    for stage_name, stage in stages.items():
        if isinstance(stage, nn.MaxPool2d):
            stages[stage_name] = pooling(stage.kernel_size, stage.stride, stage.padding,
                                         ceil_mode=stage.ceil_mode)
        for module in stage.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False
    return stages
