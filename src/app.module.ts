import { Module } from '@nestjs/common';

/** The list of modules, nothing else. */
@Module({ imports: [] })
export class AppModule {}
