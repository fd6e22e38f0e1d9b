import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Letters beyond ASCII that have a lower case of one letter, and those. PostgreSQL may know none. */
const [UPPER, LOWER] = casePairs();

/**
 * Searches look through one text of each link, which a trigger keeps, so that whoever writes links
 * need not know of it, the previous version included. Its fields are apart by a character that nobody
 * can type. Of the URL it has both the stored form and the one that people read and type.
 *
 * Reports read all tags from one index. A link has at most ten tags, which fit into it; those that have
 * more keep them, unless they are so long that they do not. Tags are compared in NFC.
 */
export class KeepSearchTexts1764000020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE links SET version = version + 1, tags = ARRAY(
        SELECT normalize(tag, NFC) FROM unnest(tags) WITH ORDINALITY AS tags (tag, place)
        GROUP BY 1 ORDER BY min(place)
      )
      WHERE array_to_string(tags, '') IS NOT NFC NORMALIZED`);
    await queryRunner.query(`
      UPDATE links SET tags = tags[1:10], version = version + 1
      WHERE cardinality(tags) > 10 AND octet_length(array_to_string(tags, '')) > 2000`);
    await queryRunner.query(`
      CREATE INDEX links_all_tagged_idx ON links (workspace_id, tags) INCLUDE (number)
      WHERE deleted_at IS NULL AND tags <> '{}'`);
    await createFolding(queryRunner);
    await createUrlReading(queryRunner);
    await queryRunner.query(String.raw`
      CREATE FUNCTION keep_link_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        readable text := readable_url(NEW.url);
      BEGIN
        NEW.search_text := fold_search_text(
          concat_ws(chr(31), NEW.code, NEW.title, NEW.url, nullif(readable, NEW.url)) COLLATE "C"
        );
        RETURN NEW;
      END $$`);
    // What follows keeps everybody from the links until the transaction ends: nothing slow.
    await queryRunner.query('ALTER TABLE links ADD COLUMN search_text text');
    await queryRunner.query(`
      CREATE TRIGGER links_keep_search_text BEFORE INSERT OR UPDATE OF code, title, url ON links
        FOR EACH ROW EXECUTE FUNCTION keep_link_search_text()`);
    await queryRunner.query('DROP INDEX links_tagged_idx, links_with_many_tags_idx');
    await queryRunner.query('ALTER INDEX links_all_tagged_idx RENAME TO links_tagged_idx');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER links_keep_search_text ON links');
    await queryRunner.query('ALTER TABLE links DROP COLUMN search_text');
    await queryRunner.query('DROP FUNCTION keep_link_search_text()');
    await queryRunner.query('DROP FUNCTION readable_url(text)');
    await queryRunner.query('DROP FUNCTION percent_decoded(text)');
    await queryRunner.query('DROP FUNCTION punycode_decoded(text)');
    await queryRunner.query('DROP FUNCTION fold_search_text(text)');
    await queryRunner.query('DROP INDEX links_tagged_idx');
    await queryRunner.query(
      `CREATE INDEX links_tagged_idx ON links (workspace_id, tags) INCLUDE (number)
       WHERE deleted_at IS NULL AND tags <> '{}' AND cardinality(tags) <= 10`,
    );
    await queryRunner.query(
      `CREATE INDEX links_with_many_tags_idx ON links (workspace_id)
       WHERE deleted_at IS NULL AND cardinality(tags) > 10`,
    );
  }
}

/**
 * In NFKC and lower case, whatever the locale of the database: with LC_CTYPE C, lower() knows only A to
 * Z. The same as foldText of the code.
 */
async function createFolding(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION fold_search_text(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
      folded text COLLATE "C" := value;
      letter text;
    BEGIN
      IF octet_length(value) = char_length(value) THEN RETURN lower(folded); END IF;
      folded := lower(normalize(folded, NFKC));
      FOR letter IN SELECT DISTINCT hit[1] FROM regexp_matches(folded, '[${UPPER}]', 'g') AS hit LOOP
        folded := replace(folded, letter, substr('${LOWER}', strpos('${UPPER}', letter), 1));
      END LOOP;
      RETURN normalize(folded, NFKC);
    END $$`);
}

