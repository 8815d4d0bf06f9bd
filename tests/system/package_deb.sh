#!/usr/bin/env bash
# package_deb.sh PROGRAM: the Debian packages of a build have what they should, and ask for what they need.
set -euo pipefail
build=$(dirname "$1")
for tool in cpack dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || {
        echo "SKIPPED: $tool is not installed"
        exit 77
    }
done
work=$build/deb-test
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
wrong() {
    echo "error: $*"
    exit 1
}
cpack --config "$build/CPackConfig.cmake" -B "$work" >"$build/deb-test.log" 2>&1 || wrong "cpack: $(tail -n 20 "$build/deb-test.log")"

for package in sliver libsliver-dev; do dpkg-deb --contents "$work/$package"_*.deb >"$work/$package.list"; done
# has PACKAGE PATH: a file, by the end of its path.
has() { grep -q "$2\$" "$work/$1.list" || wrong "$1 lacks $2"; }
field() { dpkg-deb --field "$work/$1"_*.deb "$2"; }
has sliver ./usr/bin/sliver
has sliver ./usr/share/sliver/configs/chips/isaac.yaml
has sliver ./usr/share/sliver/networks/vgg11-fashion-dense.onnx.gz
has sliver ./usr/share/sliver/registers/sliver_accelerator.h
has libsliver-dev /libsliver-engine.a
has libsliver-dev /libsliver-model.a
has libsliver-dev /cmake/sliver/sliverConfig.cmake
has libsliver-dev /pkgconfig/sliver-model.pc
has libsliver-dev ./usr/include/sliver/model/accelerator.h
for package in sliver libsliver-dev; do
    [[ $(field "$package" Description) == *Sliver* ]] || wrong "$package has no description: $(field "$package" Description)"
    has "$package" "./usr/share/doc/$package/copyright"
    [[ $(field "$package" Maintainer) == *"<"*@*">" ]] || wrong "$package has no maintainer"
done
[[ $(field sliver Depends) == *libsystemc* ]] || wrong "sliver does not depend on SystemC: $(field sliver Depends)"
if [[ $(field sliver Depends) == *-dev* ]]; then wrong "sliver wants a development package: $(field sliver Depends)"; fi
[[ $(field libsliver-dev Depends) == *"sliver (= $(field sliver Version))"* ]] || wrong "libsliver-dev wants another version of sliver"
if grep -q '/include/' "$work/sliver.list"; then wrong "the program's package has headers"; fi
