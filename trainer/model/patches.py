"""Pictures as patches: cut them up, put them together, pick some of them.

Letters in shapes: B pictures, C channels, H×W pixels, L patches, P = C·ph·pw numbers in a patch.
"""

from torch import Tensor


def patchify(images: Tensor, patch_size: tuple[int, int]) -> Tensor:
    """Cut pictures [B, C, H, W] into patches [B, L, P], row by row; P counts channels, rows, columns."""
    b, c, h, w = images.shape
    ph, pw = patch_size
    patches = images.reshape(b, c, h // ph, ph, w // pw, pw)
    return patches.permute(0, 2, 4, 1, 3, 5).reshape(b, (h // ph) * (w // pw), c * ph * pw)


def unpatchify(patches: Tensor, patch_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Undo `patchify`: patches [B, L, P] of a grid of rows × columns back to pictures [B, C, H, W]."""
    b, _, p = patches.shape
    (ph, pw), (rows, columns) = patch_size, grid
    c = p // (ph * pw)
    images = patches.reshape(b, rows, columns, c, ph, pw)
    return images.permute(0, 3, 1, 4, 2, 5).reshape(b, c, rows * ph, columns * pw)


def take(tokens: Tensor, index: Tensor) -> Tensor:
    """Pick tokens [B, N, D] by index [B, M], giving [B, M, D]."""
    return tokens.gather(1, index[:, :, None].expand(-1, -1, tokens.shape[2]))
