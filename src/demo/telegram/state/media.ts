import { type Params, readString } from "./params.ts";
import { badRequest } from "./refusal.ts";

/** An uploaded file; a photo has its size in pixels. */
export interface Media {
  readonly kind: "photo" | "document";
  readonly fileId: string;
  readonly fileUniqueId: string;
  readonly path: string;
  readonly fileName: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A file before the service has it. */
interface Upload extends Pick<Media, "kind" | "fileName" | "mimeType"> {
  readonly bytes: Uint8Array;
}

/** All files that the bot or people sent, kept for as long as the server runs. */
export interface MediaStore {
  /** Takes a file. @throws {Refusal} when it is too big, or no photo though it is called one. */
  readonly keep: (upload: Upload) => Media;
  /** Takes an upload (a file of the form, or `attach://name`) or the `file_id` of an earlier one. @throws {Refusal} */
  readonly receive: (kind: Media["kind"], value: unknown, form: Params) => Promise<Media>;
  /** Finds a file by its `file_id`. */
  readonly find: (fileId: string) => Media | undefined;
  /** Finds a file by the path that `getFile` gave. */
  readonly findByPath: (path: string) => Media | undefined;
}

/** Limits of sendPhoto and sendDocument (FACTS: C1). */
const maxPhotoBytes = 10 * 1024 * 1024;
const maxDocumentBytes = 50 * 1024 * 1024;
const maxPhotoSidesSum = 10_000;
const maxPhotoRatio = 20;

export function createMediaStore(): MediaStore {
  const byId = new Map<string, Media>();

  async function receive(kind: Media["kind"], value: unknown, form: Params): Promise<Media> {
    const attached = typeof value === "string" && value.startsWith("attach://") ? form[value.slice(9)] : value;
    if (attached instanceof File) {
      const { name, type } = attached;
      return keep({ kind, fileName: name || "file", mimeType: type, bytes: await attached.bytes() });
    }
    if (typeof attached !== "string" || attached === "") throw badRequest(`there is no ${kind} in the request`);
    if (/^https?:/.test(attached)) throw badRequest("failed to get HTTP URL content");
    const known = byId.get(attached);
    if (!known) throw badRequest("wrong file identifier/HTTP URL specified");
    if (known.kind !== kind)
      throw badRequest(`can't use file of type ${capitalize(known.kind)} as ${capitalize(kind)}`);
    return known;
  }

  function keep({ kind, fileName, mimeType, bytes }: Upload): Media {
    if (bytes.length === 0) throw badRequest("file must be non-empty");
    if (kind === "photo" && bytes.length > maxPhotoBytes) {
      throw badRequest(
        `file of size ${bytes.length} bytes is too big for a photo; the maximum size is ${maxPhotoBytes} bytes`,
      );
    }
    if (bytes.length > maxDocumentBytes) throw badRequest("file is too big");
    const image = readImage(bytes);
    if (kind === "photo") checkPhoto(image);
    const number = byId.size + 1;
    const media: Media = {
      kind,
      fileId: `${kind === "photo" ? "AgACAgI" : "BQACAgI"}${String(number).padStart(12, "0")}`,
      fileUniqueId: `AQAD${String(number).padStart(8, "0")}`,
      path: `${kind}s/file_${number}${/\.\w+$/.exec(fileName)?.[0] ?? ""}`,
      fileName,
      mimeType: image?.mimeType ?? (mimeType || "application/octet-stream"),
      bytes,
      width: image?.width ?? 0,
      height: image?.height ?? 0,
    };
    byId.set(media.fileId, media);
    return media;
  }

  return {
    keep,
    receive,
    find: (fileId) => byId.get(fileId),
    findByPath: (path) => [...byId.values()].find((media) => media.path === path),
  };
}

/** Reads which file of an album or an edit is meant. */
export function mediaKind(item: Params): Media["kind"] {
  const type = readString(item, "type");
  if (type !== "photo" && type !== "document")
    throw badRequest(`can't parse InputMedia: type "${type}" is not supported`);
  return type;
}

function checkPhoto(image: Image | null): void {
  if (!image) throw badRequest("IMAGE_PROCESS_FAILED");
  const [short, long] = [Math.min(image.width, image.height), Math.max(image.width, image.height)];
  if (short < 1 || short + long > maxPhotoSidesSum || long / short > maxPhotoRatio) {
    throw badRequest("PHOTO_INVALID_DIMENSIONS");
  }
}

interface Image {
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
}

/** The pixel size that the header of a PNG or JPEG states; `null` for all else. */
function readImage(bytes: Uint8Array): Image | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a) {
    return { mimeType: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  // JPEG: segment after segment until a frame header (SOF0 … SOF15, without DHT, JPG and DAC), which holds the size.
  for (let at = 2; at + 9 <= bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { mimeType: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return null;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
