"""Names: numbering, scopes and paths, in one thread and in several."""

import threading

import pytest

import kerasish
from kerasish.core import names


@pytest.fixture(autouse=True)
def fresh_names():
    names.reset()


def test_numbering_and_reset():
    assert [names.unique_name("a") for _ in range(3)] == ["a", "a_1", "a_2"]
    assert names.unique_name("b") == "b"
    kerasish.utils.clear_session()
    assert names.unique_name("a") == "a"


@pytest.mark.parametrize("name,wanted", [
    ("Dense", "dense"), ("Conv2DTranspose", "conv2d_transpose"), ("MaxPooling2D", "max_pooling2d"),
    ("GRUCell", "gru_cell"), ("LSTM", "lstm"), ("MyLayer", "my_layer"), ("P-ReLU", "p_re_lu"),
    ("SGD", "sgd"), ("_Private", "__private"), ("already_snake", "already_snake"),
])  # fmt: skip
def test_snake_case(name, wanted):
    assert names.snake_case(name) == wanted


def test_scopes_make_paths_and_close_with_errors():
    with names.name_scope("outer"):
        assert kerasish.Variable(0.0, name="v").path == "outer/v"
        with pytest.raises(ZeroDivisionError), names.name_scope("inner"):
            assert names.scope_path() == "outer/inner"
            raise ZeroDivisionError
        assert names.current_path("w") == "outer/w"
        with pytest.raises(ZeroDivisionError), names.root_scope("root"):
            with names.name_scope("x"):
                assert names.current_path("w") == "root/x/w"
                raise ZeroDivisionError
        with names.root_scope(""):
            assert names.current_path("w") == "w"
        assert names.scope_path() == "outer"
    assert names.scope_path() == ""


def test_threads_have_scopes_and_numbers_of_their_own():
    seen = []

    def work():
        seen.append((names.unique_name("a"), names.scope_path()))

    names.unique_name("a")
    with names.name_scope("outer"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [("a", "")]
