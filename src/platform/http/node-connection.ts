import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type DataListener = (chunk: Buffer) => void;

/** A slice ends with the head of a request, but has at least so many bytes: one or two of the shortest. */
const MIN_SLICE_BYTES = 32;
const MAX_SLICE_BYTES = 1_024;
/** Of a body in tiny chunks so much takes a millisecond or two. */
const MAX_TURN_BYTES = 4_096;
const END_OF_HEAD = '\r\n\r\n';

const connections = new WeakMap<Socket, NodeConnection>();

/**
 * A connection in the hands of Node's HTTP, which by itself would begin every request of a chunk (64 KiB,
 * more than two thousand requests), and of the chunks behind it: memory for all that a client cares to
 * send. Here the parser gets its bytes in small slices, and no more of them while a request that has
 * arrived is waiting for its answer to be sent off. What is behind it waits in the socket, and once
 * there is enough of that, with the client. So all connections take turns, however much each has sent.
 */
export class NodeConnection {
  /** Hands bytes to Node's parser. */
  private readonly parse: DataListener;
  private unanswered = 0;
  private last: { request: IncomingMessage; response: ServerResponse } | undefined;
  private isHoldingBack = false;
  /** The parser has given up: nothing that comes is read any more. */
  private refuse: (() => void) | undefined;

  /** @param socket which Node's HTTP has just been given */
  static attach(socket: Socket): void {
    connections.set(socket, new NodeConnection(socket));
  }

  private constructor(private readonly socket: Socket) {
    [this.parse] = socket.listeners('data') as [DataListener];
    // Node stops reading the socket natively when somebody else listens.
    socket.on('data', this.onData);
    socket.off('data', this.parse);
  }

  /** Undefined for a socket that has never been given to Node in this way. */
  static of(socket: Socket): NodeConnection | undefined {
    return connections.get(socket);
  }

  /** Node has read the head of a request. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.unanswered += 1;
    this.last = { request, response };
    response.once('close', () => {
      this.unanswered -= 1;
      this.refuseWhenAnswered();
      if (this.isHoldingBack) setImmediate(this.goOn);
    });
  }

  /**
   * After a fault in what the client has sent: lets the requests before it be answered, in order
   * (RFC 9112 §9.3.2), then calls `answer`, or only ends the connection if the answer to the faulty
   * request has begun.
   */
  endWith(answer: () => void): void {
    if (this.refuse) return;
    this.refuse = () => {
      if (!this.isFaultyAnswered()) answer();
      this.socket.destroySoon();
    };
    this.refuseWhenAnswered();
  }

  private readonly onData: DataListener = (chunk) => {
    if (this.refuse) return;
    let at = 0;
    while (at < chunk.length && at < MAX_TURN_BYTES && this.mayParse()) {
      const slice = firstSlice(chunk.subarray(at, at + MAX_SLICE_BYTES));
      this.parse.call(this.socket, slice);
      at += slice.length;
    }
    if (at >= chunk.length) return;
    const isOnlyForThisTurn = this.mayParse();
    this.holdBack(chunk.subarray(at));
    if (isOnlyForThisTurn) setImmediate(this.goOn);
  };

  /** The rest of a body is always read: its request cannot be answered without it. */
  private mayParse(): boolean {
    return !this.socket.destroyed && !this.socket.isPaused() && !this.refuse && this.isDue();
  }

  private isDue(): boolean {
    return this.unanswered === 0 || this.last?.request.complete === false;
  }

  private holdBack(bytes: Buffer): void {
    const { socket } = this;
    if (socket.destroyed || this.refuse) return;
    this.isHoldingBack = true;
    socket.pause();
    socket.unshift(bytes);
  }

  /** A turn of the event loop later, so that other connections have theirs. */
  private readonly goOn = (): void => {
    const { socket } = this;
    // While the client does not read, Node has paused the socket, and resumes it.
    if (socket.destroyed || socket.writableNeedDrain || !this.isDue()) return;
    this.isHoldingBack = false;
    socket.resume();
  };

  private refuseWhenAnswered(): void {
    const { socket, last } = this;
    const isFaulty = last !== undefined && !last.request.complete && !last.response.closed;
    if (this.unanswered <= (isFaulty ? 1 : 0) && !socket.destroyed) this.refuse?.();
  }

  private isFaultyAnswered(): boolean {
    const { last } = this;
    return last !== undefined && !last.request.complete && last.response.headersSent;
  }
}

function firstSlice(bytes: Buffer): Buffer {
  const head = bytes.indexOf(END_OF_HEAD, MIN_SLICE_BYTES - END_OF_HEAD.length);
  return head === -1 ? bytes : bytes.subarray(0, head + END_OF_HEAD.length);
}
