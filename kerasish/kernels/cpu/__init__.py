"""Native kernels for the CPU, and how programs use them."""
