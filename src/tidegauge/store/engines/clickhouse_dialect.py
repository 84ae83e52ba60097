"""DuckDB's SQL as ClickHouse's: SQLGlot does the grammar, and the rewrites here what it gets wrong.

Statements are written once, for DuckDB. A rewrite belongs here where the same text would mean something else
in ClickHouse (division, sums that wrap, networks as ranges of UUIDs), or nothing at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import sqlglot
from sqlglot import exp

from tidegauge.flow.addresses import text_from_address
from tidegauge.store.engines.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegauge.flow.addresses import Network

Value: TypeAlias = int | str | bytes | list[int] | None

_INSTANT = "TIMESTAMPTZ_NS"
_TYPES = {
    "UUID": "IPv6",  # ClickHouse orders UUIDs from their middle, so no network would be a range of them
    "INT128": "Int128",
    "UINT128": "UInt128",
    "UBIGINT": "UInt64",
    "BIGINT": "Int64",
    "UINT": "UInt32",
    "INT": "Int32",
    "USMALLINT": "UInt16",
    "UTINYINT": "UInt8",
    "BOOLEAN": "Bool",
    "DOUBLE": "Float64",
    "VARCHAR": "String",
    "TEXT": "String",
    "VARBINARY": "String",
    "ARRAY": "Array(Int64)",
}
_COUNTER = "Nullable(Int128)"
"""What counters are cut and summed in: a UInt64 wraps around where DuckDB widens or fails."""

_FLOAT = "Nullable(Float64)"
_UNTOLD = "Nullable(Int64)"
"""The type of a parameter whose use does not tell: a number, or nothing where a range is open."""

_NAMES = {
    "EPOCH_NS": "toUnixTimestamp64Nano",
    "MAKE_TIMESTAMP_NS": "fromUnixTimestamp64Nano",
    "LIST_EXTRACT": "arrayElementOrNull",
}


@dataclass(frozen=True, slots=True)
class Translation:
    """A statement for ClickHouse. ``kinds`` are the types of its parameters, by name.

    The columns at ``blobs`` come as hexadecimal digits, since rows come as JSON.
    """

    sql: str
    kinds: dict[str, str]
    blobs: tuple[int, ...]
    patterns: frozenset[str]

    def texts(self, values: Mapping[str, Value]) -> dict[str, str | None]:
        """The values of the statement as text."""
        return {name: self._text(name, values[name]) for name in self.kinds}

    def _text(self, name: str, value: Value) -> str | None:
        if value is None:
            return None
        if self.kinds[name] == "IPv6":
            return text_from_address(int(str(value).replace("-", ""), 16).to_bytes(16, "big"))
        text = value.hex() if isinstance(value, bytes) else str(value)
        if name in self.patterns:
            text = text.replace("\\", "\\\\")  # in DuckDB's ILIKE a backslash is a letter like any other
        return text


@lru_cache(maxsize=256)
def translation(sql: str, home: tuple[Network, ...] = ()) -> Translation:
    """The statement in ClickHouse's dialect; ``home`` are the networks that ``is_home`` means.

    >>> translation('SELECT a // b FROM flows WHERE dst_port = CAST($p1 AS USMALLINT)').sql
    'SELECT intDivOrNull(a, b) FROM flows WHERE dst_port = {p1: UInt16}'
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    kinds = {node.name: _parameter_type(node) for node in tree.find_all(exp.Placeholder)}
    made = {found.alias for found in tree.find_all(exp.Alias) if _is_blob(found.this)}
    blobs = [
        index
        for index, column in enumerate(tree.selects)
        if _is_blob(column.unalias()) or (isinstance(column, exp.Column) and column.name in made)
    ]
    patterns = {place.name for node in tree.find_all(exp.ILike) for place in node.find_all(exp.Placeholder)}
    tree = _written_out(tree, home)
    return Translation(_rewritten(tree).sql("clickhouse"), kinds, tuple(blobs), frozenset(patterns))


