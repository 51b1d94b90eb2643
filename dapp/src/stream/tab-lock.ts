/**
 * One tab on air per room: two would take the stream from each other again and again. The turn is a
 * Web Lock; a tab that wants it asks the other one to leave.
 */
export interface Turn {
  release(): void;
}

const channel = () => new BroadcastChannel("livestream-rooms.on-air");

/** Takes the turn, or answers null where another tab has it. `onAsked`: another tab wants it. */
export async function takeTurn(room: string, onAsked: () => void): Promise<Turn | null> {
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

/** Whether another tab is on air. */
export async function turnTaken(room: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === `on-air.${room}`);
}

export function askForTurn(room: string): void {
  const mouth = channel();
  mouth.postMessage(room);
  mouth.close();
}
