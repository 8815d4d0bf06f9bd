"""Files of packages of the npm registry, pinned by version and SHA-512. Used by fetch_vega and fetch_onnxruntime."""
import base64
import hashlib
import io
import os
import shutil
import sys
import tarfile
import urllib.request

REGISTRY = "https://registry.npmjs.org"
SECONDS = 60


def files(package, version, integrity, wanted=lambda name: True):
    """(name, content) of the files of a package that `wanted` says yes to, after the digest of the whole was checked.

    `integrity`: what the registry calls dist.integrity, without "sha512-".
    """
    address = f"{REGISTRY}/{package}/-/{package}-{version}.tgz"
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:
        packed = answer.read()
    digest = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if digest != integrity:
        raise ValueError(f"{address}: SHA-512 is {digest}, pinned is {integrity}")
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if member.isfile() and wanted(name):
                yield name, archive.extractfile(member).read()


def keep(folder, pins, fill):
    """Sees that `folder` is there as `pins` (one text) says: fill(aside) writes it, and it is complete or not there.

    Nothing happens where it is there already. The exit status: 0, or 1 with one line of what went wrong.
    """
    if (folder / "versions.txt").is_file() and (folder / "versions.txt").read_text() == pins:
        return 0
    aside = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        aside.mkdir(parents=True)
        fill(aside)
        (aside / "versions.txt").write_text(pins)
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        shutil.rmtree(aside, ignore_errors=True)
        print(f"{os.path.basename(sys.argv[0])}: {error}", file=sys.stderr)
        return 1
    return 0
