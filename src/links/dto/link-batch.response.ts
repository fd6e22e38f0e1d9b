import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { etagOf } from '../../common/etag.js';
import { ProblemResponse } from '../../common/problem/problem.response.js';
import type { OperationResult } from '../links.types.js';
import { LinkResponse } from './link.response.js';

export class OperationResultResponse {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Which operation.', example: 0 })
  index: number;

  @ApiProperty({
    type: 'integer',
    minimum: 200,
    maximum: 599,
    description: 'The status that the operation would have been answered with by itself.',
    example: 201,
  })
  status: number;

  @ApiPropertyOptional({ description: 'The version of the link, for `ifMatch`.', example: '"1"' })
  etag?: string;

  @ApiPropertyOptional({
    description: 'The link, unless it was deleted, or `Prefer: return=minimal` was sent.',
  })
  link?: LinkResponse;

  @ApiPropertyOptional({ description: 'Why the operation was refused; it points into the batch.' })
  problem?: ProblemResponse;
}

export class LinkBatchResponse {
  @ApiProperty({ type: [OperationResultResponse], description: 'One of each operation, in order.' })
  results: OperationResultResponse[];

  /** For those who know what they have sent. */
  static withoutLinks({ results }: LinkBatchResponse): LinkBatchResponse {
    return { results: results.map(({ link: _, ...result }) => result) };
  }

  static from(results: OperationResult[], instance: string, requestId: string): LinkBatchResponse {
    return {
      results: results.map((result, index) => {
        const { status } = result;
        if ('problem' in result) {
          const problem = ProblemResponse.from(result.problem, instance, requestId);
          return { index, status, problem };
        }
        if (!result.link) return { index, status };
        const { link } = result;
        return { index, status, etag: etagOf(link.version), link: LinkResponse.from(link) };
      }),
    };
  }
}
