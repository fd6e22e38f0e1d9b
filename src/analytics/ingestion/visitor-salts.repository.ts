import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { SaltCipher } from './salt-cipher.js';
import { binary, plain } from '../common/sql.js';
import type { Salts } from './visitor-hasher.js';

const SALT_BYTES = 32;
const LIFETIME_DAYS = 2;

/** As `dayOf` has it, whatever the DateStyle of the database is. */
const DAY = `to_char(day, 'YYYY-MM-DD')`;

interface SealedSalt {
  day: string;
  sealed: Buffer;
}

interface KnownSalts {
  salts: Map<string, Buffer>;
  unreadable: SealedSalt[];
}

/**
 * The salts of the days, which all processes with the same secret share: whoever needs one first makes it.
 * What a previous secret has sealed is taken over, sealed with the current one. Processes that do not know
 * each other's secrets have salts of their own, so each keeps its own for the day, and a visitor counts at
 * most once for each secret.
 */
export class VisitorSaltsRepository {
  /**
   * @param onReplaced told by the one who makes another salt for a day that had one
   * @param previous those of previous secrets, the newest first
   */
  constructor(
    private readonly client: ClientBase,
    private readonly cipher: SaltCipher,
    private readonly onReplaced: (day: string) => void = () => undefined,
    private readonly previous: readonly SaltCipher[] = [],
  ) {}

  /** Made up for days that have none, or one that cannot be read: clicks never wait for a salt. */
  async of(days: string[]): Promise<Salts> {
    const { salts, unreadable } = await this.read(days, this.cipher);
    const missing = days.filter((day) => !salts.has(day));
    if (missing.length === 0) return salts;
    const removed = await this.remove(unreadable);
    const earlier = await this.readPrevious(missing);
    const replaced = await this.make(missing, earlier);
    for (const day of new Set([...removed, ...replaced])) {
      if (!earlier.has(day)) this.onReplaced(day);
    }
    return (await this.read(days, this.cipher)).salts;
  }

  /** Forgets old salts, and those that the previous version of the service leaves in the clear. */
  async forget(): Promise<void> {
    await this.client.query(
      `DELETE FROM visitor_day_salts
       WHERE created_at < now() - interval '${LIFETIME_DAYS} days'
         AND day < current_date - ${LIFETIME_DAYS}`,
    );
    await this.client.query('DELETE FROM visitor_salts');
  }

  /** Of each day the salt of the newest secret that has one. */
  private async readPrevious(days: string[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    for (const cipher of this.previous) {
      const { salts } = await this.read(days, cipher);
      for (const [day, salt] of salts) if (!found.has(day)) found.set(day, salt);
    }
    return found;
  }

  private async read(days: string[], cipher: SaltCipher): Promise<KnownSalts> {
    const { rows } = await this.client.query<SealedSalt>(
      `SELECT ${DAY} AS day, sealed FROM visitor_day_salts
       WHERE day = ANY($1::date[]) AND key_id = $2`,
      [days, cipher.keyId],
    );
    const salts = new Map<string, Buffer>();
    const unreadable: SealedSalt[] = [];
    for (const row of rows) {
      const salt = cipher.open(row.day, row.sealed);
      if (salt) salts.set(row.day, salt);
      else unreadable.push(row);
    }
    return { salts, unreadable };
  }

  /**
   * Those and no others: somebody else may have replaced them already.
   * @returns the days of those that were there
   */
  private async remove(damaged: SealedSalt[]): Promise<string[]> {
    if (damaged.length === 0) return [];
    const { rows } = await this.client.query<{ day: string }>(
      `DELETE FROM visitor_day_salts AS known
       USING unnest($1::date[], $2::bytea[]) AS damaged (day, sealed)
       WHERE known.day = damaged.day AND known.sealed = damaged.sealed AND key_id = $3
       RETURNING to_char(known.day, 'YYYY-MM-DD') AS day`,
      [
        plain(damaged, ({ day }) => day),
        plain(damaged, ({ sealed }) => binary(sealed)),
        this.cipher.keyId,
      ],
    );
    return rows.map(({ day }) => day);
  }

  /**
   * @param earlier salts that the days have had; others are made up
   * @returns the days that have a salt of another key already; to one caller only
   */
  private async make(days: string[], earlier: ReadonlyMap<string, Buffer>): Promise<string[]> {
    const sealed = days.map((day) =>
      this.cipher.seal(day, earlier.get(day) ?? randomBytes(SALT_BYTES)),
    );
    const { rows } = await this.client.query<{ day: string; isReplaced: boolean }>(
      `INSERT INTO visitor_day_salts AS made (day, key_id, sealed)
       SELECT day, $1, sealed FROM unnest($2::date[], $3::bytea[]) AS salt (day, sealed)
       ORDER BY day
       ON CONFLICT DO NOTHING
       RETURNING ${DAY} AS day, EXISTS (
         SELECT FROM visitor_day_salts AS other WHERE other.day = made.day
       ) AS "isReplaced"`,
      [this.cipher.keyId, plain(days, (day) => day), plain(sealed, (bytes) => binary(bytes))],
    );
    return rows.filter(({ isReplaced }) => isReplaced).map(({ day }) => day);
  }
}
