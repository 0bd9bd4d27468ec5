-- KEYS: value, identity. ARGV: fresh value, channel, message, identity of the tier or '' to take this server's.
-- Answers the value now in force.
local identity = ARGV[4]
if identity == '' then
  identity = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end
local value = redis.call('GET', KEYS[1])
if not value or redis.call('GET', KEYS[2]) ~= identity then
  value = ARGV[1]
  redis.call('SET', KEYS[1], value)
  redis.call('SET', KEYS[2], identity)
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return value
