"""The pictures of the README, taken of the running demonstration: `make screenshots`."""
