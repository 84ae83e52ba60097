import { useEffect, useState } from "preact/hooks";

import { cancelled, waiting } from "../underway";

/** Whoever waits longer than this wants to know for how long, and to be able to stop. */
const PATIENCE_MILLISECONDS = 1500;

/** That something is being asked; after a while also for how long, and a way out. */
export function WaitingBar() {
  const isWaiting = waiting.value > 0;
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!isWaiting) return;
    const began = performance.now();
    const timer = setInterval(() => {
      const waited = performance.now() - began;
      if (waited > PATIENCE_MILLISECONDS) setSeconds(Math.round(waited / 1000));
    }, 500);
    return () => clearInterval(timer);
  }, [isWaiting]);
  return (
    <>
      <div class={isWaiting ? "progress on" : "progress"} aria-hidden="true" />
      {isWaiting && seconds > 0 && (
        <div class="waited" role="status">
          {seconds} s
          <button type="button" class="link" onClick={() => (cancelled.value += 1)}>
            Cancel
          </button>
        </div>
      )}
    </>
  );
}
