-- KEYS: value, lease, fences, position. ARGV: token, lifetime, mode as in SharedLeaseMode (1 over another lease, 2 over a value).
-- Answers { status as in SharedLeaseStatus, payload or position }.
local mode = tonumber(ARGV[3])
local value = mode < 2 and redis.call('GET', KEYS[1])
if value then
  return { 3, value }
end
if fenced(KEYS[3]) then
  return { 2, '' }
end
local held = redis.call('GET', KEYS[2])
if held and held ~= ARGV[1] and mode % 2 == 0 then
  return { 1, '' }
end
store(KEYS[2], ARGV[1], ARGV[2])
return { 0, redis.call('GET', KEYS[4]) or '0' }
