"""Kaldi's MFCC in batches (25 ms frames, 10 ms apart, 8 kHz), with vocal tract warping."""

import math
from collections.abc import Callable

import numpy as np
import torch

RATE, SHIFT, WINDOW, FFT = 8000, 80, 200, 256
MELS = CEPSTRA = 40
LOW, HIGH = 100.0, 3700.0
LIFTER = 22.0
WARPS = np.round(np.arange(0.80, 1.26, 0.02), 2)
CONF = (
    "--use-energy=false\n--sample-frequency=8000\n--num-mel-bins=40\n--num-ceps=40\n"
    "--low-freq=100\n--high-freq=3700\n--dither=0\n"
)


def _mel(hertz: np.ndarray | float) -> np.ndarray:
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)


def mel_bank(warp: float = 1.0) -> np.ndarray:
    """(FFT/2 + 1, MELS) triangles on Kaldi's mel scale; `warp` above 1 moves formants down."""
    edges = np.linspace(_mel(LOW), _mel(HIGH), MELS + 2)
    hertz = np.arange(FFT // 2 + 1) * RATE / FFT
    # Piecewise linear: the ends of the band stay where they are.
    knee = HIGH * 0.85 / max(warp, 1.0)
    top = RATE / 2 - (RATE / 2 - knee * warp) * (RATE / 2 - hertz) / (RATE / 2 - knee)
    bins = _mel(np.where(hertz <= knee, hertz * warp, top))
    up = (bins[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[None, 2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    bank = np.maximum(0.0, np.minimum(up, down))
    bank[-1] = 0.0  # Kaldi leaves the Nyquist bin out
    return bank


class Mfcc:
    """(batch, samples) at int16 scale -> (batch, frames, 40)."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        ramp = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))
        n = np.arange(MELS)
        dct = np.cos(np.pi / MELS * (n[:, None] + 0.5) * n[None, :]) * math.sqrt(2.0 / MELS)
        dct[:, 0] = math.sqrt(1.0 / MELS)
        lift = 1.0 + 0.5 * LIFTER * np.sin(np.pi * n / LIFTER)

        def held(values: np.ndarray) -> torch.Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device)

        self.window = held(ramp**0.85)
        self.cepstra = held(dct * lift[None, :])
        self.plain = held(mel_bank()[None])
        self.banks = held(np.stack([mel_bank(w) for w in WARPS]))

    def __call__(
        self,
        samples: torch.Tensor,
        warp: torch.Tensor | None = None,
        roughen: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """`warp`: index into WARPS per row, or none. `roughen` changes the (batch, frames, mels)
        logarithms of the bands."""
        frames = samples.unfold(1, WINDOW, SHIFT)
        frames = frames - frames.mean(2, keepdim=True)
        before = torch.cat([frames[..., :1], frames[..., :-1]], 2)
        spectrum = torch.fft.rfft((frames - 0.97 * before) * self.window, n=FFT)
        power = spectrum.real.square() + spectrum.imag.square()
        bank = self.plain if warp is None else self.banks[warp]
        mels = torch.matmul(power, bank).clamp_min(torch.finfo(torch.float32).eps).log()
        return torch.matmul(mels if roughen is None else roughen(mels), self.cepstra)


def frame_count(samples: int) -> int:
    """Kaldi's number of whole frames."""
    return max(0, 1 + (samples - WINDOW) // SHIFT)
