"""The calculus: tensors, primitives, the tape, traced graphs and programs. It knows no operation."""
