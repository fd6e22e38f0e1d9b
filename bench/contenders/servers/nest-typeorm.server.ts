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
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Column, Entity, PrimaryColumn, type Repository } from 'typeorm';
import { port } from './codes.ts';

/** The common design: each redirect reads its link and counts itself in the database. */
@Entity('peer_links')
class LinkEntity {
  @PrimaryColumn('text')
  code: string;

  @Column('text')
  url: string;

  @Column('bigint', { default: 0 })
  clicks: string;
}

@Controller()
class RedirectController {
  constructor(@InjectRepository(LinkEntity) private readonly links: Repository<LinkEntity>) {}

  @Get(':code')
  @Redirect()
  @Header('cache-control', 'private, no-store')
  async follow(@Param('code') code: string): Promise<{ url: string }> {
    const link = await this.links.findOneBy({ code });
    if (!link) throw new NotFoundException();
    await this.links.increment({ code }, 'clicks', 1);
    return { url: link.url };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['DATABASE_URL'],
      entities: [LinkEntity],
      poolSize: 10,
    }),
    TypeOrmModule.forFeature([LinkEntity]),
  ],
  controllers: [RedirectController],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: false,
});
await app.listen(port, '127.0.0.1');