def tables_of(sql: str) -> frozenset[str]:
    """The tables a statement of ours reads, without those it makes for itself.

    By its words alone, because to parse a statement takes longer than to answer many a question.

    >>> sorted(tables_of("WITH a AS (SELECT * FROM flows) SELECT * FROM a JOIN places ON TRUE"))
    ['flows', 'places']
    """
    return frozenset(_READ.findall(sql)) - frozenset(_MADE.findall(sql))


def is_select(sql: str) -> bool:
    """Whether a statement gives rows and changes nothing.

    >>> is_select("(FROM places)"), is_select("CREATE TEMP TABLE a AS FROM places")
    (True, False)
    """
    return sql.lstrip(" \n(").startswith(("SELECT", "WITH", "FROM"))


_READ = re.compile(r"(?<!DISTINCT )\b(?:FROM|JOIN)\s+([a-z]\w*)")
_MADE = re.compile(r"(?:\bWITH|,)\s+(\w+) AS (?:(?:NOT )?MATERIALIZED )?\(")


def _rewritten(tree: exp.Expr) -> exp.Expr:
    """Rewrite from the leaves up: what is rewritten already stands inside what is rewritten next."""
    for node in reversed(list(tree.walk(bfs=False))):
        if rewrite := _REWRITES.get(type(node)):
            written = rewrite(node)
            tree = written if node is tree else tree
            node.replace(written)
    return tree


def _written_out(tree: exp.Expr, home: tuple[Network, ...]) -> exp.Expr:
    """With what the macros of the DuckDB engine say in their place: a server has no functions of ours."""
    for node in [*tree.find_all(exp.Anonymous)][::-1]:
        match str(node.this).lower(), node.expressions:
            case "is_home", [address]:
                node.replace(_is_home(address, home))
            case "near_is_source", [src_addr, dst_addr, src_port, dst_port]:
                ends = _is_home(src_addr, home), _is_home(dst_addr, home)
                node.replace(_near_is_source(*ends, src_port, dst_port))
    return tree


def _is_home(address: exp.Expr, home: tuple[Network, ...]) -> exp.Expr:
    ranges = [
        exp.Between(this=address.copy(), low=_address(network.first), high=_address(network.last))
        for network in home
    ]
    return exp.paren(exp.or_(*ranges)) if ranges else exp.false()


def _near_is_source(
    src_home: exp.Expr, dst_home: exp.Expr, src_port: exp.Expr, dst_port: exp.Expr
) -> exp.Expr:
    """The near end is the one at home; where both are or neither is, the one with the higher port."""
    asked_first = exp.GTE(
        this=exp.func("coalesce", src_port, "0"), expression=exp.func("coalesce", dst_port, "0")
    )
    same = exp.EQ(this=src_home, expression=dst_home)
    return exp.paren(exp.Case().when(same, asked_first).else_(src_home.copy()))


def _parameter_type(node: exp.Placeholder) -> str:
    return _TYPES.get(_target(node.parent), _UNTOLD)


def _target(node: exp.Expr | None) -> str:
    """The type a cast casts to, or empty."""
    if not isinstance(node, exp.Cast):
        return ""
    to = node.args["to"]
    return str(to.args["kind"]) if to.this == exp.DataType.Type.USERDEFINED else str(to.this.value)


def _is_blob(node: exp.Expr) -> bool:
    return _target(node) == "VARBINARY"


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _cast(node: exp.Expr) -> exp.Expr:
    inner: exp.Expr = node.this
    target = _target(node)
    if target == _INSTANT:
        return inner  # already a DateTime64(9)
    if isinstance(inner, exp.Placeholder):
        kind = _TYPES[target]
        typed = exp.Placeholder(this=inner.this, kind=kind)
        return _call("unhex", typed) if target == "VARBINARY" else typed
    if target == "UUID" and isinstance(inner, exp.Literal):
        return _address(int(inner.this.replace("-", ""), 16))
    if target == "VARBINARY":
        return _call("hex", inner)
    kind = _COUNTER if target == "UBIGINT" else f"Nullable({_TYPES[target]})"
    name = "accurateCastOrNull" if isinstance(node, exp.TryCast) else "CAST"
    return _call(name, inner, exp.Literal.string(kind))


