-- KEYS: value, lease, fences. ARGV: token, payload, lifetime. Answers whether it was stored.
if redis.call('GET', KEYS[2]) ~= ARGV[1] or fenced(KEYS[3]) then
  return 0
end
store(KEYS[1], ARGV[2], ARGV[3])
redis.call('DEL', KEYS[2])
return 1
