import { ApiProperty } from '@nestjs/swagger';
import { type Explanation, type Outcome, OUTCOMES } from '../explain.types.js';

const CONDITIONS = [
  'device',
  'os',
  'country',
  'language',
  'query',
  'referrerHost',
  'from',
  'until',
] as const;

class ReasonResponse {
  @ApiProperty({ enum: CONDITIONS, example: 'country' })
  condition: (typeof CONDITIONS)[number];

  @ApiProperty({ example: false })
  matches: boolean;

  @ApiProperty({ example: 'country is to be DE or AT, and is US.' })
  detail: string;
}

class RuleResultResponse {
  @ApiProperty({ type: 'integer', description: 'Its place in `rules`, from 0.', example: 0 })
  index: number;

  @ApiProperty({ example: 'rule-1' })
  name: string;

  @ApiProperty({ format: 'uri', example: 'https://example.com/app' })
  url: string;

  @ApiProperty({
    description: 'Whether all conditions hold. The first rule of which they do decides.',
    example: false,
  })
  matches: boolean;

  @ApiProperty({ type: [ReasonResponse] })
  reasons: ReasonResponse[];
}

export class ExplainResponse {
  @ApiProperty({
    enum: OUTCOMES,
    description: 'What the visitor gets. Behind a `password` the link leads to `url`.',
    example: 'redirect',
  })
  outcome: Outcome;

  @ApiProperty({
    type: String,
    format: 'uri',
    nullable: true,
    description: 'Where the visitor is sent; null if nowhere, and `outcome` says why.',
    example: 'https://example.com/',
  })
  url: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The name of the rule or variant that leads there, as in reports; null if none.',
    example: null,
  })
  target: string | null;

  @ApiProperty({
    description:
      'Whether the visit counts as a click, also for `maxClicks`: those of people do, and of tools such as curl. Those of bots do not, nor what is not recorded.',
    example: true,
  })
  countsAsClick: boolean;

  @ApiProperty({ type: [RuleResultResponse], description: 'All rules, in their order.' })
  rules: RuleResultResponse[];

  static from(explanation: Explanation): ExplainResponse {
    return { ...explanation };
  }
}
