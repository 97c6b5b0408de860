// SPDX-License-Identifier: Apache-2.0
// What skews the plane's fourfold lattice into that of simplices: (sqrt(5) - 1) / 4.
const float F4 = 0.309016994374947;
