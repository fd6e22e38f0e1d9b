import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_PUBLIC = 'auth:public';

/** Opens a route, or every route of a controller, to everybody: without it the guard asks for a token. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
