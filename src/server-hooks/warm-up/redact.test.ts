import { create, createFileRegistry, type DescMessage, fromJson, toJson } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { redact } from "./redact.ts";

const repeated = 3 as Label;
const secret = { debugRedact: true };

/** A message with a secret by its schema, one by its name, and others like it inside, in a list and in a map. */
function cardDesc(): DescMessage {
  const inside = { typeName: ".shop.Card", type: Type.MESSAGE };
  const field = [
    { name: "number", jsonName: "number", number: 1, type: Type.STRING, options: secret },
    { name: "holder_name", jsonName: "holderName", number: 2, type: Type.STRING },
    { name: "bank", jsonName: "bank", number: 3, type: Type.STRING },
    { name: "parent", jsonName: "parent", number: 4, ...inside },
    { name: "others", jsonName: "others", number: 5, ...inside, label: repeated },
    { name: "by_name", jsonName: "byName", number: 6, typeName: ".shop.Card.ByNameEntry", type: Type.MESSAGE, label: repeated },
  ];
  const entry = {
    name: "ByNameEntry",
    options: { mapEntry: true },
    field: [
      { name: "key", jsonName: "key", number: 1, type: Type.STRING },
      { name: "value", jsonName: "value", number: 2, ...inside },
    ],
  };
  const file = create(FileDescriptorProtoSchema, {
    name: "card.proto",
    package: "shop",
    syntax: "proto3",
    messageType: [{ name: "Card", field: field as never, nestedType: [entry as never] }],
  });
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getMessage("shop.Card") as DescMessage;
}

test("secrets are left out wherever they are, by their schema and by their names, and the message itself keeps them", () => {
  const desc = cardDesc();
  const card = { number: "4111", holderName: "Ada", bank: "b" };
  const message = fromJson(desc, { ...card, parent: card, others: [card, card], byName: { x: card } });
  const bare = { bank: "b" };
  expect(toJson(desc, redact(desc, message, new Set(["holder_name"])))).toEqual({
    ...bare,
    parent: bare,
    others: [bare, bare],
    byName: { x: bare },
  });
  expect(toJson(desc, message)).toMatchObject({ ...card, parent: card });
});
