# What is asked of a server through mongosh, sourced: the account is read from its files, and appears neither
# in a command line nor in the environment.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the script that sources this uses it

# Does what WORD says with the server at ADDRESS and PORT. SET is the replica set that it should be in.
ASK_SERVER='
const fs = require("fs");
const OWN = ["admin", "config", "local"];
// A secondary that is further behind is no better than an older backup.
const MOST_BEHIND = 120000;

function fail(text) {
  fs.writeSync(2, text + "\n");
  process.exit(1);
}

function credential(name) {
  return fs.readFileSync("/credentials/database/" + name, "utf8").replace(/\n+$/, "");
}

function hasAccount() {
  return fs.existsSync("/credentials/database/password");
}

function address(host, set) {
  const account = hasAccount()
    ? encodeURIComponent(credential("username")) + ":" + encodeURIComponent(credential("password")) + "@"
    : "";
  const choices = ["appName=bpc", "serverSelectionTimeoutMS=15000", "connectTimeoutMS=15000"];
  choices.push(set ? "replicaSet=" + encodeURIComponent(set) : "directConnection=true");
  if (hasAccount()) {
    choices.push("authSource=admin");
  }
  if (process.env.TLS !== "disable") {
    choices.push("tls=true");
  }
  if (process.env.TLS === "require") {
    choices.push("tlsAllowInvalidCertificates=true", "tlsAllowInvalidHostnames=true");
  }
  if (process.env.TLS === "verify" && process.env.CA_FILE) {
    choices.push("tlsCAFile=" + encodeURIComponent(process.env.CA_FILE));
  }
  return "mongodb://" + account + host + "/?" + choices.join("&");
}

function told(host) {
  return Mongo(address(host, "")).getDB("admin").hello();
}

const HERE = process.env.ADDRESS + ":" + process.env.PORT;
const SET = process.env.SET;

function written(about) {
  return about.lastWrite ? about.lastWrite.lastWriteDate.getTime() : 0;
}

// Writes the member to read from: mongodump has to read all from one, or what it finds does not fit together.
function choose() {
  const first = told(HERE);
  if (first.msg === "isdbgrid") {
    fail("this is a router of a sharded cluster, which mongodump cannot copy at one moment");
  }
  const name = first.setName || "";
  if (name !== SET) {
    fail(name ? "the server belongs to the replica set " + name + ": set replicaSet to it"
      : "the server belongs to no replica set, so there is no oplog");
  }
  if (!SET) {
    return HERE;
  }
  const primary = first.isWritablePrimary || !first.primary ? first : told(first.primary);
  const ours = first.me || HERE;
  const others = [...(first.hosts || []), ...(first.passives || [])];
  const members = first.secondary ? [ours, ...others] : others;
  for (const member of members) {
    if (member === first.primary || (first.isWritablePrimary && member === ours)) {
      continue;
    }
    try {
      const about = member === ours ? first : told(member);
      const behind = written(primary) - written(about);
      if (about.secondary && behind <= MOST_BEHIND) {
        return member;
      }
      fs.writeSync(2, member + " is not taken: it is no secondary, or too far behind\n");
    } catch (error) {
      fs.writeSync(2, member + " is not taken: " + error.message + "\n");
    }
  }
  if (!first.isWritablePrimary && !first.primary) {
    fail("the replica set has neither a primary nor a secondary that could be read");
  }
  return first.primary || HERE;
}

// Connects to the primary, if there is a replica set.
function client() {
  return Mongo(address(HERE, nameOfSet()));
}

function nameOfSet() {
  const about = told(HERE);
  if (about.msg === "isdbgrid") {
    fail("the target is a router of a sharded cluster");
  }
  return about.setName || "";
}

// Writes the password for the tools, as YAML, in which any character can be written by its number.
function keepSecret() {
  if (!hasAccount()) {
    fs.writeFileSync(process.env.SECRET, "{}\n", { mode: 0o600 });
    return;
  }
  const spelled = Array.from(credential("password"), (each) => {
    const code = each.codePointAt(0);
    const plain = code > 31 && code < 127 && each !== "\"" && each !== "\\";
    return plain ? each : "\\U" + code.toString(16).padStart(8, "0");
  });
  fs.writeFileSync(process.env.SECRET, "password: \"" + spelled.join("") + "\"\n", { mode: 0o600 });
}

function collections(connection) {
  const found = [];
  const names = connection.getDB("admin").adminCommand({ listDatabases: 1, nameOnly: true });
  if (names.ok !== 1) {
    fail("the databases cannot be listed");
  }
  for (const each of names.databases) {
    if (!OWN.includes(each.name)) {
      found.push([each.name, connection.getDB(each.name).getCollectionInfos({}, { nameOnly: true }).length]);
    }
  }
  return found;
}

const WORDS = {
  choose() {
    const member = choose();
    const cut = member.lastIndexOf(":");
    const build = Mongo(address(member, "")).getDB("admin").runCommand({ buildInfo: 1 });
    const parts = [member.slice(0, cut), member.slice(cut + 1), build.version];
    fs.writeFileSync(process.env.RESULT, parts.join("\n") + "\n");
    keepSecret();
  },
  // The name of the replica set, which may be empty.
  set() {
    fs.writeFileSync(process.env.RESULT, nameOfSet() + "\n");
    keepSecret();
  },
  guard() {
    const found = collections(client()).filter((each) => each[1] > 0);
    found.forEach((each) => fs.writeSync(2, "the target has " + each[1] + " collections in " + each[0] + "\n"));
    fs.writeFileSync(process.env.RESULT, found.length ? "3\n" : "0\n");
  },
  clear() {
    const connection = client();
    for (const [name] of collections(connection)) {
      const answer = connection.getDB(name).dropDatabase();
      if (answer.ok !== 1) {
        fail("database " + name + " cannot be dropped");
      }
    }
  },
  // Entries of the oplog come on top of what the collections had when each was read.
  compare() {
    const connection = client();
    const wanted = JSON.parse(fs.readFileSync(process.env.COUNTS, "utf8"));
    const slack = wanted.oplog || 0;
    let wrong = 0;
    for (const [database, name, count, indexes] of wanted.collections) {
      if (OWN.includes(database)) {
        continue;
      }
      const collection = connection.getDB(database).getCollection(name);
      const there = collection.estimatedDocumentCount();
      const built = collection.getIndexes().length;
      fs.writeSync(2, database + "." + name + ": " + there + " of " + count + " documents, " + built + " of " +
        indexes + " indexes\n");
      if (Math.abs(there - count) > slack || Math.abs(built - indexes) > slack) {
        wrong += 1;
      }
    }
    if (wrong) {
      fail(wrong + " collections do not have the documents and indexes that the point has");
    }
  },
};

WORDS[process.env.WORD]();
'
