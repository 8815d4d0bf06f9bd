"""Where a training runs."""
import ctypes

import torch

from .errors import BadInput


M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # of glibc's malloc.h


def keep_memory():
    """Lets malloc keep what is freed. By default every map of a step is fetched from the system and given back, and its pages are
    cleared anew: up to half of a training's time on a CPU. True where the C library knows how; elsewhere nothing changes."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(M_MMAP_MAX, 0), mallopt(M_TRIM_THRESHOLD, -1), mallopt(M_TOP_PAD, 2 ** 26)])


def _openblas():
    """The OpenBLAS libraries in this process: Debian's PyTorch multiplies matrices by one, which has threads of its own."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as file:
            paths = {line.split()[-1] for line in file if "libopenblas" in line}
    except OSError:
        return []
    return [library for library in map(ctypes.CDLL, sorted(paths)) if hasattr(library, "openblas_set_num_threads")]


def use_threads(count):
    """`count` CPU threads for PyTorch and for OpenBLAS under it, which torch.set_num_threads() does not reach. Sums depend on how
    many share them."""
    torch.set_num_threads(count)
    for library in _openblas():
        library.openblas_set_num_threads(count)


def choose(name, threads=0):
    """The torch.device for --device; sets the number of CPU threads (0: as many as there are cores)."""
    if threads:
        use_threads(threads)
    if name == "cuda" and not torch.cuda.is_available():
        raise BadInput("--device cuda: PyTorch finds no CUDA device here")
    chosen = "cuda" if name == "cuda" or (name == "auto" and torch.cuda.is_available()) else "cpu"
    if chosen == "cuda":  # 10-bit mantissas would not even hold the codes
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.deterministic = True
    else:
        keep_memory()
    return torch.device(chosen)


def record(device):
    """What goes into a checkpoint's record."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {torch.get_num_threads()} thread(s)"
    return {"device_name": name, "torch": torch.__version__, "threads_used": torch.get_num_threads()}
