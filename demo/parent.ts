/** In a child: what it was started to do. From then on the child ends with its parent, however that ends. */
export function readOrder<Order>(): Order {
  process.once("disconnect", () => process.exit());
  // It may have ended while this one was still loading.
  if (!process.connected) process.exit();
  // Ctrl-C reaches the whole process group; the parent alone decides what it means.
  process.on("SIGINT", () => {});
  return JSON.parse(process.argv[2] ?? "{}");
}

/** In a child: the parent's next words. */
export function onParentMessage<Message>(listener: (message: Message) => void): void {
  process.on("message", listener);
}

/** In a child: to the parent. */
export function tellParent<Message>(message: Message): void {
  process.send?.(message);
}
