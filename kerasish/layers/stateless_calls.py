"""StatelessCalls: calling a layer with given values of its variables, changing nothing."""

from kerasish.core.stateless import StatelessScope, pairs_of_state
from kerasish.errors import NotBuiltError, explain


class StatelessCalls:
    """The part of `Layer` that calls it as a pure function."""

    def stateless_call(
        self, trainable_variables, non_trainable_variables, *args, return_losses=False, **kwargs
    ):
        """The output for given values of the variables; the layer is left as it is.

        Args:
            trainable_variables: list of values, one for each of `self.trainable_variables`.
            non_trainable_variables: list of values, one for each of `self.non_trainable_variables`.
            *args: as of a call.
            return_losses: bool. Return the losses, too.
            **kwargs: as of a call.

        Returns:
            (outputs, values of the non-trainable variables after the call), and the list of losses
            where `return_losses` is set.

        Raises:
            ValueError: the layer is not built, or another number of values.
        """
        if not self.built:
            raise NotBuiltError(
                explain(
                    f"{self.path}.stateless_call", "it is not built", fix="build it, or call it"
                )
            )
        changing = self.non_trainable_variables
        mapping = [
            *pairs_of_state(self.path, "trainable_variables", self.trainable_variables,
                            trainable_variables),
            *pairs_of_state(self.path, "non_trainable_variables", changing,
                            non_trainable_variables),
        ]  # fmt: skip
        with self._keeping_losses(), StatelessScope(mapping) as scope:
            self._clear_losses()
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else None
        after = [scope.get_current_value(v) for v in changing]
        return (outputs, after, losses) if return_losses else (outputs, after)