def _address(number: int) -> exp.Expr:
    return _call("toIPv6", exp.Literal.string(text_from_address(number.to_bytes(16, "big"))))


def _function(name: str) -> Callable[[exp.Expr], exp.Expr]:
    return lambda node: _call(name, node.this, node.expression)


def _sum(node: exp.Expr) -> exp.Expr:
    if _is_float(node.this):
        return node
    return exp.Sum(this=_call("CAST", node.this, exp.Literal.string(_COUNTER)))


def _is_float(node: exp.Expr) -> bool:
    """Whether a number is surely a floating point one, as its text shows."""
    if isinstance(node, exp.Anonymous):
        return bool(node.this == "CAST" and node.expressions[1].this == _FLOAT)
    if isinstance(node, exp.Literal):
        return bool(node.is_number) and not str(node.this).isdecimal()
    if isinstance(node, exp.Paren):
        return _is_float(node.this)
    is_arithmetic = isinstance(node, exp.Mul | exp.Add | exp.Sub)
    return is_arithmetic and (_is_float(node.this) or _is_float(node.expression))


def _arithmetic(node: exp.Expr) -> exp.Expr:
    """ClickHouse multiplies no Float64 with an Int128."""
    if _is_float(node.this) != _is_float(node.expression):
        for side in ("this", "expression"):
            if not _is_float(node.args[side]):
                node.set(side, _call("CAST", node.args[side], exp.Literal.string(_FLOAT)))
    return node


def _length(node: exp.Expr) -> exp.Expr:
    """Both kinds of length are one word in DuckDB; what is computed here is a list, a column is text."""
    return node if isinstance(node.this, exp.Column) else _call("length", node.this)


def _percentile(node: exp.Expr) -> exp.Expr:
    """The nearest rank, by whole numbers; quantileExact takes the value after it, and 0.95 is no double."""
    share = Fraction(str(node.expression.this))
    listed = _call("groupArray", node.this)
    rank = _call(
        "intDiv",
        exp.Mul(this=_call("length", listed), expression=exp.Literal.number(share.numerator))
        + (share.denominator - 1),
        exp.Literal.number(share.denominator),
    )
    return _call("arrayElementOrNull", _call("arraySort", listed.copy()), rank)


def _list(node: exp.Expr) -> exp.Expr:
    """A list in an order: of whole numbers, because what falls is sorted by its negative."""
    order = node.this
    if not isinstance(order, exp.Order):
        return node
    ranks = [exp.Neg(this=each.this) if each.args.get("desc") else each.this for each in order.expressions]
    listed = _call("groupArray", _call("tuple", *ranks, order.this))
    last = exp.Literal.number(len(ranks) + 1)
    shown = exp.Lambda(
        this=_call("tupleElement", exp.column("each"), last), expressions=[exp.to_identifier("each")]
    )
    return _call("arrayMap", shown, _call("arraySort", listed))


def _comprehension(node: exp.Expr) -> exp.Expr:
    [each] = node.expressions
    if not isinstance(each, exp.Comprehension):
        return node
    name, found = each.expression, each.args["iterator"]
    if condition := each.args.get("condition"):
        found = _call("arrayFilter", exp.Lambda(this=condition, expressions=[name.copy()]), found)
    return _call("arrayMap", exp.Lambda(this=each.this, expressions=[name]), found)


def _anonymous(node: exp.Expr) -> exp.Expr:
    name = str(node.this).upper()
    if name == "HASH":
        hashed = [_whole_row(each) for each in node.expressions]
        return _call("sipHash64", _call("tuple", *hashed))  # the hash of a NULL must not be NULL
    return _call(_NAMES[name], *node.expressions) if name in _NAMES else node


def _whole_row(node: exp.Expr) -> exp.Expr:
    """DuckDB takes the name of a table for all its columns."""
    is_table = isinstance(node, exp.Column) and node.name == "flows" and not node.table
    return exp.Column(this=exp.Star(), table=exp.to_identifier("flows")) if is_table else node


