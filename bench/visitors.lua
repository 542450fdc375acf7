-- Visitors for wrk, one on each connection: each walks through `STEPS` as a new person, then begins
-- again as the next. The lines before this file set STEPS, AGAIN (the step the next person begins
-- with), BODIES, UNKNOWN, PAUSE (milliseconds between two requests) and STARTED.
-- One thread of wrk has one connection, so its Lua state is one visitor with her own cookie.

local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } moment_t;
int clock_gettime(int clock, moment_t *moment);
]]
local moment = ffi.new("moment_t")

local function microseconds()
  ffi.C.clock_gettime(1, moment)  -- CLOCK_MONOTONIC
  return tonumber(moment.seconds) * 1e6 + tonumber(moment.nanoseconds) / 1e3
end

local threads = 0
local step, person, began = 1, 0, 0
local cookie, token, key, place

function setup(thread)
  threads = threads + 1
  thread:set("visitor", threads)
  thread:set("visitors", VISITORS)
end

local function escaped(text)
  return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function form_body()
  local unique = string.format("%x%02x%x", STARTED, visitor, person)
  local number = visitor + person * visitors
  local body = BODIES[number % #BODIES + 1]
  if number % UNKNOWN_EVERY == 0 then
    body = body .. "&institution=Institute+of+Unknown+Things+" .. number % 500
  end
  return table.concat({
    body, "&csrf_token=", escaped(token), "&form_key=", key or ("bench" .. unique),
    "&email=p", unique, "%40example.org",
  })
end

function request()
  local one = STEPS[step]
  local headers = {}
  if cookie then headers["Cookie"] = cookie end
  if one.reads then headers["Accept-Encoding"] = "gzip, br" end
  local body
  if one.method == "POST" then
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = one.form and form_body() or ""
  end
  began = microseconds()
  return wrk.format(one.method, one.follow and place or one.path, headers, body)
end

local function begin_again()
  person = person + 1
  step = AGAIN
  key, place = nil, nil
  if AGAIN == 1 then cookie, token = nil, nil end
end

local function remember(headers, body)
  for name, value in pairs(headers) do
    local lowered = name:lower()
    if lowered == "set-cookie" then cookie = value:match("^[^;]+") end
    if lowered == "location" then place = value:gsub("^https?://[^/]+", "") end
  end
  if STEPS[step].form_page then
    token = body:match('name="csrf_token"[^>]*value="([^"]+)"')
    key = body:match('name="form_key"[^>]*value="([^"]+)"')
    return token ~= nil and key ~= nil
  end
  return true
end

function response(status, headers, body)
  local lasted = microseconds() - began
  if status ~= STEPS[step].status or not remember(headers, body) then
    io.write("unexpected answers: 1 " .. STEPS[step].name .. " answered " .. status .. "\n")
    begin_again()
    return
  end
  io.write(string.format("took %d %d\n", step, lasted))  -- one write, so no other comes between
  if step == #STEPS then begin_again() else step = step + 1 end
end

if PAUSE then
  function delay() return PAUSE end
end