/** A URL as people read it: with the characters that punycode and percent-escapes stand for. */
async function createUrlReading(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION percent_decoded(escapes text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
      RETURN convert_from(decode(replace(escapes, '%', ''), 'hex'), 'UTF8');
    EXCEPTION WHEN character_not_in_repertoire THEN
      RETURN escapes; -- not UTF-8, or NUL
    END $$`);
  // RFC 3492 §6.2, of what stands behind "xn--"; null if it is no punycode.
  await queryRunner.query(String.raw`
    CREATE FUNCTION punycode_decoded(label text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
      basic text := CASE WHEN label LIKE '%-%' THEN regexp_replace(label, '-[^-]*$', '') ELSE '' END;
      digits text := substring(label from '[^-]*$');
      letters text[] := CASE basic WHEN '' THEN '{}'::text[] ELSE regexp_split_to_array(basic, '') END;
      place int := 1;
      code bigint := 128;
      bias bigint := 72;
      i bigint := 0;
      before bigint;
      weight bigint;
      k bigint;
      threshold bigint;
      digit int;
      delta bigint;
    BEGIN
      WHILE place <= length(digits) LOOP
        before := i;
        weight := 1;
        k := 36;
        LOOP
          IF place > length(digits) THEN RETURN NULL; END IF;
          digit := strpos('abcdefghijklmnopqrstuvwxyz0123456789', substr(digits, place, 1)) - 1;
          place := place + 1;
          i := i + digit * weight;
          threshold := least(greatest(k - bias, 1), 26);
          EXIT WHEN digit < threshold;
          weight := weight * (36 - threshold);
          k := k + 36;
        END LOOP;
        delta := (i - before) / CASE WHEN before = 0 THEN 700 ELSE 2 END;
        delta := delta + delta / (cardinality(letters) + 1);
        k := 0;
        WHILE delta > 455 LOOP
          delta := delta / 35;
          k := k + 36;
        END LOOP;
        bias := k + 36 * delta / (delta + 38);
        code := code + i / (cardinality(letters) + 1);
        i := i % (cardinality(letters) + 1);
        letters := letters[:i] || chr(code::int) || letters[i + 1:];
        i := i + 1;
      END LOOP;
      RETURN array_to_string(letters, '');
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
      RETURN NULL; -- a number that is too large, or no character
    END $$`);
  await queryRunner.query(String.raw`
    CREATE FUNCTION readable_url(url text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
      encoding CONSTANT text := '(?:%[0-9A-Fa-f]{2})+|\mxn--[a-z0-9-]{1,59}';
      plain text[];
      encoded text[];
      readable text;
    BEGIN
      IF url !~ encoding THEN RETURN url; END IF;
      plain := regexp_split_to_array(url, encoding);
      encoded := ARRAY(SELECT hit[1] FROM regexp_matches(url, '(' || encoding || ')', 'g') AS hit);
      readable := plain[1];
      FOR place IN 1..cardinality(encoded) LOOP
        readable := readable || CASE
            WHEN encoded[place] LIKE '\%%' THEN percent_decoded(encoded[place])
            ELSE coalesce(punycode_decoded(substr(encoded[place], 5)), encoded[place])
          END || plain[place + 1];
      END LOOP;
      RETURN readable;
    END $$`);
}

function casePairs(): [upper: string, lower: string] {
  const pairs = [
    ['İ', 'i'],
    ['ς', 'σ'],
  ];
  for (let code = 0x80; code < 0x20000; code += 1) {
    const letter = String.fromCodePoint(code);
    const lower = letter.toLowerCase();
    if (lower !== letter && /^.$/su.test(lower)) pairs.push([letter, lower]);
  }
  return [pairs.map(([upper]) => upper).join(''), pairs.map(([, lower]) => lower).join('')];
}
