"""Files that appear complete or not at all: written beside their name, then renamed."""
import hashlib
import io
import os

import numpy as np
import torch

from .errors import BadInput


def write_bytes(path, content):
    temporary = f"{path}.{os.getpid()}.part"
    try:
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error}") from error
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def write_npz(path, **arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def write_torch(path, state):
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_bytes(path, buffer.getvalue())


def digest(path):
    """SHA-256 of a file, as text."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error}") from error


def need_folder(path):
    if not os.path.isdir(path):
        raise BadInput(f"no such folder: {path}")
