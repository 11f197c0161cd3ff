// Stands in for mongosh: runs the file of `--file` in Node.js, with servers from `servers.json` in STATE.
"use strict";
const fs = require("fs");
const vm = require("vm");

const state = process.env.STATE;
const servers = JSON.parse(fs.readFileSync(state + "/servers.json", "utf8"));

function note(words) {
  fs.appendFileSync(state + "/calls.json", JSON.stringify(words) + "\n");
}

function Mongo(address) {
  note(["connect", address]);
  const place = new URL(address.replace("mongodb://", "http://"));
  const server = servers[place.host];
  if (server === undefined) {
    throw new Error("connect ECONNREFUSED");
  }
  const databases = server.databases || {};
  return {
    getDB: (database) => ({
      hello: () => {
        const about = { ...server.hello };
        if (about.lastWrite) {
          about.lastWrite = { lastWriteDate: new Date(about.lastWrite * 1000) };
        }
        return about;
      },
      runCommand: () => ({ version: "7.0.1" }),
      adminCommand: () => ({
        ok: 1,
        databases: ["admin", "config", "local", ...Object.keys(databases)].map((name) => ({ name })),
      }),
      getCollectionInfos: () => Object.keys(databases[database] || {}).map((name) => ({ name })),
      dropDatabase: () => {
        note(["drop", database]);
        return { ok: server.stuck ? 0 : 1 };
      },
      getCollection: (name) => ({
        estimatedDocumentCount: () => ((databases[database] || {})[name] || [0])[0],
        getIndexes: () => Array(((databases[database] || {})[name] || [0, 0])[1]),
      }),
    }),
  };
}

note(["mongosh", ...process.argv.slice(2)]);
const file = process.argv[process.argv.indexOf("--file") + 1];
try {
  vm.runInThisContext("(function (require, Mongo) {" + fs.readFileSync(file, "utf8") + "\n})")(require, Mongo);
} catch (error) {
  fs.writeSync(2, "Error: " + error.message + "\n");
  process.exit(1);
}
