"""Functions of Spark SQL that only compute: they read nothing but their arguments, and tell nothing of the server.

Not here, beside what nobody asked for yet: what calls Java or reads files (`reflect`, `java_method`,
`input_file_name`), what tells of the server or its users (`current_user`, `version`), and readers of formats that can
reach outside (`xpath`, `from_xml`).
"""

from __future__ import annotations

_NUMBERS = """
    abs acos acosh asin asinh atan atan2 atanh bin bit_count bround cbrt ceil ceiling conv cos cosh cot csc degrees e
    exp expm1 factorial floor greatest hex hypot least ln log log10 log1p log2 mod negative pi pmod positive pow power
    radians rand random randn rint round sec shiftleft shiftright sign signum sin sinh sqrt tan tanh try_add
    try_divide try_mod try_multiply try_subtract unhex width_bucket
"""
_TEXTS = """
    ascii base64 bit_length btrim char char_length character_length chr concat concat_ws contains crc32 decode elt
    encode endswith find_in_set format_number format_string hash ilike initcap instr lcase left len length levenshtein
    like locate lower lpad ltrim mask md5 octet_length overlay position printf regexp regexp_count regexp_extract
    regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right rlike rpad
    rtrim sha sha1 sha2 soundex space split split_part startswith substr substring substring_index to_char to_number
    to_varchar translate try_to_number ucase unbase64 upper xxhash64
"""
_TIMES = """
    add_months convert_timezone curdate current_date current_timestamp date date_add date_diff date_format
    date_from_unix_date date_part date_sub date_trunc dateadd datediff datepart day dayname dayofmonth dayofweek
    dayofyear from_unixtime from_utc_timestamp hour last_day localtimestamp make_date make_dt_interval make_interval
    make_timestamp make_timestamp_ltz make_timestamp_ntz make_ym_interval minute month monthname months_between
    next_day now quarter second timestamp timestamp_micros timestamp_millis timestamp_seconds timestampadd
    timestampdiff to_date to_timestamp to_timestamp_ltz to_timestamp_ntz to_unix_timestamp to_utc_timestamp trunc
    try_to_date try_to_timestamp unix_date unix_micros unix_millis unix_seconds unix_timestamp weekday weekofyear
    window year
"""
_AGGREGATES = """
    any any_value approx_count_distinct approx_percentile array_agg avg bit_and bit_or bit_xor bool_and bool_or
    collect_list collect_set corr count count_if covar_pop covar_samp every first first_value grouping grouping_id
    histogram_numeric kurtosis last last_value listagg max max_by mean median min min_by mode percentile
    percentile_approx percentile_cont percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
    regr_sxx regr_sxy regr_syy skewness some std stddev stddev_pop stddev_samp string_agg sum try_avg try_sum var_pop
    var_samp variance
"""
_WINDOWS = "cume_dist dense_rank lag lead nth_value ntile percent_rank rank row_number"
_CHOICES = "coalesce equal_null if ifnull isnan isnotnull isnull nanvl nullif nullifzero nvl nvl2 zeroifnull typeof"
_TYPES = "bigint binary boolean cast decimal double float int smallint string tinyint try_cast"
_LISTS = """
    aggregate array array_append array_compact array_contains array_distinct array_except array_insert array_intersect
    array_join array_max array_min array_position array_prepend array_remove array_repeat array_size array_sort
    array_union arrays_overlap arrays_zip cardinality element_at exists filter flatten forall get map map_concat
    map_contains_key map_entries map_filter map_from_arrays map_from_entries map_keys map_values map_zip_with
    named_struct reduce sequence shuffle size slice sort_array str_to_map struct transform transform_keys
    transform_values try_element_at zip_with
"""
_JSON = "from_json get_json_object json_array_length json_object_keys json_tuple schema_of_json to_json"
_ROWS = "explode explode_outer inline inline_outer posexplode posexplode_outer stack"

FUNCTIONS = frozenset(
    " ".join((_NUMBERS, _TEXTS, _TIMES, _AGGREGATES, _WINDOWS, _CHOICES, _TYPES, _LISTS, _JSON, _ROWS)).split()
)
TABLE_FUNCTIONS = frozenset({"range", "json_tuple", *_ROWS.split()})
"""Those that may stand where a table stands, or behind LATERAL VIEW."""
