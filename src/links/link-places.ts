import type { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { KeyMembership, Membership } from '../workspaces/workspaces.types.js';

type Place = Membership | KeyMembership;

/**
 * Where a user may read and write links, for many operations at once: each workspace is asked for once, and so
 * is all that is none of theirs.
 */
export class LinkPlaces {
  private readonly asked = new Map<string, Promise<Place>>();
  private personal: Promise<Place> | undefined;

  private constructor(
    private readonly userId: string,
    private readonly workspaces: WorkspacesService,
    readonly readable: ReadonlySet<string>,
  ) {}

  static async of(userId: string, workspaces: WorkspacesService): Promise<LinkPlaces> {
    const readable = await workspaces.workspaceIdsOf(userId, 'links:read');
    return new LinkPlaces(userId, workspaces, new Set(readable));
  }

  /**
   * The place in the workspace, if links may be written there; in the personal one if none is named.
   * @throws ProblemError not-found, forbidden
   */
  async writable(workspaceId: string | undefined, pointer = '/workspaceId'): Promise<Place> {
    if (workspaceId === undefined) {
      this.personal ??= this.workspaces.home(this.userId);
      return this.personal;
    }
    const id = workspaceId.toLowerCase();
    const key = this.readable.has(id) ? id : 'foreign';
    let place = this.asked.get(key);
    if (!place) {
      place = this.workspaces.require(this.userId, id, 'links:write', pointer);
      this.asked.set(key, place);
    }
    return place;
  }
}
