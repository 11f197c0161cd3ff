# A reader of mongodump's archives for mongosh, sourced. Neither `mongorestore --dryRun`, which stops after
# the list of collections, nor any other tool reads an archive to its end without writing to a server.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the script that sources this uses it

# Reads file descriptor 3. Every collection must be there, end with its mark, and have the checksum that
# stands in it. Writes to COUNTS, as JSON, how many documents and indexes each has, and how many
# entries the oplog.
READ_ARCHIVE='
"use strict";
const fs = require("fs");
const MAGIC = 0x8199e26d;
const END = -1;
// The largest document that a server takes has 16 MiB, and an entry of the oplog a little more.
const MOST = 64 * 1024 * 1024;

let held = Buffer.alloc(0);
let at = 0;

function fill(size) {
  if (held.length - at >= size) {
    return true;
  }
  const pieces = [held.subarray(at)];
  let length = held.length - at;
  while (length < size) {
    const piece = Buffer.allocUnsafe(1 << 20);
    let got = 0;
    try {
      got = fs.readSync(3, piece, 0, piece.length, null);
    } catch (error) {
      if (error.code === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        continue;
      }
      if (error.code !== "EOF") {
        throw error;
      }
    }
    if (got === 0) {
      break;
    }
    pieces.push(piece.subarray(0, got));
    length += got;
  }
  held = Buffer.concat(pieces);
  at = 0;
  return length >= size;
}

// Returns the next document, or null for the mark that ends a block.
function next() {
  if (!fill(4)) {
    throw new Error("the archive is cut off");
  }
  const size = held.readInt32LE(at);
  if (size === END) {
    at += 4;
    return null;
  }
  if (size < 5 || size > MOST) {
    throw new Error("the archive is damaged: no document has " + size + " bytes");
  }
  if (!fill(size)) {
    throw new Error("the archive is cut off");
  }
  const found = held.subarray(at, at + size);
  if (found[size - 1] !== 0) {
    throw new Error("the archive is damaged: a document has no end");
  }
  at += size;
  return found;
}

function word(data, from) {
  const end = data.indexOf(0, from);
  return [data.toString("utf8", from, end), end + 1];
}

// Returns the fields of a document of the archive itself; whole numbers of 64 bits as their two halves.
function fields(data) {
  const found = {};
  let here = 4;
  while (data[here] !== 0) {
    const kind = data[here];
    const [name, value] = word(data, here + 1);
    if (kind === 2) {
      const size = data.readInt32LE(value);
      found[name] = data.toString("utf8", value + 4, value + 3 + size);
      here = value + 4 + size;
    } else if (kind === 8) {
      found[name] = data[value] === 1;
      here = value + 1;
    } else if (kind === 16) {
      found[name] = data.readInt32LE(value);
      here = value + 4;
    } else if (kind === 18) {
      found[name] = [data.readUInt32LE(value), data.readUInt32LE(value + 4)];
      here = value + 8;
    } else {
      throw new Error("the archive is of a kind that this release does not know");
    }
  }
  return found;
}

// CRC-64 of ECMA-182, in halves of 32 bits, because larger whole numbers are slow.
const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);
for (let each = 0; each < 256; each++) {
  let low = each;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high = high >>> 1;
    if (odd) {
      low ^= 0xd7870f42;
      high ^= 0xc96c5795;
    }
  }
  LOW[each] = low;
  HIGH[each] = high;
}

function add(state, data) {
  let low = state.low;
  let high = state.high;
  for (let here = 0; here < data.length; here++) {
    const each = (low ^ data[here]) & 255;
    low = ((low >>> 8) | (high << 24)) ^ LOW[each];
    high = (high >>> 8) ^ HIGH[each];
  }
  state.low = low;
  state.high = high;
}

const states = new Map();

function stateOf(database, collection) {
  const key = JSON.stringify([database, collection]);
  if (!states.has(key)) {
    states.set(key, { database, collection, count: 0, indexes: 0, low: -1, high: -1, open: true });
  }
  return states.get(key);
}

function indexes(text) {
  return text ? (JSON.parse(text).indexes || []).length : 0;
}

if (!fill(4) || held.readUInt32LE(at) !== MAGIC) {
  throw new Error("this is no archive of mongodump");
}
at += 4;
next();
for (let each = next(); each !== null; each = next()) {
  const about = fields(each);
  // A view has no documents of its own, and those of a time series are in a collection of buckets.
  if (about.type !== "view" && about.type !== "timeseries") {
    stateOf(about.db, about.collection).indexes = indexes(about.metadata);
  }
}
while (fill(1)) {
  const header = fields(next());
  const state = stateOf(header.db, header.collection);
  if (!state.open) {
    throw new Error("the archive is damaged: a collection goes on after its end");
  }
  let each = next();
  if (header.EOF) {
    const [low, high] = header.CRC;
    if (each !== null || (~state.low >>> 0) !== low || (~state.high >>> 0) !== high) {
      throw new Error("the archive is damaged: a checksum is wrong");
    }
    state.open = false;
  }
  for (; each !== null; each = next()) {
    add(state, each);
    state.count += 1;
  }
}
const all = [...states.values()];
if (all.some((each) => each.open)) {
  throw new Error("the archive is cut off: it does not hold every collection to its end");
}
const isOplog = (each) => each.database === "" && each.collection === "oplog";
const oplog = all.find(isOplog);
const found = {
  collections: all
    .filter((each) => !isOplog(each))
    .map((each) => [each.database, each.collection, each.count, each.indexes]),
  oplog: oplog === undefined ? null : oplog.count,
};
if ((process.env.PART === "dump-oplog") !== (oplog !== undefined)) {
  throw new Error("the archive has " + (oplog === undefined ? "no" : "an unexpected") + " oplog");
}
fs.writeFileSync(process.env.COUNTS, JSON.stringify(found));
const sum = found.collections.reduce((total, each) => total + each[2], 0);
fs.writeSync(2, found.collections.length + " collections, " + sum + " documents" +
  (oplog === undefined ? "" : ", " + oplog.count + " entries of the oplog") + "\n");
'
