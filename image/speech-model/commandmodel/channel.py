"""From clean voices to telephone calls: rooms, microphones, noise, level, G.711, lost packets.

Everything is drawn anew for each batch, on whole batches at once.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .features import RATE, WARPS

BANDS = np.array([0, 200, 400, 800, 1500, 2500, 3300, 4000])
ROOM = 2400  # samples of the longest room, 0.3 s


@dataclass(frozen=True)
class Strength:
    """How much is done to the sound; `chance` values are of one recording."""

    room: float = 0.4
    equaliser: float = 0.85
    equaliser_db: float = 5.0
    noise: float = 0.8
    quietest_db: float = 3.0
    loudest_db: float = 35.0
    g711: float = 0.6
    lost: float = 0.15
    warp: float = 0.9
    pressed: float = 0.6
    rough: float = 0.8
    masked: float = 0.4


USUAL = Strength()
MILD = Strength(pressed=0.0, rough=0.0, masked=0.0)
LIGHT = Strength(
    room=0.25,
    equaliser=0.7,
    equaliser_db=3.5,
    noise=0.7,
    quietest_db=6.0,
    loudest_db=38.0,
    g711=0.7,
    lost=0.05,
    warp=0.7,
    rough=0.4,
    masked=0.2,
)


class Telephone:
    """Turns (batch, samples) of clean sound into what arrives; `seed` fixes the draw."""

    def __init__(self, seed: int, strength: Strength = USUAL) -> None:
        self.rng = np.random.default_rng(seed)
        self.how = strength

    def warps(self, count: int) -> torch.Tensor:
        """Vocal tract warps (index into WARPS) for `count` speakers."""
        plain = int(np.argmin(np.abs(WARPS - 1.0)))
        spread = np.clip(self.rng.normal(0, 4.0, count), -10, 12) + plain
        kept = self.rng.random(count) < self.how.warp
        drawn = np.clip(np.round(spread), 0, len(WARPS) - 1)
        return torch.from_numpy(np.where(kept, drawn, plain).astype(np.int64))

    def roughen(self, mels: torch.Tensor) -> torch.Tensor:
        """Unsteady bands, and now and then none for a while: people's voices are rougher than
        synthetic ones (the latter after Park et al. 2019)."""
        count, _, bands = mels.shape
        shape = tuple(mels.shape)
        rough = torch.from_numpy(self.rng.standard_normal(shape, np.float32))
        mels = mels + rough * self._uniform(0.0, self.how.rough, count)[:, None, None]
        width = self._uniform(1.0, 8.0, count) * self._often(self.how.masked, count)
        start = self._uniform(0.0, bands - 8.0, count)
        band = torch.arange(bands)[None]
        hidden = (band >= start[:, None]) & (band < (start + width)[:, None])
        return torch.where(hidden[:, None], mels.mean(1, keepdim=True), mels)

    def __call__(self, clean: torch.Tensor, spoken: torch.Tensor) -> torch.Tensor:
        """`spoken`: (batch,) root mean square of the voice alone. Result at int16 scale."""
        count, length = clean.shape
        size = 2 ** math.ceil(math.log2(length + ROOM))
        response = self._response(count, size)
        heard = torch.fft.irfft(torch.fft.rfft(clean, size) * response, size)[:, :length]
        level = spoken * (response.abs().square().mean(1)).sqrt() + 1.0
        heard = self._pressed(heard)
        heard = heard + self._noise(clean, spoken, size)[:, :length] * level[:, None]
        return self._line(heard)

    def _uniform(self, low: float, high: float, count: int) -> torch.Tensor:
        return torch.from_numpy(self.rng.uniform(low, high, count).astype(np.float32))

    def _often(self, chance: float, count: int) -> torch.Tensor:
        return torch.from_numpy(self.rng.random(count) < chance)

    def _response(self, count: int, size: int) -> torch.Tensor:
        """Room and microphone, as spectra."""
        decay = self._uniform(0.02, 0.12, count)[:, None]
        times = torch.arange(ROOM)[None] / RATE
        tail = torch.from_numpy(self.rng.standard_normal((count, ROOM)).astype(np.float32))
        tail = tail * torch.exp(-times / decay) * (self._often(self.how.room, count)[:, None])
        tail[:, 0] = self._uniform(2.0, 14.0, count)
        tail = tail / tail.square().sum(1, keepdim=True).sqrt()
        return torch.fft.rfft(tail, size) * self._curves(count, size)

    def _curves(self, count: int, size: int) -> torch.Tensor:
        """Smooth gain curves of microphones and lines."""
        rng, how = self.rng, self.how
        gain = rng.normal(0, how.equaliser_db, (count, len(BANDS)))
        gain *= rng.random((count, 1)) < how.equaliser
        narrow = rng.random(count) < 0.6
        gain[narrow, 0] -= 25
        gain[narrow, -2] -= rng.uniform(0, 12, narrow.sum())
        gain[narrow, -1] -= 20
        hertz = np.linspace(0, RATE / 2, size // 2 + 1)
        curves = np.stack([np.interp(hertz, BANDS, row) for row in gain])
        return torch.from_numpy((10 ** (curves / 20)).astype(np.float32))

    def _pressed(self, heard: torch.Tensor) -> torch.Tensor:
        """Automatic gain of telephones and studios: weak consonants come up, the mean stays.
        Synthetic voices have them weaker beside the vowels than people near a microphone."""
        count, length = heard.shape
        level = nn.functional.avg_pool1d(heard.abs()[:, None], 160, 80, 80, ceil_mode=True)
        level = nn.functional.interpolate(level, size=length, mode="linear")[:, 0]
        power = heard.square().mean(1, keepdim=True).sqrt() + 1.0
        strength = self._uniform(0.05, 0.6, count) * self._often(self.how.pressed, count)
        # What is 35 dB below the mean is background and stays there.
        gain = (level / power).clamp_min(0.018).pow(-strength[:, None])
        pressed = heard * gain
        return pressed * (power / (pressed.square().mean(1, keepdim=True).sqrt() + 1.0))

    def _noise(self, clean: torch.Tensor, spoken: torch.Tensor, size: int) -> torch.Tensor:
        """Noise of power 1 times its ratio to the voice: hiss, street, hum, other people."""
        count, length = clean.shape
        white = torch.from_numpy(self.rng.standard_normal((count, size)).astype(np.float32))
        hertz = torch.arange(size // 2 + 1)[None] * RATE / size + 50.0
        slope = self._uniform(0.0, 1.2, count)[:, None]
        shaped = torch.fft.irfft(torch.fft.rfft(white) * hertz.pow(-slope), size)[:, :length]
        rate = self._uniform(0.3, 20.0, count)[:, None]
        beat = 1 + 0.7 * torch.sin(torch.arange(length)[None] / RATE * 2 * math.pi * rate)
        shaped = torch.where(self._often(0.35, count)[:, None], shaped * beat, shaped)
        babble = self._babble(clean, spoken)
        noise = torch.where(self._often(0.3, count)[:, None], babble, shaped)
        noise = noise / (noise.square().mean(1, keepdim=True).sqrt() + 1e-6)
        ratio = self._uniform(self.how.quietest_db, self.how.loudest_db, count)
        clear = self._uniform(35.0, 70.0, count)
        ratio = torch.where(self._often(self.how.noise, count), ratio, clear)
        return noise * (10 ** (-ratio / 20))[:, None]

    def _babble(self, clean: torch.Tensor, spoken: torch.Tensor) -> torch.Tensor:
        """Some other rows of the batch, each turned by a random time."""
        equal = clean / (spoken[:, None] + 1.0)
        total = torch.zeros_like(clean)
        for _ in range(int(self.rng.integers(2, 5))):
            order = torch.from_numpy(self.rng.permutation(len(clean)))
            total += equal[order].roll(int(self.rng.integers(clean.shape[1])), 1)
        return total

    def _line(self, heard: torch.Tensor) -> torch.Tensor:
        """Level, clipping, lost packets, G.711 or plain 16 bits."""
        count = len(heard)
        peak = heard.abs().amax(1, keepdim=True) + 1e-6
        level = 32767 * 10 ** (self._uniform(-32.0, 2.0, count) / 20)
        heard = (heard / peak * level[:, None]).clamp(-32768, 32767)
        heard = torch.where(self._lost(heard), torch.zeros_like(heard), heard)
        coded = torch.where(self._often(self.how.g711, count)[:, None], mu_law(heard), heard)
        return coded.round()

    def _lost(self, heard: torch.Tensor) -> torch.Tensor:
        """Which samples are in packets (20 ms) that never came."""
        count, length = heard.shape
        packets = self.rng.random((count, length // 160 + 1)) < 0.03
        packets &= self.rng.random((count, 1)) < self.how.lost
        return torch.from_numpy(np.repeat(packets, 160, 1)[:, :length])


def mu_law(samples: torch.Tensor) -> torch.Tensor:
    """There and back through 8 bits of mu-law (the continuous curve of ITU-T G.711)."""
    scaled = (samples / 32768).clamp(-1, 1)
    curve = scaled.sign() * torch.log1p(255 * scaled.abs()) / math.log(256)
    steps = (curve * 127).round() / 127
    return steps.sign() * torch.expm1(steps.abs() * math.log(256)) / 255 * 32768
