"""The table of TensorFlow's names for operations that kerasish has: one row each.

A row says: the names (under `tf` and `tf.math`, or with their module), the operation's type in the
graph, the function of `kerasish.ops`, the names of the inputs, and the dtypes that they may have.
"""

ELEMENTWISE = """
abs                     Abs             absolute        x               number
add                     AddV2           add             x,y             number
subtract                Sub             subtract        x,y             number
multiply                Mul             multiply        x,y             number
divide_no_nan,div_no_nan DivNoNan       divide_no_nan   x,y             float
floordiv,floor_div      FloorDiv        floor_divide    x,y             number
mod,floormod            FloorMod        mod             x,y             real
pow                     Pow             power           x,y             number
maximum                 Maximum         maximum         x,y             real
minimum                 Minimum         minimum         x,y             real
squared_difference      SquaredDifference squared_difference x,y        number
atan2                   Atan2           arctan2         y,x             float
negative                Neg             negative        x               number
sign                    Sign            sign            x               number
square                  Square          square          x               number
sqrt                    Sqrt            sqrt            x               float
rsqrt                   Rsqrt           rsqrt           x               float
reciprocal              Reciprocal      reciprocal      x               float
exp                     Exp             exp             x               float
expm1                   Expm1           expm1           x               float
log                     Log             log             x               float
log1p                   Log1p           log1p           x               float
sin                     Sin             sin             x               float
cos                     Cos             cos             x               float
tan                     Tan             tan             x               float
asin                    Asin            arcsin          x               float
acos                    Acos            arccos          x               float
atan                    Atan            arctan          x               float
sinh                    Sinh            sinh            x               float
cosh                    Cosh            cosh            x               float
asinh                   Asinh           arcsinh         x               float
acosh                   Acosh           arccosh         x               float
atanh                   Atanh           arctanh         x               float
tanh,nn.tanh            Tanh            tanh            x               float
sigmoid,nn.sigmoid      Sigmoid         sigmoid         x               float
log_sigmoid             LogSigmoid      log_sigmoid     x               float
erf                     Erf             erf             x               float
erfc                    Erfc            erfc            x               float
floor                   Floor           floor           x               float
ceil                    Ceil            ceil            x               float
round                   Round           round           x               number
rint                    Rint            round           x               float
is_nan                  IsNan           isnan           x               float
is_inf                  IsInf           isinf           x               float
is_finite               IsFinite        isfinite        x               float
equal                   Equal           equal           x,y             any
not_equal               NotEqual        not_equal       x,y             any
less                    Less            less            x,y             real
less_equal              LessEqual       less_equal      x,y             real
greater                 Greater         greater         x,y             real
greater_equal           GreaterEqual    greater_equal   x,y             real
logical_and             LogicalAnd      logical_and     x,y             bool
logical_or              LogicalOr       logical_or      x,y             bool
logical_xor             LogicalXor      logical_xor     x,y             bool
logical_not             LogicalNot      logical_not     x               bool
nn.relu                 Relu            relu            features        real
nn.relu6                Relu6           relu6           features        real
nn.elu                  Elu             elu             features        float
nn.selu                 Selu            selu            features        float
nn.softplus,softplus    Softplus        softplus        features        float
nn.softsign,softsign    Softsign        softsign        features        float
nn.swish,nn.silu        Swish           silu            features        float
bitwise.bitwise_and     BitwiseAnd      bitwise_and     x,y             integer
bitwise.bitwise_or      BitwiseOr       bitwise_or      x,y             integer
bitwise.bitwise_xor     BitwiseXor      bitwise_xor     x,y             integer
bitwise.invert          Invert          bitwise_not     x               integer
linalg.inv,matrix_inverse MatrixInverse inv             input           float
linalg.det,matrix_determinant MatrixDeterminant det     input           float
linalg.cholesky,cholesky Cholesky       cholesky        input           float
linalg.solve,matrix_solve MatrixSolve   solve           matrix,rhs      float
linalg.trace,trace      Trace           trace           x               number
"""

REDUCTIONS = """
reduce_sum              Sum             sum             number
reduce_mean             Mean            mean            number
reduce_prod             Prod            prod            number
reduce_max              Max             max             real
reduce_min              Min             min             real
reduce_all              All             all             bool
reduce_any              Any             any             bool
reduce_logsumexp        LogSumExp       logsumexp       float
reduce_std              Std             std             float
reduce_variance         Variance        var             float
"""

# Attributes of tensors: operator, name that its operations get, name of the function above.
OPERATORS = """
add         add         add
sub         sub         subtract
mul         mul         multiply
truediv     truediv     truediv
floordiv    floordiv    floordiv
mod         mod         mod
pow         pow         pow
matmul      matmul      matmul
and         and         logical_and
or          or          logical_or
xor         xor         logical_xor
"""
COMPARISONS = """
lt          Less        less
le          LessEqual   less_equal
gt          Greater     greater
ge          GreaterEqual greater_equal
"""


def rows(table):
    """The rows of a table, each a list of its columns."""
    return [line.split() for line in table.strip().splitlines()]
