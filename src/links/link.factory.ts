import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { invalidFields } from '../common/problem/invalid-fields.js';
import type { FieldError } from '../common/problem/problem.error.js';
import { uuidv7 } from '../common/uuid.js';
import { HostsService } from '../domains/hosts.service.js';
import { LinkEntity } from './link.entity.js';
import { MAX_TARGETS_LENGTH, storedRules, storedSplit } from './link-rules.js';
import type { LinkChanges, NewLink } from './links.types.js';
import { ShortCodeGenerator } from './short-code.generator.js';
import { ShortCodePolicy } from './short-code.policy.js';
import { TargetRefused, TargetUrlPolicy } from './target-url.policy.js';

/** Makes valid links out of what users ask for, and names all that is wrong with it at once. */
@Injectable()
export class LinkFactory {
  constructor(
    private readonly targets: TargetUrlPolicy,
    private readonly codes: ShortCodePolicy,
    private readonly generator: ShortCodeGenerator,
    private readonly clock: Clock,
    private readonly hosts: HostsService,
  ) {}

  /**
   * Without the password, which takes time to be hashed.
   * @throws ProblemError invalid-request
   */
  create(
    input: Omit<NewLink, 'password'>,
    workspaceId: string,
    createdBy: string | null,
  ): LinkEntity {
    const now = this.clock.now();
    const errors: FieldError[] = [];
    const url = this.target(input.url, '/url', errors);
    const fallbackUrl = this.targetOrNull(input.fallbackUrl, errors);
    const targets = this.targetsOf(input, errors);
    const domain = this.hosts.domainOf(input.domain);
    if (domain === undefined) {
      errors.push({ pointer: '/domain', code: 'invalid', detail: 'must be a host without a port' });
    }
    if (input.code !== undefined) this.checkCode(input.code, errors);
    if (input.expiresAt && input.expiresAt.getTime() <= now) {
      errors.push({ pointer: '/expiresAt', code: 'invalid', detail: 'must be in the future' });
    }
    if (errors.length > 0) throw invalidFields(errors);
    return Object.assign(new LinkEntity(), {
      id: uuidv7(now),
      workspaceId,
      createdBy,
      domain,
      code: input.code ?? this.generator.next(),
      externalId: input.externalId ?? null,
      url,
      title: input.title ?? null,
      tags: [...new Set(input.tags)],
      redirectStatus: input.redirectStatus ?? 302,
      startsAt: input.startsAt ?? null,
      expiresAt: input.expiresAt ?? null,
      maxClicks: input.maxClicks ?? null,
      importedClicks: 0,
      version: 1,
      createdAt: new Date(now),
      updatedAt: new Date(now),
      deletedAt: null,
      disabledAt: null,
      disabledBy: null,
      disabledReason: null,
      disabled: input.disabled ?? false,
      note: input.note ?? null,
      fallbackUrl: fallbackUrl ?? null,
      forwardQuery: input.forwardQuery ?? false,
      forwardPath: input.forwardPath ?? false,
      trackClicks: input.trackClicks ?? true,
      passwordHash: null,
      passwordSetAt: null,
      rules: targets.rules ?? null,
      split: targets.split ?? null,
    });
  }

  /** Gives a link that was not stored another random code. */
  recode(link: LinkEntity): void {
    link.code = this.generator.next();
  }

  /**
   * The columns to set. An expiresAt in the past is fine here: it ends the link now.
   * @throws ProblemError invalid-request
   */
  changes({
    url,
    fallbackUrl,
    tags,
    rules,
    split,
    ...rest
  }: Omit<LinkChanges, 'workspaceId' | 'password'>): Partial<LinkEntity> {
    const errors: FieldError[] = [];
    const target = url === undefined ? undefined : this.target(url, '/url', errors);
    const fallback = this.targetOrNull(fallbackUrl, errors);
    const targets = this.targetsOf({ rules, split }, errors);
    if (errors.length > 0) throw invalidFields(errors);
    return {
      ...rest,
      ...targets,
      ...(target !== undefined && { url: target }),
      ...(fallback !== undefined && { fallbackUrl: fallback }),
      ...(tags !== undefined && { tags: [...new Set(tags)] }),
      updatedAt: new Date(this.clock.now()),
    };
  }

  /** Why somebody cannot have the code; undefined if they can. */
  codeRefusal(code: string): { code: string; detail: string } | undefined {
    return this.codes.refusal(code);
  }

  /** A random code that is allowed. */
  nextCode(): string {
    return this.generator.next();
  }

  /** Lets the generator know how crowded the codes of its length are. */
  reportAttempt(conflict: boolean): void {
    this.generator.report(1, conflict ? 1 : 0);
  }

  /** The columns of those that are given. */
  private targetsOf(
    { rules, split }: Pick<NewLink, 'rules' | 'split'>,
    errors: FieldError[],
  ): Pick<Partial<LinkEntity>, 'rules' | 'split'> {
    const normalise = (url: string, pointer: string) => this.target(url, pointer, errors);
    const columns = {
      ...(rules !== undefined && { rules: storedRules(rules, normalise) }),
      ...(split !== undefined && { split: storedSplit(split, normalise) }),
    };
    for (const [field, targets] of Object.entries(columns)) {
      if (JSON.stringify(targets).length <= MAX_TARGETS_LENGTH) continue;
      const detail = `must have at most ${MAX_TARGETS_LENGTH} characters as JSON`;
      errors.push({ pointer: `/${field}`, code: 'too-long', detail });
    }
    return columns;
  }

  private targetOrNull(
    fallbackUrl: string | null | undefined,
    errors: FieldError[],
  ): string | null | undefined {
    return fallbackUrl && this.target(fallbackUrl, '/fallbackUrl', errors);
  }

  private target(url: string, pointer: string, errors: FieldError[]): string {
    try {
      return this.targets.normalise(url);
    } catch (error) {
      if (!(error instanceof TargetRefused)) throw error;
      errors.push({ pointer, code: error.code, detail: error.message });
      return '';
    }
  }

  private checkCode(code: string, errors: FieldError[]): void {
    const refusal = this.codes.refusal(code);
    if (refusal) errors.push({ pointer: '/code', ...refusal });
  }
}
