/// Files of the command line: bounded reads, atomic writes that never overwrite.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/crypto/keys.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pouw::inline v1::cli {

/// 90 million nonces at 1/900: far more than a Race yields, and little enough to hold.
inline constexpr std::uint64_t largest_proof = std::uint64_t{128} << 20;

/// The bytes of a regular file of at most `limit` bytes. A failure names the file.
[[nodiscard]] core::Bytes read_file(const std::string& path, std::uint64_t limit);

/// A regular file, piece by piece. A failure names the file.
class FilePieces {
  public:
    explicit FilePieces(std::string path);
    FilePieces(const FilePieces&) = delete;
    FilePieces& operator=(const FilePieces&) = delete;
    ~FilePieces();

    /// The next piece, which lives until the next call; empty at the end.
    [[nodiscard]] std::string_view next();

  private:
    std::string path_;
    int descriptor_;
    core::Bytes buffer_;
};

/// A file that appears under its name complete or not at all.
class NewFile {
  public:
    /// Makes sure now, before long work, that the file does not exist and can be made. `mode` as of open(2).
    NewFile(std::string path, unsigned mode);
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile();

    /// Writes, syncs and names the file. A failure (no space, or another file came first) leaves nothing
    /// behind.
    void commit(core::ByteView data);

    /// The same for data that took long to find, `what` it is: a failure leaves it in another file, beside
    /// this one or in TMPDIR, HOME or /dev/shm, else in hexadecimal on standard output, and says where.
    void commit_or_keep(core::ByteView data, std::string_view what);

  private:
    std::string path_;
    std::string temporary_;  // empty where the file system knows files without a name
    int descriptor_;
};

/// The master seed in a key file. A failure names the file. As for ssh, a file of this user that others can
/// read is a failure.
[[nodiscard]] crypto::MasterSeed read_key_file(const std::string& path);

}  // namespace pouw::inline v1::cli
