import type { LinkEntity } from './link.entity.js';
import type { LinkOperation, NewLink } from './links.types.js';

/** An operation of which all is known but the link that it is about. */
export interface PreparedOperation {
  index: number;
  operation: LinkOperation;
  /** Where it looks for the external id that names its link. */
  namedIn?: string;
  /** Where it makes a link, or moves it to. */
  target?: string;
  /** The link that it makes, or that another one is to be like. */
  fresh?: LinkEntity;
  /** What it changes. */
  columns?: Partial<LinkEntity>;
}

export const idOf = (operation: LinkOperation): string | undefined =>
  'id' in operation ? operation.id?.toLowerCase() : undefined;

export const externalIdOf = (operation: LinkOperation): string | undefined =>
  'externalId' in operation ? operation.externalId : undefined;

/** What was sent of the link. */
export const inputOf = (operation: LinkOperation): Partial<NewLink> => {
  if ('link' in operation) return operation.link;
  return 'changes' in operation ? operation.changes : {};
};

export const externalKey = (workspaceId: string, externalId: string): string =>
  `${workspaceId} ${externalId}`;

/** What the operation is about: links, codes and external ids, as they are and as they will be. */
export function keysOf(
  { operation, namedIn, target, fresh, columns }: PreparedOperation,
  link?: LinkEntity,
) {
  const keys: string[] = [];
  const note = (workspaceId?: string, externalId?: string | null): void => {
    if (workspaceId !== undefined && externalId != null) {
      keys.push(externalKey(workspaceId, externalId));
    }
  };
  if (link) keys.push(link.id);
  if (fresh) keys.push(`code ${fresh.domain} ${fresh.code}`);
  note(namedIn, externalIdOf(operation));
  note(link?.workspaceId, link?.externalId);
  note(fresh?.workspaceId, fresh?.externalId);
  note(target ?? link?.workspaceId, columns?.externalId ?? link?.externalId);
  return keys;
}
