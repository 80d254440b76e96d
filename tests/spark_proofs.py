"""Each construct that may be written for Spark, in SQLite's dialect by name, over the tables of test_bridge."""

# ruff: noqa: E501 - one query a line

from __future__ import annotations

ALL = {
    "whole numbers": "SELECT 1, -7, 3000000000 * 2, 100000 * 100000, 9007199254740993, 0x1F",
    "numbers with fractions": "SELECT 2.5, 1.0 / 3, .5, 5., 1e300, 1.5e-5, 0.1 + 0.2, 1 / 3.0",
    "texts": "SELECT 'it''s', 'a\\b', '\\n', '\\', '', 'é東', '\"', '%_', '${env:HOME}', 'a${', '${a}${b}'",
    "a line in a text": "SELECT 'one\ntwo', length('a\nb')",
    "nothing": "SELECT NULL, NULL + 1, NULL || 'a', NULL = NULL, NULL IS NULL, NOT NULL",
    "truth": "SELECT 1 = 1, NOT (1 = 2), 1 = 1 AND NULL, 1 = 2 OR NULL, (1 < 2) IS TRUE, TRUE, FALSE",
    "division": "SELECT 7 / 2, -7 / 2, 7 / -2, 7 / 2.0, 1 / 0, 1.0 / 0, 0 / 5",
    "division of texts": "SELECT id / code, '7' / 2, '7.0' / 2 FROM people WHERE code IS NOT NULL ORDER BY id",
    "comparisons": "SELECT id, age < 35, age <= 35, age > 35, age >= 35, age <> 35, city = 'Rome', age < 35.5 FROM people ORDER BY id",
    "remainder": "SELECT 7 % 3, -7 % 3, 7 % -3, 7.9 % 3, 5 % 0",
    "bits": "SELECT 6 & 3, 6 | 3, ~5, 1 << 4, -256 >> 2",
    "casts to whole numbers": "SELECT CAST(3.7 AS INTEGER), CAST(-3.7 AS INT), CAST('12abc' AS INTEGER), CAST('' AS INT),"
    " CAST('x' AS INTEGER), CAST(' 7' AS INTEGER), CAST(NULL AS INTEGER), CAST('-2.9' AS INTEGER)",
    "casts to fractions": "SELECT CAST(7 AS REAL) / 2, CAST('1.5e2x' AS REAL), CAST('.' AS REAL), CAST('-3' AS FLOAT)",
    "casts to text": "SELECT CAST(12 AS TEXT) || '!', CAST(age AS TEXT), CAST(born AS TEXT) FROM people ORDER BY id",
    "texts that are no numbers": "SELECT sum(code), avg(code), total(code), -code FROM people WHERE id = 6",
    "a number beside texts": "SELECT name FROM people WHERE age > code ORDER BY id",
    "words that Spark reads as numbers": "SELECT 'inf' + 1, 'nan' + 1, '1d' + 1, '1e3f' + 0, '0x10' + 0, '1_0' + 1",
    "a column beside words": "SELECT p.id, r.id FROM people p JOIN readings r ON p.salary < r.label ORDER BY 1, 2",
    "like": "SELECT 'Abc' LIKE 'a%', 'abc' LIKE 'A_C', 'a%c' LIKE 'a!%c' ESCAPE '!', 'abc' NOT LIKE '%B%', NULL LIKE 'a'",
    "like with backslashes": "SELECT 'a\\b' LIKE 'a\\b', 'a%' LIKE 'a\\%', 'a\\%' LIKE 'a\\%', '\\' LIKE '_'",
    "like with odd escapes": "SELECT 'abc' LIKE 'a!bc' ESCAPE '!', 'a!c' LIKE 'a!!c' ESCAPE '!', 'a\\' LIKE 'a\\' ESCAPE '!'",
    "like out of a column": "SELECT count(*) FROM people p JOIN teams t ON p.name LIKE '%' || substr(t.title, 1, 1) || '%'",
    "glob": "SELECT 'Abc' GLOB 'A*', 'Abc' GLOB 'a*', 'abc' GLOB 'a?c', 'a%' GLOB 'a%', 'ab' GLOB 'a_'",
    "pieces of texts": "SELECT substr('hello', 2), substr('hello', 2, 3), substr('hello', -3), substr('hello', 9, 2),"
    " substr('hi', -9), substr('hello', 1, instr('hello', 'x') - 1), substr('hello', instr('hello', 'l') + 1, 1)",
    "functions of texts": "SELECT upper('aB'), lower('aB'), length('a b '), length('é東'), trim('  a '), ltrim('xxa', 'x'),"
    " rtrim('axx', 'x'), trim('xax', 'x'), replace('banana', 'an', 'x'), replace('a', '', 'x'), instr('hello', 'l'),"
    " instr('a', 'z'), hex('aZ'), ltrim('  a'), rtrim('a  ')",
    "concatenation": "SELECT 'a' || 1 || NULL, 'a' || 1, name || ' ' || age || ' ' || born FROM people ORDER BY id",
    "printf": "SELECT printf('%d %s %.2f%%', 7, 'x', 2.345), printf('%05d|%5.1f|%-4s|', 42, 2.25, 'a')",
    "choices": "SELECT coalesce(NULL, 2, 2.5), ifnull(NULL, 'a'), nullif(1, 1), nullif(2, 1.5), iif(1 > 2, 1, 2.5),"
    " max(1, 2.5), min(1, NULL), max('a', 'B'), CASE 2 WHEN 1 THEN 'x' WHEN 2 THEN 'y' END, CASE WHEN 0 THEN 1 END",
    "rounding": "SELECT round(2.5), round(-2.5), round(0.5), round(3.14159, 2), round(7), round(-1.5), round(2.345, 2)",
    "functions of numbers": "SELECT abs(-5), abs(-2.5), sign(-3), sqrt(16), ceil(1.2), floor(-1.2), ceil(-1.2)",
    "random": "SELECT count(*) FROM (SELECT id FROM people ORDER BY random() LIMIT 3)",
    "aggregates": "SELECT count(*), count(age), count(DISTINCT city), sum(age), avg(age),"
    " min(name), max(born), total(age), sum(DISTINCT team) FROM people",
    "aggregates of nothing": "SELECT count(*), sum(age), avg(age), min(age), total(age), max(name) FROM people WHERE id > 99",
    "aggregates of fractions": "SELECT sum(salary), avg(salary), sum(salary) / count(*), sum(age > 30) FROM people",
    "the row of an extreme": "SELECT name, max(age) FROM people UNION ALL SELECT name, min(age) FROM people WHERE age > 1",
    "a column of a group": "SELECT t.title, count(*) FROM people p JOIN teams t ON p.team = t.id GROUP BY t.id ORDER BY t.id",
    "filter": "SELECT count(*) FILTER (WHERE age > 30), sum(age) FILTER (WHERE team = 1) FROM people",
    "having": "SELECT city, count(*) AS n FROM people GROUP BY city HAVING n > 1 AND max(age) > 30 ORDER BY city",
    "groups in an order of their own": "SELECT city FROM people GROUP BY city ORDER BY sum(salary) DESC, city LIMIT 2",
    "groups in an order, with an alias": "SELECT team AS t, count(*) AS n FROM people GROUP BY t ORDER BY min(age), t",
    "an alias as a condition": "SELECT age * 2 AS twice FROM people WHERE twice > 60 ORDER BY twice",
    "order": "SELECT name FROM people ORDER BY salary, id",
    "descending order": "SELECT name FROM people ORDER BY salary DESC, id DESC",
    "nulls where they are wanted": "SELECT name FROM people ORDER BY salary NULLS LAST, age DESC NULLS FIRST, id",
    "limits": "SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 1",
    "no limit": "SELECT id FROM people ORDER BY id LIMIT -1 OFFSET 4",
    "distinct": "SELECT DISTINCT city, team FROM people ORDER BY city, team",
    "joins": "SELECT p.id, t.title, s.id FROM people p JOIN teams t ON p.team = t.id LEFT JOIN sales s ON s.person = p.id"
    " ORDER BY p.id, s.id",
    "right and full joins": "SELECT t.id, p.id FROM people p RIGHT JOIN teams t ON p.team = t.id"
    " UNION ALL SELECT t.id, p.id FROM people p FULL JOIN teams t ON p.id = t.id + 3",
    "joins without a condition": "SELECT count(*) FROM people, teams JOIN sales ON sales.person = people.id",
    "using": "SELECT id, p.name, title FROM people p LEFT JOIN teams USING (id) WHERE p.id < 6 ORDER BY id",
    "set operations": "SELECT team FROM people UNION SELECT id FROM teams EXCEPT SELECT 1 ORDER BY team",
    "intersection from the left": "SELECT 1 UNION SELECT 2 INTERSECT SELECT 2",
    "whole numbers above fractions": "SELECT id FROM people UNION ALL SELECT 2.5 ORDER BY 1",
    "mixed columns": "SELECT born FROM people UNION SELECT name FROM people ORDER BY 1",
    "with": "WITH a(x) AS (SELECT age FROM people WHERE age > 30), b AS (SELECT max(x) AS y FROM a) SELECT x, y FROM a, b ORDER BY x",
    "a query in from": "SELECT n, count(*) FROM (SELECT city, count(*) AS n FROM people GROUP BY city) GROUP BY n ORDER BY n",
    "in": "SELECT id FROM people WHERE age IN (35, 28, NULL) OR city IN ('Rome') ORDER BY id",
    "not in": "SELECT id FROM people WHERE age NOT IN (35, 28) AND id NOT IN (SELECT person FROM sales) ORDER BY id",
    "not in with nothing in it": "SELECT id FROM people WHERE id NOT IN (SELECT age FROM people)",
    "not in of nothing": "SELECT id FROM people WHERE age NOT IN (SELECT id FROM people WHERE id > 99) ORDER BY id",
    "in a query or else": "SELECT id FROM people WHERE id IN (SELECT person FROM sales) OR age = 28 ORDER BY id",
    "pairs in a query": "SELECT id FROM people WHERE (team, city) IN (SELECT team, city FROM people WHERE id = 2) ORDER BY id",
    "exists": "SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM sales s WHERE s.person = p.id) ORDER BY id",
    "not exists": "SELECT id FROM people p WHERE NOT EXISTS (SELECT 1 FROM sales s WHERE s.person = p.id) OR id = 1 ORDER BY id",
    "a value out of a query": "SELECT id FROM people WHERE age > (SELECT avg(age) FROM people) ORDER BY id",
    "the first of several": "SELECT (SELECT name FROM people ORDER BY id), (SELECT name FROM people WHERE id > 99)",
    "a value for each row": "SELECT id, (SELECT title FROM teams t WHERE t.id = p.team),"
    " (SELECT count(*) FROM sales s WHERE s.person = p.id) FROM people p ORDER BY id",
    "between": "SELECT id FROM people WHERE age BETWEEN 28 AND 40.5 AND born BETWEEN '1985-01-01' AND '1990-12-31' ORDER BY id",
    "is": "SELECT id FROM people WHERE age IS 35 OR city IS NOT 'Paris' AND salary IS NULL ORDER BY id",
    "dates beside texts": "SELECT id FROM people WHERE born >= '1990-02-28' AND joined < '2021-06-15 08:00:00' ORDER BY id",
    "dates beside years": "SELECT id FROM people WHERE born > '1990' AND joined LIKE '2020%' ORDER BY id",
    "formats of moments": "SELECT strftime('%Y-%m-%d %H:%M:%S', joined), strftime('%j', joined), strftime('%w', born),"
    " strftime('%W', born), strftime('%s', joined), strftime('%Y''s %%', born), strftime('%dT%H o''clock', joined)"
    " FROM people ORDER BY id",
    "fractions of seconds": "SELECT strftime('%f', '2020-01-01 10:00:05.25')",
    "weeks": "SELECT strftime('%W', '2024-01-07'), strftime('%W', '2023-12-31'), strftime('%W', '2024-01-01')",
    "moments out of texts": "SELECT date('2020-02-28'), datetime('2020-02-28 10:30'), date('x'),"
    " datetime('2020-01-01T10:00:00'), datetime('2020-01-01 10:00:00.5'), date(''), date(NULL), date(sold) FROM sales ORDER BY id",
    "times of day": "SELECT time('10:30'), strftime('%H', '23:59:59'), time('x'), time(joined) FROM people ORDER BY id",
    "moments out of numbers": "SELECT datetime(0, 'unixepoch'), datetime(1600000000.5, 'unixepoch'), date(2459000.5)",
    "days and months on": "SELECT date(born, '+1 day'), date(born, '-18 years'), date('2021-01-31', '+1 month'),"
    " datetime(joined, '+90 minutes', '-1.5 hours'), datetime(joined, '+01:30'), date('2020-02-29', '+1 year'),"
    " datetime(joined, '+10 seconds', '+2 hours') FROM people ORDER BY id",
    "starts": "SELECT date(joined, 'start of month'), date(born, 'start of year'), datetime(joined, 'start of day'),"
    " date(born, 'weekday 0'), date(born, 'weekday 3') FROM people ORDER BY id",
    "days out of a column": "SELECT date(born, '+' || team || ' days'), date(born, (team * 2) || ' months') FROM people ORDER BY id",
    "days between": "SELECT julianday(joined) - julianday(born), unixepoch(joined) FROM people ORDER BY id",
    "now": "SELECT date('now') = CURRENT_DATE, strftime('%Y', 'now') = strftime('%Y', CURRENT_TIMESTAMP)",
    "ages": "SELECT (strftime('%Y', '2024-06-01') - strftime('%Y', born)) - (strftime('%m-%d', '2024-06-01')"
    " < strftime('%m-%d', born)), born + 1 FROM people ORDER BY id",
    "windows": "SELECT id, row_number() OVER (PARTITION BY team ORDER BY salary, id), rank() OVER (ORDER BY team),"
    " dense_rank() OVER (ORDER BY team), ntile(2) OVER (ORDER BY id), percent_rank() OVER (ORDER BY id),"
    " cume_dist() OVER (ORDER BY id) FROM people ORDER BY id",
    "windows over values": "SELECT id, lag(age) OVER w, lead(age, 1, 0) OVER w, first_value(age) OVER w,"
    " last_value(age) OVER w, nth_value(age, 2) OVER w FROM people WINDOW w AS (ORDER BY id) ORDER BY id",
    "sums over windows": "SELECT id, sum(age) OVER (ORDER BY id), avg(age) OVER (PARTITION BY team),"
    " sum(age) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), count(*) OVER () FROM people ORDER BY id",
    "names that Spark reserves": 'SELECT "offset", "analyze", "net value" AS "a `b`" FROM readings AS "order" ORDER BY id',
    "names in other case": "SELECT NAME, People.ID FROM PEOPLE ORDER BY People.id",
}  # fmt: skip
