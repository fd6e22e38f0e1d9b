import { buildImage, postgres } from '../containers.js';

/** Builds what the cluster of our own runs, in the engine of the check. */
await buildImage();
await postgres();
