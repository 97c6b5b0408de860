"""A picture as the spectra of its independent colours: what is climbed in, instead of in pixels.

Olah, Mordvintsev & Schubert, "Feature Visualization", Distill (2017): where the parts of natural pictures
are independent and equally large, ascent treats them alike, and the high frequencies and garish colours that
networks answer to too eagerly lose their advantage.
"""

import torch
from torch import Tensor


def colour_mixing(correlation: float) -> Tensor:
    """Return the square root, [3, 3], of the correlation matrix of channels that correlate alike.

    Of (1 − ρ)I + ρ11ᵀ, gray (1, 1, 1) has the eigenvalue 1 + 2ρ and all that lies across it, colour, has
    1 − ρ: the symmetric root is √(1 − ρ)·I + (√(1 + 2ρ) − √(1 − ρ))/3 · 11ᵀ.
    """
    colour, gray = (1 - correlation) ** 0.5, (1 + 2 * correlation) ** 0.5
    root: Tensor = colour * torch.eye(3) + (gray - colour) / 3
    return root


class ColourSpectrum:
    """Pictures of one size as real coefficients.

    Args:
        size: height and width H in pixels.
        correlation: of any two colour channels, in [0, 1).
    """

    def __init__(self, size: int, correlation: float) -> None:
        self.size = size
        y, x = torch.fft.fftfreq(size), torch.fft.rfftfreq(size)
        # The amplitudes of natural pictures fall off as 1/f (Field, 1987); those below 1/H are as that.
        amplitude = 1 / torch.hypot(y[:, None], x).clamp(min=1 / size)
        # A column of frequencies fx stands for −fx too: together they give twice its real part. One that is
        # its own mirror image gives its real part once.
        gain = torch.where((x == 0) | (2 * x == 1), 1.0, 4.0)
        self.amplitude = amplitude * (size / (gain * amplitude.square()).sum().sqrt())
        self.mixing = colour_mixing(correlation)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the coefficients of one picture."""
        return (3, self.size, self.size // 2 + 1, 2)

    def fields(self, coefficients: Tensor) -> Tensor:
        """Turn coefficients [N, *shape] into fields [N, 3, H, H].

        Independent coefficients of variance σ² give channels of variance σ² and of the asked correlation.
        """
        spectra = torch.view_as_complex(coefficients) * self.amplitude
        independent = torch.fft.irfft2(spectra, s=(self.size, self.size), norm="ortho")
        return torch.einsum("ck,nkhw->nchw", self.mixing, independent)

    def pictures(self, coefficients: Tensor) -> Tensor:
        """Turn coefficients [N, *shape] into pictures [N, 3, H, H] of values between 0 and 1; 0 is gray."""
        return torch.sigmoid(self.fields(coefficients))
