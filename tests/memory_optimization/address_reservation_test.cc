#include "memory_optimization/address_reservation.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace blixard::memory {
namespace {

TEST(AddressReservationTest, GrowsInPlaceUpToItsEnd) {
  AddressReservation room(size_t{1} << 20);
  char* const base = room.base();
  ASSERT_NE(base, nullptr);
  for (size_t bytes = 1; bytes <= room.bytes(); bytes *= 2) {
    ASSERT_TRUE(room.Grow(bytes));
    EXPECT_EQ(base[bytes - 1], 0);
    base[bytes - 1] = 'x';
  }
  EXPECT_EQ(room.base(), base);
  EXPECT_EQ(base[0], 'x');
  EXPECT_FALSE(room.Grow(room.bytes() + 1));
  EXPECT_TRUE(room.Grow(room.bytes()));
}

TEST(AddressReservationTest, WithoutAddressSpaceThereIsNoRoom) {
  AddressReservation room(SIZE_MAX / 4);
  EXPECT_EQ(room.base(), nullptr);
  EXPECT_EQ(room.bytes(), 0u);
  EXPECT_FALSE(room.Grow(1));
}

TEST(AddressReservationDeathTest, WhatHasNotGrownIsNotReadable) {
  AddressReservation room(size_t{1} << 20);
  ASSERT_TRUE(room.Grow(1));
  EXPECT_DEATH(room.base()[room.bytes() - 1] = 'x', "");
}

}  // namespace
}  // namespace blixard::memory
