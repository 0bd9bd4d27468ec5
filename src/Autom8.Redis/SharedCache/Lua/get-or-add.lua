-- KEYS: value. ARGV: payload, lifetime. Answers the value that was there, or nothing when the payload is now in force.
local value = redis.call('GET', KEYS[1])
if value then
  return value
end
store(KEYS[1], ARGV[1], ARGV[2])
return false
