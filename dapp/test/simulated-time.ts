/** Time that passes only when somebody sleeps, and what a viewer is told in it. */
import type { Clock } from "../src/stream/lifecycle";

export class SimulatedTime implements Clock {
  time = 0;
  phases: string[] = [];
  times: number[] = [];
  stopping = new AbortController();
  private script: [at: number, act: () => void][] = [];

  now = () => this.time;
  random = () => 0.5;
  tabVisible = async () => {};
  sleep = async (ms: number, signal: AbortSignal) => {
    if (signal.aborted) throw new Error("stopped");
    this.time += ms;
    for (const [at, act] of this.script.splice(0)) {
      if (at <= this.time) act();
      else this.script.push([at, act]);
    }
  };

  at(seconds: number, act: () => void): this {
    this.script.push([seconds * 1000, act]);
    return this;
  }

  /** A phase is told; the same one again is none. */
  note(phase: string): void {
    if (this.phases.at(-1) === phase) return;
    this.phases.push(phase);
    this.times.push(this.time / 1000);
  }

  /** When a phase was first told, in seconds. */
  when(phase: string): number {
    return this.times[this.phases.indexOf(phase)] ?? Number.NaN;
  }
}
