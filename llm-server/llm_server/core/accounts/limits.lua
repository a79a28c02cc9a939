-- Reservations and settlements, several in one step. ARGV[1] is a JSON list of operations; the reply a JSON list of outcomes.
--
-- begin   {id, due_seconds, row, tokens, cost, scopes}   may refuse: all limits are looked at before anything is taken
-- settle  {id, rows, tokens, cost, scopes, ...}          what was really used replaces what was reserved
--         again: it may have been made before; what is not pending any more is {unsure = true}, its counters untouched
--
-- Keys: llm:spent:*    hash spent, reserved      one for each cap and period
--       llm:bucket:*   hash level, at            token buckets of requests and tokens a minute
--       llm:open:*     sorted set of call ids    calls under way, by the time at which they are given up
--       llm:pending, llm:pending:due             what is to be written of a call whose process dies
--       llm:usage      list of usage rows on their way to Postgres
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local function level_of(key, per_minute)
  local state = redis.call('HMGET', key, 'level', 'at')
  if not state[1] then return per_minute end
  return math.min(per_minute, tonumber(state[1]) + (now - tonumber(state[2])) * per_minute / 60)
end

local function set_level(key, level)
  redis.call('HSET', key, 'level', tostring(level), 'at', tostring(now))
  redis.call('EXPIRE', key, 180)
end

-- Lua writes large numbers as 1e+15, which Redis takes for no integer; and the negative of 0 as -0.
local function whole(number) return string.format('%.0f', number + 0) end

local function bucket(scope, kind) return 'llm:bucket:' .. kind .. ':' .. scope.name end

local function refuse_cap(ask, scope)
  for _, cap in ipairs(scope.caps) do
    local state = redis.call('HMGET', cap.key, 'spent', 'reserved')
    if not state[1] then return {refused = 'unknown', key = cap.key} end
    if tonumber(state[1]) + tonumber(state[2] or 0) >= cap.limit then
      return {refused = 'budget', scope = scope.kind, unit = cap.unit, period = cap.period, limit = cap.limit,
              spent = tonumber(state[1])}
    end
  end
end

local function refuse_rate(ask, scope, told)
  if scope.parallel then
    redis.call('ZREMRANGEBYSCORE', 'llm:open:' .. scope.name, '-inf', now)
    if redis.call('ZCARD', 'llm:open:' .. scope.name) >= scope.parallel then
      return {refused = 'parallel', scope = scope.kind, limit = scope.parallel, retry_after = 1}
    end
  end
  for _, kind in ipairs({'requests', 'tokens'}) do
    local limit = scope[kind]
    if limit then
      local need = kind == 'requests' and 1 or math.min(ask.tokens, limit)
      local level = level_of(bucket(scope, kind), limit)
      local after = level - need
      if not told[kind] or after < told[kind].remaining then
        told[kind] = {limit = limit, remaining = math.max(0, math.floor(after)), reset = (limit - after) * 60 / limit}
      end
      if after < 0 then
        told[kind].remaining = math.max(0, math.floor(level))
        return {refused = kind, scope = scope.kind, limit = limit, retry_after = -after * 60 / limit, told = told}
      end
    end
  end
end

local function take(ask, scope)
  for _, cap in ipairs(scope.caps) do redis.call('HINCRBY', cap.key, 'reserved', whole(ask[cap.unit])) end
  if scope.parallel then
    redis.call('ZADD', 'llm:open:' .. scope.name, now + ask.due_seconds, ask.id)
    redis.call('EXPIRE', 'llm:open:' .. scope.name, 86400)
  end
  if scope.requests then
    set_level(bucket(scope, 'requests'), level_of(bucket(scope, 'requests'), scope.requests) - 1)
  end
  if scope.tokens then
    set_level(bucket(scope, 'tokens'), level_of(bucket(scope, 'tokens'), scope.tokens) - math.min(ask.tokens, scope.tokens))
  end
end

local function begin(ask)
  local told = {}
  for _, scope in ipairs(ask.scopes) do
    local refusal = refuse_cap(ask, scope) or refuse_rate(ask, scope, told)
    if refusal then return refusal end
  end
  for _, scope in ipairs(ask.scopes) do take(ask, scope) end
  redis.call('HSET', 'llm:pending', ask.id, ask.row)
  redis.call('ZADD', 'llm:pending:due', now + ask.due_seconds, ask.id)
  return {told = told}
end

local function settle(done)
  local alerts = {}
  local was_pending = redis.call('HDEL', 'llm:pending', done.id) == 1
  redis.call('ZREM', 'llm:pending:due', done.id)
  for _, row in ipairs(done.rows) do redis.call('RPUSH', 'llm:usage', row) end
  if done.again and not was_pending then return {unsure = true} end
  for _, scope in ipairs(done.scopes) do
    for _, cap in ipairs(scope.caps) do
      if redis.call('EXISTS', cap.key) == 1 then
        local held = redis.call('HINCRBY', cap.key, 'reserved', whole(0 - done.reserved[cap.unit]))
        if held < 0 then redis.call('HSET', cap.key, 'reserved', '0') end  -- the counter is younger than the call
        local after = redis.call('HINCRBY', cap.key, 'spent', whole(done[cap.unit]))
        local line = cap.limit * scope.alert
        if after >= line and after - done[cap.unit] < line then
          table.insert(alerts, {scope = scope.name, unit = cap.unit, period = cap.period, limit = cap.limit, spent = after})
        end
      end
    end
    if scope.parallel then redis.call('ZREM', 'llm:open:' .. scope.name, done.id) end
    if scope.tokens then
      local spare = math.min(done.reserved.tokens, scope.tokens) - done.tokens
      set_level(bucket(scope, 'tokens'), math.min(scope.tokens, level_of(bucket(scope, 'tokens'), scope.tokens) + spare))
    end
  end
  return {alerts = alerts}
end

-- What one operation fails at concerns no other: it is reported as {failed = reason}.
local outcomes = {}
for index, operation in ipairs(cjson.decode(ARGV[1])) do
  local done, outcome = pcall(operation.op == 'begin' and begin or settle, operation)
  outcomes[index] = done and outcome or {failed = type(outcome) == 'table' and outcome.err or tostring(outcome)}
end
return cjson.encode(outcomes)
