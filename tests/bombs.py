"""SQL that the gate lets pass and that wants more time or memory than there is, by name."""

from __future__ import annotations

_MANY_JOINS = " JOIN ".join(["(SELECT 1 k) t0"] + [f"(SELECT 1 k) t{i} ON t0.k = t{i}.k" for i in range(1, 300)])
_DOUBLING = ", ".join(f"c{i} AS (SELECT x.a FROM c{i - 1} x, c{i - 1} y)" for i in range(1, 28))
_SEVEN = ", ".join(f"range(100) r{i}" for i in range(7))

TAKE_TIME = {
    "cross join": "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE x + y = -1",
    "three-way cross join": "SELECT sum(x * y) FROM range(100000) a(x), range(100000) b(y), range(1000) c(z)",
    "seven-way cross join": f"SELECT count(*) FROM {_SEVEN} WHERE r0.range + r1.range + r6.range = -5",
    "long series": "SELECT sum(hash(g)) FROM generate_series(1, 100000000000) t(g)",
    "endless recursion": "WITH RECURSIVE r AS (SELECT 1 i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r",
    "many hashes": "SELECT max(md5(md5(md5(md5(g::VARCHAR))))) FROM range(10000000000) t(g)",
    "many factorials": "SELECT max(factorial(20) + g) FROM range(10000000000) t(g)",
    "long distance of two texts": "SELECT levenshtein(repeat('a', 100000), repeat('b', 100000))",
    "distances of many texts": "SELECT sum(levenshtein(repeat('a', 20000) || g, repeat('b', 20000) || g))"
    " FROM range(10000) t(g)",
    "similarity of long texts": "SELECT sum(jaro_similarity(repeat('ab', 20000) || g, repeat('ba', 20000) || g))"
    " FROM range(10000) t(g)",
    "damerau": "SELECT damerau_levenshtein(repeat('ab', 20000), repeat('ba', 20000))",
    "regex": "SELECT sum(length(regexp_replace(repeat('a', 200000) || g, '(a|aa)+$', 'b'))) FROM range(100000) t(g)",
    "wide window": "SELECT sum(x) FROM (SELECT median(g) OVER (ORDER BY g ROWS BETWEEN 1000000 PRECEDING AND 1000000"
    " FOLLOWING) x FROM range(20000000) t(g))",
    "summarize": "SUMMARIZE SELECT hash(g) FROM range(10000000000) t(g)",
    "join of 300 tables": f"SELECT count(*) FROM {_MANY_JOINS}",
    "doubling CTEs": f"WITH c0 AS (SELECT * FROM range(2) r(a)), {_DOUBLING} SELECT count(*) FROM c27",
    "filter that finds nothing": "SELECT g FROM range(100000000000) t(g) WHERE hash(g) = 1",
    "lambda in a lambda": "SELECT list_transform(range(100000), lambda x: list_sum(list_transform(range(100000),"
    " lambda y: x * y)))",
    "json": "SELECT sum(json_array_length(('[' || repeat('1,', 100000) || g || ']')::JSON)) FROM range(1000000) t(g)",
    "sorted text": "SELECT max(list_sort(string_split(repeat('b,a,', 50000) || g, ','))[1]) FROM range(100000) t(g)",
}

TAKE_MEMORY = {
    "list of 1e9": "SELECT len(range(1000000000))",
    "list of 1e10": "SELECT len(generate_series(1, 10000000000))",
    "sum of a list of 5e8": "SELECT list_sum(range(500000000))",
    "lambda over 1e8": "SELECT list_sum(list_transform(range(100000000), lambda x: hash(x)::HUGEINT % 7))",
    "text of 1 GB": "SELECT length(repeat('x', 1000000000))",
    "text of 10 GB": "SELECT length(repeat('x', 10000000000))",
    "many long texts": "SELECT length(string_agg(repeat('x', 10000000), '')) FROM range(10000)",
    "lpad": "SELECT length(lpad('x', 2000000000, 'y'))",
    "rpad": "SELECT length(rpad('x', 2000000000, 'y'))",
    "bitstring": "SELECT length(bitstring('1', 2000000000)::VARCHAR)",
    "doubling recursion": "WITH RECURSIVE r AS (SELECT 1 i UNION ALL SELECT i FROM r, range(2)) SELECT count(*) FROM r",
    "huge sort": "SELECT * FROM (SELECT hash(g) h, repeat('y', 50) s FROM range(2000000000) t(g) ORDER BY h, s)"
    " LIMIT 1 OFFSET 1000000000",
    "huge grouping": "SELECT count(*) FROM (SELECT hash(g) h, count(*) FROM range(20000000000) t(g) GROUP BY 1)",
    "list aggregate": "SELECT len(list(g)) FROM range(2000000000) t(g)",
    "text aggregate": "SELECT length(string_agg(x::VARCHAR, ',')) FROM range(100000) a(x), range(100000) b(y)",
    "unnest of 1e9": "SELECT count(*) FROM (SELECT unnest(range(1000000000)))",
    "regex on a long text": "SELECT length(regexp_replace(repeat('a', 200000000), '(a|aa)+', 'bbbbbbbb', 'g'))",
    "text of texts": "SELECT length(replace(repeat('x', 10000000), 'x', repeat('y', 1000)))",
    "printf": "SELECT length(printf('%2000000000d', 1))",
    "wide rows": "SELECT repeat('z', 1000000) || g FROM range(10000) t(g)",
    "large result": "SELECT repeat('z', 30000) || g FROM range(10000) t(g)",
    "histogram": "SELECT histogram(g) FROM range(2000000000) t(g)",
    "distinct": "SELECT count(DISTINCT hash(g)) FROM range(20000000000) t(g)",
    "list in a list": "SELECT [[[x, y] FOR y IN range(10000)] FOR x IN range(10000)]",
}

BOMBS = {**TAKE_TIME, **TAKE_MEMORY}
