import { writeFileSync } from 'node:fs';
import { createApp } from '../app.setup.js';
import { createDocument } from '../platform/openapi/document.js';

/** `npm run openapi`: writes the document without a database, and without listening. */
Object.assign(process.env, {
  NODE_ENV: 'development',
  LOG_LEVEL: 'error',
  // Never connected to: it only keeps the embedded database from being started.
  DATABASE_URL: 'postgres://nobody@localhost/nothing',
  JWT_SECRET: 'signs nothing, because nobody can log in to this',
});
const file = process.argv[2] ?? 'openapi.json';
// Relative: the file is for whichever installation it is read beside.
const document = createDocument(await createApp(), '/');
writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
console.log(`Wrote ${file}`);
process.exit(0);
