/** Thrown for a file that cannot be read; the message is for who sent it. */
export class UnreadableFile extends Error {}
