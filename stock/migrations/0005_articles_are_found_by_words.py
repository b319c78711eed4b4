"""Articles are found by the beginnings of words, accents or not, through an index.

`normalize` is PostgreSQL's own: no extension, so that an ordinary user can install it anywhere. Indexes
over an expression instead of columns: nobody who reads an article has to carry its words along.
"""

from django.db import migrations

WORDS = r"""
CREATE FUNCTION stock_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple'::regconfig, regexp_replace(
        replace(replace(lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g')), 'œ', 'oe'), 'Œ', 'oe'),
        '[^[:alnum:]]+', ' ', 'g'))
$$;
CREATE INDEX stock_product_by_words ON stock_product
    USING gin (stock_words(name || ' ' || brand || ' ' || category || ' ' || code));
CREATE INDEX stock_variant_by_words ON stock_variant USING gin (stock_words(sku || ' ' || colour || ' ' || size));
CREATE INDEX stock_variant_by_sku_in_capitals ON stock_variant (upper(sku));
"""
NO_WORDS = """
DROP INDEX stock_variant_by_sku_in_capitals;
DROP INDEX stock_variant_by_words;
DROP INDEX stock_product_by_words;
DROP FUNCTION stock_words(text);
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0004_how_imports_were_compared")]
    operations = [migrations.RunSQL(WORDS, NO_WORDS)]
