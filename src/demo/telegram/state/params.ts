import type { IncomingMessage } from "node:http";
import { badRequest, Refusal } from "./refusal.ts";

/** The parameters of one call: JSON values, or the strings and files of a form. */
export type Params = Readonly<Record<string, unknown>>;

const isParams = (value: unknown): value is Params => typeof value === "object" && value !== null;

/** The members of a JSON value; of one that is no object there are none. */
export const paramsOf = (value: unknown): Params => (isParams(value) ? value : {});

/** Uploads of 50 MB (sendDocument) plus room for the form around them. */
const maxBodyBytes = 52 * 1024 * 1024;

/** Reads the query string and a body in JSON, urlencoded or multipart form. @throws {Refusal} 413 over 52 MB, 400 for a broken body. */
export async function readParams(request: IncomingMessage, query: URLSearchParams): Promise<Params> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  const body: AsyncIterable<Buffer> = request;
  for await (const chunk of body) {
    byteCount += chunk.length;
    if (byteCount > maxBodyBytes) throw new Refusal(413, "Request Entity Too Large");
    chunks.push(chunk);
  }
  return { ...Object.fromEntries(query), ...(await parseBody(Buffer.concat(chunks), request.headers["content-type"])) };
}

async function parseBody(body: Buffer<ArrayBuffer>, contentType = ""): Promise<Params> {
  if (body.length === 0) return {};
  try {
    if (contentType.startsWith("application/json")) return paramsOf(JSON.parse(body.toString()));
    if (contentType.startsWith("multipart/form-data")) {
      const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
      return Object.fromEntries(form.entries());
    }
    return Object.fromEntries(new URLSearchParams(body.toString()));
  } catch {
    throw badRequest("object expected as parameters");
  }
}

/** A text parameter; `undefined` when it is not given. Numbers come as their digits, as in a form. */
export function readString(params: Params, name: string): string | undefined {
  const value = params[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

/** A whole number, as JSON number or as digits; `undefined` when it is neither. */
export function readInteger(params: Params, name: string): number | undefined {
  const value = readString(params, name);
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined;
}

/** True for JSON `true` and the words that a form may use; false for all else. */
export function readBoolean(params: Params, name: string): boolean {
  return ["true", "1", "yes"].includes(String(params[name]).toLowerCase());
}

/** A JSON value, which forms carry as a string; `undefined` when it is not given. @throws {Refusal} when it is not JSON. */
export function readJsonParam(params: Params, name: string): unknown {
  const value = params[name];
  if (typeof value !== "string") return value;
  if (value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest(`can't parse ${name} JSON object`);
  }
}

/** A JSON object, `undefined` when it is not given. @throws {Refusal} for any other value. */
export function readObject(params: Params, name: string): Params | undefined {
  const value = readJsonParam(params, name);
  if (value === undefined || value === null) return undefined;
  if (!isParams(value) || Array.isArray(value)) throw badRequest(`object expected as ${name.replaceAll("_", " ")}`);
  return value;
}
