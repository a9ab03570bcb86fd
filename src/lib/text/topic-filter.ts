/** MQTT topic filters (MQTT 3.1.1, 4.7): `+` stands for one level, `#` for all the rest. */

/** Whether text is a filter that a broker takes. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  return (
    filter !== "" &&
    !filter.includes("\0") &&
    levels.every((level, i) => {
      if (level.includes("#")) return level === "#" && i === levels.length - 1;
      return level === "+" || !level.includes("+");
    })
  );
}

/** Whether a topic is one of those that a filter takes. A wildcard at the start takes no topic that starts with a dollar. */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [i, level] of wanted.entries()) {
    if (level === "#") return true;
    if (i >= levels.length || (level !== "+" && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}
