/** Makes an element: properties are set as they are, `null` children left out. Text is always text, never markup. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}
