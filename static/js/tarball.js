// A plain tar of files that a browser has, without reading them: a File made of the files themselves.

const BLOCK = 512;
const bytes = (text) => new TextEncoder().encode(text);
const octal = (number, width) => number.toString(8).padStart(width - 1, "0");

function header(name, size, type, seconds) {
  const block = new Uint8Array(BLOCK);
  const put = (text, at) => block.set(bytes(text), at);
  block.set(bytes(name).slice(0, 100), 0);
  put(octal(0o755, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(size, 12), 124);
  put(octal(seconds, 12), 136);
  put("        ", 148);
  put(type, 156);
  put("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 7)}\0 `, 148);
  return block;
}

// Names that are longer than a header has room for, as pax writes them.
function longName(name) {
  const record = ` path=${name}\n`;
  let length = bytes(record).length;
  while (bytes(`${length}${record}`).length !== length) length = bytes(`${length}${record}`).length;
  const body = bytes(`${length}${record}`);
  return [header("pax", body.length, "x", 0), body, padding(body.length)];
}

const padding = (size) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** ``files``: [name, File] pairs; the tar is called ``called``. */
export function tarball(files, called) {
  const parts = [];
  for (const [name, file] of files) {
    if (bytes(name).length > 100) parts.push(...longName(name));
    parts.push(header(name, file.size, "0", Math.floor(file.lastModified / 1000)), file, padding(file.size));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const lastModified = files.reduce((newest, [, file]) => Math.max(newest, file.lastModified), 0);
  return new File(parts, called, { lastModified });
}
