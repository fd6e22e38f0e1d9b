import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { QR_LEVELS, type QrLevel, type QrLook } from '../../common/qr-code.js';

const LEVELS = Object.keys(QR_LEVELS);
const FORMATS = ['svg', 'png'] as const;

/** A colour as web pages write it; the sign is left away where it would have to be escaped. */
const IsColour = (description: string, standard: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: String,
      description: `${description}, as six hexadecimal digits.`,
      pattern: '^#?[0-9A-Fa-f]{6}$',
      default: standard,
      example: standard,
    }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.replace(/^#/, '').toLowerCase() : value,
    ),
    Matches(/^[0-9a-f]{6}$/, { message: '$property must be a colour of six hexadecimal digits' }),
  );

/** How a QR code looks. */
export class QrQuery {
  @ApiPropertyOptional({ enum: FORMATS, default: 'svg', example: 'png' })
  @IsIn(FORMATS, { message: '$property must be svg or png' })
  format: (typeof FORMATS)[number] = 'svg';

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 64,
    maximum: 2048,
    default: 512,
    description: 'Width and height in pixels. A PNG needs at least one for each module.',
    example: 512,
  })
  @Max(2048)
  @Min(64)
  @IsInt()
  @Type(() => Number)
  size = 512;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 16,
    default: 4,
    description: 'The quiet zone around the code, in modules; readers expect four.',
    example: 4,
  })
  @Max(16)
  @Min(0)
  @IsInt()
  @Type(() => Number)
  margin = 4;

  @ApiPropertyOptional({
    enum: LEVELS,
    default: 'M',
    description: 'How much may be damaged or covered: 7, 15, 25 or 30 %.',
    example: 'M',
  })
  @IsIn(LEVELS, { message: `$property must be one of ${LEVELS.join(', ')}` })
  level: QrLevel = 'M';

  @IsColour('The colour of the modules', '000000')
  dark = '000000';

  @IsColour('The colour behind them', 'ffffff')
  light = 'ffffff';

  static toLook({ level, margin, dark, light }: QrQuery): QrLook {
    return { level, margin, dark, light };
  }
}
