"""The acoustic network: a time delay network with residual layers, one output each 30 ms."""

from typing import cast

import torch
from torch import nn

from appliance.speech.lexicon.phones import OUTPUTS

from .features import CEPSTRA

WIDTH, LAYERS = 320, 6
STRIDE = 3  # input frames to one output


class Network(nn.Module):
    """(batch, 40, frames + 2 * context) -> (batch, OUTPUTS, frames / 3) scores."""

    def __init__(self, width: int = WIDTH, layers: int = LAYERS, dropout: float = 0.05) -> None:
        super().__init__()
        first = [nn.Conv1d(CEPSTRA, width, 3), nn.Conv1d(width, width, 3, stride=STRIDE)]
        self.convolutions = nn.ModuleList(
            [*first, *(nn.Conv1d(width, width, 3) for _ in range(layers))]
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in self.convolutions)
        self.output = nn.Conv1d(width, OUTPUTS, 1)
        # Whole channels of a recording at a time: a mask per number would cost a fifth of all time.
        self.dropout = nn.Dropout1d(dropout)
        self.register_buffer("mean", torch.zeros(CEPSTRA))
        self.register_buffer("deviation", torch.ones(CEPSTRA))

    @property
    def context(self) -> int:
        """Input frames that an output sees before and after its own."""
        return 2 + STRIDE * (len(self.convolutions) - 2)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        mean, deviation = cast(torch.Tensor, self.mean), cast(torch.Tensor, self.deviation)
        x = (frames - mean[:, None]) / deviation[:, None]
        for i, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            y = self.dropout(torch.relu(norm(convolution(x))))
            x = y + x[:, :, 1:-1] if i >= 2 else y
        return self.output(x)

    def over(self, frames: torch.Tensor) -> torch.Tensor:
        """(batch, frames, 40) -> (batch, OUTPUTS, ceil(frames / 3)); the ends are repeated, as
        Kaldi does."""
        x = frames.transpose(1, 2)
        return self(nn.functional.pad(x, (self.context, self.context), mode="replicate"))


def normalise(network: Network, frames: torch.Tensor) -> None:
    """Takes mean and deviation of the inputs from (n, 40) `frames`."""
    cast(torch.Tensor, network.mean).copy_(frames.mean(0))
    cast(torch.Tensor, network.deviation).copy_(frames.std(0))
