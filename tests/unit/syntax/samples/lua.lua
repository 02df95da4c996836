local json = require("json")
local M = {}
limit = 10

-- Puts a thing in.
-- Says how many.
function M.put(item, ...)
  local total = json.decode(item) + limit
  for i, other in ipairs({...}) do total = total + other:weigh(i) end
  return total
end

function M:take(key) return self.items[key] end
local function helper(x) return helper(x - 1) end
M.open = function(path) return io.open(path) end
local closed = function() return M.put(1) end

return M
