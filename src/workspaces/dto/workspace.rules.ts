import { applyDecorators } from '@nestjs/common';
import { IsIn, IsNotEmpty, IsString } from 'class-validator';
import {
  MaxCodePoints,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
} from '../../common/validation/text.rules.js';
import { WORKSPACE_ROLES } from '../workspaces.types.js';

export const isGiven = (_: object, value: unknown): boolean => value !== undefined;

export const NAME_SCHEMA = {
  description: 'What the team is called; without control characters.',
  minLength: 1,
  maxLength: 100,
  pattern: PLAIN_TEXT_PATTERN,
  example: 'Marketing',
} as const;

export const IsWorkspaceName = (): PropertyDecorator =>
  applyDecorators(NoControlCharacters(), MaxCodePoints(100), IsNotEmpty(), IsString());

export const ROLE_SCHEMA = {
  enum: WORKSPACE_ROLES,
  description: 'Viewers read links and statistics, editors write links, owners manage the rest.',
  example: 'editor',
} as const;

export const IsWorkspaceRole = (): PropertyDecorator =>
  IsIn(WORKSPACE_ROLES, { message: `$property must be one of ${WORKSPACE_ROLES.join(', ')}` });
