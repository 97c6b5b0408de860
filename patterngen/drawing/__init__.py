"""The mathematics of pictures that several families share."""
