"""Spark SQL that must never run on the server behind `ENGINE_URL`, by name, over the one known table t(a, s, d).

Plain data: each case is a name, the statement and its prize. `{file}` is a file that the server can read, `{new}` a
path where none may appear; `written` of `sql_duckdb` fills them in. Spark and Sail run most of these as they are, so
the gate is the only wall before them.
"""

from __future__ import annotations

from tests.attacks.attack import each

_READ = "a file of the server's disk, as rows of an answer"
_BUCKET = "what the server's account may read in a bucket"
_NET = "a request from inside the server's network"
_RUN = "a program that runs on the cluster"
_JAVA = "any public method of the server's Java, such as its system properties"
_WRITE = "files that are written or overwritten"
_TABLES = "tables and views of everybody that are changed or gone"
_ALL = "tables of others, whose names nobody told"
_TELL = "settings of the server, where keys and paths stand"
_LIFT = "limits and rules that hold for everybody no more"
_CODE = "code of one's own in the server"
_BLIND = "SQL that the gate never looked at"

STATEMENTS: tuple[tuple[str, str, str], ...] = (
    # Files as tables
    ("a text file as a table", "SELECT * FROM text.`{file}`", _READ),
    ("a CSV file as a table", "SELECT * FROM csv.`{file}`", _READ),
    ("a JSON file as a table", "SELECT * FROM json.`{file}`", _READ),
    ("a Parquet file as a table", "SELECT * FROM parquet.`{file}`", _READ),
    ("bytes of a folder", "SELECT content FROM binaryFile.`{file}`", _READ),
    ("a file with its scheme", "SELECT * FROM text.`file://{file}`", _READ),
    ("a bucket as a table", "SELECT * FROM parquet.`s3a://bucket/x`", _BUCKET),
    ("a table behind an address", "SELECT * FROM csv.`http://169.254.169.254/latest/meta-data`", _NET),
    ("a data base by JDBC", "SELECT * FROM jdbc.`jdbc:postgresql://127.0.0.1/x`", _NET),
    ("a file in a subquery", "SELECT (SELECT value FROM text.`{file}` LIMIT 1)", _READ),
    ("a file in a CTE", "WITH x AS (SELECT * FROM text.`{file}`) SELECT * FROM x", _READ),
    ("a file in a CTE that nobody reads", "WITH x AS (SELECT * FROM text.`{file}`) SELECT 1", _READ),
    ("a file in a join", "SELECT * FROM t JOIN text.`{file}` f ON true", _READ),
    ("a file in a lateral join", "SELECT * FROM t, LATERAL (SELECT * FROM text.`{file}`) x", _READ),
    ("a file in a union", "SELECT s FROM t UNION ALL SELECT value FROM text.`{file}`", _READ),
    ("a file in EXISTS", "SELECT 1 WHERE EXISTS (SELECT * FROM text.`{file}`)", _READ),
    ("a file in a lambda", "SELECT transform(array(1), x -> (SELECT max(value) FROM text.`{file}`))", _READ),
    ("a file in ORDER BY", "SELECT a FROM t ORDER BY (SELECT max(value) FROM text.`{file}`)", _READ),
    ("a file in a pivot", "SELECT * FROM (SELECT * FROM text.`{file}`) PIVOT (count(*) FOR value IN ('a'))", _READ),
    ("TABLE of a file", "TABLE text.`{file}`", _READ),
    ("FROM first", "FROM text.`{file}` SELECT *", _READ),
    ("piped", "FROM text.`{file}` |> SELECT value", _READ),
    ("read_files", "SELECT * FROM read_files('{file}')", _READ),
    ("read_csv", "SELECT * FROM read_csv('{file}')", _READ),
    ("a path as a table", "SELECT * FROM `{file}`", _READ),
    ("a name that is put together", "SELECT * FROM IDENTIFIER('text.`' || '{file}' || '`')", _READ),
    ("a column's name that is put together", "SELECT IDENTIFIER('a') FROM t", _BLIND),
    ("a file in another case", "sElEcT * fRoM TeXt.`{file}`", _READ),
    ("a file behind comments", "SELECT * FROM/**/text/* x */./**/`{file}` -- SELECT 1", _READ),
    ("the server's environment", "SELECT * FROM text.`/proc/self/environ`", _TELL),
    # Programs and Java
    ("a script over rows", "SELECT TRANSFORM(a) USING 'cat {file}' AS (x) FROM t", _RUN),
    ("MAP over rows", "MAP a USING 'sh' AS (x) FROM t", _RUN),
    ("REDUCE over rows", "REDUCE a USING 'sh' AS (x) FROM t", _RUN),
    ("FROM first with a script", "FROM t SELECT TRANSFORM(*) USING 'sh' AS (x)", _RUN),
    ("reflect", "SELECT reflect('java.lang.System', 'getenv', 'HOME')", _JAVA),
    ("java_method", "SELECT java_method('java.lang.System', 'getProperty', 'user.home')", _JAVA),
    ("try_reflect", "SELECT try_reflect('java.lang.System', 'getenv', 'PATH')", _JAVA),
    ("reflect in another case", "SELECT `REFLECT`('java.lang.Runtime', 'getRuntime')", _JAVA),
    ("add a jar", "ADD JAR '{file}'", _CODE),
    ("add a file", "ADD FILE '{file}'", _READ),
    ("list the jars", "LIST JARS", _TELL),
    ("a function from a class", "CREATE TEMPORARY FUNCTION hack AS 'evil.Hack' USING JAR '{file}'", _CODE),
    ("a function in SQL", "CREATE TEMPORARY FUNCTION hack(x INT) RETURNS INT RETURN x + 1", _CODE),
    # Other SQL
    ("execute immediate", "EXECUTE IMMEDIATE 'SELECT * FROM text.`{file}`'", _BLIND),
    ("a script of SQL", "BEGIN SELECT 1; DROP VIEW t; END", _BLIND),
    ("two statements", "SELECT 1; DROP VIEW t", _BLIND),
    ("call of a procedure", "CALL sys.rollback('t', 1)", _BLIND),
    ("a parameter", "SELECT :x", _BLIND),
    ("explain of a file", "EXPLAIN EXTENDED SELECT * FROM text.`{file}`", _READ),
    # Writes
    ("insert", "INSERT INTO t VALUES (1, 'x', NULL)", _TABLES),
    ("insert with FROM first", "FROM t INSERT OVERWRITE TABLE t SELECT *", _TABLES),
    ("insert in a CTE", "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", _TABLES),
    ("insert into a folder", "INSERT OVERWRITE DIRECTORY '{new}' USING csv SELECT 1", _WRITE),
    ("insert into a local folder", "INSERT OVERWRITE LOCAL DIRECTORY '{new}' SELECT * FROM t", _WRITE),
    ("insert into a path", "INSERT INTO parquet.`{new}` SELECT * FROM t", _WRITE),
    ("create table", "CREATE TABLE hack USING csv LOCATION '{new}' AS SELECT 1", _WRITE),
    ("create view", "CREATE OR REPLACE TEMPORARY VIEW t AS SELECT 42 AS a", _TABLES),
    ("a view over a file", "CREATE TEMPORARY VIEW hack USING text OPTIONS (path '{file}')", _READ),
    ("drop view", "DROP VIEW t", _TABLES),
    ("drop data base", "DROP DATABASE default CASCADE", _TABLES),
    ("delete", "DELETE FROM t", _TABLES),
    ("update", "UPDATE t SET a = 7", _TABLES),
    ("merge", "MERGE INTO t USING t u ON t.a = u.a WHEN MATCHED THEN DELETE", _TABLES),
    ("alter", "ALTER VIEW t AS SELECT 1", _TABLES),
    ("truncate", "TRUNCATE TABLE t", _TABLES),
    ("load data", "LOAD DATA LOCAL INPATH '{file}' INTO TABLE t", _READ),
    ("analyze", "ANALYZE TABLE t COMPUTE STATISTICS", _TABLES),
    ("comment", "COMMENT ON TABLE t IS 'x'", _TABLES),
    ("repair", "MSCK REPAIR TABLE t", _TABLES),
    ("cache", "CACHE TABLE hack AS SELECT * FROM range(1000000000)", "the cluster's memory"),
    ("uncache", "UNCACHE TABLE t", _LIFT),
    ("clear the cache", "CLEAR CACHE", _LIFT),
    ("refresh", "REFRESH TABLE t", _LIFT),
    # Settings, catalogs, names
    ("set", "SET spark.sql.ansi.enabled = false", _LIFT),
    ("set tells", "SET -v", _TELL),
    ("reset", "RESET", _LIFT),
    ("set a time zone", "SET TIME ZONE 'UTC'", _LIFT),
    ("set a variable", "SET VAR x = 1", _LIFT),
    ("declare a variable", "DECLARE VARIABLE x INT DEFAULT 1", _LIFT),
    ("a variable by substitution", "SELECT '${{spark.hadoop.fs.s3a.secret.key}}', ${{env:HOME}}", _TELL),
    ("use", "USE CATALOG spark_catalog", _LIFT),
    ("show tables", "SHOW TABLES IN default", _ALL),
    ("show create table", "SHOW CREATE TABLE t", _TELL),
    ("describe a file", "DESCRIBE TABLE EXTENDED text.`{file}`", _READ),
    ("describe a data base", "DESCRIBE DATABASE EXTENDED default", _TELL),
    ("another data base", "SELECT * FROM default.secret", _ALL),
    ("another catalog", "SELECT * FROM spark_catalog.default.t", _ALL),
    ("the temporary tables of all", "SELECT * FROM global_temp.secret", _ALL),
    ("the system's tables", "SELECT * FROM system.information_schema.tables", _ALL),
    ("an unknown table", "SELECT * FROM secret", _ALL),
    ("a CTE's name outside its scope", "SELECT * FROM (WITH secret AS (SELECT 1) SELECT 1), secret", _ALL),
    ("an earlier version", "SELECT * FROM t VERSION AS OF 1", _ALL),
    ("the name of a file", "SELECT input_file_name() FROM t", _TELL),
    ("the hidden columns of a file", "SELECT _metadata.file_path FROM t", _TELL),
    ("current_user", "SELECT current_user()", _TELL),
    ("current_catalog", "SELECT current_catalog()", _TELL),
    ("current_database", "SELECT current_database()", _TELL),
    ("state of a stream", "SELECT * FROM read_statestore('{file}')", _READ),
    ("topics of a broker", "SELECT * FROM read_kafka(bootstrapServers => '127.0.0.1:9092')", _NET),
    ("a model over HTTP", "SELECT ai_query('model', s) FROM t", _NET),
    ("a secret", "SELECT secret('scope', 'key')", _TELL),
    ("a function that nobody knows", "SELECT no_such_function(a) FROM t", _CODE),
    ("a function of a data base", "SELECT default.hack(a) FROM t", _CODE),
    ("a table function that nobody knows", "SELECT * FROM hack(1)", _CODE),
    ("an error of one's own", "SELECT raise_error(s) FROM t", "an error's text that speaks for Bayan"),
    ("a hint", "SELECT /*+ REPARTITION(1000000) */ * FROM t", "a million tasks for one row"),
    ("a zero byte", "SELECT 1\0; DROP VIEW t", _BLIND),
    ("half a surrogate", "SELECT '\ud800'", _BLIND),
)

CASES = each("sql-spark", STATEMENTS)
