-- Asks for random codes as a browser does, and checks every answer.
-- Arguments: a file of "code<TAB>target URL" lines, how many of them to use, the mean think time
-- of a connection in milliseconds, a seed, and either -1 or the place of a code: from there on codes
-- are asked for in order instead of at random.
-- An answer does not tell wrk which request it belongs to. So the answers are counted by target: no
-- target may be answered more often than its code was asked for.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

local requests, indexOf, count, longest, place = {}, {}, 0, 0, -1

function init(args)
  sent, received, wrong = {}, {}, 0
  count = tonumber(args[2])
  longest = 2 * tonumber(args[3])
  place = tonumber(args[5])
  math.randomseed(tonumber(args[4]) + number)
  for line in io.lines(args[1]) do
    local code, url = line:match("^(.-)\t(.*)$")
    local index = #requests + 1
    requests[index] = wrk.format("GET", "/" .. code)
    indexOf[url] = index
    sent[index], received[index] = 0, 0
    if index == count then break end
  end
  -- wrk takes a delay for wanted as soon as there is such a function.
  if longest > 0 then
    delay = function() return math.random(0, longest) end
  end
end

function request()
  local index
  if place < 0 then
    index = math.random(count)
  else
    index = place % count + 1
    place = place + 1
  end
  sent[index] = sent[index] + 1
  return requests[index]
end

function response(status, headers)
  local index = status == 302 and indexOf[headers["location"] or headers["Location"]]
  if index then
    received[index] = received[index] + 1
  else
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local wrongAnswers = 0
  for _, thread in ipairs(threads) do
    wrongAnswers = wrongAnswers + thread:get("wrong")
    local asked, answered = thread:get("sent"), thread:get("received")
    for index, times in ipairs(answered) do
      wrongAnswers = wrongAnswers + math.max(0, times - asked[index])
    end
  end
  local errors = summary.errors
  io.write(string.format(
    '\nJSON{"answers":%d,"seconds":%.6f,"wrong":%d,"failed":%d,"p50":%.3f,"p99":%.3f,"p999":%.3f}\n',
    summary.requests, summary.duration / 1e6, wrongAnswers,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
