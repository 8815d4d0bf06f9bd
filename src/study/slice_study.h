// The table of slices: the paper's networks, ours, and trained networks that are not shipped, in groups of
// one model on one data set. Made by `sliver study slices`; slices_text.h and slice_files.h show it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/chip_config.h"
#include "study/column_bits.h"
#include "study/paper_slices.h"
#include "study/slice_counts.h"
#include "study/trade_off.h"
#include "study/training_card.h"

namespace sliver::study {

/// One network of ours.
struct StudiedNetwork {
    std::string name;         ///< of the file, without folder and ending
    std::string sha256;       ///< of the file
    std::string model, data;  ///< keys of names.h; `data` may be empty
    std::string architecture;
    TrainingCard card;  ///< empty without a card
    std::vector<CodeCounts> layers;
    std::vector<LayerColumns> columns;  ///< one a layer
    CodeCounts all;
    SliceShares shares;
};

struct SliceStudy {
    int slice_bits = 2;
    config::ChipConfig chip;  ///< whose arrays the columns belong to
    bool whole = true;        ///< all shipped networks, not a choice: then what is missing is told
    std::vector<StudiedNetwork> networks;
    std::vector<TradeOffPoint> points;  ///< 2-bit slices
};

/// Fills what follows from name, card, architecture and layers: model, data, all, shares. `data_set` is that
/// of the card, else empty. InputError where the card's sparsity is not that of the codes.
void complete(StudiedNetwork& network, const std::string& data_set, int slice_bits);

/// Rows of one model and data set, in the order of tables.
struct Group {
    std::string model, data;
    std::vector<const PaperRow*> paper;
    std::vector<const StudiedNetwork*> networks;
    std::vector<const TradeOffPoint*> points;
};
/// The paper's groups in its order, then ours by title. Rows of the paper and curves count 2-bit slices, and
/// only stand beside such; where networks were chosen, only their groups are there. The groups point into
/// `study`.
std::vector<Group> groups_of(const SliceStudy& study);

/// A shipped network that the zoo wants and `study` has not.
struct Wanted {
    std::string model, data;
    std::vector<std::string> methods;
};
std::vector<Wanted> missing_networks(const SliceStudy& study);

/// l1 against bit-slice l1, as the paper's headline has it.
struct Ratio {
    double sparsity = 0;                       ///< mean of l1 / mean of bit-slice l1
    std::optional<double> top1_points;         ///< bit-slice l1 minus l1, percentage points
    const StudiedNetwork* l1 = nullptr;        ///< null: the paper's
    const StudiedNetwork* bitslice = nullptr;  ///< null: the paper's
};
/// Nothing where the group lacks one of the two.
std::optional<Ratio> paper_ratio(const Group& group);
/// One for each bit-slice network, against the l1 network nearest in accuracy.
std::vector<Ratio> our_ratios(const Group& group);

}  // namespace sliver::study
