// SPDX-License-Identifier: Apache-2.0
// The socket side of the engine: takes connections, reads lines, hands requests to the Engine, writes replies.
// One thread accepts, one reads for each client; replies are written by whoever has them, one at a time.
#pragma once

#include "base/cancel.hpp"
#include "base/local_socket.hpp"
#include "server/engine.hpp"

namespace oc::server {

// Serves until the engine is finished or `stop` is requested; then cancels what runs and closes every connection.
// Nobody listens afterwards: who comes while the engine ends, and writes what it has to, finds that there is none.
void serve(base::LocalListener listener, Engine& engine, const base::CancelToken& stop);

}  // namespace oc::server
