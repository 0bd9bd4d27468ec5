-- KEYS: value, lease, fences, position.
-- ARGV: channel, message, owner of the fence or '0', its lifetime or '0' to lift it, position or '0', lifetime of the position.
local owner, lifetime, position = ARGV[3], ARGV[4], ARGV[5]

redis.call('DEL', KEYS[1], KEYS[2])
if owner ~= '0' then
  if lifetime ~= '0' then
    redis.call('ZADD', KEYS[3], text(clock() + lifetime), owner)
    redis.call('PEXPIREAT', KEYS[3], redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')[2])
  else
    redis.call('ZREM', KEYS[3], owner)
  end
end
if position ~= '0' and lifetime == '0' then
  -- Compared as text: a number of Lua holds 53 bits.
  local known = redis.call('GET', KEYS[4])
  if known and (#known > #position or #known == #position and known > position) then
    position = known
  end
  redis.call('SET', KEYS[4], position, 'PX', ARGV[6])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
