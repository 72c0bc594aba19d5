-- The load of the benchmark, run by wrk: sends the requests of a file in turn, COUNT in all, and ends when each has its
-- reply. wrk itself counts time, not calls; a call cut off at the end would have cost the server but not been counted.
-- Arguments: FILE (per line a path, a tab and a JSON body), COUNT, CONNECTIONS.

local requests = {}
local count, connections
-- wrk asks once before it starts, only to look at the answer.
local sent, idle = -1, 0

function init(args)
  count = tonumber(args[2])
  connections = tonumber(args[3])
  for line in io.lines(args[1]) do
    local path, body = line:match("^([^\t]*)\t(.*)$")
    requests[#requests + 1] = wrk.format("POST", path, { ["Content-Type"] = "application/json" }, body)
  end
end

function request()
  if sent < count then
    sent = sent + 1
    return requests[math.max(sent - 1, 0) % #requests + 1]
  end
  -- A connection that asks for more has its last reply; one that is given nothing to send stays idle.
  idle = idle + 1
  if idle == connections then
    io.stdout:write("finished\n")
    io.stdout:flush()
  end
  return ""
end

function done(summary, latency)
  local errors = summary.errors
  io.stdout:write(string.format(
    '{"calls":%d,"failures":%d,"microseconds":%d,"p50":%d,"p99":%d}\n',
    summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration,
    latency:percentile(50),
    latency:percentile(99)
  ))
end
