/**
 * Milliseconds that never go back and go on while the machine sleeps: of the browser's two clocks the one that
 * moved on more counts, from each look to the next.
 */
export function awakeClock(steady = () => performance.now(), calendar = () => Date.now()): () => number {
  let passed = 0;
  let last = [steady(), calendar()] as const;
  return () => {
    const next = [steady(), calendar()] as const;
    passed += Math.max(0, next[0] - last[0], next[1] - last[1]);
    last = next;
    return passed;
  };
}
