import { MAX_HOST_LABELS, MAX_HOST_LENGTH } from '../common/normal-host.js';

/** The host and the port, as a regular expression; a "mailto:" has neither. */
const AUTHORITY = '^[a-z0-9+.-]+://([^/?#]*)';

/**
 * SQL that tells whether a URL (in its normal form, as links have it) leads to a blocked host or below
 * one: each end of its host, up to so many labels, is looked up in the index.
 */
export const leadsToBlockedHost = (url: string): string => `EXISTS (
  SELECT FROM blocked_hosts WHERE host = ANY (ARRAY(
    SELECT array_to_string(labels[n:], '.')
    FROM string_to_array(
      right(
        rtrim(lower(regexp_replace(substring((${url}) from '${AUTHORITY}'), ':[0-9]*$', '')), '.'),
        ${MAX_HOST_LENGTH}
      ),
      '.'
    ) AS labels,
      generate_series(greatest(1, cardinality(labels) - ${MAX_HOST_LABELS - 1}), cardinality(labels)) AS n
  ))
)`;

/** The same of the targets in a column with rules or variants; null has none. */
export const someLeadToBlockedHost = (targets: string): string => `(
  ${targets} IS NOT NULL AND EXISTS (
    SELECT FROM jsonb_array_elements(${targets}) AS target
    WHERE ${leadsToBlockedHost(`target ->> 'url'`)}
  )
)`;
