/** Starts a video element: with sound if the browser lets it be, else without. */
export async function autoplay(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
    video.muted = true;
    await video.play().catch(() => {
      // the viewer's own click remains
    });
  }
}
