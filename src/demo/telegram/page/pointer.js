let isDown = false;
let waiting = [];

/** Does it now or, while a mouse button or finger is down, once it is up: a button that is replaced in mid-click is not pressed. */
export function whenReleased(deed) {
  if (isDown) waiting.push(deed);
  else deed();
}

function release() {
  isDown = false;
  const deeds = waiting;
  waiting = [];
  for (const deed of deeds) deed();
}

addEventListener("pointerdown", () => (isDown = true), true);
// The click itself comes right after `pointerup`, in the same turn of the browser.
for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => setTimeout(release), true);
// Let go of over another window; only the window's own blur comes here, as that of an element does not bubble.
addEventListener("blur", release);
