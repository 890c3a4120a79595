import { clone, type DescField, type DescMessage, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/** What is in it can't be looked at here. */
const opaque = "google.protobuf.Any";

/** A copy without the fields of these names, those that the schema declares `debug_redact`, and whatever can't be looked into, in it and in all that it holds. */
export function redact(desc: DescMessage, message: Message, names: ReadonlySet<string>): Message {
  const copy = clone(desc, message);
  clear(reflect(desc, copy), names);
  return copy;
}

function clear(message: ReflectMessage, names: ReadonlySet<string>): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (isSecret(field, names)) message.clear(field);
    else for (const inside of messagesIn(message, field)) clear(inside, names);
  }
}

function isSecret(field: DescField, names: ReadonlySet<string>): boolean {
  return (
    names.has(field.name) || names.has(field.localName) || field.proto.options?.debugRedact === true || field.message?.typeName === opaque
  );
}

function messagesIn(message: ReflectMessage, field: DescField): readonly ReflectMessage[] {
  if (field.message === undefined) return [];
  if (field.fieldKind === "message") return [message.get(field)];
  if (field.fieldKind === "list") return [...message.get(field)] as ReflectMessage[];
  return field.fieldKind === "map" ? ([...message.get(field).values()] as ReflectMessage[]) : [];
}
