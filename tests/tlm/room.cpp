// Which pixels have room: counts by hand, without time.
#include "model/room.h"

#include <boost/test/unit_test.hpp>

#include "model/activation_buffer.h"

BOOST_AUTO_TEST_SUITE(tlm_room)

using sliver::model::ActivationBuffer;
using sliver::model::Room;

// 4 pixels an image, 3 of them fit, 2 channels; every pixel is read twice but the last, which nobody reads.
BOOST_AUTO_TEST_CASE(limit_follows_the_oldest_pixel) {
    Room room(2, 3, {2, 2, 2, 0});
    BOOST_TEST(room.limit() == 3U);
    room.arrive(0, 0, 1);
    BOOST_TEST(!room.complete(0, 0));
    BOOST_TEST(room.resident_pixels() == 1U);  // kept for all its channels
    room.arrive(0, 0, 1);
    BOOST_TEST(room.complete(0, 0));
    room.arrive(0, 2, 2);
    room.release(0, 0);
    BOOST_TEST(room.limit() == 3U);
    room.release(0, 0);  // read by all: pixel 1, which has not come, is the oldest
    BOOST_TEST(room.limit() == 4U);
    BOOST_TEST(room.resident_pixels() == 1U);
    room.release(0, 2);
    room.release(0, 2);  // a later one than the oldest: no more room
    BOOST_TEST(room.limit() == 4U);
    room.arrive(0, 1, 2);
    room.release(0, 1);
    room.release(0, 1);  // pixel 2 had been read before: pixel 3 is the oldest
    BOOST_TEST(room.limit() == 6U);
    BOOST_TEST(room.oldest_image() == 0U);
    room.arrive(0, 3, 2);  // read by nobody: free at once, the next image begins
    BOOST_TEST(room.limit() == 7U);
    BOOST_TEST(room.oldest_image() == 1U);
    BOOST_TEST(room.complete(0, 3));
    BOOST_TEST(!room.complete(1, 0));
    BOOST_TEST(room.resident_pixels() == 0U);
    BOOST_TEST(room.peak_pixels() == 2U);
    BOOST_TEST(room.number(3, 2) == 14U);
}

BOOST_AUTO_TEST_CASE(no_limit) {
    Room room(1, {}, {1});
    BOOST_TEST(room.limit() == ~std::uint64_t{0});
}

BOOST_AUTO_TEST_CASE(buffer_keeps_its_channels) {
    ActivationBuffer buffer({4, 1, 2}, 0, {1, 2}, 2, {1, 1});
    const std::vector<unsigned char> bytes = {10, 11, 12, 13, 20, 21, 22, 23};
    buffer.write(0, 0, 2, {0, 4}, bytes.data());
    // One window over both pixels and one column of padding on each side.
    sliver::network::Window window;
    window.kernel_height = 1;
    window.kernel_width = 4;
    window.pad_left = 1;
    std::vector<std::int8_t> read;
    buffer.read(0, window, 1, 0, {1, 2}, read);
    BOOST_TEST(read == (std::vector<std::int8_t>{0, 11, 21, 0, 0, 12, 22, 0}),
               boost::test_tools::per_element());
    buffer.read(0, window, 1, 0, {2, 1}, read);
    BOOST_TEST(read == (std::vector<std::int8_t>{0, 12, 22, 0}), boost::test_tools::per_element());
    sliver::cost::Actions actions;
    buffer.count(actions);
    BOOST_TEST(actions.buffer_bytes_written == 4U);
    BOOST_TEST(actions.buffer_bytes_read == 12U);
    BOOST_TEST(buffer.room().limit() == 2U);
    buffer.release(0, 0);
    BOOST_TEST(buffer.room().limit() == 3U);
    buffer.release(0, 1);
    BOOST_TEST(buffer.room().limit() == 4U);
    buffer.read(0, window, 1, 0, {2, 1}, read);  // over: nothing of the image is here
    BOOST_TEST(read == (std::vector<std::int8_t>(4, 0)), boost::test_tools::per_element());
}

// 3x4 pixels; rows and columns of the window lie two apart; padding is the map's zero point, 200.
BOOST_AUTO_TEST_CASE(dilated_window_over_padding) {
    ActivationBuffer buffer({1, 3, 4}, 200, {0, 1}, {}, std::vector<std::uint32_t>(12, 1));
    std::vector<unsigned char> bytes(12);
    for (std::size_t pixel = 0; pixel < bytes.size(); ++pixel)
        bytes[pixel] = static_cast<unsigned char>(pixel);
    buffer.write(0, 0, 12, {0, 1}, bytes.data());
    sliver::network::Window window;
    window.kernel_height = 2;
    window.kernel_width = 3;
    window.pad_top = window.pad_left = 1;
    window.dilation_y = window.dilation_x = 2;
    const auto zero = static_cast<std::int8_t>(200);
    std::vector<std::int8_t> read;
    buffer.read(0, window, 2, 0, {0, 1}, read);  // rows -1 and 1, columns -1, 1 and 3
    BOOST_TEST(read == (std::vector<std::int8_t>{zero, zero, zero, zero, 5, 7}),
               boost::test_tools::per_element());
    buffer.read(0, window, 2, 3, {0, 1}, read);  // rows 0 and 2, columns 0, 2 and 4
    BOOST_TEST(read == (std::vector<std::int8_t>{0, 2, zero, 8, 10, zero}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
