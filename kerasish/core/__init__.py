"""The calculus: tensors, primitives, the tape, graphs and programs. It knows no operation."""
