// Which pixels a window reads, against a walk over its taps.
#include <boost/test/unit_test.hpp>
#include <set>

#include "dice.h"
#include "timing/footprint.h"

BOOST_AUTO_TEST_SUITE(timing_footprint)

BOOST_AUTO_TEST_CASE(pixels_are_those_of_the_taps) {
    using namespace sliver;
    ::test::Dice dice(5);
    int dilated = 0, empty = 0;
    for (int round = 0; round < 3000; ++round) {
        network::Window window;
        window.kernel_height = dice.between(1, 4);
        window.kernel_width = dice.between(1, 4);
        window.stride_y = dice.between(1, 3);
        window.stride_x = dice.between(1, 3);
        window.dilation_y = dice.between(1, 4);
        window.dilation_x = dice.between(1, 4);
        window.pad_top = dice.between(0, 6);
        window.pad_left = dice.between(0, 6);
        const network::Shape map{1, dice.between(1, 7), dice.between(1, 7)};
        const int columns = dice.between(1, 4), row = dice.between(0, 3),
                  column = dice.between(0, columns - 1);
        std::set<std::size_t> want, got, asked;
        for (int ky = 0; ky < window.kernel_height; ++ky)
            for (int kx = 0; kx < window.kernel_width; ++kx) {
                const int y = row * window.stride_y - window.pad_top + ky * window.dilation_y;
                const int x = column * window.stride_x - window.pad_left + kx * window.dilation_x;
                if (y >= 0 && y < map.height && x >= 0 && x < map.width)
                    want.insert(static_cast<std::size_t>(y * map.width + x));
            }
        const timing::Footprint area =
            timing::footprint(window, map, columns, static_cast<std::size_t>(row * columns + column));
        area.for_pixels(map, [&](std::size_t pixel) { BOOST_TEST(got.insert(pixel).second); });
        BOOST_TEST(area.all_of(map, [&](std::size_t pixel) { return asked.insert(pixel).second; }));
        BOOST_TEST((got == want));
        BOOST_TEST((asked == want));
        BOOST_TEST(area.empty() == want.empty());
        if (want.empty()) {
            ++empty;
            continue;
        }
        BOOST_TEST(area.first(map) == *want.begin());
        BOOST_TEST(area.last(map) == *want.rbegin());
        dilated += window.dilation_x > 1 && want.size() > 3 ? 1 : 0;
    }
    BOOST_TEST(dilated > 100);
    BOOST_TEST(empty > 50);
}

BOOST_AUTO_TEST_SUITE_END()
