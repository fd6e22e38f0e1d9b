import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Links that lead different visitors to different targets, and of clicks to which, and whether they came
 * from a QR code. Columns without a default: of however many rows none is rewritten, and versions that do
 * not know the columns leave them empty.
 */
export class AddTargets1764000010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE links ADD COLUMN rules jsonb, ADD COLUMN split jsonb');
    await queryRunner.query('ALTER TABLE clicks ADD COLUMN target text, ADD COLUMN qr text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE clicks DROP COLUMN qr, DROP COLUMN target');
    await queryRunner.query('ALTER TABLE links DROP COLUMN split, DROP COLUMN rules');
  }
}
