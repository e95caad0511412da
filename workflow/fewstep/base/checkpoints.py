"""Weights on disk: safetensors only, written atomically, loaded without running anyone's code."""

from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import nn

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, sha256_file


def save_weights(module: nn.Module, path: str | Path, metadata: dict[str, str] | None = None) -> str:
    """Write the state of `module` and return the sha256 of the file."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    with atomic_write(path) as file:
        file.write(safetensors.torch.save(state, metadata))
    return sha256_file(path)


def load_weights(module: nn.Module, path: str | Path, sha256: str | None = None) -> nn.Module:
    """Load a safetensors file into `module`, which is returned in evaluation mode without gradients.

    Raises:
        FewstepError: the file is missing or damaged, has another sha256 than asked for, or does not fit the network.
    """
    path = Path(path)
    if not path.exists():
        raise FewstepError(f"{path}: there are no such weights.")
    if sha256 is not None and sha256_file(path) != sha256:
        raise FewstepError(f"{path}: the sha256 of these weights is not {sha256}.")
    try:
        state = safetensors.torch.load_file(path)
        module.load_state_dict(state)
    except SafetensorError as error:
        raise FewstepError(f"{path}: this is not a whole safetensors file ({error}).") from None
    except RuntimeError as error:
        raise FewstepError(
            f"{path}: the weights do not fit the network ({' '.join(str(error).split())[:200]})."
        ) from None
    return module.eval().requires_grad_(False)
