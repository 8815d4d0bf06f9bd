#include "app/engine_pass.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "app/image_source.h"
#include "base/worker_team.h"
#include "network/golden.h"

namespace sliver::app {
namespace {

/// Long enough to keep every core busy, short enough for a progress line that moves.
constexpr std::size_t kImagesAtOnce = 64;

void add(EnginePass& pass, const engine::BatchResult& batch) {
    pass.logits.insert(pass.logits.end(), batch.logits.begin(), batch.logits.end());
    pass.clipped.resize(batch.statistics.size());
    pass.largest.resize(batch.statistics.size());
    for (std::size_t layer = 0; layer < batch.statistics.size(); ++layer) {
        const auto& slices = batch.statistics[layer];
        pass.clipped[layer].resize(slices.size(), 0);
        pass.largest[layer].resize(slices.size(), 0);
        for (std::size_t slice = 0; slice < slices.size(); ++slice) {
            pass.clipped[layer][slice] += slices[slice].clipped;
            pass.largest[layer][slice] = std::max(pass.largest[layer][slice], slices[slice].largest_sum);
        }
    }
}

}  // namespace

EnginePass& EnginePass::operator+=(const EnginePass& next) {
    if (images == 0) return *this = next;
    logits.insert(logits.end(), next.logits.begin(), next.logits.end());
    for (std::size_t layer = 0; layer < next.clipped.size(); ++layer)
        for (std::size_t slice = 0; slice < next.clipped[layer].size(); ++slice) {
            clipped[layer][slice] += next.clipped[layer][slice];
            largest[layer][slice] = std::max(largest[layer][slice], next.largest[layer][slice]);
        }
    images += next.images;
    elapsed_s += next.elapsed_s;
    return *this;
}

EnginePass run_engine(const engine::FunctionalEngine& engine, const network::QuantisedNetwork& network,
                      const network::ImageSet& set, std::size_t first, std::size_t count,
                      const mapping::AdcWidths& widths, const std::string& title, Progress& progress) {
    const auto start = std::chrono::steady_clock::now();
    EnginePass pass;
    for (std::size_t done = 0; done < count;) {
        progress.count(title, done, count, "images");
        const std::size_t piece = std::min(kImagesAtOnce, count - done);
        const std::vector<std::int32_t> codes = image_codes(network, set, first + done, piece);
        add(pass, engine.run(codes.data(), piece, widths, first + done));
        done += piece;
    }
    progress.clear();
    pass.images = count;
    pass.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return pass;
}

EnginePass run_golden(const network::QuantisedNetwork& network, const network::ImageSet& set,
                      std::size_t count, int threads, Progress& progress) {
    const auto start = std::chrono::steady_clock::now();
    const std::size_t classes = network.output().shape.size();
    EnginePass pass;
    pass.images = count;
    pass.logits.resize(count * classes);
    std::atomic<std::size_t> done{0};
    in_parallel(count, threads, [&](std::size_t i, int worker) {
        const std::vector<std::int32_t> logits =
            network::run_golden(network, image_codes(network, set, i, 1));
        std::copy(logits.begin(), logits.end(),
                  pass.logits.begin() + static_cast<std::ptrdiff_t>(i * classes));
        ++done;
        if (worker == 0) progress.count("golden executor", done, count, "images");
    });
    progress.clear();
    pass.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return pass;
}

}  // namespace sliver::app
