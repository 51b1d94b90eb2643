/**
 * One tab on air per room: two would take the stream from each other again and again. The lock is a
 * Web Lock; a tab that wants it asks the other one to leave.
 */
export interface TabLock {
  release(): void;
}

const openChannel = () => new BroadcastChannel("livestream-rooms.on-air");

/** Takes the lock, or answers null where another tab has it. `onAsked`: another tab wants it. */
export async function takeTabLock(room: string, onAsked: () => void): Promise<TabLock | null> {
  return new Promise((resolve) => {
    void navigator.locks.request(`on-air.${room}`, { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(null);
      return new Promise<void>((done) => {
        const channel = openChannel();
        channel.onmessage = ({ data }) => {
          if (data === room) onAsked();
        };
        resolve({
          release() {
            channel.close();
            done();
          },
        });
      });
    });
  });
}

export function askForTabLock(room: string): void {
  const channel = openChannel();
  channel.postMessage(room);
  channel.close();
}
