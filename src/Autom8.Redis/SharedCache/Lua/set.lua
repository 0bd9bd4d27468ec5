-- KEYS: value, lease, fences. ARGV: payload, lifetime, channel, message. Answers whether it was stored.
local open = not fenced(KEYS[3])
if open then
  store(KEYS[1], ARGV[1], ARGV[2])
  redis.call('DEL', KEYS[2])
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
return open and 1 or 0
