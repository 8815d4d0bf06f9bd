// Boost.Test's main() of every test executable without a chip.
#define BOOST_TEST_MODULE sliver
#include <boost/test/unit_test.hpp>
