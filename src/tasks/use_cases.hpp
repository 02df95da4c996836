// SPDX-License-Identifier: Apache-2.0
// The use cases, one .cpp each: assemble the prompt, ask, make something of the answer. All stream through the
// session's events. Kinds beside the session's own: `usage` (nothing to work on), `too_large`, `negative` (nothing to
// offer).
#pragma once

#include "context/piece_finder.hpp"
#include "tasks/model_session.hpp"
#include "tasks/requests.hpp"
#include "tasks/verified_edit.hpp"

namespace oc::tasks {

// Answer::code is what may be written to a file.
base::Result<Answer> generate_code(ModelSession& session, const GenerateRequest& request);
// The same as a change of request.target, made anew where it is small or new, else by its symbols. `edit` brings what
// the caller decides: titles, guard, gate, attempts.
base::Result<VerifiedEdit> generate_in_file(ModelSession& session, const GenerateRequest& request, EditTask edit);
base::Result<Answer> explain(ModelSession& session, const ExplainRequest& request);
base::Result<Answer> debug(ModelSession& session, const DebugRequest& request);
// The fix as a change, instead of words about it.
base::Result<VerifiedEdit> debug_and_fix(ModelSession& session, const DebugRequest& request, EditTask edit);
// Runs a command (edit.gate.checks), has its failure mended, runs it again; a failure behind the first one is mended on
// top of that, at most request.rounds answers in all. A command that passes already
// changes nothing. Kinds besides: `usage` when it cannot be started or judged.
base::Result<VerifiedEdit> fix_command(ModelSession& session, const FixRequest& request, EditTask edit);
// Documentation comments for symbols that have none: the model writes the words, the code stays as it is.
base::Result<VerifiedEdit> document(ModelSession& session, const DocumentRequest& request, EditTask edit);
// A change of several places, one after the other: which symbols it touches is asked first, then each is asked for
// alone and checked; the project's checks come last. Interrupted, it goes on where it stopped when it is asked for
// again.
base::Result<VerifiedEdit> refactor(ModelSession& session, const RefactorRequest& request, EditTask edit);
// Tests as a change: a new file, or more of an existing one. Checks that fail count, and the tests that still fail
// after the repairs are left out, which is told, where others pass.
base::Result<VerifiedEdit> write_tests(ModelSession& session, const TestRequest& request, EditTask edit);
// A message for what is staged, or the description of a pull request. Answer::text is the message alone.
base::Result<Answer> write_commit_message(ModelSession& session, const CommitMessageRequest& request);
// Answer::code is the text to insert at the cursor, with LF line ends; kind `negative` when the model has nothing to
// add.
base::Result<Answer> complete(ModelSession& session, const CompleteRequest& request);

// The pieces of the files a user named: required, most stable first.
std::vector<context::Piece> make_pieces(const std::vector<FilePart>& parts);
// What to look for in a project: the request's words, and the files that stand in the prompt already.
context::PieceRequest make_piece_request(const Project* project, const std::vector<FilePart>& parts,
                                         const std::string& words);

}  // namespace oc::tasks
