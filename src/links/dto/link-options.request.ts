import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsOptional,
  IsString,
  Matches,
  Validate,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { MaxCodePoints } from '../../common/validation/text.rules.js';
import { MAX_URL_LENGTH } from '../target-url.policy.js';
import { TargetUrlRule } from './target-url.rule.js';

const MAX_NOTE = 2_000;
const MIN_PASSWORD_CHARACTERS = 4;
/** bcrypt ignores every byte after these. */
const MAX_PASSWORD_BYTES = 72;

/** Lines of text: of control characters only tabs and line ends. The database holds no NUL and no lone surrogates. */
const LINES = /^(?:[\t\n\r]|[^\p{Cc}\p{Cs}])*$/u;
const LINES_PATTERN = String.raw`^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$`;

/** What somebody can type into a form of one line. */
const PASSWORD = new RegExp(`^[^\\p{Cc}\\p{Cs}]{${MIN_PASSWORD_CHARACTERS},}$`, 'u');
const PASSWORD_PATTERN = String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`;

/** Something that is on or off; null is neither. */
const Switch = (usual: boolean, description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ default: usual, description, example: usual }),
    ValidateIf((_: object, value: unknown) => value !== undefined),
    IsBoolean(),
  );

const AtMostBytes = (max: number): PropertyDecorator =>
  ValidateBy({
    name: 'maxLength',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && Buffer.byteLength(value.normalize('NFC')) <= max,
      defaultMessage: () => `$property must be at most ${max} bytes long in UTF-8`,
    },
  });

/** What a link can do besides redirecting to its URL. */
export class LinkOptionsRequest {
  @Switch(
    false,
    'Switches the link off: it answers 410, and is as it was when it is switched on again.',
  )
  disabled?: boolean;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_NOTE,
    pattern: LINES_PATTERN,
    description: 'For the members of the workspace; visitors never see it. May have several lines.',
    example: 'Ordered by marketing.\nGoes with the poster.',
  })
  @IsOptional()
  @Matches(LINES, {
    message: '$property must not contain control characters but tabs and line ends',
  })
  @MaxCodePoints(MAX_NOTE)
  @IsString()
  note?: string | null;

  @ApiPropertyOptional({
    type: String,
    format: 'uri',
    nullable: true,
    maxLength: MAX_URL_LENGTH,
    pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
    description:
      'Where the link leads (302) when it has expired or is used up, instead of 410. The same URLs as of `url` are allowed. Such visits are no clicks.',
    example: 'https://example.com/too-late',
  })
  @IsOptional()
  @Validate(TargetUrlRule)
  fallbackUrl?: string | null;

  @Switch(
    false,
    "Adds the visitor's query to that of the target: `/code?a=1`. Parameters that the target has itself stay as they are.",
  )
  forwardQuery?: boolean;

  @Switch(
    false,
    'Adds the path behind the code to that of the target: `/code/rest/of/path`. It never leads out of the path of the target.',
  )
  forwardPath?: boolean;

  @Switch(true, 'Whether clicks are recorded. Those of a limited link are spent all the same.')
  trackClicks?: boolean;

  @ApiPropertyOptional({
    type: String,
    format: 'password',
    nullable: true,
    minLength: MIN_PASSWORD_CHARACTERS,
    maxLength: MAX_PASSWORD_BYTES,
    pattern: PASSWORD_PATTERN,
    description: `What visitors have to know: at least ${MIN_PASSWORD_CHARACTERS} characters, and at most ${MAX_PASSWORD_BYTES} bytes in UTF-8. It is never shown; null takes it away.`,
    example: 'open sesame',
  })
  @IsOptional()
  @Matches(PASSWORD, {
    message: `$property must have at least ${MIN_PASSWORD_CHARACTERS} characters, and no control characters`,
  })
  @AtMostBytes(MAX_PASSWORD_BYTES)
  @IsString()
  password?: string | null;
}
