"""Functions of users on elements, and checks of the numbers that they give."""

import operator

from kerasish.core import tree
from kerasish.data.elements import as_element
from kerasish.errors import explain, quote


class UserFunction:
    """A user's function as one from element to element.

    A tuple becomes several arguments, and a list that is returned a tuple, as in TensorFlow; the
    result may hold tensors and numbers.

    Args:
        function: callable.
        to_user: function of a leaf, or None: what the user is to see in place of an array.
    """

    def __init__(self, function, to_user=None):
        if not callable(function):
            raise TypeError(explain("Dataset", "a function is needed", received=quote(function)))
        self._function, self._to_user = function, to_user

    def __call__(self, element):
        made = self.call(element)
        return as_element(tuple(made) if isinstance(made, list) else made)

    def call(self, element):
        """What the function itself returns."""
        if self._to_user is not None:
            element = tree.map_structure(self._to_user, element)
        return self._function(*element) if type(element) is tuple else self._function(element)

    def call_each(self, *elements):
        """What the function returns for several arguments, none of which is taken apart."""
        if self._to_user is not None:
            elements = [tree.map_structure(self._to_user, element) for element in elements]
        return self._function(*elements)


def whole_number(value, where, least=1):
    """An int that is at least so large.

    Raises:
        ValueError: something else.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(
            explain(where, "not a number of that kind", received=value, expected=f"int >= {least}")
        )
    return number
