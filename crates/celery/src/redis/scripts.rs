//! What must happen at once on the server.

use ::redis::Script;

/// The scripts, with their hashes.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) end: Script,
    pub(super) extend: Script,
    pub(super) restore: Script,
    pub(super) acknowledge: Script,
    pub(super) store: Script,
    pub(super) part: Script,
    pub(super) sent: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            claim: Script::new(CLAIM),
            end: Script::new(END),
            extend: Script::new(EXTEND),
            restore: Script::new(RESTORE),
            acknowledge: Script::new(ACKNOWLEDGE),
            store: Script::new(STORE),
            part: Script::new(PART),
            sent: Script::new(SENT),
        }
    }
}

/// Keys: `unacked`, `unacked_index`, then lists, the most urgent first. Arguments: how many, the time,
/// the prefix of the tags, the number of the last one, then for each list its queue's name in JSON.
/// Returns the place of a message's list and the message, in turns.
const CLAIM: &str = r#"
local left, now, prefix, last = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local out = {}
for place = 3, #KEYS do
  if left <= 0 then break end
  local got = redis.call('RPOP', KEYS[place], left)
  if got then
    local held, index = {}, {}
    for _, message in ipairs(got) do
      last = last + 1
      local tag = prefix .. string.format('%d', last)
      held[#held + 1] = tag
      held[#held + 1] = '[' .. message .. ',"",' .. ARGV[place + 2] .. ']'
      index[#index + 1] = now
      index[#index + 1] = tag
      out[#out + 1] = place - 3
      out[#out + 1] = message
    end
    redis.call('HSET', KEYS[1], unpack(held))
    redis.call('ZADD', KEYS[2], unpack(index))
    left = left - #got
  end
end
return out
"#;

/// Keys: `unacked`, `unacked_index`, then lists. Arguments: the tag, whether it was acknowledged
/// before, then for each list `L` or `R` and a message to push there. Pushes only if the delivery is
/// still this worker's.
const END: &str = r"
local mine = redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if mine == 1 or ARGV[2] == '1' then
  for place = 3, #KEYS do
    local at = 3 + (place - 3) * 2
    redis.call(ARGV[at] == 'R' and 'RPUSH' or 'LPUSH', KEYS[place], ARGV[at + 1])
  end
end
return mine
";

/// Keys: `unacked_index`. Arguments: the time, then tags. Returns the tags that are lost.
const EXTEND: &str = r"
local lost = {}
for place = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[place]) then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[place])
  else
    lost[#lost + 1] = ARGV[place]
  end
end
return lost
";

/// Keys: `unacked`, `unacked_index`, a list. Arguments: the tag, the score that was seen, the message.
/// Puts it back unless somebody was faster or its worker has renewed it meanwhile.
const RESTORE: &str = r"
if redis.call('ZSCORE', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[3], ARGV[3])
return 1
";

/// Keys: `unacked`, `unacked_index`. Arguments: tags. Returns those that were lost before.
const ACKNOWLEDGE: &str = r"
local lost = {}
for _, tag in ipairs(ARGV) do
  if redis.call('HDEL', KEYS[1], tag) == 0 then lost[#lost + 1] = tag end
  redis.call('ZREM', KEYS[2], tag)
end
return lost
";

/// Keys: the result's. Arguments: the result, how many seconds to keep it (0: for ever). One of a call
/// that has ended well already changes nothing.
const STORE: &str = r"
local kept = redis.call('GET', KEYS[1])
if kept then
  local read, meta = pcall(cjson.decode, kept)
  local was = read and type(meta) == 'table' and meta['status']
  if was == 'SUCCESS' then return 0 end
  if was == 'FAILURE' or was == 'REVOKED' then
    local given, new = pcall(cjson.decode, ARGV[1])
    if given and type(new) == 'table' and new['status'] == 'REVOKED' then return 0 end
  end
end
if ARGV[2] == '0' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
";

/// Keys: a chord's `.j` (parts by place), `.t` (more parts than were said), `.s` (size), `.d` (who has
/// told), `.c` (who may send the body), and the shape. Arguments: the call, its encoded end, its place,
/// seconds to keep all this, seconds for the body's sender, its token. Returns whether this one sends
/// the body: the last, and the same again when it is told again.
const PART: &str = r"
if redis.call('GET', KEYS[5]) == 'done' then return 0 end
local who = ARGV[1] .. ':' .. ARGV[3]
if redis.call('SADD', KEYS[4], who) == 1 then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
end
if tonumber(ARGV[4]) > 0 then
  for place = 1, 4 do redis.call('EXPIRE', KEYS[place], ARGV[4]) end
  redis.call('EXPIRE', KEYS[6], ARGV[4])
end
local size = redis.call('GET', KEYS[3])
if not size then return 0 end
if redis.call('ZCARD', KEYS[1]) < tonumber(size) + tonumber(redis.call('GET', KEYS[2]) or 0) then return 0 end
if redis.call('SET', KEYS[5], ARGV[6], 'NX', 'EX', ARGV[5]) then return 1 end
if redis.call('GET', KEYS[5]) == ARGV[6] then return 1 end
return 0
";

/// Keys: a chord's `.c`, `.j`, `.t`, `.s`, `.d`. Arguments: the token, seconds to remember that it is done.
const SENT: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
redis.call('SET', KEYS[1], 'done', 'EX', ARGV[2])
return 1
";
