"""Transfer to sound: what an encoder is worth, beside random weights and beside no encoder at all."""
