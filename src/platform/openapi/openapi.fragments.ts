import { Global, Injectable, Module } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** A part of the document, written in OpenAPI 3.1, for routes that are no Nest controllers. */
export type OpenApiFragment = Pick<OpenAPIObject, 'paths' | 'tags'>;

/** Where such routes describe themselves; hand the fragment in from a constructor. */
@Injectable()
export class OpenApiFragments {
  private readonly fragments: OpenApiFragment[] = [];

  add(fragment: OpenApiFragment): void {
    this.fragments.push(fragment);
  }

  all(): readonly OpenApiFragment[] {
    return this.fragments;
  }
}

@Global()
@Module({ providers: [OpenApiFragments], exports: [OpenApiFragments] })
export class OpenApiModule {}
