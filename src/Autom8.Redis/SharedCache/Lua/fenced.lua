-- Put before the scripts that ask for fences. Members are owners, scores the server's time in milliseconds at which their fences end.

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function text(number)
  return string.format('%.0f', number)
end

local function fenced(fences)
  if redis.call('EXISTS', fences) == 0 then
    return false
  end
  redis.call('ZREMRANGEBYSCORE', fences, '-inf', text(clock()))
  return redis.call('EXISTS', fences) == 1
end

-- A lifetime in milliseconds; '' for no end, '0' for one that is over.
local function store(key, payload, lifetime)
  if lifetime == '' then
    redis.call('SET', key, payload)
  elseif lifetime == '0' then
    redis.call('DEL', key)
  else
    redis.call('SET', key, payload, 'PX', lifetime)
  end
end

