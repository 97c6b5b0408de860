// SPDX-License-Identifier: Apache-2.0
// Half a turn in radians.
const float PI = 3.14159265358979;
