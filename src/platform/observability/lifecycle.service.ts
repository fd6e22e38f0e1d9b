import { Injectable } from '@nestjs/common';

/** Whether this process is on its way out; readiness says so before anything is closed. */
@Injectable()
export class LifecycleService {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  beginStopping(): void {
    this.stopping = true;
  }
}
