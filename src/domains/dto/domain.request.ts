import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { MAX_HOST_LENGTH } from '../../common/normal-host.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { MAX_DOMAIN_LENGTH } from '../domain-host.js';
import type { DomainChanges, NewDomain } from '../domains.types.js';

const MAX_URL_LENGTH = 8192;

const IsTarget = (description: string, example: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: String,
      format: 'uri',
      nullable: true,
      maxLength: MAX_URL_LENGTH,
      pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
      description: `${description} What the target of a link may be, it may be. Null for a page of the service.`,
      example,
    }),
    IsOptional(),
    MaxLength(MAX_URL_LENGTH),
    IsString(),
  );

/** Absent fields stay as they are; null clears. */
export class UpdateDomainRequest implements DomainChanges {
  @IsTarget('Where the bare host leads.', 'https://www.brand.example/')
  rootRedirectUrl?: string | null;

  @IsTarget('Where codes lead that the host does not have.', 'https://www.brand.example/lost')
  notFoundRedirectUrl?: string | null;
}

export class CreateDomainRequest extends UpdateDomainRequest implements NewDomain {
  @ApiProperty({
    description:
      'A host name of the DNS, without a port; in any spelling, and stored in lower case and as punycode.',
    minLength: 3,
    maxLength: MAX_DOMAIN_LENGTH,
    example: 'go.brand.example',
  })
  @MaxLength(MAX_DOMAIN_LENGTH)
  @IsString()
  host: string;
}

export class ListAllDomainsQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only domains and claims of this host.',
    minLength: 1,
    maxLength: MAX_HOST_LENGTH,
    example: 'go.brand.example',
  })
  @IsOptional()
  @Length(1, MAX_HOST_LENGTH)
  @IsString()
  host?: string;
}
