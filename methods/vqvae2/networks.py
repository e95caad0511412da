"""Networks of VQ-VAE-2: an encoder and a decoder of two levels, and the priors over the codes of each."""

import torch
import torch.nn.functional as F
from torch import nn

from fewstep.images.noise import uniform
from fewstep.nets.gated_pixelcnn import GatedPixelCNN, draw

from .codebook import Codebook, straight_through


class VQVAE2(nn.Module):
    """The auto-encoder, and with a `prior` section in the card the priors too.

    `stages` holds what sampling evaluates: the priors `top` and `bottom`, and the `decoder`.
    """

    def __init__(self, network, shape):
        super().__init__()
        settings = network["autoencoder"]
        width, dimension, blocks = settings["width"], settings["dimension"], settings["blocks"]
        sides = [(shape.height, shape.width)]
        for _ in range(settings["halvings"] + 1):
            sides.append(tuple((side + 1) // 2 for side in sides[-1]))
        *_, self.bottom_side, self.top_side = sides
        self.encoder = Encoder(shape.channels, width, settings["halvings"], blocks, dimension, self.bottom_side)
        codebooks = {level: Codebook(settings["codes"], dimension, settings["decay"]) for level in ("top", "bottom")}
        self.codebooks = nn.ModuleDict(codebooks)
        self.stages = nn.ModuleDict()
        if "prior" in network:
            self.stages.update(priors(network["prior"], settings["codes"], self.top_side, self.bottom_side, shape))
        self.stages["decoder"] = Decoder(shape.channels, width, blocks, dimension, sides[-2::-1])

    def autoencode(self, images):
        """Reconstructions [B, C, H, W] with straight-through gradients, and by level the encoder's outputs and codes.

        The top level is quantised first; the bottom level describes what is left once the top is known.
        """
        bottom, top = self.encoder.features(images)
        outputs, codes, passed = {"top": top}, {}, {}
        for level in ("top", "bottom"):
            if level == "bottom":
                outputs[level] = self.encoder.given_top(bottom, passed["top"])
            codes[level] = self.codebooks[level].nearest(outputs[level])
            passed[level] = straight_through(outputs[level], self.codebooks[level].lookup(codes[level]))
        return self.stages["decoder"](passed["top"], passed["bottom"]), outputs, codes

    def encode(self, images):
        """Codes int64 of images [B, C, H, W]: top [B, *top_side] and bottom [B, *bottom_side]."""
        with torch.no_grad():
            _, _, codes = self.autoencode(images)
        return codes["top"], codes["bottom"]

    def draw(self, top, bottom, labels=None):
        """Codes of both levels by the priors, from standard normal noise of the levels' shapes."""
        top = draw(self.stages["top"], uniform(top), labels)
        return top, draw(self.stages["bottom"], uniform(bottom), labels, top)

    def decode(self, top, bottom):
        """Images [B, C, H, W] in [-1, 1] of the two levels' codes."""
        vectors = self.codebooks["top"].lookup(top), self.codebooks["bottom"].lookup(bottom)
        return self.stages["decoder"](*vectors).clamp(-1, 1)


class Encoder(nn.Module):
    """From images to vectors of both levels."""

    def __init__(self, channels, width, halvings, blocks, dimension, bottom_side):
        super().__init__()
        widths = [channels, *(width // 2 ** (halvings - 1 - i) for i in range(halvings))]
        shrink = [halve(a, b) for a, b in zip(widths, widths[1:], strict=False)]
        self.to_bottom = nn.Sequential(*shrink, *residuals(width, blocks))
        self.to_top = nn.Sequential(halve(width, width), *residuals(width, blocks), nn.Conv2d(width, dimension, 1))
        self.from_top = nn.Sequential(enlarge(dimension, width, bottom_side), *residuals(width, blocks))
        self.join = nn.Conv2d(2 * width, dimension, 1)

    def features(self, images):
        """Features of the bottom level [B, width, h, w] and outputs of the top level [B, dimension, h/2, w/2]."""
        bottom = self.to_bottom(images)
        return bottom, self.to_top(bottom)

    def given_top(self, bottom, top):
        """Outputs of the bottom level [B, dimension, h, w], from its features and the top level's code vectors."""
        return self.join(torch.cat([self.from_top(top), bottom], dim=1))


class Decoder(nn.Module):
    """From code vectors of both levels to images; `sides` lead from the bottom level's to the image's."""

    def __init__(self, channels, width, blocks, dimension, sides):
        super().__init__()
        self.raise_top = enlarge(dimension, dimension, sides[0])
        self.join = nn.Sequential(nn.Conv2d(2 * dimension, width, 3, padding=1), *residuals(width, blocks))
        widths = [width // 2**i for i in range(len(sides))]
        grow = [enlarge(widths[i], widths[i + 1], side) for i, side in enumerate(sides[1:])]
        self.grow = nn.Sequential(*grow, nn.Conv2d(widths[-1], channels, 3, padding=1))

    def forward(self, top, bottom):
        return self.grow(self.join(torch.cat([self.raise_top(top), bottom], dim=1)))


class Residual(nn.Sequential):
    """x + conv1x1(relu(conv3x3(relu(x)))), half as wide inside."""

    def __init__(self, width):
        half = width // 2
        super().__init__(nn.ReLU(), nn.Conv2d(width, half, 3, padding=1), nn.ReLU(), nn.Conv2d(half, width, 1))

    def forward(self, x):
        return x + super().forward(x)


def residuals(width, blocks):
    """Residual blocks and the activation that ends them."""
    return [*(Residual(width) for _ in range(blocks)), nn.ReLU()]


def halve(inputs, outputs):
    """Strided convolution; odd sizes round up, so that 7 x 7 becomes 4 x 4."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.ReLU())


def enlarge(inputs, outputs, side):
    """Nearest-neighbour enlargement to a given size, then a convolution."""
    return nn.Sequential(nn.Upsample(size=side), nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU())


def priors(settings, codes, top_side, bottom_side, shape):
    """The top level's distribution given the label, and the bottom level's given the label and the top."""
    common = {"categories": codes, "embedding": settings["features"], "classes": shape.classes, **settings}
    del common["top"], common["bottom"]
    context = TopContext(codes, settings["features"], bottom_side)
    top = GatedPixelCNN(*top_side, dilations=settings["top"], **common)
    return {"top": top, "bottom": GatedPixelCNN(*bottom_side, dilations=settings["bottom"], context=context, **common)}


class TopContext(nn.Module):
    """What the bottom prior is told of the top codes [B, h, w]: features [B, width, *side], computed once per image."""

    def __init__(self, codes, width, side):
        super().__init__()
        self.embed = nn.Embedding(codes, width)
        self.raise_top = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1), *residuals(width, 1), enlarge(width, width, side)
        )

    def forward(self, top):
        return self.raise_top(self.embed(top).movedim(3, 1))


def code_nats(prior, codes, labels=None, top=None):
    """-ln p(code | codes before it), [B, h, w]; `top` conditions the bottom prior."""
    return F.cross_entropy(prior.logits(codes, labels, top), codes, reduction="none")
