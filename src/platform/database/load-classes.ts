import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `dist` when compiled, the checkout when a test runs the sources. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every migration in migrations/, oldest first: a new file there is all that a migration needs. */
export function loadMigrations(): Promise<Function[]> {
  return loadClasses('migrations', /^\d+-\w+\.(js|ts)$/);
}

/** Every entity of every feature, for the tools that see no Nest modules (TypeORM CLI, drift test). */
export function loadEntities(): Promise<Function[]> {
  return loadClasses('src', /\.entity\.(js|ts)$/);
}

async function loadClasses(folder: string, pattern: RegExp): Promise<Function[]> {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && pattern.test(file.name))
    .map((file) => join(file.parentPath, file.name))
    .toSorted();
  const modules = await Promise.all(
    files.map((file) => import(file) as Promise<Record<string, unknown>>),
  );
  return modules.flatMap((module) => Object.values(module).filter(isClass));
}

function isClass(value: unknown): value is Function {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
