-- The generic cell rate algorithm (ITU-T I.371, annex A) by this server's clock: of a key only its theoretical arrival time is kept, the moment from which it has its whole burst again, in microseconds.
-- KEYS[1] the key. ARGV: microseconds between two permits, burst, permits asked for.
-- Answers: 1 or 0, permits left, microseconds to wait, microseconds until the whole burst is there.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst, permits = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local from = tonumber(redis.call('GET', KEYS[1]) or now)
if from < now then
  from = now
end
local upto = from + interval * math.max(permits, 1)
local wait = upto - burst * interval - now
if wait > 0 then
  return { 0, math.floor((burst * interval - (from - now)) / interval), math.ceil(wait), math.ceil(from - now) }
end
if permits > 0 then
  from = upto
  redis.call('SET', KEYS[1], string.format('%.2f', from), 'PX', math.ceil((from - now) / 1000) + 1)
end
return { 1, math.floor((burst * interval - (from - now)) / interval), 0, math.ceil(from - now) }
