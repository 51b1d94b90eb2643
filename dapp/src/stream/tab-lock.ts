/**
 * One tab on air per room: two would take the stream from each other again and again. The lock is a
 * Web Lock; a tab that wants it asks the other one to leave.
 */
export interface TabLock {
  release(): void;
}

const channel = () => new BroadcastChannel("livestream-rooms.on-air");

/** Takes the lock, or answers null where another tab has it. `onAsked`: another tab wants it. */
export async function takeTabLock(room: string, onAsked: () => void): Promise<TabLock | null> {
  return new Promise((resolve) => {
    void navigator.locks.request(`on-air.${room}`, { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(null);
      return new Promise<void>((done) => {
        const ears = channel();
        ears.onmessage = ({ data }) => {
          if (data === room) onAsked();
        };
        resolve({
          release() {
            ears.close();
            done();
          },
        });
      });
    });
  });
}

export function askForTabLock(room: string): void {
  const mouth = channel();
  mouth.postMessage(room);
  mouth.close();
}
