import 'reflect-metadata';
import {
  Controller,
  Get,
  Header,
  Module,
  NotFoundException,
  Param,
  Redirect,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { port, readCodes } from './codes.ts';

/** What the Nest documentation shows for redirects, with a map. */
const codes = readCodes();

@Controller()
class RedirectController {
  @Get(':code')
  @Redirect()
  @Header('cache-control', 'private, no-store')
  follow(@Param('code') code: string): { url: string } {
    const url = codes.get(code);
    if (url === undefined) throw new NotFoundException();
    return { url };
  }
}

@Module({ controllers: [RedirectController] })
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: false,
});
await app.listen(port, '127.0.0.1');
