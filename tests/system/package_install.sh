#!/usr/bin/env bash
# package_install.sh PROGRAM: what `cmake --install` leaves is enough for others: the program finds its files, every header is
# complete, pkg-config and CMake find the libraries, and the example platform is built on them and runs.
set -euo pipefail
build=$(dirname "$1")
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$build/package-test
rm -rf "$work"
mkdir -p "$work"
prefix=$work/prefix
compile=(c++ -std=c++17)
if command -v ccache >/dev/null; then compile=(ccache "${compile[@]}"); fi

wrong() {
    echo "error: $*"
    exit 1
}

cmake --install "$build" --prefix "$work/elsewhere" >"$work/install.log"
# Where it was installed is not where it stays.
mv "$work/elsewhere" "$prefix"
[ -z "$(find "$prefix" -xtype l)" ] || wrong "links that lead nowhere were installed"

# The program, from anywhere.
found=$(cd / && env -u SLIVER_HOME "$prefix/bin/sliver" list chips)
grep -q '^ *isaac ' <<<"$found" || wrong "the installed program does not know its chips: $found"

pc=$(find "$prefix" -path '*pkgconfig/sliver-engine.pc' -printf '%h')
export PKG_CONFIG_PATH=$pc
version=$(sed -n 's/^project(sliver VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
for library in sliver-engine sliver-model; do
    [ "$(pkg-config --modversion "$library")" = "$version" ] || wrong "$library.pc does not say version $version"
done

# Every header that is installed is complete, by the flags of pkg-config alone; those of the engine without SystemC.
headers=$prefix/include/sliver
all_of() { for folder in "$@"; do (cd "$headers" && find "$folder" -name '*.h' -printf '#include "%p"\n' | sort); done; }
mapfile -t engine < <(cd "$headers" && printf '%s\n' * | grep -vx 'model\|run')
all_of "${engine[@]}" >"$work/engine.cpp"
all_of model run >"$work/model.cpp"
grep -q app/design.h "$work/engine.cpp" || wrong "app/design.h is not installed"
if grep -l 'onnx/onnx_pb.h\|nlohmann/json' -r "$headers"; then wrong "these headers want what users need not have"; fi
read -ra flags <<<"$(pkg-config --cflags sliver-engine)"
"${compile[@]}" -fsyntax-only -isystem "$build/no-systemc" "${flags[@]}" "$work/engine.cpp"
read -ra flags <<<"$(pkg-config --cflags sliver-model)"
"${compile[@]}" -fsyntax-only "${flags[@]}" "$work/model.cpp"

# A program of one file, linked by pkg-config.
cat >"$work/small.cpp" <<'END'
#include <cstdio>

#include "app/chip_request.h"
#include "app/loaded_network.h"

int main() {
    sliver::app::ChipRequest request;
    request.chip = "small";
    std::printf("%s %s\n", sliver::app::load_chip(request).name.c_str(),
                sliver::app::load_network("mlp-mnist-dense").network.name.c_str());
}
END
read -ra flags <<<"$(pkg-config --cflags --libs sliver-engine)"
"${compile[@]}" "$work/small.cpp" "${flags[@]}" -o "$work/small"
said=$(SLIVER_HOME=$prefix/share/sliver "$work/small")
[ "$said" = "small mlp-mnist-dense" ] || wrong "a program linked by pkg-config says: $said"

# The example platform, with CMake, from the installed copy.
example=$(find "$prefix/share/doc" -path '*examples/platform' -type d)
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
# As one file and not optimised: it is the modelled chip that takes time, and that is in the library.
cmake -S "$example" -B "$work/example" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
    -DCMAKE_UNITY_BUILD=ON "${launcher[@]}" >"$work/configure.log"
cmake --build "$work/example" >"$work/build.log" || {
    cat "$work/build.log"
    wrong "the example platform cannot be built on what is installed"
}
(cd "$work" && example/sliver-platform-example trace.json signals.vcd >example.txt)
# As docs/platform.md shows it.
sed -n '/^A processor, a memory/,/^```/p' "$source/docs/platform.md" | sed '$d' >"$work/documented.txt"
diff "$work/documented.txt" "$work/example.txt" || wrong "the example does not print what docs/platform.md shows"
grep -q '"traceEvents"' "$work/trace.json" || wrong "the example wrote no trace"

# What is not there is said.
cat >"$work/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(none LANGUAGES CXX)
find_package(sliver REQUIRED COMPONENTS engine chips)
END
if cmake -S "$work" -B "$work/none" -DCMAKE_PREFIX_PATH="$prefix" >"$work/none.log" 2>&1; then wrong "a component that is not there was found"; fi
grep -q 'sliver has no component chips: there are engine and model' "$work/none.log" || wrong "an unknown component is not named: $(cat "$work/none.log")"
