# Writes OUTPUT: a table of the FILES ('|' between them) as byte arrays. Run as a script by oc_embed_files.
string(REPLACE "|" ";" FILES "${FILES}")
string(REPLACE "::" "/" folder "${NAMESPACE}")
string(REGEX REPLACE "^oc/" "" folder "${folder}")
set(arrays "")
set(rows "")
set(n 0)
foreach(file IN LISTS FILES)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  get_filename_component(name "${file}" NAME)
  string(APPEND arrays "constexpr unsigned char k_file_${n}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", {reinterpret_cast<const char*>(k_file_${n}), sizeof k_file_${n} - 1}},\n")
  math(EXPR n "${n} + 1")
endforeach()
file(WRITE "${OUTPUT}.new" "#include \"${folder}/embedded_files.hpp\"
namespace {
${arrays}}
namespace ${NAMESPACE} {
std::span<const EmbeddedFile> embedded_files() {
  static const EmbeddedFile files[] = {
${rows}  };
  return files;
}
}  // namespace ${NAMESPACE}
")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
