// SPDX-License-Identifier: Apache-2.0
// A turn in radians.
const float PI2 = 6.28318530717959;
