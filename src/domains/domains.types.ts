/** A further host of a workspace, as its members see it. */
export interface Domain {
  id: string;
  workspaceId: string;
  host: string;
  /** Where the bare host leads, and where codes that it does not have; null for a page of the service. */
  rootRedirectUrl: string | null;
  notFoundRedirectUrl: string | null;
  createdAt: Date;
  /** Since when it answers; null while it is only claimed. */
  verifiedAt: Date | null;
  /** The DNS record that proves it. */
  record: DomainRecord;
  /** Grows by one with every change; the ETag. */
  version: number;
}

export interface DomainRecord {
  type: 'TXT';
  name: string;
  value: string;
}

export interface NewDomain {
  host: string;
  rootRedirectUrl?: string | null;
  notFoundRedirectUrl?: string | null;
}

/** Absent fields stay as they are. */
export type DomainChanges = Omit<NewDomain, 'host'>;

/** A verified domain, as far as a visitor is concerned. */
export interface VerifiedDomain {
  host: string;
  rootRedirectUrl: string | null;
  notFoundRedirectUrl: string | null;
}

/**
 * Says where the pages of a domain may lead, as it says of links: the URL in its normal form, or what is
 * wrong with it. The feature that knows hands itself to `DomainsService.checkTargetsBy`.
 */
export interface TargetCheck {
  checkTarget(url: string): Promise<{ url: string } | { code: string; detail: string }>;
}