def _join(node: exp.Expr) -> exp.Expr:
    if node.args.get("kind") == "ANTI":
        node.set("side", "LEFT")
    on = node.args.get("on")
    if node.args.get("method") == "ASOF" and isinstance(on, exp.GTE):
        # An ordered join of ClickHouse wants something equal beside, and knows no order of addresses.
        equal = exp.EQ(this=_call("isNull", on.this.copy()), expression=_call("isNull", on.expression.copy()))
        ordered = exp.GTE(this=_call("toUInt128", on.this), expression=_call("toUInt128", on.expression))
        node.set("on", exp.And(this=equal, expression=ordered))
    return node


def _placeholder(node: exp.Expr) -> exp.Expr:
    return node if node.args.get("kind") else exp.Placeholder(this=node.this, kind=_UNTOLD)


def _select(node: exp.Expr) -> exp.Expr:
    """Replace columns around the SELECT that asks: in the same one, its conditions see them replaced."""
    # Not one that lies in a SELECT inside of the column.
    stars = (column.this if isinstance(column, exp.Column) else column for column in node.expressions)
    star = next((each for each in stars if isinstance(each, exp.Star)), None)
    replaced = star.args.get("replace") if star else None
    if star is None or not replaced:
        return node
    if node.args.get("joins") and not node.args.get("where"):
        return _one_by_one(node, replaced)
    left_out = star.args.get("except_")
    star.set("replace", None)
    star.set("except_", None)
    asked = exp.Subquery(this=node.copy(), alias=exp.TableAlias(this=exp.to_identifier("asked")))
    return exp.Select(expressions=[exp.Star(replace=replaced, except_=left_out)]).from_(asked)


def _one_by_one(node: exp.Expr, replaced: list[exp.Alias]) -> exp.Expr:
    """The columns of ``flows`` by their names: beside a join ClickHouse gives those of a star longer ones."""
    table = node.args["from_"].this.alias_or_name
    new = {each.alias: each.this for each in replaced}
    columns = [
        exp.alias_(new.get(name) or exp.column(name, table, quoted=True), name, quoted=True)
        for name in TABLES["flows"]
    ]
    node.set("expressions", columns)
    return node


def _identifier(node: exp.Expr) -> exp.Expr:
    """Keep the metric ``"flows"``, always quoted, apart from the table: aliases are seen from inside."""
    is_metric = node.args.get("quoted") and node.this == "flows"
    return exp.to_identifier("flow_count", quoted=True) if is_metric else node


def _cte(node: exp.Expr) -> exp.Expr:
    if not node.args.get("materialized"):
        node.set("materialized", None)  # ClickHouse knows no NOT MATERIALIZED
    return node


_REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.IntDiv: _function("intDivOrNull"),  # SQLGlot divides as floating point, and loses digits
    exp.BitwiseAnd: _function("bitAnd"),
    exp.BitwiseOr: _function("bitOr"),
    exp.BitwiseXor: _function("bitXor"),
    exp.BitwiseRightShift: _function("bitShiftRight"),
    exp.GenerateSeries: lambda node: _call("range", node.args["start"], node.args["end"]),
    exp.Dot: lambda node: _call("tupleElement", node.this, exp.Literal.string(node.expression.name)),
    exp.Lower: lambda node: _call("lowerUTF8", node.this),
    exp.Sum: _sum,
    exp.Mul: _arithmetic,
    exp.Add: _arithmetic,
    exp.Sub: _arithmetic,
    exp.Length: _length,
    exp.ArrayOverlaps: _function("hasAny"),
    exp.ArraySort: lambda node: _call("arraySort", node.this),
    exp.ArrayAgg: _list,
    exp.Array: lambda node: _comprehension(node) if len(node.expressions) == 1 else node,
    exp.PercentileDisc: _percentile,
    exp.LogicalOr: lambda node: exp.Max(this=node.this),
    exp.Anonymous: _anonymous,
    exp.Join: _join,
    exp.CTE: _cte,
    exp.Identifier: _identifier,
    exp.Select: _select,
    exp.Placeholder: _placeholder,
}
