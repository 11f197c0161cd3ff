# How the server of a restore job gives away its keys, in Lua, sourced.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the script that sources this uses it

# Run by the server of this job: takes keys of database ARGV[1] from cursor ARGV[2] on, and returns them as
# the commands that make them, after a line with `more` or `done`, the next cursor, their number, and length.
# What was returned is gone there: a key that a scan meets twice is then sent once, and in the end nothing
# may be left. A page that gets too long ends early, and the next one begins at the same cursor.
TAKE='
local function expiry(key)
  local at = redis.pcall("PEXPIRETIME", key)
  if type(at) == "number" then
    return at
  end
  local left = redis.call("PTTL", key)
  if left < 0 then
    return left
  end
  local now = redis.call("TIME")
  return now[1] * 1000 + math.floor(now[2] / 1000) + left
end

local function word(text)
  return "$" .. #text .. "\r\n" .. text .. "\r\n"
end

redis.call("SELECT", ARGV[1])
local scan = redis.call("SCAN", ARGV[2], "COUNT", 4000)
local state, cursor = scan[1] == "0" and "done" or "more", scan[1]
local commands, number, length = {}, 0, 0
for _, key in ipairs(scan[2]) do
  local value = redis.call("DUMP", key)
  if value then
    local at = expiry(key)
    local words = {"RESTORE", key, string.format("%.0f", math.max(at, 0)), value}
    if at >= 0 then
      words[5] = "ABSTTL"
    end
    local command = {"*" .. #words .. "\r\n"}
    for _, each in ipairs(words) do
      command[#command + 1] = word(each)
    end
    commands[#commands + 1] = table.concat(command)
    number, length = number + 1, length + #commands[#commands]
    redis.call("UNLINK", key)
    if length > 4194304 then
      state, cursor = "more", ARGV[2]
      break
    end
  end
end
return table.concat({state, cursor, number, length}, " ") .. "\n" .. table.concat(commands)
'
